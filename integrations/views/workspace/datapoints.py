"""Data points over all customers: who shares one, several side by side, and recent changes."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.domain import csv_export
from integrations.domain.coverage import Reason
from integrations.domain.field_search import nearest
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.views.csv_response import csv_stream
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.workspace import datapoints
from integrations.workspace.datapoints import AvailabilityRow, DatapointAvailability, NoReason

PER_PAGE = 50
MOST_CHOSEN = 8
MOST_OFFERED = 500  # datapoints in the list below a field
MOST_FOUND = 100  # datapoints that a search by words lists
DAYS = (1, 7, 30)

_NOT_KNOWN = {Reason.UNKNOWN, Reason.UNCLEAR, NoReason.PENDING, NoReason.HELD_BACK}
_NOT_THERE = {Reason.UNSUPPORTED, Reason.NOT_IMPLEMENTED, NoReason.ABSENT}
# What each chip leaves; "" is all of it.
SHOWN: dict[str, set[str]] = {
    "": {*Reason, *NoReason},
    "available": {Reason.AVAILABLE},
    "unavailable": {*Reason, *NoReason} - {Reason.AVAILABLE, NoReason.PENDING, NoReason.HELD_BACK},
    "opted_out": {Reason.OPTED_OUT},
    "not_requested": {Reason.NOT_REQUESTED},
    "not_offered": set(map(str, _NOT_THERE)),
    "not_known": set(map(str, _NOT_KNOWN)),
}


@require_safe
def search(request: Request) -> HttpResponse:
    """One datapoint, at every integration of the customers that one may see.

    Query, chip and page are in the URL.
    """
    user = permissions.require_staff(request.user)
    query = _query(request)
    names = datapoints.known_datapoints()
    offered = datapoints.matching(query, names, most=MOST_OFFERED)
    context: dict[str, Any] = {"query": query, "offered": offered}
    context["example"] = datapoints.example(names)
    if _is_chosen(query, names):
        context |= _results(
            request, DatapointAvailability(permissions.summaries_for_staff(user), [query]), query
        )
    elif query:
        context["named"] = [(name, datapoints.label(name)) for name in offered[:MOST_FOUND]]
        if not offered:
            context["nearest"] = [(name, datapoints.label(name)) for name in nearest(query, names)]
    return render(request, "workspace/datapoints.html", context)


@require_safe
def search_csv(request: Request) -> StreamingHttpResponse:
    """What the search shows, all pages of it."""
    rows = permissions.summaries_for_staff(permissions.require_staff(request.user))
    query = _query(request)
    availability = DatapointAvailability(
        rows if _is_chosen(query, datapoints.known_datapoints()) else rows.none(), [query]
    )
    show = _show(request)
    lines = _search_lines(availability.only(SHOWN[show]) if show else availability, query)
    return csv_stream(request, lines, "datapoint.csv")


@require_safe
def matrix(request: Request) -> HttpResponse:
    """Several datapoints side by side; which, and the page, are in the URL."""
    user = permissions.require_staff(request.user)
    chosen = _chosen(request)
    typed = datapoints.meant(request.GET.get("add", "").strip()[: datapoints.LONGEST])
    problem = ""
    if typed and not datapoints.is_datapoint(typed):
        problem = _("Not a valid data point. Example: hris_employees.manager_id")
    elif len(_requested(request)) > MOST_CHOSEN:
        problem = _("You can compare up to %(n)s data points. Remove one to add another.") % {
            "n": MOST_CHOSEN
        }
    context: dict[str, Any] = {
        "chosen": [
            {
                "name": datapoint,
                "label": datapoints.label(datapoint),
                "without": _matrix_url([other for other in chosen if other != datapoint]),
            }
            for datapoint in chosen
        ],
        "offered": datapoints.known_datapoints()[:MOST_OFFERED],
        "typed": typed if problem else "",
        "problem": problem,
        "is_full": len(chosen) >= MOST_CHOSEN,
        "most": MOST_CHOSEN,
    }
    if chosen:
        availability = DatapointAvailability(permissions.summaries_for_staff(user), chosen)
        paged = page_of(request, availability.keys(), PER_PAGE)
        context |= {
            "paged": paged,
            "unknown_datapoints": datapoints.unknown_datapoints(chosen),
            "rows": [
                (_row(row), zip(context["chosen"], map(_cell, availability.of(row)), strict=True))
                for row in availability.read(paged.object_list)
            ],
            "page_url": _matrix_url(chosen),
            "csv_url": _matrix_url(chosen, name="matrix_csv"),
        }
    return render(request, "workspace/matrix.html", context, status=422 if problem else 200)


@require_safe
def matrix_csv(request: Request) -> StreamingHttpResponse:
    """The whole table as a file."""
    user = permissions.require_staff(request.user)
    chosen = _chosen(request)
    availability = DatapointAvailability(permissions.summaries_for_staff(user), chosen)
    return csv_stream(request, _matrix_lines(availability), "matrix.csv")


@require_safe
def changes(request: Request) -> HttpResponse:
    """What became available or unavailable of late, the newest first."""
    user = permissions.require_staff(request.user)
    requested = request.GET.get("days", "")
    days = int(requested) if requested in {str(number) for number in DAYS} else 7
    since = timezone.now() - timedelta(days=days)
    paged = page_of(
        request,
        history_record.coverage_changes(permissions.summaries_for_staff(user), since),
        PER_PAGE,
    )
    lines = [
        (
            entry.integration,
            history_text.entry_texts([entry], tool=entry.integration.summary.tool)[0],
        )
        for entry in paged
    ]
    by_day = groupby(lines, key=lambda line: timezone.localdate(line[1].at))
    context = {
        "days": days,
        "choices": DAYS,
        "paged": paged,
        "by_day": [(day, list(lines)) for day, lines in by_day],
        "page_url": f"{reverse('changes')}?days={days}",
    }
    return render(request, "workspace/changes.html", context)


def _results(request: Request, availability: DatapointAvailability, query: str) -> dict[str, Any]:
    """Return the template's context for a search of one datapoint."""
    show = _show(request)
    counts = availability.tally()
    numbers = {
        chip: sum(counts[standing] for standing in standings) for chip, standings in SHOWN.items()
    }
    numbers[""] = counts.total()
    if show:
        availability = availability.only(SHOWN[show])
    paged = page_of(request, availability.keys(), PER_PAGE, count=numbers[show])
    return {
        "datapoint": query,
        "label": datapoints.label(query),
        "chips": [
            {
                "label": name,
                "count": numbers[chip],
                "url": _url("datapoints", query, chip),
                "is_on": chip == show,
            }
            for chip, name in _chip_names().items()
        ],
        "total": numbers[""],
        "paged": paged,
        "rows": [
            _row(row) | _cell(availability.of(row)[0], datapoints.tool_name(row))
            for row in availability.read(paged.object_list)
        ],
        "page_url": _url("datapoints", query, show),
        "csv_url": _url("datapoints_csv", query, show),
        "matrix_url": _matrix_url([query]),
    }


def _query(request: Request) -> str:
    return request.GET.get("q", "").strip()[: datapoints.LONGEST]


def _is_chosen(query: str, names: tuple[str, ...]) -> bool:
    """It names one datapoint, rather than words to look for."""
    return query in set(names) or (
        datapoints.is_datapoint(query) and not datapoints.unknown_datapoints([query])
    )


def _row(row: AvailabilityRow) -> dict[str, Any]:
    return {
        "tenant": row["tenant_name"],
        "tool": datapoints.tool_name(row),
        "tenant_url": reverse("workspace_tenant", args=[row["tenant__public_id"]]),
        "url": reverse(
            "workspace_integration", args=[row["tenant__public_id"], row["integration__public_id"]]
        ),
    }


def _cell(standing: str, tool: str = "") -> dict[str, str]:
    return {
        "standing": standing,
        "sign": datapoints.severity_of(standing),
        "short": datapoints.short_reason(standing),
        "why": datapoints.reason_text(standing, tool),
        "who": datapoints.who_can_change(standing, tool),
    }


def _show(request: Request) -> str:
    show = request.GET.get("show", "")
    return show if show in SHOWN else ""


def _chip_names() -> dict[str, str]:
    return {
        "": pgettext("data points", "All"),
        "available": pgettext("data points", "Available"),
        "unavailable": pgettext("data points", "Not available"),
        "opted_out": pgettext("data points", "Opted out"),
        "not_requested": pgettext("data points", "Not requested"),
        "not_offered": pgettext("data points", "Not supported"),
        "not_known": pgettext("data points", "Unknown"),
    }


def _requested(request: Request) -> list[str]:
    added = datapoints.meant(request.GET.get("add", "").strip())
    named = [*(name.strip() for name in request.GET.getlist("d")), added]
    return list(dict.fromkeys(name for name in named if datapoints.is_datapoint(name)))


def _chosen(request: Request) -> list[str]:
    return _requested(request)[:MOST_CHOSEN]


def _url(name: str, query: str, show: str) -> str:
    pairs = {"q": query, "show": show}
    return f"{reverse(name)}?{urlencode({key: value for key, value in pairs.items() if value})}"


def _matrix_url(chosen: list[str], *, name: str = "matrix") -> str:
    return f"{reverse(name)}?{urlencode([('d', datapoint) for datapoint in chosen])}"


def _search_lines(availability: DatapointAvailability, query: str) -> Iterator[str]:
    yield csv_export.MARK + csv_export.row(
        _("Customer"),
        _("Tool"),
        _("Data point"),
        _("Availability"),
        _("Reason"),
        _("Who can change it"),
    )
    for row in availability:
        cell = _cell(availability.of(row)[0], datapoints.tool_name(row))
        yield csv_export.row(
            row["tenant_name"],
            datapoints.tool_name(row),
            query,
            cell["short"],
            cell["why"],
            cell["who"],
        )


def _matrix_lines(availability: DatapointAvailability) -> Iterator[str]:
    yield csv_export.MARK + csv_export.row(_("Customer"), _("Tool"), *availability.datapoints)
    for row in availability:
        yield csv_export.row(
            row["tenant_name"],
            datapoints.tool_name(row),
            *map(datapoints.short_reason, availability.of(row)),
        )

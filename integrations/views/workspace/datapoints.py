"""Single datapoints over all customers: who has one, and why others do not; several side by side; what changed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.domain import csv_export
from integrations.domain.coverage import Reason
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.views.types import Request
from integrations.workspace import datapoints
from integrations.workspace.datapoints import Other, Row, Standings

PER_PAGE = 50
MOST_CHOSEN = 8
MOST_OFFERED = 500  # datapoints in the list below a field
MOST_FOUND = 100  # datapoints that a search by words lists
DAYS = (1, 7, 30)

_NOT_SAID = {Reason.UNKNOWN, Reason.UNCLEAR, Other.PENDING, Other.HELD_BACK}
_NOT_THERE = {Reason.UNSUPPORTED, Reason.NOT_IMPLEMENTED, Other.ABSENT}
# What each chip leaves; "" is all of it.
SHOWN: dict[str, set[str]] = {
    "": {*Reason, *Other},
    "available": {Reason.AVAILABLE},
    "unavailable": {*Reason, *Other} - {Reason.AVAILABLE, Other.PENDING, Other.HELD_BACK},
    "opted_out": {Reason.OPTED_OUT},
    "not_requested": {Reason.NOT_REQUESTED},
    "not_offered": set(map(str, _NOT_THERE)),
    "not_known": set(map(str, _NOT_SAID)),
}


@require_safe
def search(request: Request) -> HttpResponse:
    """One datapoint, at every integration of the customers that one may see. Query, chip and page are in the URL."""
    user = permissions.staff(request.user)
    query, names = _query(request), datapoints.names()
    context: dict[str, Any] = {"query": query, "offered": datapoints.matching(query, names, most=MOST_OFFERED)}
    if _is_chosen(query, names):
        context |= _found(request, Standings(permissions.summaries(user), [query]), query)
    elif query:
        context["named"] = [(one, datapoints.label(one)) for one in context["offered"][:MOST_FOUND]]
    return render(request, "workspace/datapoints.html", context)


@require_safe
def search_csv(request: Request) -> StreamingHttpResponse:
    """What the search shows, all pages of it."""
    rows, query = permissions.summaries(permissions.staff(request.user)), _query(request)
    found = Standings(rows if _is_chosen(query, datapoints.names()) else rows.none(), [query])
    shown = _shown(request)
    return _file(_search_lines(found.only(SHOWN[shown]) if shown else found, query), "datapoint.csv")


@require_safe
def matrix(request: Request) -> HttpResponse:
    """Several datapoints side by side; which, and the page, are in the URL."""
    user = permissions.staff(request.user)
    chosen, typed = _chosen(request), request.GET.get("add", "").strip()[: datapoints.LONGEST]
    problem = ""
    if typed and not datapoints.is_datapoint(typed):
        problem = _("This can't be a datapoint. One looks like hris_employees.manager_id.")
    elif len(_asked(request)) > MOST_CHOSEN:
        problem = _("At most %(n)s datapoints fit side by side; remove one to add another.") % {"n": MOST_CHOSEN}
    context: dict[str, Any] = {
        "chosen": [
            {"name": one, "label": datapoints.label(one), "without": _matrix_url([d for d in chosen if d != one])}
            for one in chosen
        ],
        "offered": datapoints.names()[:MOST_OFFERED],
        "typed": typed if problem else "",
        "problem": problem,
        "is_full": len(chosen) >= MOST_CHOSEN,
        "most": MOST_CHOSEN,
    }
    if chosen:
        found = Standings(permissions.summaries(user), chosen)
        paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        context |= {
            "paged": paged,
            "unheard": datapoints.strangers(chosen),
            "rows": [(_row(row), zip(context["chosen"], map(_cell, found.of(row)), strict=True)) for row in paged],
            "page_url": _matrix_url(chosen),
            "csv_url": f"{reverse('matrix_csv')}?{urlencode([('d', one) for one in chosen])}",
        }
    return render(request, "workspace/matrix.html", context, status=422 if problem else 200)


@require_safe
def matrix_csv(request: Request) -> StreamingHttpResponse:
    """The whole table as a file."""
    user = permissions.staff(request.user)
    chosen = _chosen(request)
    return _file(_matrix_lines(Standings(permissions.summaries(user), chosen)), "matrix.csv")


@require_safe
def changes(request: Request) -> HttpResponse:
    """What became available or unavailable of late, the newest first."""
    user = permissions.staff(request.user)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else 7
    since = timezone.now() - timedelta(days=days)
    paged = Paginator(history_record.coverage_changes(permissions.summaries(user), since), PER_PAGE).get_page(
        request.GET.get("page")
    )
    told = [(entry.integration, history_text.lines([entry], tool=entry.integration.summary.tool)[0]) for entry in paged]
    by_day = groupby(told, key=lambda one: timezone.localdate(one[1].at))
    context = {
        "days": days,
        "choices": DAYS,
        "paged": paged,
        "by_day": [(day, list(lines)) for day, lines in by_day],
        "page_url": f"{reverse('changes')}?days={days}",
    }
    return render(request, "workspace/changes.html", context)


def _found(request: Request, found: Standings, query: str) -> dict[str, Any]:
    """The answer to a search for one datapoint."""
    shown, counts = _shown(request), found.tally()
    numbers = {chip: sum(counts[one] for one in standings) for chip, standings in SHOWN.items()}
    numbers[""] = counts.total()
    paginator = Paginator(found.only(SHOWN[shown]) if shown else found, PER_PAGE)
    paginator.__dict__["count"] = numbers[shown]  # known from the chips already
    paged: Page[Row] = paginator.get_page(request.GET.get("page"))
    return {
        "datapoint": query,
        "label": datapoints.label(query),
        "chips": [
            {"label": name, "count": numbers[chip], "url": _url("fields", query, chip), "is_on": chip == shown}
            for chip, name in _chip_names().items()
        ],
        "total": numbers[""],
        "paged": paged,
        "rows": [_row(row) | _cell(found.of(row)[0], datapoints.tool_of(row)) for row in paged],
        "page_url": _url("fields", query, shown),
        "csv_url": _url("fields_csv", query, shown),
        "matrix_url": _matrix_url([query]),
    }


def _query(request: Request) -> str:
    return request.GET.get("q", "").strip()[: datapoints.LONGEST]


def _is_chosen(query: str, names: tuple[str, ...]) -> bool:
    """It names one datapoint, rather than words to look for."""
    return query in set(names) or (datapoints.is_datapoint(query) and not datapoints.strangers([query]))


def _row(row: Row) -> dict[str, Any]:
    return {
        "tenant": row["tenant_name"],
        "tool": datapoints.tool_of(row),
        "tenant_url": reverse("account", args=[row["tenant__public_id"]]),
        "url": reverse("workbench", args=[row["tenant__public_id"], row["integration__public_id"]]),
    }


def _cell(standing: str, tool: str = "") -> dict[str, str]:
    return {
        "standing": standing,
        "sign": datapoints.sign(standing),
        "short": datapoints.in_short(standing),
        "why": datapoints.why(standing, tool),
        "who": datapoints.who(standing, tool),
    }


def _shown(request: Request) -> str:
    asked = request.GET.get("show", "")
    return asked if asked in SHOWN else ""


def _chip_names() -> dict[str, str]:
    return {
        "": _("All"),
        "available": _("Available"),
        "unavailable": _("Not available"),
        "opted_out": _("Opted out"),
        "not_requested": _("Not requested"),
        "not_offered": _("Not offered"),
        "not_known": _("Not known"),
    }


def _asked(request: Request) -> list[str]:
    named = [one.strip() for one in [*request.GET.getlist("d"), request.GET.get("add", "")]]
    return list(dict.fromkeys(one for one in named if datapoints.is_datapoint(one)))


def _chosen(request: Request) -> list[str]:
    return _asked(request)[:MOST_CHOSEN]


def _url(name: str, query: str, shown: str) -> str:
    pairs = {"q": query, "show": shown}
    return f"{reverse(name)}?{urlencode({key: value for key, value in pairs.items() if value})}"


def _matrix_url(chosen: list[str]) -> str:
    return f"{reverse('matrix')}?{urlencode([('d', one) for one in chosen])}"


def _search_lines(found: Standings, query: str) -> Iterator[str]:
    yield csv_export.MARK + csv_export.row(
        _("Customer"), _("Tool"), _("Datapoint"), _("Availability"), _("Reason"), _("Who can change it")
    )
    for row in found:
        cell = _cell(found.of(row)[0], datapoints.tool_of(row))
        yield csv_export.row(
            row["tenant_name"], datapoints.tool_of(row), query, cell["short"], cell["why"], cell["who"]
        )


def _matrix_lines(found: Standings) -> Iterator[str]:
    yield csv_export.MARK + csv_export.row(_("Customer"), _("Tool"), *found.datapoints)
    for row in found:
        yield csv_export.row(row["tenant_name"], datapoints.tool_of(row), *map(datapoints.in_short, found.of(row)))


def _file(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

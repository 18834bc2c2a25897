"""The account managers' list of all integrations: filters, counts, order, saved views, and the list
as CSV.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import permissions
from integrations.domain import csv_export, durations
from integrations.domain.headline import NextActor, staff_severity
from integrations.models import NEVER, Feature, FeatureAnswer, Summary
from integrations.upstream import bulk_checks
from integrations.views.csv_response import csv_stream
from integrations.views.customer import cards
from integrations.views.types import Request
from integrations.views.workspace.outages import may_release
from integrations.workspace import (
    feature_text,
    features,
    outages,
    saved_views,
    staff_actions,
    triage,
)
from integrations.workspace.summaries import headline_name
from integrations.workspace.triage import TriageCounts
from integrations.workspace.triage_filter import TriageFilter

MOST_TENANTS = 100  # that a field of choices offers


@require_safe
@vary_on_headers("HX-Request")
def page(request: Request) -> HttpResponse:
    """The list, or for htmx what lies below its filters."""
    user = permissions.require_staff(request.user)
    state, rows = triage.scoped(user, TriageFilter.of(request.GET))
    list_context = _list(user, state, triage.narrow(rows, state))
    check = bulk_checks.progress(user, request.GET.get("check", ""))
    if request.htmx:
        response = render(request, "workspace/triage_list.html", list_context)
        if request.htmx.trigger == "filters":  # its form names what is empty too
            response["HX-Push-Url"] = reverse("triage") + list_context["again"]
        return response
    return render(
        request, "workspace/triage.html", list_context | _filters(user, state) | {"check": check}
    )


@require_safe
def csv(request: Request) -> StreamingHttpResponse:
    """What the list shows, all pages of it."""
    user = permissions.require_staff(request.user)
    state = TriageFilter.of(request.GET)
    feature = next(
        (feature for feature in triage.features() if feature.public_id == state.feature), None
    )
    lines = _lines(triage.rows_of(user, state), feature)
    return csv_stream(request, lines, "integrations.csv")


@require_safe
def favicon(request: Request, count: int) -> HttpResponse:
    """The site's icon with the number broken on it, which the browser's tab shows."""
    permissions.require_staff(request.user)
    text = str(count) if count < 100 else "99+"
    response = render(
        request,
        "workspace/favicon.svg",
        {"count": text if count else ""},
        content_type="image/svg+xml",
    )
    response["Cache-Control"] = "private, max-age=86400"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _list(user: User, state: TriageFilter, rows: QuerySet[Summary]) -> dict[str, Any]:
    """The template's context for counts and rows."""
    counts = triage.count(rows)
    now = timezone.now()
    row_count = sum(n for key, n in counts.by_headline.items() if triage.shows(state, key))
    pages = -(-row_count // triage.PER_PAGE)
    if 0 < pages < state.number:
        state = replace(state, page=str(pages))
    page_rows = triage.page(triage.ordered(rows, state), state)
    known = triage.features()
    feature = next((feature for feature in known if feature.public_id == state.feature), None)
    answers = triage.answers(page_rows, feature) if feature else {}
    return {
        "state": state,
        "again": state.query(page=state.page),
        "counts": counts,
        "chips": _chips(state, counts),
        "rows": [TriageRow(row, now, answers.get(row.tenant_id)) for row in page_rows],
        "heads": _columns(state, feature),
        "features": known,
        "feature": feature,
        "views": [(view, view.query == state.query()) for view in saved_views.of_user(user)],
        "shown": row_count,
        "bare_tenants": triage.without_integrations(user, state),
        "pages": pages,
        "before": state.query(page=str(state.number - 1)) if state.number > 1 else "",
        "after": state.query(page=str(state.number + 1)) if state.number < pages else "",
        "to_act": counts.broken,
        "is_empty": not state.is_narrowed and not counts.total,
        "sees_all": permissions.sees_every_tenant(user),
        "everybodys": state.query(scope="all"),
        "may_assign": user.has_perm("integrations.assign_tenant"),
        "managers": list(staff_actions.account_managers()),
        "most": triage.MOST_AT_ONCE,
    }


class TriageRow:
    """One integration as the list shows it."""

    def __init__(self, summary: Summary, now: datetime, answer: FeatureAnswer | None) -> None:
        self.summary = summary
        snapshot = summary.integration.snapshot
        self.id, self.tenant_id = summary.integration.public_id, summary.tenant.public_id
        self.tool = summary.tool or _("Connection")
        self.logo_key = str(snapshot.logo_id or "")
        self.category = cards.category_name(summary.category)
        self.badge = headline_name(summary.headline)
        self.severity = staff_severity(summary.headline)
        self.lasts = durations.duration(now - summary.since)
        self.next_actor = next_actor_name(summary.next_actor)
        self.owner = (
            summary.owner.get_full_name() or summary.owner.get_username() if summary.owner else ""
        )
        stored = (summary.synced_at, snapshot.fetched_at, summary.contacted_at)
        moments = [None if moment == NEVER else moment for moment in stored]
        self.synced_at, self.checked_at, self.contacted_at = moments
        self.synced_ago, self.checked_ago, self.told_ago = (
            durations.relative_time(moment, now) if moment else "" for moment in moments
        )
        is_asleep = summary.snoozed_until and summary.snoozed_until > now
        self.snoozed_until = summary.snoozed_until if is_asleep else None
        self.is_untold = summary.rank == triage.URGENT and summary.contacted_at < summary.since
        self.answer = feature_text.verdict_name(answer.verdict) if answer else ""
        self.answer_severity = feature_text.severity_of(answer.verdict) if answer else ""


def next_actor_name(next_actor: str) -> str:
    """Return the name of who must act; the value itself if it is unknown."""
    names: dict[str, str] = {
        NextActor.CUSTOMER: pgettext("waiting on", "Customer"),
        NextActor.VENDOR: settings.VENDOR_NAME,
        NextActor.NOBODY: pgettext("waiting on", "No one"),
    }
    return names.get(next_actor, next_actor)


def _chips(state: TriageFilter, counts: TriageCounts) -> list[dict[str, Any]]:
    counts_by_headline = {"": counts.total, **counts.by_headline}
    if state.headline and state.headline not in counts_by_headline:
        counts_by_headline[state.headline] = 0
    return [
        {
            "label": headline_name(key) if key else pgettext("integrations", "All"),
            "severity": staff_severity(key) if key else "",
            "count": number,
            "url": state.query(headline=key, severity=""),
            "is_on": triage.shows(state, key) if state.severity else key == state.headline,
        }
        for key, number in counts_by_headline.items()
    ]


def _columns(state: TriageFilter, feature: Feature | None) -> list[dict[str, str]]:
    """Return the columns' headings: label, address to order by it, and the direction if it is on.

    By most of them the list can be ordered; by duration either way.
    """
    names = [
        ("tool", _("Tool")),
        ("tenant", _("Customer")),
        ("", _("Status")),
        ("since", _("Duration")),
        ("", _("Waiting on")),
        ("sync", _("Last sync")),
        ("check", _("Last checked")),
        ("", _("Account manager")),
        ("contact", _("Last notified")),
        *([("", feature.name)] if feature else []),
    ]
    by = state.sort or "since"
    columns = []
    for sort, label in names:
        is_on = sort == by or (sort, by) == ("since", "news")
        direction = ("descending" if by == "since" else "ascending") if is_on else ""
        next_sort = "news" if sort == by == "since" else sort
        columns.append(
            {"label": label, "url": state.query(sort=next_sort) if sort else "", "way": direction}
        )
    return columns


def _filters(user: User, state: TriageFilter) -> dict[str, Any]:
    """Return the template's context for what stands above the list: the choices that each filter
    offers, and the outages.
    """
    tenants = list(permissions.tenants_for_staff(user)[: MOST_TENANTS + 1])
    open_outages = outages.open_outages()
    owners = staff_actions.owners() if permissions.sees_every_tenant(user) else ()
    return {
        "tools": triage.tools(user),
        "categories": [
            (name, cards.category_name(name)) for name in ("HRIS", "ATS", "ASSESSMENT", "LMS")
        ],
        "tenants": tenants if len(tenants) <= MOST_TENANTS else [],
        "environments": list(settings.KOMBO_ENVIRONMENTS)
        if len(settings.KOMBO_ENVIRONMENTS) > 1
        else [],
        "owners": [(owner.username, staff_actions.name_of(owner)) for owner in owners],
        "verdicts": [(verdict, feature_text.verdict_name(verdict)) for verdict in features.Verdict],
        "outages": open_outages,
        "is_past_outage": state.outage not in {"", "any", *(one.id for one in open_outages)},
        "may_release": may_release(user),
        "has_filters": replace(state, headline="", severity="", q="").is_narrowed,
    }


def _lines(rows: Iterator[Summary], feature: Feature | None) -> Iterator[str]:
    verdicts = triage.verdicts(feature.public_id) if feature else {}
    yield csv_export.MARK + csv_export.row(
        *(
            _("Tool"),
            _("Customer"),
            _("Category"),
            _("Environment"),
            _("Status"),
            _("Since"),
            _("Waiting on"),
        ),
        *(
            _("Last sync"),
            _("Last checked"),
            _("Account manager"),
            _("Last notified"),
            _("Snoozed until"),
        ),
        *([feature.name] if feature else []),
    )
    for row in rows:
        verdict = feature_text.verdict_name(verdicts.get(row.tenant_id, "unknown"))
        yield csv_export.row(
            row.tool,
            row.tenant_name,
            row.category,
            row.environment,
            headline_name(row.headline),
            _time_text(row.since),
            next_actor_name(row.next_actor),
            _time_text(row.synced_at),
            _time_text(row.integration.snapshot.fetched_at),
            row.owner.get_username() if row.owner else "",
            _time_text(row.contacted_at),
            _time_text(row.snoozed_until),
            *([verdict] if feature else []),
        )


def _time_text(moment: datetime | None) -> str:
    """Return a moment as spreadsheets read it, in the site's time zone; an empty text for none."""
    return "" if moment in {None, NEVER} else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

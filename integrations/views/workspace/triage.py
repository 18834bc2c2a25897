"""The account managers' list of all integrations: filters, counts, order, saved views, and the list
as CSV.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import permissions
from integrations.domain import csv_export
from integrations.history import days as history_days
from integrations.models import NEVER, Feature, Summary
from integrations.upstream import bulk_checks
from integrations.views.csv_response import csv_stream
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.views.workspace import triage_filters, triage_table
from integrations.views.workspace.triage_table import TriageRow, next_actor_name
from integrations.workspace import (
    feature_text,
    list_display,
    saved_views,
    staff_actions,
    triage,
    triage_counts,
)
from integrations.workspace.listed import Listed
from integrations.workspace.summaries import headline_name
from integrations.workspace.triage_filter import TriageFilter


@require_safe
@vary_on_headers("HX-Request")
def page(request: Request) -> HttpResponse:
    """The list, or for htmx what lies below its filters."""
    user = permissions.require_staff(request.user)
    state, rows = triage.scoped(user, TriageFilter.of(request.GET))
    list_context = _list(user, state, rows)
    check = bulk_checks.progress(user, request.GET.get("check", ""))
    if request.htmx:
        response = render(request, "workspace/triage_list.html", list_context)
        if request.htmx.trigger == "filters":  # its form names what is empty too
            response["HX-Push-Url"] = reverse("triage") + list_context["again"]
        return response
    counted = list_context["counted"] if state.counts_all else None
    context = list_context | triage_filters.choices(user, state, counted) | {"check": check}
    return render(request, "workspace/triage.html", context)


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


@redirect_get_to("triage")
def display(request: Request) -> HttpResponse:
    """Keep how somebody likes the list to look."""
    user = permissions.require_staff(request.user)
    wanted = request.POST.getlist("column")
    list_display.save(user, wanted, compact="compact" in request.POST)
    return redirect(reverse("triage") + TriageFilter.of(request.POST).query())


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
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


def _list(user: User, state: TriageFilter, rows: QuerySet[Summary]) -> dict[str, Any]:
    """The template's context for counts and rows."""
    rows, counts = triage_counts.narrowed(rows, state)
    row_count = counts.by_rank(state).total()
    pages = -(-row_count // triage.PER_PAGE)
    if 0 < pages < state.number:
        state = replace(state, page=str(pages))
    known = triage.features()
    feature = next((feature for feature in known if feature.public_id == state.feature), None)
    display = list_display.of_user(user)
    wanted = list_display.columns(display)
    columns = triage_table.columns(state, wanted, feature)
    page_rows = triage.page(triage.ordered(rows, state), state)
    table_rows = _rows(page_rows, feature, with_days=any(one.key == "days" for one in columns))
    views = [(view, view.query == state.query()) for view in saved_views.of_user(user)]
    return {
        "state": state,
        "again": state.query(page=state.page),
        "group_links": triage_table.group_links(state, counts),
        "row_groups": list(triage_table.row_groups(table_rows, state, counts)),
        "columns": columns,
        "column_choices": triage_table.column_choices(wanted),
        "compact": display.compact,
        "chips": triage_filters.active(user, state, feature),
        "features": [(one.public_id, one.name) for one in known],
        "feature": feature,
        "views": views,
        "counted": counts.total,
        "shown": row_count,
        "here_count": len(table_rows),
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


def _rows(rows: list[Listed], feature: Feature | None, *, with_days: bool) -> list[TriageRow]:
    """Return what the rows of a page say, with a feature's answers and the last days if wanted."""
    answers = triage.answers(rows, feature) if feature else {}
    here = [row.pk for row in rows]
    days = history_days.days_of_all(here, timezone.localtime()) if with_days else {}
    now = timezone.now()
    return [TriageRow(row, now, answers.get(row.tenant_pk), days.get(row.pk, ())) for row in rows]


def _lines(rows: Iterator[Listed], feature: Feature | None) -> Iterator[str]:
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
        verdict = feature_text.verdict_name(verdicts.get(row.tenant_pk, "unknown"))
        yield csv_export.row(
            row.tool,
            row.tenant_name,
            row.category,
            row.environment,
            headline_name(row.headline),
            _time_text(row.since),
            next_actor_name(row.next_actor),
            _time_text(row.synced_at),
            _time_text(row.fetched_at),
            row.owner_username or "",
            _time_text(row.contacted_at),
            _time_text(row.snoozed_until),
            *([verdict] if feature else []),
        )


def _time_text(moment: datetime | None) -> str:
    """Return a moment as spreadsheets read it, in the site's time zone; an empty text for none."""
    return "" if moment in {None, NEVER} else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

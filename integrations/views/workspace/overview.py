"""The workspace's first page: how it goes, and what to do next. Each number leads to its list."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.domain import charts
from integrations.domain.dates import month_day_text, number_text, short_month_day_text
from integrations.domain.durations import days_text, duration
from integrations.domain.headline import Severity
from integrations.models import MailKind, PeriodCount
from integrations.views.customer.attempts import row_for_staff
from integrations.views.types import Request
from integrations.views.workspace.outages import may_release
from integrations.views.workspace.overview_tiles import tiles
from integrations.views.workspace.triage_table import TriageRow, group_name
from integrations.workspace import disconnect_requests, outages, overview
from integrations.workspace.daily_counts import RANGES
from integrations.workspace.overview import Overview

LAYERS = (Severity.ACTION_REQUIRED, Severity.ATTENTION, Severity.WORKING, Severity.UNKNOWN)
TABLE_ROWS = 31  # at most: of a longer range, each week's day


@require_safe
def page(request: Request) -> HttpResponse:
    """The overview of one's own customers or of all, over 30 or 90 days: as the address says."""
    user = permissions.require_staff(request.user)
    seen = overview.overview(
        user, request.GET.get("scope", ""), overview.days_of(request.GET.get("days", ""))
    )
    now = timezone.now()
    sees_mails = user.has_perm("integrations.view_mail")
    context = {
        "seen": seen,
        "total": seen.now.total(),
        "to_act": seen.broken,
        "sees_all": permissions.sees_every_tenant(user),
        "scopes": [
            (f"?scope={scope}&days={seen.days}", label, scope == seen.state.scope)
            for scope, label in (("mine", _("My customers")), ("all", _("All customers")))
        ],
        "ranges": [
            (f"?scope={seen.state.scope}&days={days}", days_text(days), days == seen.days)
            for days in RANGES
        ],
        "days": seen.days,
        "tiles": tiles(seen),
        "chart": _chart(seen),
        "reminders": _reminders(seen.period),
        "emails": reverse("email_log") + f"?kind={MailKind.REMINDER}" if sees_mails else "",
        "tools": _tools(seen),
        "next": [TriageRow(row, now) for row in seen.next],
        "stalled": [row_for_staff(attempt, now) for attempt in seen.stalled],
        "broken": seen.state.query(),
        "outages": outages.open_outages(),
        "to_approve": disconnect_requests.waiting_for(user),
        "may_release": may_release(user),
    }
    return render(request, "workspace/overview.html", context)


# --- What does not work ---


def _chart(seen: Overview) -> dict[str, Any] | None:
    """The layers of what does not work, day by day; None before there are two days."""
    if not seen.shown:
        return None
    first = seen.shown[0].day
    days = (seen.today - first).days
    rows = [
        ((row.day - first).days, [getattr(row, layer) for layer in LAYERS]) for row in seen.shown
    ]
    rows.append((days, [seen.now[layer] for layer in LAYERS]))
    sums = [(sum(numbers), day) for day, numbers in rows]
    most, most_day = max(sums)
    scale = charts.ticks(most)
    drawn = charts.stacked(rows, days=days, top=scale[0])
    peak = first + timedelta(days=most_day)
    facts = {
        "first": number_text(sums[0][0]),
        "first_day": month_day_text(first),
        "last": number_text(sums[-1][0]),
        "most": number_text(most),
        "most_day": month_day_text(peak),
    }
    return {
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "layers": [
            {
                "severity": layer,
                "name": group_name(layer),
                "number": seen.now[layer],
                "url": seen.state.query(group=layer),
                "area": shape.area,
                "line": shape.line,
            }
            for layer, shape in zip(LAYERS, drawn, strict=True)
        ],
        "scale": scale,
        "lines": charts.lines(len(scale)),
        "dates": _dates(first, seen.today),
        "sentence": _(
            "Integrations that don’t work: %(first)s on %(first_day)s, %(last)s today. The peak "
            "was %(most)s on %(most_day)s."
        )
        % facts,
        "peak": _("Peak: %(most)s on %(most_day)s") % facts if most_day != days else "",
        "table": _table(seen),
    }


def _dates(first: date, today: date) -> list[str]:
    """The words below the chart, evenly spaced."""
    days = (today - first).days
    parts = 3 if days % 3 == 0 and days > 3 else 1
    steps = [first + timedelta(days=days * part // parts) for part in range(parts)]
    return [*map(short_month_day_text, steps), _("Today")]


def _table(seen: Overview) -> dict[str, Any]:
    """The same as the pictures, in numbers, the latest day first."""
    days = [*seen.shown][::-1]
    step = 1 if len(days) < TABLE_ROWS else 7
    column = f"repair_{seen.days}"
    rows = [
        (
            row.day,
            [row.ok, *(getattr(row, layer) for layer in LAYERS), row.untold],
            _length(getattr(row, column)),
        )
        for row in days[step - 1 :: step]
    ]
    today = [seen.now[Severity.OK], *(seen.now[layer] for layer in LAYERS), seen.untold]
    names = [group_name(severity) for severity in (Severity.OK, *LAYERS)]
    return {
        "heads": [*names, _("Customer not notified"), _("Median time to resolve")],
        "rows": [(seen.today, today, _length(seen.repair)), *rows],
    }


def _length(seconds: int | None) -> str:
    return "" if seconds is None else duration(timedelta(seconds=seconds))


# --- What reminders achieve, and which tools break ---


@dataclass(frozen=True, slots=True)
class Bar:
    """A number, and how long it is drawn, of 100."""

    name: str
    number: int
    share: str
    is_good: bool = False
    url: str = ""
    length: str = ""
    logo_key: str = ""


def _reminders(period: PeriodCount | None) -> list[Bar]:
    """How far the customers came who were reminded; nothing where none was."""
    if period is None or not period.reminded:
        return []
    steps = [
        (_("Customer reminded"), period.reminded),
        (_("Guest link opened"), period.opened),
        (_("Reconnect started"), period.begun),
        (_("Working again"), period.recovered),
    ]
    return [
        Bar(name, number, charts.share(number, period.reminded), is_good=name == steps[-1][0])
        for name, number in steps
    ]


def _tools(seen: Overview) -> list[Bar]:
    """The tools with the most incidents, and how long their repairs took."""
    tools = seen.period.tools if seen.period else []
    most = max((number for _tool, number, _seconds in tools), default=0)
    return [
        Bar(
            name=tool or _("Connection"),
            number=number,
            share=charts.share(number, most),
            url=seen.state.query(tool=tool),
            length=_length(seconds),
            logo_key=seen.logos.get(tool, ""),
        )
        for tool, number, seconds in tools
    ]

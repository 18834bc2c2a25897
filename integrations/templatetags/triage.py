"""Rows of the account managers' list, fifty to a page: written directly, as a template's loop takes
four times as long.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from html import escape

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.domain.bidi import isolate
from integrations.domain.dates import number_text, short_date_text
from integrations.domain.day_strip import DayKind
from integrations.domain.durations import short_relative_time
from integrations.domain.headline import Severity, staff_severity
from integrations.templatetags.icons import badge, icon, sign
from integrations.templatetags.moments import moment
from integrations.templatetags.names import bdi, initials
from integrations.templatetags.pictures import kinds_picture
from integrations.views.workspace.triage_table import Column, GroupLink, RowGroup, TriageRow
from integrations.workspace.summaries import headline_name

register = template.Library()

WIDTH = 1000  # of the picture of groups, which is as wide as its place
GAP = 3
LEAST = 6  # what a group of few gets, to be seen

_BODY = "<tbody{0}>{1}{2}</tbody>\n".format
_HEADING = (
    '<tr class="triage-group" data-severity="{0}"><td id="rows-{0}" colspan="2">'
    '<span class="triage-group-name">{1}{2} <span class="n">{3}</span></span></td></tr>\n'
).format
_ROW = (
    '<tr data-integration="{0}" data-headline="{1}"{2}><td class="triage-pick"><label class="tick">'
    '<input type="checkbox" name="integration" value="{0}" aria-label="{3}"></label></td>'
    '<th scope="row" class="triage-who"><a href="{4}">{5}<b>{6}</b> <span>{7}</span></a>{8}</th>'
    "{9}</tr>\n"
).format
_LOGO = '<img class="mini" src="{0}" width="20" height="20" alt="" loading="lazy">'.format
_NO_LOGO = '<span class="mini"></span>'
_TAG = ' <span class="tag">{0}</span>'.format
_ASLEEP = (
    '<small class="muted" title="{0}">{1}<span class="sr">{0}</span>'
    '<span aria-hidden="true">{2}</span></small>'
).format
_CELL = '<td class="triage-{0}" data-label="{1}">{2}</td>'.format
_FULL = '<td class="triage-{0}" data-label="{1}" title="{2}">{3}</td>'.format
_EMPTY = '<td class="triage-{0}" data-empty>–</td>'.format
_TIME = "<time {0}>{1}</time>".format
_UNTOLD = '<b class="triage-untold">{0}</b>'.format
_CUT = '<span title="{0}">{0}</span>'.format
_OWNER = (
    '<span class="who" aria-hidden="true" title="{0}" data-initials="{1}"></span>'
    '<span class="sr">{0}</span>'.format
)
_DAYS = '<span class="sr">{0}</span>{1}'.format
_TENANT, _INTEGRATION = "a-tenant", "an-integration"  # stand for those of an address


@register.simple_tag
def triage_rows(groups: Sequence[RowGroup], columns: Sequence[Column]) -> SafeString:
    """Return the bodies of the table, one to each group; every text is escaped here."""
    table, bodies = _Table(columns), []
    for group in groups:
        heading = mark = ""
        if group.name:
            name, count = escape(group.name), escape(number_text(group.count))
            heading = _HEADING(group.severity, sign(group.severity), name, count)
            mark = f' data-group="{group.severity}" aria-labelledby="rows-{group.severity}"'
        bodies.append(_BODY(mark, heading, "".join(map(table.row, group.rows))))
    return mark_safe("".join(bodies))  # noqa: S308 - nothing but escaped texts


class _Table:
    """What the rows of one table have in common, and what many of them say, each written once."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.cells = [
            (column.key, escape(column.label), _CELLS[column.key])
            for column in columns
            if column.key != "who"
        ]
        self.select = _("Select %(tool)s of %(tenant)s")
        address = reverse("workspace_integration", args=[_TENANT, _INTEGRATION])
        self.address = address.replace(_TENANT, "{0}").replace(_INTEGRATION, "{1}").format
        self.logo, self.badge = cache(_logo), cache(_badge)
        self.headline, self.status = cache(headline_name), cache(_status)
        self.owner, self.days = cache(_owner), cache(_days)

    def row(self, row: TriageRow) -> str:
        """Return the row of an integration."""
        listed = row.listed
        names = {"tool": isolate(row.tool), "tenant": isolate(listed.tenant_name)}
        return _ROW(
            row.id,
            escape(listed.headline),
            " data-snoozed" if row.snoozed_until else "",
            escape(self.select % names),
            self.address(row.tenant_id, row.id),
            self.logo(row.logo_key),
            _name(listed.tenant_name),
            _name(row.tool),
            _marks(row),
            "".join([self._cell(row, *cell) for cell in self.cells]),
        )

    def _cell(self, row: TriageRow, key: str, label: str, content_of: "_Content") -> str:
        content = content_of(self, row)
        if key == "status":
            return _FULL(key, label, escape(self.headline(row.listed.headline)), content)
        return _CELL(key, label, content) if content else _EMPTY(key)


type _Content = Callable[[_Table, TriageRow], str]


def _logo(key: str) -> str:
    return _LOGO(reverse("logo", args=[key])) if key else _NO_LOGO


def _badge(severity: str, text: str) -> str:
    return badge(severity, text)


def _status(headline: str) -> str:
    return badge(staff_severity(headline), headline_name(headline))


def _name(text: str) -> str:
    """Return a name, escaped; `bdi` is for the few that need it."""
    return escape(text) if text.isascii() else bdi(text)


def _marks(row: TriageRow) -> str:
    marks = _TAG(escape(_("Beta"))) if row.listed.beta else ""
    if row.snoozed_until:
        date = short_date_text(row.snoozed_until)
        words = escape(_("Snoozed until %(date)s") % {"date": date})
        marks += _ASLEEP(words, icon("clock"), escape(date))
    return marks


def _answer(table: _Table, row: TriageRow) -> str:
    return table.badge(row.answer_severity, row.answer) if row.answer else ""


def _waiting(_table: _Table, row: TriageRow) -> str:
    return _CUT(escape(waiting_on)) if (waiting_on := row.waiting_on) else ""


def _since(_table: _Table, row: TriageRow) -> str:
    return _TIME(moment(row.listed.since), escape(row.lasts_short))


def _ago(at: datetime | None, row: TriageRow) -> str:
    return _TIME(moment(at), escape(short_relative_time(at, row.now))) if at else ""


def _told(_table: _Table, row: TriageRow) -> str:
    return _UNTOLD(escape(_("Not yet"))) if row.is_untold else _ago(row.contacted_at, row)


def _owner(name: str) -> str:
    return _OWNER(escape(name), escape(initials(name))) if name else ""


def _days(kinds: tuple[DayKind | None, ...]) -> str:
    """Return the picture of the last days, with how many of them something was wrong."""
    picture = kinds_picture(kinds)
    if not picture:
        return ""
    bad = sum(kind in {Severity.ACTION_REQUIRED, Severity.ATTENTION} for kind in kinds)
    words = ngettext("%(n)s day with problems", "%(n)s days with problems", bad)
    return _DAYS(escape(words % {"n": number_text(bad)}), picture)


_CELLS: dict[str, _Content] = {
    "status": lambda table, row: table.status(row.listed.headline),
    "answer": _answer,
    "waiting": _waiting,
    "since": _since,
    "sync": lambda _table, row: _ago(row.synced_at, row),
    "check": lambda _table, row: _ago(row.checked_at, row),
    "contact": _told,
    "owner": lambda table, row: table.owner(row.owner),
    "days": lambda table, row: table.days(tuple([day.severity for day in row.days])),
}


@register.simple_tag
def groups_picture(groups: Sequence[GroupLink]) -> SafeString:
    """Return how the integrations divide into groups, as a bar; nothing where there are none. The
    links below it have the same in words.
    """
    total = sum(group.count for group in groups)
    parts = [group for group in groups if group.count]
    if not total:
        return SafeString("")
    scale = (WIDTH - GAP * (len(parts) - 1) - LEAST * len(parts)) / total
    at, bars = 0.0, []
    for group in parts:
        width = LEAST + group.count * scale
        bars.append((group.severity, f"{at:.1f}", f"{width:.1f}"))
        at += width + GAP
    return format_html(
        '<svg class="groups-bar" viewBox="0 0 {} 8" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        WIDTH,
        format_html_join("", '<rect data-severity="{}" x="{}" width="{}" height="8"/>', bars),
    )

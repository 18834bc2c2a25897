"""Rows of the account managers' list, fifty to a page: written directly, as a template's loop takes
four times as long.
"""

from collections.abc import Callable, Sequence
from html import escape

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.domain.bidi import isolate
from integrations.domain.dates import number_text, short_date_text
from integrations.domain.headline import Severity
from integrations.templatetags.icons import badge, icon, sign
from integrations.templatetags.moments import moment
from integrations.templatetags.names import bdi, initials
from integrations.templatetags.pictures import days_picture
from integrations.views.workspace.triage_table import Column, GroupLink, RowGroup, TriageRow

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


@register.simple_tag
def triage_rows(groups: Sequence[RowGroup], columns: Sequence[Column]) -> SafeString:
    """Return the bodies of the table, one to each group; every text is escaped here."""
    bodies = []
    for group in groups:
        heading = mark = ""
        if group.name:
            name, count = escape(group.name), escape(number_text(group.count))
            heading = _HEADING(group.severity, sign(group.severity), name, count)
            mark = f' data-group="{group.severity}" aria-labelledby="rows-{group.severity}"'
        bodies.append(_BODY(mark, heading, "".join(_row(row, columns) for row in group.rows)))
    return mark_safe("".join(bodies))  # noqa: S308 - nothing but escaped texts


def _row(row: TriageRow, columns: Sequence[Column]) -> str:
    summary = row.summary
    names = {"tool": isolate(row.tool), "tenant": isolate(summary.tenant_name)}
    return _ROW(
        row.id,
        escape(summary.headline),
        " data-snoozed" if row.snoozed_until else "",
        escape(_("Select %(tool)s of %(tenant)s") % names),
        reverse("workspace_integration", args=[row.tenant_id, row.id]),
        _LOGO(reverse("logo", args=[row.logo_key])) if row.logo_key else _NO_LOGO,
        bdi(summary.tenant_name),
        bdi(row.tool),
        _marks(row),
        "".join(_cell(row, column) for column in columns if column.key != "who"),
    )


def _marks(row: TriageRow) -> str:
    marks = _TAG(escape(_("Beta"))) if row.summary.beta else ""
    if row.snoozed_until:
        date = short_date_text(row.snoozed_until)
        words = escape(_("Snoozed until %(date)s") % {"date": date})
        marks += _ASLEEP(words, icon("clock"), escape(date))
    return marks


def _cell(row: TriageRow, column: Column) -> str:
    content = _CELLS[column.key](row)
    if column.key == "status":
        return _FULL(column.key, escape(column.label), escape(row.badge), content)
    return _CELL(column.key, escape(column.label), content) if content else _EMPTY(column.key)


def _since(row: TriageRow) -> str:
    return _TIME(moment(row.summary.since), escape(row.lasts_short))


def _synced(row: TriageRow) -> str:
    return _TIME(moment(row.synced_at), escape(row.synced_ago)) if row.synced_at else ""


def _checked(row: TriageRow) -> str:
    return _TIME(moment(row.checked_at), escape(row.checked_ago)) if row.checked_at else ""


def _told(row: TriageRow) -> str:
    if row.is_untold:
        return _UNTOLD(escape(_("Not yet")))
    return _TIME(moment(row.contacted_at), escape(row.told_ago_short)) if row.contacted_at else ""


def _owner(row: TriageRow) -> str:
    return _OWNER(escape(row.owner), escape(initials(row.owner))) if row.owner else ""


def _days(row: TriageRow) -> str:
    """Return the picture of the last days, with how many of them something was wrong."""
    picture = days_picture(row.days)
    if not picture:
        return ""
    bad = sum(day.severity in {Severity.ACTION_REQUIRED, Severity.ATTENTION} for day in row.days)
    words = ngettext("%(n)s day with problems", "%(n)s days with problems", bad)
    return _DAYS(escape(words % {"n": number_text(bad)}), picture)


_CELLS: dict[str, Callable[[TriageRow], str]] = {
    "status": lambda row: badge(row.severity, row.badge),
    "answer": lambda row: badge(row.answer_severity, row.answer) if row.answer else "",
    "waiting": lambda row: _CUT(escape(row.waiting_on)) if row.waiting_on else "",
    "since": _since,
    "sync": _synced,
    "check": _checked,
    "contact": _told,
    "owner": _owner,
    "days": _days,
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

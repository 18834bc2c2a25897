"""The coverage grid on a page: chips, search, what is open, one model's fields, and the statement
to take away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.access.grants import AccessGrant
from integrations.domain import csv_export, data_statement
from integrations.domain.bidi import isolate
from integrations.domain.coverage import (
    Field,
    Grid,
    Group,
    Reason,
    Show,
    explain,
    narrow,
    read,
    tally,
)
from integrations.domain.dates import date_text
from integrations.history import record as history_record
from integrations.models import Integration
from integrations.views.csv_response import csv_response
from integrations.views.types import Request

OPEN_ALL = "all"
OPEN_NONE = "none"
SMALL = 40  # a grid, or a search's result, of so few fields comes with its rows open


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """What of the grid a reader asked for; it lives in the page's URL."""

    show: Show
    query: str
    open: frozenset[str]

    @classmethod
    def of(cls, request: Request) -> "CoverageFilter":
        asked = request.GET.get("show", "")
        show = Show(asked) if asked in list(Show) else Show.ALL
        return cls(
            show, request.GET.get("q", "").strip()[:100], frozenset(request.GET.getlist("open"))
        )

    def url(self, *, show: Show | None = None, **more: str) -> str:
        """The same state with another chip, or with something more, as a query."""
        chosen = self.show if show is None else show
        pairs = {"show": "" if chosen is Show.ALL else str(chosen), "q": self.query, **more}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or self.show is not Show.ALL


def panel(request: Request, grant: AccessGrant, integration: Integration) -> dict[str, Any]:
    """The template's context for the whole grid."""
    state = CoverageFilter.of(request)
    grid = read(integration.snapshot.coverage)
    searched = narrow(grid, show=Show.ALL, query=state.query)  # what the chips choose among
    shown = narrow(searched, show=state.show, query="")
    few = sum(len(group.fields) for group in shown.groups) <= SMALL
    rows = _Rows(integration, state, few=few)
    return {
        "state": state,
        "tool": integration.snapshot.tool_label,
        "page_url": reverse("integration", args=[grant.tenant.public_id, integration.public_id]),
        "fields_url": reverse(
            "coverage_fields", args=[grant.tenant.public_id, integration.public_id]
        ),
        "csv_url": reverse("coverage_csv", args=[grant.tenant.public_id, integration.public_id]),
        "digest": integration.snapshot.coverage_digest,
        "summary": _summary(searched),
        "chips": _chips(state, searched.counts),
        "sections": [
            {
                "id": "read",
                "title": _("Data %(vendor)s reads from %(tool)s") % rows.names,
                "rows": rows.of(shown.read),
            },
            {
                "id": "write",
                "title": _("Actions %(vendor)s can take in %(tool)s") % rows.names,
                "rows": rows.of(shown.write),
            },
        ],
        "has_rows": bool(shown.groups),
        "is_empty": not grid.groups,
        "all_open": OPEN_ALL in state.open,
        "expand_url": state.url(open=OPEN_ALL),
        "collapse_url": state.url(open=OPEN_NONE),
    }


def results(request: Request, grant: AccessGrant, integration: Integration) -> HttpResponse:
    """The grid below its heading, for chips, search and "expand all"."""
    if not integration.snapshot.coverage:
        raise Http404
    return render(
        request, "components/coverage.html#results", {"panel": panel(request, grant, integration)}
    )


@require_safe
def fields(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The fields of one model or action, when its row is opened."""
    _, integration = permissions.integration_with_grid(request.user, tenant_id, integration_id)
    state = CoverageFilter.of(request)
    grid = narrow(read(integration.snapshot.coverage), show=state.show, query=state.query)
    group = grid.group(request.GET.get("group", ""))
    if group is None:
        raise Http404
    rows = _Rows(integration, state, few=True).fields(group)
    return render(request, "components/coverage.html#fields", {"fields": rows})


@require_safe
def csv(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The whole statement as a file."""
    _, integration = permissions.integration_with_grid(request.user, tenant_id, integration_id)
    tool = integration.snapshot.tool_label
    grid = read(integration.snapshot.coverage)
    rows = data_statement.csv_rows(grid, tool=tool, vendor=settings.VENDOR_NAME)
    text = csv_export.MARK + "".join(rows)
    name = f"{slugify(tool) or 'integration'}-data.csv"
    return csv_response(request, text, name, integration=integration)


class _Rows:
    """Turns groups and fields into ready strings: a big table must not translate or format cell by
    cell.
    """

    def __init__(self, integration: Integration, state: CoverageFilter, *, few: bool) -> None:
        named = {"tool": integration.snapshot.tool_label, "vendor": settings.VENDOR_NAME}
        self.names = {name: isolate(value) for name, value in named.items()}
        self._state = state
        self._few = few
        self._words: dict[tuple[Reason, bool, bool], str] = {}
        changed = history_record.changed_datapoints(integration, timezone.now())
        self._changed = {datapoint: _changed_on(at) for datapoint, at in changed.items()}

    def of(self, groups: tuple[Group, ...]) -> list[dict[str, Any]]:
        return [self._row(group) for group in groups]

    def fields(self, group: Group) -> list[tuple[str, str, str, Reason, str, str]]:
        """id, name, Kombo's key, reason, reason in words, and when it changed if that was of
        late.
        """
        marks = self._changed
        return [
            (f.id, f.name, f.key, f.reason, self._why(f), marks.get(f.id, "")) for f in group.fields
        ]

    def _row(self, group: Group) -> dict[str, Any]:
        is_open = self._is_open(group)
        return {
            "id": group.id,
            "label": group.label,
            "reason": group.reason,
            "why": self._why(group),
            "count": _("%(available)s of %(total)s")
            % {"available": group.available, "total": group.total},
            "available": group.available,
            "opted_out": group.opted_out,
            "total": group.total,
            "changed": self._mark(group),
            "is_open": is_open,
            "fields": self.fields(group) if is_open or self._few else None,
            "has_fields": bool(group.fields),
            "query": self._state.url(open=group.id),
            "fields_query": self._state.url(group=group.id),
        }

    def _mark(self, group: Group) -> str:
        """A model is marked for its fields too, which may be out of sight."""
        if not self._changed:
            return ""
        own = self._changed.get(group.id, "")
        return own or next(
            (self._changed[field.id] for field in group.fields if field.id in self._changed), ""
        )

    def _is_open(self, group: Group) -> bool:
        if not group.fields:
            return False
        if OPEN_ALL in self._state.open or group.id in self._state.open:
            return True
        if OPEN_NONE in self._state.open:
            return False
        return self._few and (self._state.is_narrowed or not group.is_complete)

    def _why(self, row: Field | Group) -> str:
        key = (row.reason, row.optional, row.is_action)
        if key not in self._words:
            self._words[key] = explain(row, **self.names)
        return self._words[key]


def _changed_on(moment: datetime) -> str:
    return _("Changed on %(date)s") % {"date": date_text(moment)}


def _chips(state: CoverageFilter, counts: dict[Show, int]) -> list[dict[str, Any]]:
    names = {
        Show.ALL: pgettext("data points", "All"),
        Show.AVAILABLE: pgettext("data points", "Available"),
        Show.UNAVAILABLE: pgettext("data points", "Not available"),
        Show.OPTED_OUT: pgettext("data points", "Opted out"),
    }
    return [
        {
            "label": names[show],
            "count": counts[show],
            "url": state.url(show=show),
            "is_on": show is state.show,
        }
        for show in Show
    ]


def _summary(grid: Grid) -> str:
    """ "121 of 235", and what of it is data and what actions, in words."""
    numbers = {
        "all": _of(grid.groups),
        "read": _of(grid.read),
        "write": _of(grid.write),
    }
    if grid.read and grid.write:
        summary = _(
            "Available: %(all)s (data read: %(read)s, actions: %(write)s). If something isn’t "
            "shared, the reason is shown next to it."
        )
    else:
        summary = _(
            "Available: %(all)s. If something isn’t shared, the reason is shown next to it."
        )
    return summary % numbers


def _of(groups: tuple[Group, ...]) -> str:
    counts = tally(groups)
    names = {"available": counts[Show.AVAILABLE], "total": counts[Show.ALL]}
    return _("%(available)s of %(total)s") % names

"""The coverage grid on a page: chips, search, what is open, one model's fields, and the statement
to take away.
"""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.access.grants import AccessGrant
from integrations.domain import csv_export, data_statement
from integrations.domain.bidi import isolate
from integrations.domain.coverage import (
    Grid,
    Part,
    Show,
    read,
)
from integrations.domain.coverage_search import narrow
from integrations.domain.dates import number_text
from integrations.domain.field_search import nearest
from integrations.models import Integration
from integrations.views.csv_response import csv_response
from integrations.views.customer.coverage_rows import (
    OPEN_ALL,
    OPEN_NONE,
    CoverageFilter,
    Rows,
    change_marks,
)
from integrations.views.types import Request

_ALWAYS = {Show.ALL, Show.AVAILABLE, Show.UNAVAILABLE}
SMALL = 40  # a grid, or a search's result, of so few fields comes with its rows open


class Addresses(NamedTuple):
    """Where a grid's page is, its file, and the fields of one model."""

    page: str
    csv: str
    fields: str


class Panel:
    """The grid of an integration as a person asked for it."""

    def __init__(
        self,
        request: Request,
        grant: AccessGrant,
        integration: Integration,
        *,
        may_change_sharing: bool = False,
    ) -> None:
        ids = [grant.tenant.public_id, integration.public_id]
        names = ("integration", "coverage_csv", "coverage_fields")
        self.addresses = Addresses(*(reverse(name, args=ids) for name in names))
        self.id = integration.public_id
        self._may_change_sharing = may_change_sharing
        self._integration = integration
        self._is_read_only = grant.is_read_only
        self._state = CoverageFilter.of(request)
        self._marks = change_marks(integration)

    @property
    def key(self) -> tuple[Hashable, ...] | None:
        """Return all that it shows but addresses, of a grid as it comes at first; None of one that
        is searched or opened, or in which something is marked as new.
        """
        snapshot = self._integration.snapshot
        if self._state.is_asked_for or self._marks:
            return None
        is_over = snapshot.removed_at is not None
        reader = (get_language(), self._is_read_only, self._may_change_sharing)
        return (snapshot.coverage_digest, snapshot.tool_label, is_over, *reader)

    def context(self, addresses: Addresses) -> dict[str, Any]:
        """Return the template's context, with no more of its reader than `key` has."""
        return {
            "panel": _shown(self._integration, self._state, self._marks, addresses),
            "may_change_sharing": self._may_change_sharing,
            "grant": {"is_read_only": self._is_read_only},
        }


def _shown(
    integration: Integration,
    state: CoverageFilter,
    marks: Mapping[str, str],
    addresses: Addresses,
) -> dict[str, Any]:
    """Return what the template shows of a grid."""
    grid = read(integration.snapshot.coverage)
    searched = narrow(grid, show=Show.ALL, query=state.query)  # what the chips choose among
    filtered = narrow(searched, show=state.show, query="")
    few = sum(len(group.fields) for group in filtered.groups) <= SMALL
    rows = Rows(integration, state, marks, few=few)
    is_over = integration.snapshot.removed_at is not None
    page_url = addresses.page
    return {
        "state": state,
        "page_url": page_url,
        "csv_url": addresses.csv,
        "digest": integration.snapshot.coverage_digest,
        "heading": _heading(grid, rows.names, is_over=is_over),
        "parts": grid.parts,
        "legend": _legend(grid.parts, rows.names),
        "chips": _chips(page_url, state, searched.counts, grid.counts),
        "sections": [
            {
                "id": "read",
                "title": _title("read", is_over=is_over) % rows.names,
                "rows": rows.of(filtered.read),
            },
            {
                "id": "write",
                "title": _title("write", is_over=is_over) % rows.names,
                "rows": rows.of(filtered.write),
            },
        ],
        "open_url": state.link(page_url),
        "fields_url": state.link(addresses.fields),
        "placeholder": _placeholder(grid),
        "has_rows": bool(filtered.groups),
        "has_found": bool(searched.groups),
        "nearest": [] if searched.groups else _nearest(grid, state),
        "is_empty": not grid.groups,
        "all_open": OPEN_ALL in state.open,
        "expand_url": page_url + state.url(open=OPEN_ALL),
        "collapse_url": page_url + state.url(open=OPEN_NONE),
    }


def results(request: Request, grant: AccessGrant, integration: Integration) -> HttpResponse:
    """The grid below its heading, for chips, search and "expand all"."""
    if not integration.snapshot.coverage:
        raise Http404
    panel = Panel(request, grant, integration)
    return render(request, "components/coverage.html#results", panel.context(panel.addresses))


@require_safe
def fields(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The fields of one model or action, when its row is opened."""
    _, integration = permissions.integration_with_grid(request.user, tenant_id, integration_id)
    state = CoverageFilter.of(request)
    grid = narrow(read(integration.snapshot.coverage), show=state.show, query=state.query)
    group = grid.group(request.GET.get("group", ""))
    if group is None:
        raise Http404
    marks = change_marks(integration)
    rows = Rows(integration, state, marks, few=True).fields(group)
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


def _placeholder(grid: Grid) -> str:
    """Name something that can be found in this grid."""
    if grid.example is None:
        return _("Search data")
    return _("Search data, for example %(name)s") % {"name": isolate(grid.example.name)}


def _nearest(grid: Grid, state: CoverageFilter) -> list[dict[str, str]]:
    """What is called like what was looked for, with the search for it."""
    rows = {group.id: group.name for group in grid.groups}
    rows |= {field.id: field.name for group in grid.groups for field in group.fields}
    names = dict.fromkeys(rows[datapoint] for datapoint in nearest(state.query, rows, most=9))
    return [{"name": name, "query": "?" + urlencode({"q": name})} for name in list(names)[:3]]


def _chips(
    page_url: str, state: CoverageFilter, counts: dict[Show, int], all_counts: dict[Show, int]
) -> list[dict[str, Any]]:
    """Return the chips, with what each finds of a search; none for the rest that the whole grid has
    nothing of.
    """
    names = {
        Show.ALL: pgettext("data points", "All"),
        Show.AVAILABLE: pgettext("data points", "Available"),
        Show.UNAVAILABLE: pgettext("data points", "Not available"),
        Show.OPTED_OUT: pgettext("data points", "Opted out"),
        Show.CHOICE: pgettext("data points", "Your choice"),
        Show.SENSITIVE: pgettext("data points", "Sensitive"),
    }
    return [
        {
            "label": names[show],
            "count": number_text(counts[show]),
            "url": page_url + state.url(show=show),
            "is_on": show is state.show,
        }
        for show in Show
        if all_counts[show] or show is state.show or show in _ALWAYS
    ]


def _title(section: str, *, is_over: bool) -> str:
    """Return what a part of the grid is about; `is_over` if the connection was removed."""
    if section == "read":
        now = _("Data %(vendor)s reads from %(tool)s")
        then = _("Data %(vendor)s could read from %(tool)s")
    else:
        now = _("Actions %(vendor)s can take in %(tool)s")
        then = _("Actions %(vendor)s could take in %(tool)s")
    return then if is_over else now


def _heading(grid: Grid, names: dict[str, str], *, is_over: bool) -> str:
    """How much is read and, where anything is, how much can be written, in one sentence."""
    if is_over:
        return _("What was shared until %(tool)s was disconnected") % names
    read_counts, write_counts = grid.counts_by_half
    numbers = {
        "read": number_text(read_counts[Show.AVAILABLE]),
        "readable": number_text(read_counts[Show.ALL]),
        "actions": number_text(write_counts[Show.AVAILABLE]),
        "possible": number_text(write_counts[Show.ALL]),
        **names,
    }
    if not grid.read:
        return _("%(vendor)s can use %(actions)s of %(possible)s actions") % numbers
    if not grid.write:
        return _("%(vendor)s can read %(read)s of %(readable)s fields") % numbers
    return (
        _(
            "%(vendor)s can read %(read)s of %(readable)s fields and use %(actions)s of "
            "%(possible)s actions"
        )
        % numbers
    )


def _legend(parts: Mapping[Part, int], names: dict[str, str]) -> list[dict[str, Any]]:
    """What the parts of the bar stand for, with how many there are."""
    labels = {
        Part.SHARED: pgettext("data points", "Available"),
        Part.OPTED_OUT: pgettext("data points", "You opted out"),
        Part.NOT_REQUESTED: _("Not requested by %(vendor)s") % names,
        Part.NOT_OFFERED: _("Not supported, or unknown"),
    }
    return [{"part": part, "label": labels[part], "count": n} for part, n in parts.items() if n]

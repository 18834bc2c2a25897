"""Rows of the coverage grid: which of them, in what order, and the ready texts of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.domain.bidi import isolate
from integrations.domain.coverage import Field, Group, Part, Reason, Show
from integrations.domain.coverage_text import explain
from integrations.domain.dates import near_date_text
from integrations.domain.field_names import FieldGroup, model_group, model_meaning
from integrations.history import record as history_record
from integrations.models import Integration
from integrations.views.types import Request

OPEN_ALL = "all"
OPEN_NONE = "none"
ORDER = {group: position for position, group in enumerate(FieldGroup)}


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """What of the grid a reader asked for; it lives in the page's URL."""

    show: Show
    query: str
    open: frozenset[str]

    @classmethod
    def of(cls, request: Request) -> "CoverageFilter":
        requested = request.GET.get("show", "")
        show = Show(requested) if requested in list(Show) else Show.ALL
        return cls(
            show, request.GET.get("q", "").strip()[:100], frozenset(request.GET.getlist("open"))
        )

    def url(self, *, show: Show | None = None, **more: str) -> str:
        """The same state with another chip, or with something more, as a query."""
        chosen = self.show if show is None else show
        pairs = {"show": "" if chosen is Show.ALL else str(chosen), "q": self.query, **more}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})

    def link(self, address: str) -> str:
        """Return an address with the same state, to which one more parameter can be added."""
        query = self.url()
        return address + query + ("&" if len(query) > 1 else "")

    @property
    def is_asked_for(self) -> bool:
        """Whether it is another than a page comes with at first."""
        return self.is_narrowed or bool(self.open)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or self.show is not Show.ALL


class FieldRows(NamedTuple):
    """Fields of a model to show, the names that say why each is available or not, and the marks of
    those that changed, by id.
    """

    fields: tuple[Field, ...]
    tool: str
    vendor: str
    changed: Mapping[str, str]


class ModelRow(NamedTuple):
    """The row of a model or action: all that it shows but its fields, as ready texts. Rows that are
    alike are rendered once.

    `heading` begins a group of models; `has_list` if the fields are there at once.
    """

    id: str
    name: str
    meaning: str
    reason: Reason
    why: str
    numbers: str
    parts: tuple[tuple[Part, int], ...]
    changed: str
    heading: str
    has_fields: bool
    has_list: bool
    is_open: bool

    @property
    def shares(self) -> dict[Part, int]:
        """How many of its fields each part of its bar stands for."""
        return dict(self.parts)


class Rows:
    """Turns groups and fields into ready strings: a big table must not translate or format cell by
    cell.
    """

    def __init__(
        self,
        integration: Integration,
        state: CoverageFilter,
        marks: Mapping[str, str],
        *,
        few: bool,
    ) -> None:
        named = {"tool": integration.snapshot.tool_label, "vendor": settings.VENDOR_NAME}
        self.names = {name: isolate(value) for name, value in named.items()}
        self._state = state
        self._few = few
        self._words: dict[tuple[Reason, bool, bool], str] = {}
        self._numbers = _("%(available)s of %(total)s")
        self._changed = marks

    def of(self, groups: tuple[Group, ...]) -> list[tuple[ModelRow, FieldRows]]:
        """Return the rows of models or actions by group, each group's first with a heading if there
        are several groups.
        """
        abouts = [model_group(group.id) for group in groups]
        ordered = sorted(zip(abouts, groups, strict=True), key=_place)
        headings = _headings([about for about, _group in ordered])
        return [
            (self._row(group, heading), self.fields(group))
            for (_about, group), heading in zip(ordered, headings, strict=True)
        ]

    def fields(self, group: Group) -> FieldRows:
        """Return the rows of a model's fields."""
        return FieldRows(group.fields, **self.names, changed=self._changed)

    def _row(self, group: Group, heading: str) -> ModelRow:
        is_open = self._is_open(group)
        is_available = group.reason is Reason.AVAILABLE
        return ModelRow(
            id=group.id,
            name=group.name,
            meaning=model_meaning(group.id),
            reason=group.reason,
            why="" if is_available and group.fields else self._why(group),
            numbers=self._numbers % {"available": group.available, "total": group.total},
            parts=tuple(group.parts.items()),
            changed=self._mark(group),
            heading=heading,
            has_fields=bool(group.fields),
            has_list=bool(group.fields) and (is_open or self._few),
            is_open=is_open,
        )

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

    def _why(self, row: Group) -> str:
        key = (row.reason, row.optional, row.is_action)
        if key not in self._words:
            self._words[key] = explain(row, **self.names)
        return self._words[key]


def _place(row: tuple[FieldGroup, Group]) -> int:
    return ORDER[row[0]]


def _headings(groups: list[FieldGroup]) -> list[str]:
    """The heading at the first of each group; none at all if there is nothing to tell apart."""
    if len({*groups} - {FieldGroup.OTHER, FieldGroup.TECHNICAL}) < 2:
        return [""] * len(groups)
    return [
        "" if at and groups[at - 1] is group else group.label for at, group in enumerate(groups)
    ]


def change_marks(integration: Integration) -> dict[str, str]:
    """Return what marks each datapoint that changed lately: "Changed on 3 March"."""
    changed = history_record.changed_datapoints(integration, timezone.now())
    days = {at: _changed_on(at) for at in {*changed.values()}}
    return {datapoint: days[at] for datapoint, at in changed.items()}


def _changed_on(moment: datetime) -> str:
    return _("Changed on %(date)s") % {"date": near_date_text(moment)}

"""Rows of the coverage grid: which of them, in what order, and the ready texts of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.domain.bidi import isolate
from integrations.domain.coverage import Field, Group, Reason, Show
from integrations.domain.coverage_text import explain
from integrations.domain.dates import near_date_text
from integrations.domain.field_names import (
    FieldGroup,
    field_group,
    field_meaning,
    model_group,
    model_meaning,
)
from integrations.history import record as history_record
from integrations.models import Integration
from integrations.views.types import Request

OPEN_ALL = "all"
OPEN_NONE = "none"
_ORDER = {group: position for position, group in enumerate(FieldGroup)}


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

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or self.show is not Show.ALL


class FieldRow(NamedTuple):
    """One field's row: every text as it is shown. `key` is Kombo's id of it; `heading` begins a
    group of fields. What a field means is a line, or, of what is the same everywhere, a hint.
    `is_choice` if the customer chooses whether it is shared.
    """

    datapoint: str
    name: str
    key: str
    reason: Reason
    why: str
    changed: str = ""
    sensitivity: str = ""
    sensitive: str = ""
    meaning: str = ""
    is_technical: bool = False
    is_choice: bool = False
    heading: str = ""


class Rows:
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
        """Return the rows of models or actions by group, each group's first with a heading if there
        are several groups.
        """
        ordered = sorted(groups, key=lambda group: _ORDER[model_group(group.id)])
        headings = _headings([model_group(group.id) for group in ordered])
        return [
            self._row(group) | {"heading": heading}
            for group, heading in zip(ordered, headings, strict=True)
        ]

    def fields(self, group: Group) -> list[FieldRow]:
        """Return the rows of fields by group, as ready texts."""
        ordered = sorted(
            ((field_group(field.model_id, field.key), field) for field in group.fields), key=_order
        )
        headings = _headings([about for about, _field in ordered])
        return [
            FieldRow(
                datapoint=field.id,
                name=field.name,
                key=field.key,
                reason=field.reason,
                why=self._why(field),
                changed=self._changed.get(field.id, ""),
                sensitivity=field.sensitivity or "",
                sensitive=field.sensitivity.label if field.sensitivity else "",
                meaning=field_meaning(field.model_id, field.key),
                is_technical=about is FieldGroup.TECHNICAL,
                is_choice=Show.CHOICE.accepts(field),
                heading=heading,
            )
            for (about, field), heading in zip(ordered, headings, strict=True)
        ]

    def _row(self, group: Group) -> dict[str, Any]:
        is_open = self._is_open(group)
        return {
            "id": group.id,
            "label": group.name,
            "meaning": model_meaning(group.id),
            "reason": group.reason,
            "why": self._why(group),
            "count": _("%(available)s of %(total)s")
            % {"available": group.available, "total": group.total},
            "parts": group.parts,
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


def _order(item: tuple[FieldGroup, Field]) -> int:
    return _ORDER[item[0]]


def _headings(groups: list[FieldGroup]) -> list[str]:
    """The heading at the first of each group; none at all if there is nothing to tell apart."""
    if len({*groups} - {FieldGroup.OTHER, FieldGroup.TECHNICAL}) < 2:
        return [""] * len(groups)
    return [
        "" if at and groups[at - 1] is group else group.label for at, group in enumerate(groups)
    ]


def _changed_on(moment: datetime) -> str:
    return _("Changed on %(date)s") % {"date": near_date_text(moment)}

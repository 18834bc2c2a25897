"""The coverage grid: for each kind of data and each action, is it available, why not, and who can
change that.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import ClassVar, NamedTuple

from integrations.domain import field_names
from integrations.domain.field_names import FieldGroup
from integrations.kombo.schema import (
    ActionField,
    Coverage,
    CoverageStatus,
    ReadField,
    ReadModel,
    ScopeSetting,
    WriteAction,
    decode_coverage,
)

logger = logging.getLogger(__name__)

_USUAL = {"hris_employments.pay_rate", "hris_employees.date_of_birth", "ats_jobs.salary_amount"}
_SAYS_LITTLE = {FieldGroup.TECHNICAL, FieldGroup.OTHER}


class Reason(StrEnum):
    """Why a datapoint is or is not available. Its value is the `data-availability` of its row."""

    AVAILABLE = "available"
    NOT_REQUESTED = "not_requested"
    OPTED_OUT = "opted_out"
    UNSUPPORTED = "unsupported"
    NOT_IMPLEMENTED = "not_implemented"
    UNKNOWN = "unknown"
    MODEL_UNAVAILABLE = "model_unavailable"
    UNCLEAR = "unclear"


class Show(StrEnum):
    """What the chips above the grid leave of its rows."""

    ALL = "all"
    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    OPTED_OUT = "opted_out"
    CHOICE = "choice"
    SENSITIVE = "sensitive"

    def accepts(self, row: "Field | Group") -> bool:
        if self is Show.SENSITIVE:
            return row.sensitivity is not None
        if self is Show.CHOICE:
            return row.optional and row.reason in _CHOICES
        if self is Show.UNAVAILABLE:
            return row.reason is not Reason.AVAILABLE
        return self is Show.ALL or self.value == row.reason.value


_CHOICES = {Reason.AVAILABLE, Reason.OPTED_OUT}


class Part(StrEnum):
    """What becomes of a datapoint, as the parts of a bar in their order."""

    SHARED = "shared"
    OPTED_OUT = "opted_out"
    NOT_REQUESTED = "not_requested"
    NOT_OFFERED = "not_offered"


_PARTS = {
    Reason.AVAILABLE: Part.SHARED,
    Reason.OPTED_OUT: Part.OPTED_OUT,
    Reason.NOT_REQUESTED: Part.NOT_REQUESTED,
}


class Field(NamedTuple):
    """One field of a model or action. `id` is dotted with its model's; `key` is Kombo's own.

    Its name is in the active language.
    """

    id: str
    key: str
    reason: Reason
    optional: bool
    is_action: bool

    @property
    def model_id(self) -> str:
        return self.id.removesuffix(f".{self.key}")

    @property
    def name(self) -> str:
        return field_names.field_name(self.model_id, self.key)

    @property
    def sensitivity(self) -> field_names.Sensitivity | None:
        return field_names.sensitivity(self.model_id, self.key)

    @property
    def about(self) -> FieldGroup:
        return field_names.field_group(self.model_id, self.key)


@dataclass(frozen=True, slots=True)
class Group:
    """One model or action with its fields; `fields` may be filtered, the counts never are.

    `label` is Kombo's; its name is in the active language.
    """

    sensitivity: ClassVar[None] = None  # that is its fields'

    id: str
    label: str
    reason: Reason
    optional: bool
    is_action: bool
    fields: tuple[Field, ...]
    parts: Mapping[Part, int]
    """Of all its fields, of which `fields` may be some."""

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def available(self) -> int:
        return self.parts[Part.SHARED]

    @property
    def name(self) -> str:
        called = field_names.action_name if self.is_action else field_names.model_name
        return called(self.id, self.label)

    @property
    def is_complete(self) -> bool:
        return self.reason is Reason.AVAILABLE and self.available == self.total


@dataclass(frozen=True)
class Grid:
    """Both halves: data we read, and actions we can take."""

    read: tuple[Group, ...]
    write: tuple[Group, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.read + self.write

    @cached_property
    def counts_by_half(self) -> tuple[dict[Show, int], dict[Show, int]]:
        """How many rows each chip would leave of what we read, and of what we can do."""
        return tally(self.read), tally(self.write)

    @cached_property
    def parts(self) -> Mapping[Part, int]:
        """How many datapoints each part of the bar stands for."""
        return split(self.groups)

    @property
    def counts(self) -> dict[Show, int]:
        read, write = self.counts_by_half
        return {show: read[show] + write[show] for show in Show}

    @cached_property
    def example(self) -> Field | None:
        """A field that tells something by its name; one that many look for, if there is one."""
        fields = [field for group in self.groups for field in group.fields]
        usual = (field for field in fields if field.id in _USUAL)
        telling = (field for field in fields if field.about not in _SAYS_LITTLE)
        return next(usual, None) or next(telling, fields[0] if fields else None)

    def group(self, group_id: str) -> Group | None:
        return next((group for group in self.groups if group.id == group_id), None)


@lru_cache(maxsize=8)  # at 2 MiB an answer, a grid can take 10 MB
def read(stored: str) -> Grid:
    """The grid of a stored snapshot.

    The same text gives the same grid, so the latest ones are kept at hand.
    """
    return build(decode_coverage(stored))


def build(coverage: Coverage) -> Grid:
    """Give every datapoint of Kombo's answer its verdict."""
    return Grid(
        read=tuple(_group(model) for model in coverage.read_models),
        write=tuple(_group(action) for action in coverage.write_actions),
    )


def tally(groups: Iterable[Group]) -> dict[Show, int]:
    """Count the datapoints that each chip would leave: every field, and every group that has none.

    Whatever a page counts, it counts by this.
    """
    rows = leaves(groups)
    return {show: sum(map(show.accepts, rows)) for show in Show}


def split(groups: Iterable[Group]) -> dict[Part, int]:
    """Return how many datapoints each part of a bar stands for, in the bar's order: every field,
    and every group that has none.
    """
    counts: Counter[Part] = Counter()
    for group in groups:
        counts.update(group.parts if group.total else {_part(group.reason): 1})
    return {part: counts[part] for part in Part}


def _part(reason: Reason) -> Part:
    return _PARTS.get(reason, Part.NOT_OFFERED)


def leaves(groups: Iterable[Group]) -> list[Field | Group]:
    """Return what is counted: every field, and every group that has none."""
    return [row for group in groups for row in (group.fields or (group,))]


def verdict(
    point: ReadModel | WriteAction | ReadField | ActionField, *, parent: bool = True
) -> Reason:
    if isinstance(point, ActionField):
        return _reason(point.is_available, parent, None, False, point.coverage_status)
    scope = point.scope_config_setting
    opted_out = point.opted_out_by_customer
    return _reason(point.is_available, parent, scope, opted_out, point.coverage_status)


@lru_cache(maxsize=1024)
def _reason(
    is_available: bool,
    parent: bool,
    scope: ScopeSetting | None,
    opted_out: bool,
    coverage: CoverageStatus,
) -> Reason:
    """Kombo's `is_available` decides; scope, opt-out and coverage say why not, in that order."""
    if is_available and parent:
        return Reason.AVAILABLE
    if scope == "DISABLED":
        return Reason.NOT_REQUESTED
    if opted_out:
        return Reason.OPTED_OUT
    if coverage in _BY_COVERAGE:
        return _BY_COVERAGE[coverage]
    if not parent:
        return Reason.MODEL_UNAVAILABLE
    logger.info("Unclear why a datapoint is not available: coverage %.40s", coverage)
    return Reason.UNCLEAR


_BY_COVERAGE: dict[str, Reason] = {
    "UNSUPPORTED": Reason.UNSUPPORTED,
    "NOT_IMPLEMENTED": Reason.NOT_IMPLEMENTED,
    "UNKNOWN": Reason.UNKNOWN,
}


def _group(model: ReadModel | WriteAction) -> Group:
    reason = verdict(model)
    parent = reason is Reason.AVAILABLE
    is_action = isinstance(model, WriteAction)
    fields = tuple(
        Field(
            id=f"{model.id}.{field.id}",
            key=field.id,
            reason=verdict(field, parent=parent),
            optional=isinstance(field, ReadField) and field.scope_config_setting == "OPTIONAL",
            is_action=is_action,
        )
        for field in model.fields
    )
    return Group(
        id=model.id,
        label=model.label,
        reason=reason,
        optional=model.scope_config_setting == "OPTIONAL",
        is_action=is_action,
        fields=fields,
        # What only its model holds back is held back for the model's reason.
        parts=Counter(
            _part(reason if field.reason is Reason.MODEL_UNAVAILABLE else field.reason)
            for field in fields
        ),
    )

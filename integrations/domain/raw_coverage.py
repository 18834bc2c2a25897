"""The coverage grid as Kombo tells it, row by row, for whoever has to explain it."""

from typing import NamedTuple

from integrations.domain.coverage import Reason, verdict
from integrations.domain.field_search import is_found, words_of
from integrations.kombo.schema import (
    ActionField,
    ReadField,
    ReadModel,
    WriteAction,
    decode_coverage,
)


class RawRow(NamedTuple):
    """What Kombo said of one datapoint, as it came, beside our verdict.

    None where Kombo has no such thing.
    """

    id: str
    reason: Reason
    scope: str | None
    opted_out: bool | None
    coverage: str
    is_available: bool


def read(stored: str, *, query: str = "") -> list[tuple[RawRow, list[RawRow]]]:
    """Each model and action of a stored snapshot that a search finds, with its fields that it
    finds.
    """
    words = words_of(query)
    matches = []
    coverage = decode_coverage(stored)
    groups: tuple[ReadModel | WriteAction, ...] = (*coverage.read_models, *coverage.write_actions)
    for group in groups:
        head = _row(group, group.id)
        parent = head.reason is Reason.AVAILABLE
        fields = [
            _row(field, f"{group.id}.{field.id}", parent=parent)
            for field in group.fields
            if is_found(words, group.id, field.id, group.label)
        ]
        if fields or is_found(words, group.id, label=group.label):
            matches.append((head, fields))
    return matches


def _row(
    point: ReadModel | WriteAction | ReadField | ActionField, name: str, *, parent: bool = True
) -> RawRow:
    reason = verdict(point, parent=parent)
    if isinstance(point, ActionField):
        return RawRow(name, reason, None, None, str(point.coverage_status), point.is_available)
    scope = str(point.scope_config_setting)
    coverage = str(point.coverage_status)
    return RawRow(name, reason, scope, point.opted_out_by_customer, coverage, point.is_available)

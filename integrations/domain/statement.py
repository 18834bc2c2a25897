"""The access statement: what a vendor reads from a customer's tool and writes to it, and why, on a
day.

What it says is one JSON object, `content_of`, without words of any language. Its digest tells
whether two copies say the same.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from integrations.domain.coverage import Grid, Reason

FORMAT = "access-statement/1"
DIGEST_GROUP = 8  # hexadecimal digits that are read in one go
DIGEST_SHORT = 4  # of such groups, where a person compares by eye

type Content = Mapping[str, Any]
type Pair = tuple[Row | None, Row | None]


class Direction(StrEnum):
    """Whether a data point is read from the tool or written to it."""

    READ = "read"
    WRITE = "write"


class Standing(StrEnum):
    """Whether a data point is shared, and by whose choice."""

    REQUIRED = "required"
    OPTIONAL = "optional"  # shared, and the customer may opt out
    OPTED_OUT = "opted_out"
    NOT_REQUESTED = "not_requested"
    NOT_OFFERED = "not_offered"  # by the tool
    NOT_IMPLEMENTED = "not_implemented"  # by Kombo
    NOT_KNOWN = "not_known"
    UNCLEAR = "unclear"

    @property
    def is_shared(self) -> bool:
        return self in {Standing.REQUIRED, Standing.OPTIONAL}


_STANDINGS = {
    Reason.OPTED_OUT: Standing.OPTED_OUT,
    Reason.NOT_REQUESTED: Standing.NOT_REQUESTED,
    Reason.UNSUPPORTED: Standing.NOT_OFFERED,
    Reason.NOT_IMPLEMENTED: Standing.NOT_IMPLEMENTED,
    Reason.UNKNOWN: Standing.NOT_KNOWN,
    Reason.MODEL_UNAVAILABLE: Standing.UNCLEAR,  # of whatever has no model
    Reason.UNCLEAR: Standing.UNCLEAR,
}


class Row(NamedTuple):
    """One data point: a model or action, whose `field` is empty, or one field of it.

    `label` is Kombo's name of the model or action. `reason` is the grid's; `standing` says of what
    its model keeps back what is true of the model. `counts` is false of what has fields, which
    count instead.
    """

    direction: Direction
    id: str
    model: str
    field: str
    label: str
    reason: Reason
    optional: bool
    standing: Standing
    counts: bool


class Purpose(NamedTuple):
    """Why the vendor reads a group of data, in its own words. `group` is a `FieldGroup`."""

    group: str
    valid_from: date
    purpose: str
    legal_basis: str
    retention: str
    recipients: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose statement it is. `integration` is its public id; `version` counts the grids it had, of
    which this one holds since an instant.
    """

    vendor: str
    customer: str
    tool: str
    integration: str
    version: int
    since: datetime


class Differences(NamedTuple):
    """What changed between two statements. A row that is in one of them only has None on the other
    side; `purposes` are the groups whose texts are others.
    """

    shared: tuple[Pair, ...]
    no_longer: tuple[Pair, ...]
    otherwise: tuple[Pair, ...]
    purposes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self)


def rows_of(grid: Grid) -> tuple[Row, ...]:
    """Every data point of a grid, each model before its fields, what is read first."""
    rows = []
    for direction, groups in ((Direction.READ, grid.read), (Direction.WRITE, grid.write)):
        for group in groups:
            own = _standing(group.reason, optional=group.optional)
            about = (direction, group.id, group.id, "", group.label)
            rows.append(Row(*about, group.reason, group.optional, own, not group.fields))
            for field in group.fields:
                standing = (
                    own
                    if field.reason is Reason.MODEL_UNAVAILABLE
                    else _standing(field.reason, optional=field.optional)
                )
                about = (direction, field.id, group.id, field.key, group.label)
                rows.append(Row(*about, field.reason, field.optional, standing, True))
    return tuple(rows)


def content_of(subject: Subject, rows: Iterable[Row], purposes: Iterable[Purpose]) -> Content:
    """All that a statement says, as JSON: the same for the same facts, in whatever order they
    come.
    """
    return {
        "format": FORMAT,
        **asdict(subject),
        "since": utc_text(subject.since),
        "data": sorted(
            (
                {
                    "direction": row.direction.value,
                    "id": row.id,
                    "label": "" if row.field else row.label,
                    "optional": row.optional,
                    "reason": row.reason.value,
                }
                for row in rows
            ),
            key=_row_key,
        ),
        "purposes": sorted(
            (
                purpose._asdict() | {"valid_from": purpose.valid_from.isoformat()}
                for purpose in purposes
            ),
            key=lambda purpose: purpose["group"],
        ),
    }


def canonical(content: Content) -> bytes:
    """Return the canonical JSON of a content: UTF-8, keys sorted, no white space (`jq -cSj`)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def utc_text(at: datetime) -> str:
    """An instant for programs, to the second: `2026-08-01T09:05:00Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def digest_of(content: Content) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def in_groups(digest: str) -> list[str]:
    """A digest as people read it out: group by group."""
    return [digest[start : start + DIGEST_GROUP] for start in range(0, len(digest), DIGEST_GROUP)]


def short(digest: str) -> str:
    """The first groups of a digest: enough for a person to tell two papers apart."""
    return " ".join(in_groups(digest)[:DIGEST_SHORT])


def differences(
    before: Sequence[Row],
    after: Sequence[Row],
    purposes_before: Iterable[Purpose] = (),
    purposes_after: Iterable[Purpose] = (),
) -> Differences:
    """What became of which data points, those with fields of their own left out."""
    old = {(row.direction, row.id): row for row in before if row.counts}
    new = {(row.direction, row.id): row for row in after if row.counts}
    shared: list[Pair] = []
    no_longer: list[Pair] = []
    otherwise: list[Pair] = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, now = old.get(key), new.get(key)
        had, has = (bool(row and row.standing.is_shared) for row in (was, now))
        if had != has:
            (shared if has else no_longer).append((was, now))
        elif was is None or now is None or was.standing is not now.standing:
            otherwise.append((was, now))
    texts_before = {purpose.group: purpose for purpose in purposes_before}
    texts_after = {purpose.group: purpose for purpose in purposes_after}
    purposes = sorted(
        group
        for group in texts_before.keys() | texts_after.keys()
        if texts_before.get(group) != texts_after.get(group)
    )
    return Differences(tuple(shared), tuple(no_longer), tuple(otherwise), tuple(purposes))


def content_differences(before: Content, after: Content) -> list[str]:
    """The names of what two contents do not say alike: keys, and ids of data points."""
    names = [
        key
        for key in sorted(before.keys() | after.keys())
        if key != "data" and before.get(key) != after.get(key)
    ]
    old, new = (
        {_row_key(row): row for row in content.get("data", [])} for content in (before, after)
    )
    return names + [
        key[1] for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)
    ]


def _row_key(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row.get("direction")), str(row.get("id"))


def _standing(reason: Reason, *, optional: bool) -> Standing:
    if reason is Reason.AVAILABLE:
        return Standing.OPTIONAL if optional else Standing.REQUIRED
    return _STANDINGS[reason]

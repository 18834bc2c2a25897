"""An access statement in the words of the active language: sentences for each group of data, and a
word for each data point.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.domain.bidi import isolate
from integrations.domain.coverage import Part
from integrations.domain.field_names import FieldGroup, sensitivity
from integrations.domain.statement import Direction, Purpose, Row, Standing, Subject
from integrations.domain.statement_words import (
    group_of,
    model_of,
    name_of,
    sensitive_word,
    sentence_of,
)

MOST_NAMED = 12  # data points that a sentence names, unless somebody opted out of them


class GroupText(NamedTuple):
    """A group of data: what is read of it, what is not and why, and what the vendor wrote of it."""

    key: str
    title: str
    reads: str
    notes: tuple[str, ...]
    sensitive: tuple[str, ...]
    purpose: Purpose | None
    shared: int
    total: int


class RowText(NamedTuple):
    """One line of the table; `sensitive` and `since` may be empty."""

    id: str
    name: str
    key: str
    standing: Standing
    words: str
    since: str
    sensitive: str


class ModelText(NamedTuple):
    """A model or action of the table, with its fields."""

    id: str
    name: str
    standing: Standing
    words: str
    since: str
    fields: tuple[RowText, ...]


@dataclass(frozen=True, slots=True)
class LegendItem:
    """What a part of the bar stands for, and how many data points it is."""

    part: Part
    label: str
    count: int


@dataclass(frozen=True)
class StatementText:
    """What a statement says in words. `since` are texts by the data point's id, `opted_out` what is
    known of an opt-out beside its name.
    """

    subject: Subject
    rows: Sequence[Row]
    purposes: Sequence[Purpose]
    since: Mapping[str, str]
    opted_out: Mapping[str, str]

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names for the places of sentences: vendor, customer and tool, isolated."""
        return {
            name: isolate(getattr(self.subject, name)) for name in ("vendor", "customer", "tool")
        }

    @cached_property
    def _read(self) -> list[Row]:
        return [row for row in self.rows if row.counts and row.direction is Direction.READ]

    @property
    def summary(self) -> str:
        """How much is read, in a sentence."""
        shared = sum(row.standing.is_shared for row in self._read)
        numbers = self.names | {"shared": shared, "total": len(self._read)}
        if not self._read:
            return _("Kombo lists no data for this connection.")
        if not shared:
            return _("%(vendor)s reads nothing from %(tool)s for %(customer)s.") % numbers
        sentence = ngettext(
            "%(vendor)s reads %(shared)s of the %(total)s data point known for this "
            "connection, from %(tool)s for %(customer)s.",
            "%(vendor)s reads %(shared)s of the %(total)s data points known for this "
            "connection, from %(tool)s for %(customer)s.",
            len(self._read),
        )
        return sentence % numbers

    @property
    def access(self) -> str:
        """Whether anything is written, in a sentence."""
        count = len(self._possible_actions)
        if not count:
            return _("Can only read. Nothing is written to %(tool)s.") % self.names
        sentence = ngettext(
            "Can read, and can take %(n)s action in %(tool)s: %(names)s.",
            "Can read, and can take %(n)s actions in %(tool)s: %(names)s.",
            count,
        )
        return sentence % {**self.names, "n": count, "names": self._listed(self._possible_actions)}

    @cached_property
    def _possible_actions(self) -> list[Row]:
        return [
            row
            for row in self.rows
            if row.direction is Direction.WRITE and not row.field and row.standing.is_shared
        ]

    @property
    def parts(self) -> dict[Part, int]:
        """Return how many data points each part of the bar is."""
        counts = dict.fromkeys(Part, 0)
        for row in self._read:
            counts[_part_of(row.standing)] += 1
        return counts

    @property
    def legend(self) -> list[LegendItem]:
        """Return what the parts of the bar stand for."""
        labels = {
            Part.SHARED: _("Shared"),
            Part.OPTED_OUT: _("%(customer)s opted out"),
            Part.NOT_REQUESTED: _("Not requested by %(vendor)s"),
            Part.NOT_OFFERED: _("Not supported, or unknown"),
        }
        return [
            LegendItem(part, labels[part] % self.names, count) for part, count in self.parts.items()
        ]

    @cached_property
    def groups(self) -> list[GroupText]:
        """What there is to read, group by group."""
        by_group: dict[FieldGroup, list[Row]] = {}
        for row in self._read:
            by_group.setdefault(group_of(row), []).append(row)
        return [self._group(group, by_group[group]) for group in FieldGroup if group in by_group]

    @property
    def groups_read(self) -> list[GroupText]:
        """Return the groups of which anything is read."""
        return [group for group in self.groups if group.shared]

    @property
    def groups_unread(self) -> list[GroupText]:
        """Return the groups of which nothing is read."""
        return [group for group in self.groups if not group.shared]

    def _group(self, group: FieldGroup, rows: Sequence[Row]) -> GroupText:
        shared = [row for row in rows if row.standing.is_shared]
        purposes = {purpose.group: purpose for purpose in self.purposes}
        sensitive = {
            kind: kind.label for row in shared if (kind := sensitivity(row.model, row.field))
        }
        return GroupText(
            group.value,
            group.label,
            self._reads(shared, len(rows)),
            tuple(self._notes(rows)),
            tuple(sensitive.values()),
            purposes.get(group.value),
            len(shared),
            len(rows),
        )

    def _reads(self, shared: Sequence[Row], total: int) -> str:
        numbers = {**self.names, "shared": len(shared), "total": total}
        if not shared:
            return _("%(vendor)s reads none of this data.") % numbers
        sentence = ngettext(
            "%(vendor)s reads %(shared)s of %(total)s data point: %(names)s.",
            "%(vendor)s reads %(shared)s of %(total)s data points: %(names)s.",
            total,
        )
        return sentence % {**numbers, "names": self._listed(shared)}

    def _notes(self, rows: Sequence[Row]) -> Iterable[str]:
        """Why what is not shared is not, a sentence for each reason; and what is optional."""
        sentences = {
            Standing.OPTIONAL: _("Optional (%(customer)s can opt out): %(names)s."),
            Standing.OPTED_OUT: _("%(customer)s opted out of: %(names)s."),
            Standing.NOT_REQUESTED: _("Not requested by %(vendor)s: %(names)s."),
            Standing.NOT_OFFERED: _("Not supported by %(tool)s: %(names)s."),
            Standing.NOT_IMPLEMENTED: _("Not available through this integration yet: %(names)s."),
            Standing.NOT_KNOWN: _("Unknown whether %(tool)s supports it: %(names)s."),
            Standing.UNCLEAR: _("Not shared, no reason given by Kombo: %(names)s."),
        }
        for standing, sentence in sentences.items():
            if of_these := [row for row in rows if row.standing is standing]:
                yield sentence % {**self.names, "names": self._listed(of_these)}

    def _listed(self, rows: Sequence[Row]) -> str:
        """The names of data points, in a row, those of each model together; all of those that
        somebody opted out of.
        """
        is_whole = rows[0].standing is Standing.OPTED_OUT or len(rows) <= MOST_NAMED + 1
        named = rows if is_whole else rows[:MOST_NAMED]
        by_model: dict[str, list[str]] = {}
        for row in named:
            by_model.setdefault(model_of(row) if row.field else "", []).append(self._named(row))
        lists = {model: ", ".join(names) for model, names in by_model.items()}
        listed = "; ".join(
            _("%(whole)s (%(parts)s)") % {"whole": isolate(model), "parts": names}
            if model
            else names
            for model, names in lists.items()
        )
        if is_whole:
            return listed
        left = len(rows) - len(named)
        more = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", left)
        return more % {"names": listed, "n": left}

    def _named(self, row: Row) -> str:
        name = isolate(name_of(row))
        known = self.opted_out.get(row.id) if row.standing is Standing.OPTED_OUT else ""
        return _("%(name)s – %(known)s") % {"name": name, "known": known} if known else name

    def table(self, direction: Direction) -> list[ModelText]:
        """Every data point, each model with its fields."""
        words = self.words
        models: dict[str, tuple[Row, list[RowText]]] = {}
        for row in self.rows:
            if row.direction is not direction:
                continue
            if not row.field:
                models[row.model] = (row, [])
                continue
            models[row.model][1].append(
                RowText(
                    row.id,
                    name_of(row),
                    row.field,
                    row.standing,
                    words(row),
                    self.since.get(row.id, ""),
                    sensitive_word(row),
                )
            )
        return [
            ModelText(
                row.id,
                name_of(row),
                row.standing,
                words(row),
                self.since.get(row.id, ""),
                tuple(fields),
            )
            for row, fields in models.values()
        ]

    @cached_property
    def words(self) -> Callable[[Row], str]:
        """What to say of a data point; each sentence is translated once."""
        sentences: dict[tuple[Standing, Direction, bool], str] = {}

        def words(row: Row) -> str:
            key = (row.standing, row.direction, bool(row.field))
            if key not in sentences:
                sentences[key] = sentence_of(*key) % self.names
            return sentences[key]

        return words


def _part_of(standing: Standing) -> Part:
    if standing.is_shared:
        return Part.SHARED
    is_choice = standing in {Standing.OPTED_OUT, Standing.NOT_REQUESTED}
    return Part(standing.value) if is_choice else Part.NOT_OFFERED

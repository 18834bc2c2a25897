"""What an access statement calls data points, and what it says of one, in the active language."""

from collections import Counter
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from integrations.domain.field_names import (
    FieldGroup,
    action_name,
    field_group,
    field_name,
    field_within,
    model_group,
    model_name,
    sensitivity,
)
from integrations.domain.statement import Differences, Direction, Pair, Row, Standing

MOST_DIFFERENCES = 200  # that a page lists of each kind


def group_of(row: Row) -> FieldGroup:
    """Return the group of a data point."""
    return field_group(row.model, row.field) if row.field else model_group(row.model)


def name_of(row: Row) -> str:
    """Return the name of a data point beside its model; of a model or action its own."""
    if row.field:
        return field_name(row.model, row.field)
    if row.direction is Direction.WRITE:
        return action_name(row.model, row.label)
    return model_name(row.model, row.label)


def model_of(row: Row) -> str:
    """Return the name of the model or action that a data point belongs to."""
    return name_of(row._replace(field=""))


def full_name_of(row: Row) -> str:
    """Return the name of a data point by itself: "Employees (tax ID)"."""
    if not row.field:
        return name_of(row)
    return field_within(model_of(row), name_of(row))


def sensitive_word(row: Row) -> str:
    """Why a data point takes particular care; an empty text for most."""
    kind = sensitivity(row.model, row.field) if row.field else None
    return kind.label if kind else ""


def read_by_group(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """Return the name of each group of data of which something is read, in the order of a page, and
    how many of its data points are.
    """
    read = (row for row in rows if row.direction is Direction.READ)
    found = Counter(group_of(row) for row in read if row.counts and row.standing.is_shared)
    return [(group.label, found[group]) for group in FieldGroup if group in found]


def difference_lines(
    differences: Differences, words_before: Callable[[Row], str], words_after: Callable[[Row], str]
) -> list[tuple[str, str, list[tuple[str, str, str]], int]]:
    """Return for each kind of difference that there is: its key, its title, (name, what was, what
    is) of its data points, and how many of them are not listed.
    """
    titles = {
        "shared": _("Now shared"),
        "no_longer": _("No longer shared"),
        "otherwise": _("Other changes"),
    }
    none = _("Not listed")
    sections = []
    for key, title in titles.items():
        pairs: tuple[Pair, ...] = getattr(differences, key)
        lines = [
            (
                full_name_of(now or was),  # type: ignore[arg-type]
                words_before(was) if was else none,
                words_after(now) if now else none,
            )
            for was, now in pairs[:MOST_DIFFERENCES]
        ]
        if lines:
            sections.append((key, title, lines, len(pairs) - len(lines)))
    return sections


def sentence_of(standing: Standing, direction: Direction, is_field: bool) -> str:
    """What to say of a data point, with places for the names of vendor, customer and tool."""
    if standing.is_shared and direction is Direction.WRITE:
        if is_field:
            return _("Writing allowed")
        if standing is Standing.OPTIONAL:
            return _("Allowed: optional, %(customer)s hasn’t opted out")
        return _("Allowed: %(vendor)s requires it")
    return {
        Standing.REQUIRED: _("Shared: %(vendor)s requires it"),
        Standing.OPTIONAL: _("Shared: optional, %(customer)s hasn’t opted out"),
        Standing.OPTED_OUT: _("No: %(customer)s opted out"),
        Standing.NOT_REQUESTED: _("No: not requested by %(vendor)s"),
        Standing.NOT_OFFERED: _("No: not supported by %(tool)s"),
        Standing.NOT_IMPLEMENTED: _("No: not available through this integration yet"),
        Standing.NOT_KNOWN: _("No: unknown whether %(tool)s supports it"),
        Standing.UNCLEAR: _("No: Kombo gives no reason"),
    }[standing]

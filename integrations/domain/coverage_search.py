"""What a chip and a search leave of a grid."""

from collections.abc import Iterable
from dataclasses import replace

from integrations.domain.coverage import Grid, Group, Show
from integrations.domain.field_search import is_found, words_of


def narrow(grid: Grid, *, show: Show, query: str) -> Grid:
    """Keep what a chip and a search ask for: a group stays if it or any of its fields match."""
    if show is Show.ALL and not query:
        return grid
    words = words_of(query)
    return Grid(read=_narrow(grid.read, show, words), write=_narrow(grid.write, show, words))


def _narrow(groups: Iterable[Group], show: Show, words: tuple[str, ...]) -> tuple[Group, ...]:
    kept = []
    for group in groups:
        fields = tuple(
            field
            for field in group.fields
            if show.accepts(field) and is_found(words, group.id, field.key, group.label)
        )
        # A group without fields of its own stands for itself.
        alone = (
            not group.fields
            and show.accepts(group)
            and is_found(words, group.id, label=group.label)
        )
        if fields or alone:
            kept.append(replace(group, fields=fields))
    return tuple(kept)

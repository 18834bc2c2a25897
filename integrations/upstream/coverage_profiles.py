"""Each distinct grid in short, datapoint to reason, kept once for all integrations that share it."""

from collections.abc import Callable

from django.db.models import Exists, Min, OuterRef

from integrations.domain import coverage
from integrations.domain.coverage import Grid, Reason
from integrations.models import Outline, Snapshot

BATCH = 50  # grids to read at once


def keep(digest: str, grid: Callable[[], Grid]) -> None:
    """Have the outline of a grid, which is asked for only if it is another one than all before."""
    if not Outline.objects.filter(pk=digest).exists():
        _make({digest: grid()})


def make_missing() -> list[str]:
    """Make outlines of grids that were stored before there were any. Answers their digests."""
    there = Outline.objects.filter(pk=OuterRef("coverage_digest"))
    bare = Snapshot.objects.filter(~Exists(there)).exclude(coverage_digest="").order_by()
    firsts = list(bare.values("coverage_digest").annotate(first=Min("pk")).values_list("first", flat=True)[:BATCH])
    stored = dict(Snapshot.objects.filter(pk__in=firsts).values_list("coverage_digest", "coverage"))
    _make({digest: coverage.read(text) for digest, text in stored.items() if digest})
    return list(stored)


def prune() -> int:
    """Forget outlines of grids that nobody has any more. Answers how many."""
    used = Snapshot.objects.filter(coverage_digest=OuterRef("pk"))
    return Outline.objects.filter(~Exists(used)).delete()[0]


def reasons(grid: Grid) -> dict[str, str]:
    """The reason of every model, action and field. What its model keeps back has the model's: whoever can change it."""
    found: dict[str, str] = {}
    for group in (*grid.write, *grid.read):
        rows = {group.id: group.reason}
        for field in group.fields:
            rows[field.id] = group.reason if field.reason is Reason.MODEL_UNAVAILABLE else field.reason
        for datapoint, reason in rows.items():
            if found.get(datapoint) != Reason.AVAILABLE:  # a model and an action may have the same id
                found[datapoint] = reason.value
    return found


def _make(grids: dict[str, Grid]) -> None:
    made = [Outline(digest=digest, reasons=reasons(grid)) for digest, grid in grids.items()]
    Outline.objects.bulk_create(made, ignore_conflicts=True)  # somebody else may have met the same grid just now

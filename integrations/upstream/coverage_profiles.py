"""Each distinct grid in short, datapoint to reason, kept once for all integrations that share
it.
"""

from collections.abc import Callable

from django.db.models import Exists, Min, OuterRef

from integrations.domain import coverage
from integrations.domain.coverage import Grid, Reason
from integrations.models import CoverageProfile, Snapshot

BATCH = 50  # grids to read at once


def ensure(digest: str, grid: Callable[[], Grid]) -> None:
    """Have the coverage profile of a grid, which is asked for only if it is another one than all
    before.
    """
    if not CoverageProfile.objects.filter(pk=digest).exists():
        _create({digest: grid()})


def create_missing() -> list[str]:
    """Make coverage profiles of grids that were stored before there were any.

    Return their digests.
    """
    profiles = CoverageProfile.objects.filter(pk=OuterRef("coverage_digest"))
    missing = Snapshot.objects.filter(~Exists(profiles)).exclude(coverage_digest="").order_by()
    first_keys = list(
        missing.values("coverage_digest")
        .annotate(first=Min("pk"))
        .values_list("first", flat=True)[:BATCH]
    )
    stored = dict(
        Snapshot.objects.filter(pk__in=first_keys).values_list("coverage_digest", "coverage")
    )
    _create({digest: coverage.read(text) for digest, text in stored.items() if digest})
    return list(stored)


def prune() -> int:
    """Forget coverage profiles of grids that nobody has any more. Return how many."""
    used = Snapshot.objects.filter(coverage_digest=OuterRef("pk"))
    return CoverageProfile.objects.filter(~Exists(used)).delete()[0]


def reasons_by_datapoint(grid: Grid) -> dict[str, str]:
    """The reason of every model, action and field.

    What its model keeps back has the model's: whoever can change it.
    """
    reasons: dict[str, str] = {}
    for group in (*grid.write, *grid.read):
        rows = {group.id: group.reason}
        for field in group.fields:
            rows[field.id] = (
                group.reason if field.reason is Reason.MODEL_UNAVAILABLE else field.reason
            )
        for datapoint, reason in rows.items():
            # A model and an action may have the same id.
            if reasons.get(datapoint) != Reason.AVAILABLE:
                reasons[datapoint] = reason.value
    return reasons


def _create(grids: dict[str, Grid]) -> None:
    profiles = [
        CoverageProfile(digest=digest, reasons=reasons_by_datapoint(grid))
        for digest, grid in grids.items()
    ]
    # Somebody else may have met the same grid just now.
    CoverageProfile.objects.bulk_create(profiles, ignore_conflicts=True)

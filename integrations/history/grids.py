"""Which grid an integration had when: a version for each time it became another one, and the grids
of the past, kept once for all that had them.

The grid of today is the snapshot's. What is older than the history's retention goes, except the
version that held when it ended.
"""

import zlib
from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from integrations.models import CoverageVersion, Integration, PastGrid, Snapshot


def record(snapshot: Snapshot, grid: str, at: datetime) -> None:
    """Note that another grid holds from an instant on, and keep the one that held until now.

    `grid` is its digest. Call within the transaction that writes the snapshot, before it has the
    new grid.
    """
    latest = CoverageVersion.objects.filter(integration_id=snapshot.pk).last()
    if snapshot.coverage_digest:
        latest = latest or CoverageVersion.objects.create(
            integration_id=snapshot.pk,
            number=1,
            since=first_known(snapshot),
            grid=snapshot.coverage_digest,
        )
        packed = zlib.compress(snapshot.coverage.encode())
        # Others may have had the same one.
        PastGrid.objects.bulk_create(
            [PastGrid(digest=snapshot.coverage_digest, packed=packed)], ignore_conflicts=True
        )
    CoverageVersion.objects.create(
        integration_id=snapshot.pk,
        number=latest.number + 1 if latest else 1,
        since=max(at, latest.since) if latest else at,
        grid=grid,
    )


def first_known(snapshot: Snapshot) -> datetime:
    """Return since when a grid holds of which no version tells: it was there before versions
    were.
    """
    return snapshot.coverage_changed_at or snapshot.integration.created_at


def versions(integration: Integration) -> list[CoverageVersion]:
    """Return the versions that are known, the first one first; the last one is today's grid.

    The integration comes with its snapshot, which has a grid.
    """
    known = list(CoverageVersion.objects.filter(integration=integration))
    if known:
        return known
    snapshot = integration.snapshot
    return [
        CoverageVersion(
            integration=integration,
            number=1,
            since=first_known(snapshot),
            grid=snapshot.coverage_digest,
        )
    ]


def held_at(known: list[CoverageVersion], at: datetime) -> CoverageVersion | None:
    """Return the version that held at an instant; None before the first."""
    return next((version for version in reversed(known) if version.since <= at), None)


def texts(integration: Integration, wanted: Collection[CoverageVersion]) -> dict[str, str]:
    """Return these versions' grids as they are stored, by digest, in one query at most."""
    snapshot = integration.snapshot
    grids = {snapshot.coverage_digest: snapshot.coverage}
    past = {version.grid for version in wanted} - grids.keys()
    if past:
        rows = PastGrid.objects.filter(pk__in=past).values_list("digest", "packed")
        grids |= {digest: zlib.decompress(packed).decode() for digest, packed in rows}
    return grids


def prune(before: datetime) -> int:
    """Forget versions that ended before an instant, and grids that no version names any more.

    Return how many rows went.
    """
    later = CoverageVersion.objects.filter(
        integration=OuterRef("integration"), number__gt=OuterRef("number"), since__lte=before
    )
    deleted = CoverageVersion.objects.filter(Exists(later)).delete()[0]
    named = CoverageVersion.objects.filter(grid=OuterRef("pk"))
    return deleted + PastGrid.objects.filter(~Exists(named)).delete()[0]

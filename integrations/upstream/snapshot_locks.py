"""The lock of snapshots' rows: whoever changes one, or what follows from it, holds it first."""

from collections.abc import Collection, Iterable

from integrations.models import Integration, Snapshot, Tenant

BATCH = 500  # rows to lock at once: SQLite takes only so many parameters


def lock(integration_ids: Collection[int]) -> None:
    """Take the lock of these integrations' snapshots, as `amend` does before it writes anything
    else.

    Whoever writes what follows from snapshots, or a tenant, within a transaction begins with it, in
    the order of the keys, so that no two wait for each other.
    """
    ids = sorted(integration_ids)
    for start in range(0, len(ids), BATCH):
        rows = (
            Snapshot.objects.select_for_update()
            .filter(pk__in=ids[start : start + BATCH])
            .order_by("pk")
        )
        list(rows.values_list("pk", flat=True))


def locked(integration_id: int) -> Snapshot | None:
    """Return a snapshot without its grid, under its row's lock; None if there is none."""
    return Snapshot.objects.select_for_update().without_grid().filter(pk=integration_id).first()


def find_locked(environment: str, integration_id: str) -> Integration | None:
    """Return the integration that Kombo calls so, with its snapshot, under the snapshot's lock: so
    it is no other one by the time that something is written about it.
    """
    known = Integration.objects.filter(environment=environment, integration_id=integration_id)
    rows = known.filter(snapshot__isnull=False).select_related("snapshot").without_grid()
    locked = rows.select_for_update(of=("snapshot",))
    # Whoever waited for one that began anew meanwhile finds it at the second look.
    return locked.first() or locked.first()


def lock_tenants(tenants: Iterable[Tenant]) -> None:
    """Take the lock of the snapshots of all integrations of tenants."""
    lock(integrations_of(tenants))


def integrations_of(tenants: Iterable[Tenant]) -> list[int]:
    """Return the primary keys of all integrations of tenants."""
    tenant_ids = [tenant.pk for tenant in tenants]
    return [
        pk
        for start in range(0, len(tenant_ids), BATCH)
        for pk in Integration.objects.filter(
            tenant__in=tenant_ids[start : start + BATCH]
        ).values_list("pk", flat=True)
    ]

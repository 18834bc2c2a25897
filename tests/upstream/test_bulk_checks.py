"""Checks of many integrations at once: before all others, and how far they are."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from integrations import worker
from integrations.models import Integration, Snapshot, Source, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import bulk_checks, gateway, snapshot_updates, snapshots
from tests.conftest import Connect


def test_a_check_of_many_goes_first_and_tells_how_far_it_is(
    mia: User, root: User, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = [connect(acme), connect(acme)]
    connect(acme)
    asked = bulk_checks.begin(mia, made)
    due = Snapshot.objects.order_by("check_at").values_list("pk", flat=True)
    assert set(due[:2]) == {made[0].pk, made[1].pk}
    before = bulk_checks.progress(mia, asked.public_id)
    assert before
    assert (before.done, before.failed, before.total, before.is_over) == (0, 0, 2, False)
    snapshots.revalidate(Integration.objects.get(pk=made[0].pk), by_person=True)
    kombo.set_fault("server_error", made[1].integration_id)
    snapshots.revalidate(Integration.objects.get(pk=made[1].pk), by_person=True)
    after = bulk_checks.progress(mia, asked.public_id)
    assert after
    assert (after.done, after.failed, after.total, after.is_over) == (1, 1, 2, True)
    assert bulk_checks.progress(root, asked.public_id) is None
    assert bulk_checks.prune(timezone.now()) == 1


def test_a_check_is_not_over_before_a_fetch_that_began_after_it(
    mia: User, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    began = timezone.now()
    asked = bulk_checks.begin(mia, [made])
    with snapshots.amend(made, at=began, source=Source.CHECK) as row:
        snapshot_updates.apply_details(
            row, gateway.client("production").details(made.integration_id), began
        )
    told = bulk_checks.progress(mia, asked.public_id)
    assert told
    assert not told.is_over
    assert worker.count_due("production") == 1


def test_without_an_environment_nothing_is_checked_or_counted(
    mia: User, acme: Tenant, connect: Connect
) -> None:
    made, left = connect(acme), connect(acme)
    Integration.objects.filter(pk=left.pk).update(environment="gone")
    left.refresh_from_db()
    before = Snapshot.objects.get(pk=left.pk).check_at
    asked = bulk_checks.begin(mia, [made, left])
    assert Snapshot.objects.get(pk=left.pk).check_at == before
    Snapshot.objects.filter(pk=made.pk).update(fetched_at=timezone.now())
    told = bulk_checks.progress(mia, asked.public_id)
    assert told
    assert (told.done, told.total, told.left_out, told.is_over) == (1, 1, 1, True)


def test_a_check_ends_though_an_environment_goes_meanwhile(
    mia: User, acme: Tenant, connect: Connect, settings: Any
) -> None:
    asked = bulk_checks.begin(mia, [connect(acme)])
    settings.KOMBO_ENVIRONMENTS = {}
    told = bulk_checks.progress(mia, asked.public_id)
    assert told
    assert (told.total, told.left_out, told.is_over) == (0, 1, True)

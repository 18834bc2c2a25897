"""Which integration is whose, in the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integrations.models import (
    Integration,
    Membership,
    Snapshot,
    Tenant,
)
from integrations.tenants import mapping
from tests.conftest import acting
from tests.locking import against_a_check


def test_a_mapping_comes_with_the_row_of_its_snapshot(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    assert (made.tenant, made.environment, made.snapshot.fetched_at) == (acme, "production", None)
    assert Snapshot.objects.get().integration == made


def test_an_integration_belongs_to_one_tenant(acme: Tenant, bolt: Tenant) -> None:
    mapping.create(acme, "personio:1")
    for tenant in (acme, bolt):
        with pytest.raises(IntegrityError), transaction.atomic():
            mapping.create(tenant, "personio:1")
    mapping.create(bolt, "personio:1", "us")
    assert Integration.objects.count() == Snapshot.objects.count() == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda acme, alice: Integration.objects.create(tenant=acme, integration_id=""),
        lambda acme, alice: Tenant.objects.create(name="Unassigned", origin_id=""),
        lambda acme, alice: Tenant.objects.create(name="Acme again", origin_id="acme"),
        lambda acme, alice: Membership.objects.create(user=alice, tenant=acme),
        lambda acme, alice: Membership.objects.filter(user=alice).update(role="owner"),
    ],
)
def test_the_database_refuses_what_must_not_be(make: Any, acme: Tenant, alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make(acme, alice)


def test_public_ids_are_long_random_and_all_different(acme: Tenant, bolt: Tenant) -> None:
    made = [mapping.create(acme, f"personio:{number}").public_id for number in range(5)]
    ids = {*made, acme.public_id, bolt.public_id}
    assert len(ids) == 7
    assert {len(one) for one in ids} == {16}


def test_a_confirmation_says_who_when_and_which(acme: Tenant, root: User) -> None:
    made = mapping.create(acme, "personio:1")
    Snapshot.objects.update(origin_id="bolt")
    made.snapshot.refresh_from_db()
    before = timezone.now()
    mapping.confirm(made, acting(root))
    made.refresh_from_db()
    assert (made.confirmed_origin_id, made.confirmed_by) == ("bolt", root)
    assert made.confirmed_at
    assert before <= made.confirmed_at <= timezone.now()


def test_a_confirmation_outlives_who_made_it(acme: Tenant, root: User) -> None:
    made = mapping.create(acme, "personio:1")
    mapping.confirm(made, acting(root))
    root.delete()
    made.refresh_from_db()
    assert made.confirmed_by is None
    assert made.confirmed_at


def test_what_is_unconfirmed_is_as_if_never_confirmed(acme: Tenant, root: User) -> None:
    made = mapping.create(acme, "personio:1")
    made.snapshot.origin_id = "bolt"
    mapping.confirm(made, acting(root))
    mapping.renew(made)
    assert (made.confirmed_origin_id, made.confirmed_by, made.confirmed_at) == ("", None, None)


def test_a_tenant_takes_everything_of_its_own_along(
    acme: Tenant, alice: User, bolt: Tenant
) -> None:
    mapping.create(acme, "personio:1")
    kept = mapping.create(bolt, "personio:2")
    acme.delete()
    assert list(Integration.objects.all()) == [kept]
    assert Snapshot.objects.get().integration == kept
    assert not Membership.objects.exists()
    assert User.objects.get() == alice


def test_how_things_are_called_in_the_administration(acme: Tenant, alice: User) -> None:
    made = mapping.create(acme, "personio:1")
    assert str(made) == "Acme GmbH · production · personio:1"
    assert str(made.snapshot) == "? (never fetched)"
    assert str(alice.memberships.get()) == "alice · Acme GmbH (Member: can view and reconnect)"


def _import(made: Integration) -> None:
    mapping.import_rows(
        [mapping.MappingRow(2, "acme", "Acme SE", made.integration_id, "production")], dry_run=False
    )


def _move(made: Integration) -> None:
    mapping.import_rows(
        [mapping.MappingRow(2, "bolt", "Bolt & Sons", made.integration_id, "production")],
        dry_run=False,
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite only one writes at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [_import, _move])
def test_nobody_waits_for_a_check_that_waits_for_them(
    act: Callable[[Integration], None], acme: Tenant, bolt: Tenant
) -> None:
    against_a_check(mapping.create(acme, "personio:1"), act)

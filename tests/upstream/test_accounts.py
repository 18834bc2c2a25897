"""Whoever connects a tool may be another than before: noticed, told, and held back where it is
another customer's.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import COMMAND
from integrations.access.mapping_guard import is_withheld
from integrations.domain.accounts import Account, account_of, decode, encode, is_another
from integrations.models import Entry, Integration, Kind, Snapshot
from integrations.simulator.app import Simulator
from integrations.tenants import forgetting
from integrations.upstream import accounts, repairs, snapshots
from tests.conftest import NOW, acting
from tests.views.browsing import page_at, tenant_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OTHER = "somebody@else.example"


def reconnect(kombo: Simulator, integration: Integration, by: User, **end_user: Any) -> str:
    """Reconnect as another account than before; Kombo's details are asked for later."""
    link = repairs.reconnect_link(integration, language="en", by=acting(by))
    kombo.world.set_end_user(integration.integration_id, **end_user)
    token = httpx.URL(link.url).params["token"]
    activation = kombo.world.complete(token, offered=[], shared=[])
    assert activation
    outcome = repairs.confirm_completion(
        integration, activation, by=acting(by), attempt=link.attempt
    )
    integration.snapshot = Snapshot.objects.get(pk=integration.pk)
    return outcome


def notices(integration: Integration) -> int:
    entries = Entry.objects.filter(integration=integration, kind=Kind.REPAIR, what="account")
    return entries.count()


def checked(integration: Integration) -> None:
    integration.snapshot = snapshots.revalidate(integration, by_person=True)


@pytest.mark.parametrize(
    ("changes", "is_noticed"),
    [
        ({"creator_email": OTHER}, True),
        ({"organization_name": "Another GmbH"}, True),
        ({"creator_email": "CREATOR@acme.example"}, False),
        ({"creator_email": None}, False),
        ({}, False),
    ],
)
def test_another_account_is_noticed_at_once(
    changes: dict[str, Any], is_noticed: bool, invalid: Integration, kombo: Simulator, alice: User
) -> None:
    before = account_of(invalid.snapshot)
    reconnect(kombo, invalid, alice, **changes)
    former = accounts.former(invalid.snapshot, NOW)
    assert former == (before if is_noticed else None)
    assert notices(invalid) == is_noticed
    checked(invalid)
    assert accounts.former(invalid.snapshot, NOW) == former
    assert notices(invalid) == is_noticed, "told once, though Kombo says it twice"


def test_another_customers_is_held_back_at_once(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    reconnect(kombo, invalid, alice, origin_id="bolt")
    assert is_withheld(invalid)
    assert notices(invalid) == 1


def test_a_check_notices_it_where_nobody_was_told(personio: Integration, kombo: Simulator) -> None:
    kombo.world.set_end_user(personio.integration_id, creator_email=OTHER)
    checked(personio)
    assert notices(personio) == 1


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "reset", "html", "rate_limited"])
def test_what_kombo_does_not_answer_changes_nothing(
    fault: str, invalid: Integration, kombo: Simulator, alice: User
) -> None:
    before = account_of(invalid.snapshot)
    link = repairs.reconnect_link(invalid, language="en", by=acting(alice))
    kombo.set_fault(fault)
    outcome = repairs.confirm_completion(invalid, "a" * 32, by=acting(alice), attempt=link.attempt)
    assert outcome == "unconfirmed"
    invalid.snapshot.refresh_from_db()
    assert (account_of(invalid.snapshot), notices(invalid)) == (before, 0)


def test_what_began_before_it_was_noticed_knows_less(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    before = account_of(invalid.snapshot)
    reconnect(kombo, invalid, alice, creator_email=OTHER)
    accounts.take(invalid.snapshot, before, NOW - timedelta(seconds=2))
    assert invalid.snapshot.creator_email == OTHER


def test_the_same_account_again_ends_the_notice(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    was = personio.snapshot.creator_email
    for email in (OTHER, "a third@one.example", was):
        kombo.world.set_end_user(personio.integration_id, creator_email=email)
        clock.shift(timedelta(minutes=5))
        checked(personio)
        former = accounts.former(personio.snapshot, timezone.now())
        assert (former and former.creator) == (None if email == was else was)


def test_it_is_told_for_a_month(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.world.set_end_user(personio.integration_id, creator_email=OTHER)
    checked(personio)
    clock.shift(accounts.TOLD_FOR - timedelta(minutes=1))
    assert accounts.former(personio.snapshot, timezone.now())
    clock.shift(timedelta(minutes=2))
    assert accounts.former(personio.snapshot, timezone.now()) is None


def test_customer_and_staff_read_it(
    personio: Integration, kombo: Simulator, alice: User, amy: User
) -> None:
    kombo.world.set_end_user(personio.integration_id, creator_email=OTHER)
    checked(personio)
    ids = [personio.tenant.public_id, personio.public_id]
    for person, address in (
        (alice, tenant_url(personio)),
        (amy, reverse("workspace_integration", args=ids)),
    ):
        client = Client()
        client.force_login(person)
        said = page_at(client, address).one("p", "data-account-changed").text
        assert OTHER in said
        assert "creator@acme.example" in said


def test_only_what_differs_is_named(personio: Integration, kombo: Simulator, alice: User) -> None:
    """Neither the organization that is the same, nor our own name for the customer."""
    kombo.world.set_end_user(personio.integration_id, creator_email=OTHER)
    checked(personio)
    client = Client()
    client.force_login(alice)
    said = page_at(client, tenant_url(personio)).one("p", "data-account-changed").text
    assert personio.snapshot.organization_name not in said
    assert " · " not in said
    kombo.set_state(personio.integration_id, "deleted")
    checked(personio)
    assert not page_at(client, tenant_url(personio)).all("p", "data-account-changed")


def test_a_forgotten_address_is_forgotten_here_too(personio: Integration, kombo: Simulator) -> None:
    was = personio.snapshot.creator_email
    kombo.world.set_end_user(personio.integration_id, creator_email=OTHER)
    checked(personio)
    forgetting.forget_person(was, COMMAND)
    row = Snapshot.objects.get(pk=personio.pk)
    former = decode(row.former_account)
    assert former
    assert former.creator == ""
    forgetting.forget_person(OTHER, COMMAND)
    checked(personio)  # Kombo names the address again, which is no other account
    assert notices(personio) == 1


def test_accounts_are_kept_as_they_are() -> None:
    account = Account("Acme", "a@b.example", "1")
    assert decode(encode(account)) == account
    assert decode("") is decode("[1]") is decode("Of another version") is None
    assert not is_another(Account(), account)
    assert "a@b.example" not in repr(account)

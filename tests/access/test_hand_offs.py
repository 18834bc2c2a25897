"""Links for a customer's colleague: signed, for one act, for a while, and dead for good once they
are.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import (
    hand_off_lists,
    hand_off_tokens,
    hand_offs,
    permissions,
    rate_limits,
)
from integrations.access.audit import COMMAND, Act
from integrations.access.hand_offs import LIVES, LONGEST_LIFE, HandOffStatus
from integrations.models import (
    AuditEntry,
    HandOff,
    Integration,
    Membership,
    Role,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.concurrency import crowd
from tests.conftest import API_KEY, Connect, acting


@pytest.fixture
def link(invalid: Integration, alice: User) -> HandOff:
    return hand_offs.create(invalid, "reconnect", by=acting(alice))


def state(link: HandOff) -> HandOffStatus:
    link.refresh_from_db()
    return hand_offs.status_of(link, timezone.now())


def acts() -> list[str]:
    return list(
        AuditEntry.objects.filter(what__startswith="hand_off")
        .order_by("pk")
        .values_list("what", flat=True)
    )


# --- The token ------------------------------------------------------------------------------------


def test_a_link_is_found_by_its_token_and_by_nothing_else(link: HandOff) -> None:
    token = hand_offs.token_of(link)
    assert hand_offs.find(token) == link
    assert hand_offs.url_of(link) == f"http://localhost/hand-off/{token}/"
    for at, character in enumerate(token):
        for other in {"A", character.swapcase()} - {character}:
            assert hand_offs.find(token[:at] + other + token[at + 1 :]) is None
    for length in {*range(0, len(token), 7), len(token) - 1}:
        assert hand_offs.find(token[:length]) is None
        assert hand_offs.find(token[length + 1 :]) is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "\0",
        "\0" * 40,
        "é" * 40,
        "\ud800" * 40,
        "A" * 40,
        "a" * 10_000,
        "None",
        "../" * 13,
        "⅒" * 24,
    ],
)
def test_no_text_at_all_is_a_token_unless_we_signed_it(link: HandOff, forged: str) -> None:
    assert hand_offs.find(forged) is None
    assert hand_offs.find(link.public_id + forged) is None
    assert not forged or hand_offs.find(hand_offs.token_of(link) + forged) is None


def test_one_links_signature_is_not_anothers(link: HandOff, invalid: Integration) -> None:
    other = hand_offs.create(invalid, "reconnect", by=COMMAND)
    signature = hand_offs.token_of(other)[-hand_off_tokens.SIGNATURE :]
    assert hand_offs.find(link.public_id + signature) is None


def test_who_reads_the_database_can_make_no_link(link: HandOff, settings: Any) -> None:
    token = hand_offs.token_of(link)
    assert token[-hand_off_tokens.SIGNATURE :] not in json.dumps(
        list(HandOff.objects.values()), default=str
    )
    settings.SECRET_KEY = "another " * 8
    assert hand_offs.find(token) is None


def test_a_link_that_we_signed_and_forgot_leads_nowhere(link: HandOff) -> None:
    token = hand_offs.token_of(link)
    link.delete()
    assert hand_offs.find(token) is None


# --- How long it lives ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (LIVES, LIVES),
        (timedelta(days=1),) * 2,
        (LONGEST_LIFE,) * 2,
        (timedelta(days=8), LONGEST_LIFE),
    ],
)
def test_it_lives_as_long_as_asked_and_at_most_seven_days(
    invalid: Integration, asked: timedelta, given: timedelta, time_machine: TimeMachineFixture
) -> None:
    made = hand_offs.create(invalid, "reconnect", by=COMMAND, lives=asked)
    assert made.expires_at - made.created_at == given
    time_machine.move_to(made.expires_at - timedelta(seconds=1), tick=False)
    assert state(made) is HandOffStatus.OPEN
    time_machine.move_to(made.expires_at, tick=False)
    assert state(made) is HandOffStatus.EXPIRED
    assert not hand_offs.mark_begun(made)


def test_without_a_wish_it_lives_three_days(link: HandOff) -> None:
    assert link.expires_at - link.created_at == timedelta(days=3)


def test_revoked_is_revoked_once_and_by_somebody(link: HandOff, alice: User) -> None:
    for _ in range(2):
        hand_offs.revoke(link, acting(alice))
    assert state(link) is HandOffStatus.REVOKED
    assert acts() == [Act.HAND_OFF_CREATED, Act.HAND_OFF_REVOKED]
    assert not hand_offs.mark_begun(link)


def test_what_ended_is_not_revoked_as_well(link: HandOff, alice: User) -> None:
    hand_offs.mark_begun(link)
    hand_offs.mark_used(link)
    hand_offs.revoke(link, acting(alice))
    assert state(link) is HandOffStatus.USED
    assert link.revoked_at is None
    assert acts() == [Act.HAND_OFF_CREATED]


def test_opened_is_noted_once(link: HandOff, alice: User) -> None:
    for _ in range(3):
        hand_offs.mark_opened(link, acting(alice))
    assert acts() == [Act.HAND_OFF_CREATED, Act.HAND_OFF_OPENED]


# --- What becomes of the integration --------------------------------------------------------------


@pytest.mark.parametrize(
    ("state_name", "act"),
    [
        ("invalid", "reconnect"),
        ("setup_incomplete", "setup"),
        ("connected", ""),
        ("inactive", ""),
        ("data_expired", ""),
    ],
)
def test_what_a_link_would_be_for(
    acme: Tenant, connect: Connect, state_name: str, act: str
) -> None:
    assert hand_offs.act_for(connect(acme, state=state_name).snapshot) == act


def test_a_failing_sign_in_is_for_reconnecting(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    made.snapshot.sign_in_failing_since = timezone.now()
    assert hand_offs.act_for(made.snapshot) == "reconnect"


@pytest.mark.exhaustive(keep=6)
@pytest.mark.parametrize(
    ("act", "begins", "becomes", "ends"),
    [
        ("reconnect", "invalid", "connected", HandOffStatus.USED),
        ("reconnect", "invalid", "setup_incomplete", HandOffStatus.USED),
        ("reconnect", "invalid", "data_expired", HandOffStatus.USED),
        ("reconnect", "invalid", "inactive", HandOffStatus.OPEN),
        ("reconnect", "invalid", "unknown_status", HandOffStatus.OPEN),
        ("reconnect", "invalid", "deleted", HandOffStatus.REVOKED),  # begun or not
        ("setup", "setup_incomplete", "final_sync_pending", HandOffStatus.USED),
        ("setup", "setup_incomplete", "connected", HandOffStatus.USED),
        ("setup", "setup_incomplete", "invalid", HandOffStatus.OPEN),
        ("setup", "setup_incomplete", "inactive", HandOffStatus.OPEN),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
def test_it_is_used_once_what_it_began_can_only_be_done(
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    begins: str,
    becomes: str,
    ends: HandOffStatus,
    begun: bool,
) -> None:
    made = connect(acme, state=begins)
    link = hand_offs.create(made, act, by=COMMAND)
    if begun:
        assert hand_offs.mark_begun(link)
    kombo.set_state(made.integration_id, becomes)
    snapshots.revalidate(made, by_person=True)
    is_told = begun or ends is HandOffStatus.REVOKED
    assert state(link) is (ends if is_told else HandOffStatus.OPEN)


def test_another_integration_that_recovers_uses_nothing(
    link: HandOff, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    other = connect(acme, state="invalid")
    hand_offs.mark_begun(link)
    kombo.set_state(other.integration_id, "connected")
    snapshots.revalidate(other, by_person=True)
    assert state(link) is HandOffStatus.OPEN


def test_other_integrations_keep_theirs_when_one_moves(
    link: HandOff, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    moving = connect(acme, state="invalid")
    rows = [mapping.MappingRow(2, "bolt", bolt.name, moving.integration_id, "production")]
    mapping.import_rows(rows, dry_run=False)
    assert state(link) is HandOffStatus.OPEN


def test_what_is_withheld_is_not_there(link: HandOff, invalid: Integration) -> None:
    token = hand_offs.token_of(link)
    entered = permissions.by_hand_off(token)
    assert entered
    assert (entered[0], entered[1].tenant, entered[1].may_repair) == (link, invalid.tenant, True)
    assert entered[1].as_guest
    assert not entered[1].as_staff
    Snapshot.objects.update(origin_id="somebody else")
    assert permissions.by_hand_off(token) is None


def test_what_customers_see_are_their_own_peoples_links(
    link: HandOff, invalid: Integration, mia: User, bob: User
) -> None:
    for by in (COMMAND, acting(mia), acting(bob)):
        hand_offs.create(invalid, "reconnect", by=by)
    assert list(hand_off_lists.of_customer(invalid, invalid.tenant)) == [link]
    assert hand_off_lists.links_to(invalid).count() == 4


@pytest.mark.parametrize(
    "leaves", ["membership", "tenant", "role", "account", "active", "silently"]
)
def test_who_leaves_the_customer_leaves_no_link_behind(
    leaves: str, link: HandOff, invalid: Integration, alice: User, bolt: Tenant
) -> None:
    token, member = hand_offs.token_of(link), Membership.objects.get(user=alice)
    match leaves:
        case "membership":
            member.delete()
        case "tenant":
            Membership.objects.filter(pk=member.pk).update(tenant=bolt)
        case "account":
            alice.delete()
        case "role":
            Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER)
        case "active":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "silently":
            Membership.objects.filter(pk=member.pk)._raw_delete("default")
    found = hand_offs.find(token)
    assert found
    assert hand_offs.status_of(found, timezone.now()) is HandOffStatus.REVOKED
    assert state(link) is HandOffStatus.REVOKED, "for good"


def test_who_leaves_another_customer_takes_nothing_along(
    link: HandOff, invalid: Integration, alice: User, bolt: Tenant, mia: User
) -> None:
    Membership.objects.create(user=alice, tenant=bolt).delete()
    staffs = hand_offs.create(invalid, "reconnect", by=acting(mia))
    Membership.objects.create(user=mia, tenant=invalid.tenant).delete()
    others = hand_offs.create(invalid, "reconnect", by=COMMAND)
    for one in (link, staffs, others):
        found = hand_offs.find(hand_offs.token_of(one))
        assert found
        assert hand_offs.status_of(found, timezone.now()) is HandOffStatus.OPEN


def test_who_follows_a_link_does_not_load_the_grid(link: HandOff) -> None:
    found = hand_offs.find(hand_offs.token_of(link))
    assert found
    assert found.integration
    assert found.integration.snapshot.get_deferred_fields() == {"coverage"}


def test_since_when_it_is_so(invalid: Integration) -> None:
    assert hand_offs.headline_since(invalid) == Summary.objects.get().since


@pytest.mark.parametrize(
    ("begun", "revoked", "may"),
    [
        (None, False, False),
        (0, False, True),
        (119, False, True),
        (121, False, False),
        (0, True, False),
    ],
)
def test_what_was_begun_may_end_for_two_hours(
    link: HandOff, begun: int | None, revoked: bool, may: bool
) -> None:
    now = timezone.now()
    link.begun_at = None if begun is None else now - timedelta(minutes=begun)
    link.revoked_at, link.expires_at = now if revoked else None, now
    assert hand_offs.may_finish(link) == may


# --- Many at once ---------------------------------------------------------------------------------


def test_of_a_crowd_with_one_link_as_many_begin_as_may(
    shared_database: Mapping[str, str], loopback: None, invalid: Integration, kombo: Simulator
) -> None:
    environment = {
        **shared_database,
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_API_KEY": API_KEY,
        "KOMBO_CONNECT_ORIGINS": kombo.public_url,
        "CROWD_TOKEN": hand_offs.token_of(hand_offs.create(invalid, "reconnect", by=COMMAND)),
    }
    statuses = crowd("colleague", environment, processes=2, threads=10)
    assert sorted(statuses) == [200] * rate_limits.REPAIR.times + [429] * (
        20 - rate_limits.REPAIR.times
    )
    assert (
        kombo.calls["POST", "/v1/integrations/{integration_id}/relink"] <= rate_limits.REPAIR.times
    )

"""Links by which somebody without an account connects a tool: revocable, for one use, and as long
as their maker may make them.
"""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.access import (
    embed_sessions,
    hand_off_lists,
    hand_offs,
    permissions,
    rate_limits,
)
from integrations.access.audit import COMMAND, Act
from integrations.access.hand_offs import HandOffStatus
from integrations.models import (
    AuditEntry,
    ConnectionAttempt,
    HandOff,
    Membership,
    RepairAct,
    Role,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, belongings, connecting, mapping
from integrations.workspace import staff_actions
from tests.concurrency import crowd
from tests.conftest import API_KEY, acting
from tests.views import to_connect


@pytest.fixture
def attempt(acme: Tenant) -> ConnectionAttempt:
    return to_connect.planned(acme)


def make(attempt: ConnectionAttempt, who: User, **more: object) -> HandOff:
    return hand_offs.create(attempt, RepairAct.CONNECT, by=acting(who), **more)  # type: ignore[arg-type]


def found(link: HandOff) -> HandOffStatus:
    """What the link leads to, for who follows it."""
    there = hand_offs.find(hand_offs.token_of(link))
    assert there
    return hand_offs.status_of(there, timezone.now())


def test_it_leads_to_the_attempt_of_its_tenant(
    attempt: ConnectionAttempt, alice: User, acme: Tenant
) -> None:
    link = make(attempt, alice)
    entered = permissions.by_hand_off(hand_offs.token_of(link))
    assert entered
    there, grant = entered
    assert (there.attempt, there.integration) == (attempt, None)
    assert (grant.tenant, grant.may_repair, grant.as_guest) == (acme, True, True)
    assert there.expires_at - there.created_at == hand_offs.LIVES
    entry = AuditEntry.objects.get(what=Act.HAND_OFF_CREATED)
    assert (entry.tenant_id, entry.told) == (acme.pk, {"tool": "workday"})


def test_it_is_for_one_thing(attempt: ConnectionAttempt, alice: User, acme: Tenant) -> None:
    link = make(attempt, alice)
    made = mapping.create(acme, "workday:1")
    for wrong in ({"integration": made}, {"attempt": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOff.objects.filter(pk=link.pk).update(**wrong)


def test_it_ends_with_its_makers_rights(
    attempt: ConnectionAttempt, alice: User, vic: User, amy: User, mia: User, bob: User
) -> None:
    assert found(make(attempt, vic)) is HandOffStatus.REVOKED, "who may only look"
    assert found(make(attempt, bob)) is HandOffStatus.REVOKED, "another tenant's"
    kept = make(attempt, mia), hand_offs.create(attempt, RepairAct.CONNECT, by=COMMAND)
    theirs, staffs = make(attempt, alice), make(attempt, amy)
    assert {found(link) for link in (*kept, theirs, staffs)} == {HandOffStatus.OPEN}
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    assert found(theirs) is HandOffStatus.REVOKED
    staff_actions.assign([attempt.tenant], mia, acting(mia))
    staffs.refresh_from_db()
    assert staffs.revoked_at, "at once"
    assert {found(link) for link in kept} == {HandOffStatus.OPEN}


def test_one_of_a_frame_ends_with_its_sessions(
    attempt: ConnectionAttempt, bolt: Tenant, alice: User
) -> None:
    made = [
        hand_offs.create(one, RepairAct.CONNECT, by=COMMAND, by_guest=True)
        for one in (attempt, to_connect.planned(bolt))
    ]
    kept = make(attempt, alice)
    embed_sessions.revoke(attempt.tenant)
    assert [found(link) for link in (*made, kept)] == [
        HandOffStatus.REVOKED,
        HandOffStatus.OPEN,
        HandOffStatus.OPEN,
    ]


def test_what_ends_the_attempt_ends_all_its_links(
    attempt: ConnectionAttempt, alice: User, acme: Tenant
) -> None:
    links = [make(attempt, alice) for _ in range(2)]
    other = make(to_connect.planned_of(acme, "hibob"), alice)
    connecting.dismiss(attempt, acting(alice))
    assert {found(link) for link in links} == {HandOffStatus.REVOKED}
    assert found(other) is HandOffStatus.OPEN


def test_what_connects_the_tool_uses_up_all_its_links(
    attempt: ConnectionAttempt, alice: User, acme: Tenant
) -> None:
    links = [make(attempt, alice) for _ in range(2)]
    revoked = make(attempt, alice)
    hand_offs.revoke(revoked, COMMAND)
    ConnectionAttempt.objects.update(begun_at=timezone.now())
    made = mapping.create(acme, "workday:1")
    connecting.note_created(made, "workday", "HRIS", timezone.now())
    assert {found(link) for link in links} == {HandOffStatus.USED}
    assert found(revoked) is HandOffStatus.REVOKED


def test_whose_links_somebody_sees(
    attempt: ConnectionAttempt, alice: User, mia: User, acme: Tenant
) -> None:
    own, staffs = make(attempt, alice), make(attempt, mia)
    framed = hand_offs.create(attempt, RepairAct.CONNECT, by=COMMAND, by_guest=True)
    make(to_connect.planned_of(acme, "hibob"), alice)
    assert set(hand_off_lists.links_to(attempt)) == {own, staffs, framed}
    assert set(hand_off_lists.of_customer(attempt, acme)) == {own, framed}
    assert set(hand_off_lists.of_guests(attempt)) == {framed}
    draft = attempts.draft(acme, to_connect.offered("lever"), by=COMMAND)
    assert not hand_off_lists.links_to(draft).exists()


def test_it_is_the_tenants(attempt: ConnectionAttempt, alice: User, bolt: Tenant) -> None:
    link = make(attempt, alice)
    assert list(belongings.of_tenant(attempt.tenant)["hand_offs"]) == [link]
    assert not belongings.of_tenant(bolt)["hand_offs"]


def test_old_ones_are_forgotten(attempt: ConnectionAttempt, alice: User) -> None:
    make(attempt, alice)
    now = timezone.now()
    assert hand_offs.prune(now) == 0
    assert hand_offs.prune(now + timedelta(days=4)) == 1
    make(attempt, alice)
    attempts.prune(now + timedelta(days=1))
    assert not HandOff.objects.exists(), "with the attempt"


@pytest.mark.exhaustive
def test_of_a_crowd_with_one_link_as_many_begin_as_may(
    shared_database: Mapping[str, str], loopback: None, acme: Tenant, kombo: Simulator
) -> None:
    link = hand_offs.create(
        to_connect.planned(acme), RepairAct.CONNECT, by=COMMAND, sent_to="tom@acme.example"
    )
    environment = {
        **shared_database,
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_API_KEY": API_KEY,
        "KOMBO_CONNECT_ORIGINS": kombo.public_url,
        "CROWD_TOKEN": hand_offs.token_of(link),
    }
    statuses = crowd("colleague", environment, processes=2, threads=6)
    most = rate_limits.REPAIR.times
    assert sorted(statuses) == [200] * most + [429] * (12 - most)
    assert kombo.calls["POST", "/v1/connect/create-link"] <= most
    assert ConnectionAttempt.objects.get().begun_at

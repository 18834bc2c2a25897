"""The rules of an embed: what a token buys, how long it lasts, and the way out of the frame."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import embed_sessions, permissions, repair_handles
from integrations.access.embed_sessions import Guest, Refused, UnknownTenant
from integrations.models import EmbedSession, Integration, RepairHandle, SpentToken, Tenant
from tests.conftest import NOW, Connect
from tests.embed import KID, OLD_KID, OLD_SECRET, SECRET, token, turn_on

MINUTE = 60


@pytest.fixture(autouse=True)
def embedding(clock: TimeMachineFixture, settings: Any, acme: Tenant) -> None:
    turn_on(settings)


def key_of(**other: Any) -> str:
    return embed_sessions.exchange(token(**other)).key


def refused(bad: str) -> str:
    """Under which code a token is refused."""
    with pytest.raises(Refused) as error:
        embed_sessions.exchange(bad)
    return error.value.code


# --- A token buys a session


def test_a_token_buys_a_session_for_its_tenant_and_an_hour(acme: Tenant, bolt: Tenant) -> None:
    admission = embed_sessions.exchange(token())
    assert (admission.guest.tenant, admission.guest.may_repair, admission.seconds) == (
        acme,
        True,
        3600,
    )
    assert embed_sessions.guest_of(admission.key) == admission.guest
    assert len(admission.key) >= 43
    assert embed_sessions.exchange(token(sub="bolt")).guest.tenant == bolt


def test_only_digests_are_stored() -> None:
    good = token(jti="the one")
    admission = embed_sessions.exchange(good)
    stored = repr([*EmbedSession.objects.values(), *SpentToken.objects.values()])
    assert not [secret for secret in (admission.key, good, "the one") if secret in stored]
    assert admission.key not in repr(admission.guest)


def test_the_scope_says_whether_the_guest_may_repair() -> None:
    scopes = (["view"], ["repair", "view"], ["view", "view"])
    assert [embed_sessions.exchange(token(scope=scope)).guest.may_repair for scope in scopes] == [
        False,
        True,
        False,
    ]


def test_both_secrets_hold_while_one_is_replaced(settings: Any) -> None:
    old = token({"kid": OLD_KID}, secret=OLD_SECRET)
    assert embed_sessions.exchange(old).key
    assert refused(token({"kid": OLD_KID}, secret=SECRET)) == "bad_signature"
    settings.EMBED_SECRETS = {KID: SECRET}
    assert refused(token({"kid": OLD_KID}, secret=OLD_SECRET)) == "unknown_key"


def test_a_token_buys_once_and_not_even_for_another_tenant(bolt: Tenant) -> None:
    good = token(jti="the one")
    embed_sessions.exchange(good)
    for again in (good, token(jti="the one", scope=["view"]), token(jti="the one", sub="bolt")):
        assert refused(again) == "token_spent"
    assert EmbedSession.objects.count() == SpentToken.objects.count() == 1


def test_a_token_for_nobody_is_not_spent() -> None:
    good = token(sub="new")
    with pytest.raises(UnknownTenant):
        embed_sessions.exchange(good)
    assert not SpentToken.objects.exists()
    Tenant.objects.create(name="New", origin_id="new")
    assert embed_sessions.exchange(good).guest.tenant.name == "New"


def test_a_spent_token_is_remembered_as_long_as_it_would_hold(
    clock: TimeMachineFixture,
) -> None:
    now = int(NOW.timestamp())
    good = token(iat=now + 30, exp=now + 330)
    embed_sessions.exchange(good)
    codes = []
    for _ in range(12):
        clock.shift(30)
        embed_sessions.prune(timezone.now())
        codes.append(refused(good))
    assert codes == ["token_spent"] * 11 + ["token_expired"]


@pytest.mark.parametrize(
    ("iat", "exp", "good"),
    [
        (0, 300, True),
        (30, 330, True),
        (31, 331, False),
        (-320, -20, True),
        (-330, -30, False),
        (0, 301, False),
    ],
)
def test_clocks_of_host_and_dashboard_may_differ_by_30_seconds(
    iat: int, exp: int, good: bool
) -> None:
    now = int(NOW.timestamp())
    made = token(iat=now + iat, exp=now + exp)
    if good:
        assert embed_sessions.exchange(made).key
    else:
        assert refused(made) in {"token_immature", "token_expired", "too_long"}


def test_more_in_a_token_is_no_harm() -> None:
    assert embed_sessions.exchange(
        token({"cty": "x"}, iss="host", name="Jo", nbf=int(NOW.timestamp()))
    ).key


def test_what_we_mint_is_a_good_token_with_the_first_secret(acme: Tenant, settings: Any) -> None:
    made = embed_sessions.mint("acme", ["view"])
    guest = embed_sessions.exchange(made).guest
    assert (guest.tenant, guest.may_repair) == (acme, False)
    assert embed_sessions.exchange(embed_sessions.mint("acme")).guest.may_repair
    settings.EMBED_SECRETS = {}
    with pytest.raises(StopIteration):
        embed_sessions.mint("acme")


# --- A session ends


def test_an_unused_session_ends_after_a_quarter_of_an_hour(
    clock: TimeMachineFixture,
) -> None:
    key = key_of()
    clock.shift(15 * MINUTE - 1)
    assert embed_sessions.guest_of(key)
    clock.shift(15 * MINUTE)
    assert embed_sessions.guest_of(key) is None


def test_a_session_that_is_used_ends_after_an_hour(clock: TimeMachineFixture) -> None:
    key = key_of()
    lives = []
    for _ in range(7):
        clock.shift(10 * MINUTE - 1)
        lives.append(bool(embed_sessions.guest_of(key)))
    assert lives == [True] * 6 + [False]


def test_the_last_use_is_written_down_once_a_minute(clock: TimeMachineFixture) -> None:
    key = key_of()
    noted = []
    for _ in range(5):
        clock.shift(25)
        embed_sessions.guest_of(key)
        noted.append(int((EmbedSession.objects.get().used_at - NOW).total_seconds()))
    assert noted == [0, 0, 75, 75, 75]


@pytest.mark.parametrize("key", ["", "x", "x" * 101, "None", "0" * 64])
def test_a_key_that_nobody_was_told_opens_nothing(key: str) -> None:
    key_of()
    assert [embed_sessions.guest_of(one) for one in (key, EmbedSession.objects.get().digest)] == [
        None,
        None,
    ]


@pytest.mark.parametrize("setting", ["EMBED_ORIGINS", "EMBED_SECRETS"])
def test_turning_it_off_ends_what_is_open(
    setting: str, invalid: Integration, settings: Any
) -> None:
    key, handle = key_of(), repair_handles.make(invalid, "reconnect")
    setattr(settings, setting, [])
    assert not embed_sessions.is_on()
    assert embed_sessions.guest_of(key) is None
    assert repair_handles.find(handle) is None


def test_one_tenants_sessions_are_revoked_and_their_ways_out(
    acme: Tenant, bolt: Tenant, connect: Connect, clock: TimeMachineFixture
) -> None:
    keys = {origin: [key_of(sub=origin) for _ in range(2)] for origin in ("acme", "bolt")}
    ways = {one.origin_id: repair_handles.make(connect(one), "reconnect") for one in (acme, bolt)}
    clock.shift(5)
    assert embed_sessions.revoke(acme) == 2
    alive = {
        origin: [bool(embed_sessions.guest_of(key)) for key in those]
        for origin, those in keys.items()
    }
    assert alive == {"acme": [False, False], "bolt": [True, True]}
    assert {origin: bool(repair_handles.find(way)) for origin, way in ways.items()} == {
        "acme": False,
        "bolt": True,
    }
    assert embed_sessions.revoke() == 2
    assert not EmbedSession.objects.exists()
    assert not RepairHandle.objects.exists()


def test_a_revoked_token_stays_spent() -> None:
    good = token()
    embed_sessions.exchange(good)
    embed_sessions.revoke()
    assert refused(good) == "token_spent"


# --- The way out of the frame


def used(handle: str) -> bool:
    found = repair_handles.find(handle)
    return bool(found and repair_handles.use(found))


def test_a_way_out_is_good_once(invalid: Integration) -> None:
    handle = repair_handles.make(invalid, "setup")
    found = repair_handles.find(handle)
    assert found
    assert (found.integration, found.act) == (invalid, "setup")
    assert repair_handles.find(handle, used=True) is None
    assert [repair_handles.use(found), repair_handles.use(found)] == [
        True,
        False,
    ]
    assert repair_handles.find(handle) is None
    assert repair_handles.find(handle, used=True) == found
    assert handle not in repr(RepairHandle.objects.values())


def test_what_did_not_begin_may_begin_again(invalid: Integration) -> None:
    handle = repair_handles.make(invalid, "reconnect")
    found = repair_handles.find(handle)
    assert found
    assert used(handle)
    repair_handles.renew(found)
    assert [used(handle), used(handle)] == [True, False]


def test_a_way_out_is_open_ten_minutes_and_its_repair_an_hour(
    invalid: Integration, clock: TimeMachineFixture
) -> None:
    late, begun = (repair_handles.make(invalid, "reconnect") for _ in range(2))
    clock.shift(10 * MINUTE - 1)
    assert repair_handles.find(late)
    assert used(begun)
    clock.shift(1)
    assert repair_handles.find(late) is None
    clock.shift(50 * MINUTE - 1)
    assert repair_handles.find(begun, used=True)
    clock.shift(1)
    assert repair_handles.find(begun, used=True) is None


def test_what_has_ended_is_forgotten_and_nothing_else(
    invalid: Integration, clock: TimeMachineFixture
) -> None:
    key_of()
    repair_handles.make(invalid, "reconnect")
    left = []
    for seconds in (6 * MINUTE, 1, 54 * MINUTE - 1, 1, 10 * MINUTE - 1, 1):
        clock.shift(seconds)
        now = timezone.now()
        gone = embed_sessions.prune(now) + repair_handles.prune(now)
        left.append(
            (
                gone,
                SpentToken.objects.count(),
                EmbedSession.objects.count(),
                RepairHandle.objects.count(),
            )
        )
    assert left == [
        (0, 1, 1, 1),
        (1, 0, 1, 1),
        (0, 0, 1, 1),
        (1, 0, 0, 1),
        (0, 0, 0, 1),
        (1, 0, 0, 0),
    ]


# --- A guest sees one tenant


@pytest.mark.parametrize("enter", [permissions.grant_access, permissions.integrations])
def test_a_guest_is_let_into_one_tenant(
    enter: Callable[..., Any], acme: Tenant, bolt: Tenant
) -> None:
    guest = Guest(pk="x", tenant=acme, may_repair=True)
    assert enter(guest, acme.public_id)
    for nowhere in (bolt.public_id, "AAAAAAAAAAAAAAAA", ""):
        with pytest.raises(Http404):
            enter(guest, nowhere)
    assert list(permissions.tenants_of(guest)) == [acme]


def test_a_guest_sees_the_integrations_of_that_tenant(
    acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    mine, theirs = connect(acme), connect(bolt)
    guest = Guest(pk="x", tenant=acme, may_repair=False)
    grant, found = permissions.integrations(guest, acme.public_id)
    assert (found, grant.may_repair, grant.as_guest, grant.as_staff) == ([mine], False, True, False)
    assert permissions.integration(guest, acme.public_id, mine.public_id)[1] == mine
    for tenant_id, integration_id in (
        (acme.public_id, theirs.public_id),
        (bolt.public_id, theirs.public_id),
        (bolt.public_id, mine.public_id),
    ):
        with pytest.raises(Http404):
            permissions.integration(guest, tenant_id, integration_id)
    assert [
        permissions.integration_by_any_id(acme, name)
        for name in (mine.public_id, mine.integration_id)
    ] == [
        mine,
        mine,
    ]
    for name in (theirs.public_id, theirs.integration_id, "", "\0"):
        with pytest.raises(Http404):
            permissions.integration_by_any_id(acme, name)


@pytest.mark.parametrize(
    "permission", ["integrations.view_tenant", "integrations.resume_integration"]
)
def test_a_guest_is_never_staff(acme: Tenant, permission: str) -> None:
    guest = Guest(pk="x", tenant=acme, may_repair=True)
    assert not permissions.sees_every_tenant(guest)
    assert not permissions.grant_access(guest, acme.public_id).may_resume
    with pytest.raises(Http404):
        permissions.require_staff(guest, permission)


def test_a_way_out_leads_to_its_integration_unless_withheld(invalid: Integration) -> None:
    handle = repair_handles.make(invalid, "reconnect")
    entered = permissions.by_repair_handle(handle)
    assert entered
    assert (entered[1].tenant, entered[1].may_repair, entered[2]) == (invalid.tenant, True, invalid)
    invalid.snapshot.origin_id = "somebody else"
    invalid.snapshot.save()
    assert permissions.by_repair_handle(handle) is None
    assert permissions.by_repair_handle("forged") is None

"""Two pairs of eyes: one of the staff asks, another one approves within a week."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access.audit import Act
from integrations.kombo.errors import AccessDenied, Unavailable
from integrations.models import AuditEntry, DisconnectRequest, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream.disconnecting import NotThere, UnderWay
from integrations.workspace import disconnect_requests
from integrations.workspace.disconnect_requests import LIVES, NotOpen, NotValid, OwnRequest
from tests.conftest import acting, allow

DELETE = ("DELETE", "/v1/integrations/{integration_id}")
WHY = "They left."


@pytest.fixture
def asker(amy: User) -> User:
    allow(amy, "disconnect_integration")
    return User.objects.get(pk=amy.pk)


@pytest.fixture
def asked(personio: Integration, asker: User) -> DisconnectRequest:
    return disconnect_requests.ask(personio, WHY, acting(asker))


def acts() -> list[tuple[str, str]]:
    found = AuditEntry.objects.filter(what__startswith="disconnect").order_by("pk")
    return [(one.what, one.actor) for one in found]


def test_another_one_approves_and_it_is_done(
    asked: DisconnectRequest, personio: Integration, root: User, kombo: Simulator
) -> None:
    assert disconnect_requests.open_of(personio) == asked
    assert disconnect_requests.waiting_for(root) == [asked]
    disconnect_requests.approve(personio, asked.pk, acting(root))
    assert Snapshot.objects.get(pk=personio.pk).removed_at
    asked.refresh_from_db()
    assert (asked.outcome, asked.ended_by) == ("approved", root)
    assert acts() == [
        (Act.DISCONNECT_REQUESTED, "amy"),
        (Act.DISCONNECT_APPROVED, "root"),
        (Act.DISCONNECT_BEGUN, "root"),
        (Act.DISCONNECTED, "root"),
    ]
    assert disconnect_requests.waiting_for(root) == []


def test_nobody_approves_their_own(
    asked: DisconnectRequest, personio: Integration, asker: User, kombo: Simulator
) -> None:
    assert disconnect_requests.waiting_for(asker) == []
    with pytest.raises(OwnRequest):
        disconnect_requests.approve(personio, asked.pk, acting(asker))
    assert kombo.calls[DELETE] == 0
    assert acts() == [(Act.DISCONNECT_REQUESTED, "amy")]


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"is_staff": False},
        {"deleted": True},
        {"permission": False},
        {"customer": False},
    ],
)
def test_who_may_not_ask_any_more_has_asked_for_nothing(
    change: dict[str, bool],
    asked: DisconnectRequest,
    personio: Integration,
    asker: User,
    root: User,
    kombo: Simulator,
) -> None:
    match next(iter(change)):
        case "deleted":
            asker.delete()
        case "permission":
            asker.user_permissions.clear()
        case "customer":
            Tenant.objects.update(owner=None)
        case name:
            User.objects.filter(pk=asker.pk).update(**{name: False})
    with pytest.raises(NotValid):
        disconnect_requests.approve(personio, asked.pk, acting(root))
    assert kombo.calls[DELETE] == 0


def test_after_a_week_it_is_too_late(
    asked: DisconnectRequest, personio: Integration, root: User, kombo: Simulator, asker: User
) -> None:
    DisconnectRequest.objects.update(requested_at=timezone.now() - LIVES)
    assert disconnect_requests.open_of(personio) is None
    with pytest.raises(NotOpen):
        disconnect_requests.approve(personio, asked.pk, acting(root))
    assert kombo.calls[DELETE] == 0
    new = disconnect_requests.ask(personio, WHY, acting(asker))
    assert new.pk != asked.pk
    asked.refresh_from_db()
    assert asked.outcome == "expired"


def test_it_is_withdrawn(
    asked: DisconnectRequest, personio: Integration, root: User, asker: User, kombo: Simulator
) -> None:
    disconnect_requests.withdraw(personio, asked.pk, acting(asker))
    assert disconnect_requests.open_of(personio) is None
    for act in (disconnect_requests.approve, disconnect_requests.withdraw):
        with pytest.raises(NotOpen):
            act(personio, asked.pk, acting(root))
    assert acts()[-1] == (Act.DISCONNECT_WITHDRAWN, "amy")
    assert kombo.calls[DELETE] == 0


def test_one_waits_at_a_time(
    asked: DisconnectRequest, personio: Integration, root: User, kombo: Simulator
) -> None:
    assert disconnect_requests.ask(personio, "Another reason", acting(root)) == asked
    assert DisconnectRequest.objects.count() == 1
    assert acts() == [(Act.DISCONNECT_REQUESTED, "amy")]


def test_what_kombo_declines_stays_open(
    asked: DisconnectRequest, personio: Integration, root: User, kombo: Simulator
) -> None:
    kombo.set_fault("key_revoked")
    with pytest.raises(AccessDenied):
        disconnect_requests.approve(personio, asked.pk, acting(root))
    assert disconnect_requests.open_of(personio) == asked


def test_while_nobody_knows_nothing_is_withdrawn_or_approved(
    asked: DisconnectRequest, personio: Integration, root: User, kombo: Simulator
) -> None:
    kombo.set_fault("truncated")
    with pytest.raises(Unavailable):
        disconnect_requests.approve(personio, asked.pk, acting(root))
    kombo.set_fault("none")
    for act in (disconnect_requests.approve, disconnect_requests.withdraw):
        with pytest.raises(UnderWay):
            act(personio, asked.pk, acting(root))
    assert kombo.calls[DELETE] == 1


def test_another_integrations_request_is_not_this_ones(
    asked: DisconnectRequest, personio: Integration, root: User, bolt: Tenant, connect: Any
) -> None:
    other = connect(bolt)
    for act in (disconnect_requests.approve, disconnect_requests.withdraw):
        with pytest.raises(NotOpen):
            act(other, asked.pk, acting(root))


def test_what_is_gone_waits_for_nothing(
    asked: DisconnectRequest, personio: Integration, root: User, asker: User, kombo: Simulator
) -> None:
    Snapshot.objects.update(removed_at=timezone.now())
    personio.snapshot.refresh_from_db()
    assert disconnect_requests.open_of(personio) is None
    assert disconnect_requests.waiting_for(root) == []
    with pytest.raises(NotThere):
        disconnect_requests.ask(personio, WHY, acting(asker))


def test_old_ones_are_forgotten(asked: DisconnectRequest) -> None:
    assert disconnect_requests.prune(timezone.now() - timedelta(days=1)) == 0
    assert disconnect_requests.prune(timezone.now() + timedelta(days=1)) == 1

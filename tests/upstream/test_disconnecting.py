"""An integration is disconnected once: on record before, true after, and never another one's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Act
from integrations.history import disconnections
from integrations.kombo.errors import AccessDenied, KomboError, Unavailable
from integrations.kombo.webhooks import Deleted
from integrations.models import (
    AuditEntry,
    DisconnectOutcome,
    Entry,
    Integration,
    Kind,
    Reminder,
    Snapshot,
    Source,
    Tenant,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import disconnecting, gateway, rate_limiter, snapshots
from integrations.upstream.disconnecting import NotThere, UnderWay
from integrations.webhooks import handlers
from tests.conftest import Connect, acting

DELETE = ("DELETE", "/v1/integrations/{integration_id}")


def row(integration: Integration) -> Snapshot:
    return Snapshot.objects.get(pk=integration.pk)


def attempts(integration: Integration) -> list[str]:
    """What came of each attempt, the latest first."""
    entries = Entry.objects.filter(integration=integration, kind=Kind.DISCONNECT)
    return [entry.data["outcome"] for entry in entries]


def acts() -> list[tuple[str, str]]:
    found = AuditEntry.objects.filter(what__startswith="disconnect").order_by("pk")
    return [(one.what, one.told.get("outcome", "")) for one in found]


def tell_deleted(integration: Integration) -> None:
    """Kombo's own webhook."""
    now = timezone.now()
    report = Deleted(integration_id=integration.integration_id, deleted_at=now)
    handlers.handle("production", report, now)


def check_later(integration: Integration, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """Check it when what came of an attempt must show."""
    Entry.objects.filter(kind=Kind.DISCONNECT).update(
        at=timezone.now() - disconnections.SETTLES - timedelta(seconds=1)
    )
    integration.snapshot = row(integration)
    return snapshots.revalidate(integration, by_person=True)


def test_it_is_gone_at_once_and_says_by_whom(
    personio: Integration, kombo: Simulator, alice: User
) -> None:
    before = timezone.now()
    assert disconnecting.disconnect(personio, by=acting(alice)) == DisconnectOutcome.DONE
    assert kombo.calls[DELETE] == 1
    assert kombo.details(personio.integration_id) is None
    gone = row(personio)
    assert gone.removed_at
    assert gone.removed_at >= before
    assert gone.repaired_at is None
    assert disconnections.of_removed([personio])[personio.pk].actor == alice
    assert attempts(personio) == [DisconnectOutcome.DONE]
    assert acts() == [(Act.DISCONNECT_BEGUN, ""), (Act.DISCONNECTED, "done")]
    state = Entry.objects.get(integration=personio, kind=Kind.STATE, what="removed")
    assert state.source == Source.PERSON


def test_it_is_on_record_before_kombo_is_asked(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def call(*_args: Any, **_terms: Any) -> None:
        seen.append((attempts(personio), acts(), row(personio).watch_until is not None))

    monkeypatch.setattr(gateway, "call", call)
    disconnecting.disconnect(personio, by=acting(alice))
    assert seen == [([DisconnectOutcome.STARTED], [(Act.DISCONNECT_BEGUN, "")], True)]


@pytest.mark.parametrize("fault", ["key_revoked", "forbidden", "rate_limited"])
def test_what_kombo_declines_changes_nothing(
    personio: Integration, kombo: Simulator, alice: User, fault: str
) -> None:
    kombo.set_fault(fault)
    with pytest.raises(KomboError):
        disconnecting.disconnect(personio, by=acting(alice))
    assert row(personio).removed_at is None
    assert attempts(personio) == [DisconnectOutcome.REFUSED]
    assert acts()[-1] == (Act.DISCONNECTED, "refused")
    kombo.set_fault("none")
    Upstream.objects.update(limited_until=None, failures=0, silent_until=None)
    disconnecting.disconnect(personio, by=acting(alice))
    assert row(personio).removed_at


def test_a_full_budget_sends_nothing(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: Any, **_terms: Any) -> None:
        raise gateway.CircuitOpen(retry_after=20)

    monkeypatch.setattr(gateway, "call", busy)
    with pytest.raises(gateway.CircuitOpen):
        disconnecting.disconnect(personio, by=acting(alice))
    assert attempts(personio) == [DisconnectOutcome.REFUSED]


def test_what_kombo_does_not_know_is_gone_already(
    personio: Integration, kombo: Simulator, alice: User
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    assert disconnecting.disconnect(personio, by=acting(alice)) == DisconnectOutcome.GONE
    assert row(personio).removed_at
    assert disconnections.of_removed([personio]) == {}, "she is not who did it"
    assert acts()[-1] == (Act.DISCONNECTED, "gone")
    with pytest.raises(NotThere):
        disconnecting.disconnect(personio, by=acting(alice))
    assert kombo.calls[DELETE] == 1


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "truncated", "html", "reset", "empty"])
def test_what_may_have_happened_is_not_sent_again(
    personio: Integration, kombo: Simulator, alice: User, root: User, fault: str
) -> None:
    kombo.set_fault(fault)
    with pytest.raises(Unavailable):
        disconnecting.disconnect(personio, by=acting(alice))
    kombo.set_fault("none")
    assert row(personio).removed_at is None
    assert row(personio).watch_until
    assert attempts(personio) == [DisconnectOutcome.UNCONFIRMED]
    for person in (alice, root):
        with pytest.raises(UnderWay):
            disconnecting.disconnect(personio, by=acting(person))
    assert kombo.calls[DELETE] == 1
    personio.snapshot = row(personio)
    assert disconnecting.under_way(personio)


def test_a_lost_answer_is_found_by_the_next_check(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kombo.set_fault("truncated")
    with pytest.raises(Unavailable):
        disconnecting.disconnect(personio, by=acting(alice))
    kombo.set_fault("none")
    personio.snapshot = row(personio)
    assert snapshots.revalidate(personio, by_person=True).removed_at
    assert attempts(personio) == [DisconnectOutcome.DONE]
    assert disconnections.of_removed([Integration.objects.get(pk=personio.pk)])


def test_after_a_check_that_finds_it_somebody_may_try_again(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kombo.set_fault("server_error")
    with pytest.raises(Unavailable):
        disconnecting.disconnect(personio, by=acting(alice))
    kombo.set_fault("none")
    personio.snapshot = row(personio)
    assert snapshots.revalidate(personio, by_person=True).removed_at is None
    with pytest.raises(UnderWay):  # it may be that Kombo is not done with it yet
        disconnecting.disconnect(personio, by=acting(alice))
    assert check_later(personio, monkeypatch).removed_at is None
    disconnecting.disconnect(personio, by=acting(alice))
    assert attempts(personio) == [DisconnectOutcome.DONE, DisconnectOutcome.REFUSED]
    assert kombo.calls[DELETE] == 2


def test_a_lie_of_kombos_is_found_out(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = kombo.details(personio.integration_id)
    assert details
    disconnecting.disconnect(personio, by=acting(alice))
    kombo.set_state(personio.integration_id, "restore")
    assert check_later(personio, monkeypatch).removed_at is None
    assert attempts(personio) == [DisconnectOutcome.REFUSED]
    kombo.set_state(personio.integration_id, "deleted")
    assert check_later(personio, monkeypatch).removed_at
    assert disconnections.of_removed([personio]) == {}, "this time it was not she"


@pytest.mark.parametrize("order", ["before", "after"])
def test_kombos_webhook_changes_nothing_of_it(
    order: str,
    personio: Integration,
    kombo: Simulator,
    alice: User,
    meanwhile: Callable[[Callable[[], object]], None],
) -> None:
    if order == "before":
        meanwhile(lambda: tell_deleted(personio))
    disconnecting.disconnect(personio, by=acting(alice))
    if order == "after":
        tell_deleted(personio)
    assert attempts(personio) == [DisconnectOutcome.DONE]
    assert Entry.objects.filter(integration=personio, what="removed").count() == 1
    personio.snapshot = row(personio)
    assert personio.snapshot.removed_at
    assert disconnections.of_removed([personio])[personio.pk].actor == alice


def test_a_webhook_tells_what_the_answer_did_not(
    personio: Integration, kombo: Simulator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gateway.call

    def call(*args: Any, **terms: Any) -> Any:
        kombo.set_fault("truncated")
        try:
            return real(*args, **terms)
        finally:
            tell_deleted(personio)

    monkeypatch.setattr(gateway, "call", call)
    assert disconnecting.disconnect(personio, by=acting(alice)) == DisconnectOutcome.DONE
    assert attempts(personio) == [DisconnectOutcome.DONE]


def test_an_answer_to_what_was_asked_before_brings_nothing_back(
    personio: Integration,
    kombo: Simulator,
    alice: User,
    meanwhile: Callable[[Callable[[], object]], None],
) -> None:
    meanwhile(lambda: disconnecting.disconnect(personio, by=acting(alice)))
    asked = Integration.objects.select_related("snapshot", "tenant").get(pk=personio.pk)
    assert snapshots.revalidate(asked, by_person=True).removed_at


def test_whats_waiting_for_the_customer_ends(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    assert Reminder.objects.filter(integration=invalid, ended_at=None).exists()
    disconnecting.disconnect(invalid, by=acting(alice))
    assert not Reminder.objects.filter(integration=invalid, ended_at=None).exists()
    assert invalid.incidents.get().ended_by == "removed"
    assert hand_offs.act_for(row(invalid)) == ""


def test_what_became_another_tenants_is_left_alone(
    personio: Integration,
    kombo: Simulator,
    alice: User,
    bolt: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = rate_limiter.wait_for_slot

    def move(*args: Any, **terms: Any) -> None:
        known = Integration.objects.get(pk=personio.pk)
        known.tenant = bolt
        known.save(update_fields=["tenant"])
        mapping.announce(known, left=personio.tenant)
        real(*args, **terms)

    monkeypatch.setattr(rate_limiter, "wait_for_slot", move)
    with pytest.raises(NotThere):
        disconnecting.disconnect(personio, by=acting(alice))
    monkeypatch.undo()
    assert kombo.calls[DELETE] == 0
    assert row(personio).removed_at is None
    with pytest.raises(NotThere):
        disconnecting.disconnect(personio, by=acting(alice))
    assert kombo.calls[DELETE] == 0


def test_what_is_withheld_is_left_alone(
    acme: Tenant, connect: Connect, kombo: Simulator, alice: User
) -> None:
    with pytest.raises(NotThere):
        disconnecting.disconnect(connect(acme, origin_id="bolt"), by=acting(alice))
    assert kombo.calls[DELETE] == 0


def test_what_stands_against_it_leaves_no_trace(
    personio: Integration, kombo: Simulator, alice: User
) -> None:
    def check() -> None:
        raise AccessDenied

    with pytest.raises(AccessDenied):
        disconnecting.disconnect(personio, by=acting(alice), check=check)
    assert (attempts(personio), acts(), kombo.calls[DELETE]) == ([], [], 0)

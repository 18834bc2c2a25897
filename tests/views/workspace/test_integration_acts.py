"""What account managers can do about one integration, and what is said and recorded of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import (
    NEVER,
    AuditEntry,
    Entry,
    Integration,
    Kind,
    Note,
    RateLimit,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, rate_limiter, snapshots
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import read, url_of
from tests.views.workspace.workbench import PERMITTED, acts, addresses, fact, look, problem

NOT_ASKED = (rate_limiter.RateLimitBusy(retry_after=2.0), gateway.CircuitOpen(retry_after=20.0))


def said(client: Client, made: Integration) -> list[str]:
    return [
        one.text
        for one in look(client, made).all("p", "class", "notice")
        if one["role"] == "status"
    ]


def test_only_what_is_permitted_and_possible_is_offered(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, broken: Integration
) -> None:
    fine, paused = connect(acme), connect(acme, state="inactive")
    switches = {"pause", "resume", "sync"}
    assert not addresses(look(permit(), fine)) & {"pause", "sync"}
    client = permit(*PERMITTED.values())
    assert addresses(look(client, fine)) & switches == {"pause", "sync"}
    assert addresses(look(client, broken)) & switches == {"pause"}
    assert "sync" not in addresses(look(client, paused))
    assert url_of("workspace_resume", paused) in {
        form["action"] for form in look(client, paused).all("form")
    }


@pytest.mark.parametrize("act", PERMITTED)
def test_what_is_not_permitted_is_not_there(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator, act: str
) -> None:
    made = connect(acme, state="inactive" if act == "workspace_resume" else "connected")
    client, before = permit(*set(PERMITTED.values()) - {PERMITTED[act]}), kombo.calls
    assert client.post(url_of(act, made)).status_code == 404
    assert (kombo.calls, acts()) == (before, [])


def test_an_integration_is_paused_and_resumed(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme)
    assert client.post(url_of("pause", made))["Location"] == url_of("workspace_integration", made)
    assert said(client, made) == [copy.PAUSED_KOMBO_SYNCS_NO_DATA]
    client.post(url_of("workspace_check", made))
    assert look(client, made).one("", "data-standing", "paused")
    assert client.post(url_of("workspace_resume", made)).status_code == 302
    client.post(url_of("workspace_check", made))
    assert look(client, made).one("", "data-standing", "connected")
    assert acts() == ["paused", "resumed"]


def test_pausing_takes_a_second_step(
    permit: Callable[..., Client], acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    page = look(permit(*PERMITTED.values()), made)
    form = next(form for form in page.all("form") if form["action"] == url_of("pause", made))
    assert any(one.tag == "details" and "open" not in one.attributes for one in form.ancestors)


def test_a_sync_is_queued_once(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, made = permit("sync_integration"), connect(acme)
    told = []
    for _ in range(2):
        client.post(url_of("sync", made))
        told += said(client, made)
    assert told == [copy.SYNC_QUEUED, copy.A_SYNC_IS_ALREADY_QUEUED]
    assert acts() == ["synced", "synced"]


@pytest.mark.parametrize(
    ("act", "state"),
    [("pause", "inactive"), ("workspace_resume", "connected"), ("sync", "invalid")],
)
def test_what_does_not_fit_the_state_is_refused_in_words(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    state: str,
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme, state=state)
    before = kombo.calls
    assert problem(client.post(url_of(act, made)), 409)
    assert kombo.calls == before


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("act", PERMITTED)
@pytest.mark.parametrize("fault", ["rate_limited", "key_revoked", "forbidden"])
def test_if_kombo_refuses_it_is_said_and_nothing_is_recorded(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    fault: str,
) -> None:
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    kombo.set_fault(fault)
    words = problem(client.post(url_of(act, made)), 409)
    assert words == copy.KOMBO_COULD_NOT_COMPLETE
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["truncated", "html", "server_error"])
@pytest.mark.parametrize(
    ("act", "what"), [("pause", "paused"), ("workspace_resume", "resumed"), ("sync", "synced")]
)
def test_what_kombo_may_have_done_is_said_recorded_and_checked(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    what: str,
    fault: str,
) -> None:
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    kombo.set_fault(fault)
    response = client.post(url_of(act, made))
    assert response.status_code == 409
    words = read(response).one("p", "data-problem").text
    assert words == copy.KOMBO_DID_NOT_CONFIRM
    told = [(one.what, one.actor, one.told) for one in AuditEntry.objects.all()]
    assert told == [(what, "amy", {"outcome": "unconfirmed"})]
    watched = Snapshot.objects.get(pk=made.pk)
    assert freshness.is_watched(watched, timezone.now())
    if fault == "truncated":  # and so it was
        kombo.set_fault("none")
        snapshots.revalidate(made, by_person=True)
        status = {"pause": "INACTIVE", "workspace_resume": "ACTIVE", "sync": "ACTIVE"}[act]
        assert Snapshot.objects.get(pk=made.pk).status == status


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("act", PERMITTED)
@pytest.mark.parametrize("error", NOT_ASKED)
def test_what_kombo_was_never_asked_is_not_recorded(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    act: str, error: Exception,
) -> None:  # fmt: skip
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    monkeypatch.setattr(rate_limiter, "wait_for_slot", Mock(side_effect=error))
    words = problem(client.post(url_of(act, made)), 409)
    assert words == copy.KOMBO_COULD_NOT_COMPLETE
    assert not freshness.is_watched(Snapshot.objects.get(pk=made.pk), timezone.now())


@pytest.mark.parametrize(("act", "times"), [("workspace_check", 6), ("pause", 10)])
def test_how_often_kombo_is_asked_is_bounded(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, act: str, times: int
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme)
    assert client.post(url_of(act, made)).status_code == 302
    assert RateLimit.objects.filter(count=1).update(count=times - 1) == 1
    assert [client.post(url_of(act, made)).status_code for _ in range(2)] == [302, 429]


def test_checking_asks_kombo_now(amys: Client, broken: Integration, kombo: Simulator) -> None:
    kombo.set_state(broken.integration_id, "connected")
    amys.post(url_of("workspace_check", broken))
    assert said(amys, broken) == [copy.CHECK_COMPLETE]
    assert look(amys, broken).one("", "data-standing", "connected")


def test_what_somebody_else_checks_is_not_said_to_be_checked(
    amys: Client, broken: Integration
) -> None:
    assert snapshots.take_lease(broken.snapshot)
    amys.post(url_of("workspace_check", broken))
    assert said(amys, broken) == [copy.A_CHECK_IS_ALREADY_RUNNING]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("error", NOT_ASKED)
def test_where_kombo_can_not_be_asked_the_worker_is_soon(
    amys: Client,
    broken: Integration,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    before = kombo.calls
    monkeypatch.setattr(rate_limiter, "wait_for_slot", Mock(side_effect=error))
    response = amys.post(url_of("workspace_check", broken))
    assert response.status_code == 302
    assert Snapshot.objects.get(pk=broken.pk).check_at == freshness.FIRST
    words = copy.KOMBO_RATE_LIMIT_IS_REACHED
    assert said(amys, broken) == [words]
    assert kombo.calls == before


def test_a_check_that_fails_is_said(amys: Client, broken: Integration, kombo: Simulator) -> None:
    kombo.set_fault("server_error")
    response = amys.post(url_of("workspace_check", broken))
    assert problem(response, 409) == copy.KOMBO_DID_NOT_RESPOND
    assert fact(read(response), "failure").startswith(copy.KOMBO_RETURNED_A_SERVER_ERROR)


@pytest.fixture
def noon(time_machine: TimeMachineFixture) -> datetime:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    return now


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ({"days": "1"}, datetime(2026, 11, 21, 12, 0, tzinfo=UTC)),
        ({"day": "2027-02-18"}, datetime(2027, 2, 18, tzinfo=UTC)),
        ({"days": "7"}, datetime(2026, 11, 27, 12, 0, tzinfo=UTC)),
        ({"day": "2026-11-21"}, datetime(2026, 11, 21, tzinfo=UTC)),
    ],
)
def test_it_is_snoozed_for_some_days_or_until_one(
    noon: datetime, amys: Client, broken: Integration, typed: dict[str, str], until: datetime
) -> None:
    assert amys.post(url_of("snooze", broken), typed).status_code == 302
    assert Summary.objects.get(pk=broken.pk).snoozed_until == until
    assert acts() == ["snoozed"]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"days": "2"},
        {"days": "x"},
        {"day": "2026-11-20"},
        {"day": "2027-02-19"},
        {"day": "soon"},
    ],
)
def test_a_day_that_can_not_be_is_refused_in_words(
    noon: datetime, amys: Client, broken: Integration, typed: dict[str, str]
) -> None:
    response = amys.post(url_of("snooze", broken), typed)
    assert response.status_code == 422
    if "day" in typed:
        field = read(response).one("input", "name", "day")
        assert (field["aria-invalid"], field["value"]) == ("true", typed["day"])
        assert read(response).all("ul", "class", "errorlist")
    assert (Summary.objects.get(pk=broken.pk).snoozed_until, acts()) == (None, [])


def test_a_snooze_is_ended(amys: Client, broken: Integration) -> None:
    amys.post(url_of("snooze", broken), {"days": "3"})
    assert "wake" in addresses(look(amys, broken))
    amys.post(url_of("wake", broken))
    page = look(amys, broken)
    assert {"snooze"} == addresses(page) & {"snooze", "wake"}
    assert acts() == ["snoozed", "woken"]


def test_what_works_is_not_snoozed(amys: Client, acme: Tenant, connect: Connect) -> None:
    fine = connect(acme)
    assert "snooze" not in addresses(look(amys, fine))
    assert (
        problem(amys.post(url_of("snooze", fine), {"days": "1"}), 409)
        == copy.ONLY_INTEGRATIONS_THAT_NEED_ATTENTION
    )


def test_that_the_customer_was_told_is_kept(amys: Client, broken: Integration) -> None:
    assert fact(look(amys, broken), "told") == copy.NOT_YET
    amys.post(url_of("mark_contacted", broken))
    assert Summary.objects.get(pk=broken.pk).contacted_at != NEVER
    assert fact(look(amys, broken), "told") != copy.NOT_YET
    assert acts() == ["announced"]


def test_a_note_is_kept(amys: Client, broken: Integration) -> None:
    assert (
        amys.post(url_of("note", broken), {"text": " They are moving to HiBob. "}).status_code
        == 302
    )
    note = look(amys, broken).one("li", "data-note").text
    assert note.endswith("amy They are moving to HiBob.")
    assert acts() == ["noted"]


def test_the_same_form_keeps_one_note_and_another_keeps_another(
    amys: Client, broken: Integration
) -> None:
    page = look(amys, broken)
    form = next(one for one in page.all("form") if one["action"] == url_of("note", broken))
    first = {"text": "x", "idempotency_key": form.one("input", "name", "idempotency_key")["value"]}
    assert (
        first["idempotency_key"]
        != look(amys, broken).all("input", "name", "idempotency_key")[-1]["value"]
    )
    assert amys.post(url_of("note", broken), first | {"text": ""}).status_code == 422, (
        "which uses nothing up"
    )
    for typed in (first, first):
        assert amys.post(url_of("note", broken), typed).status_code == 302
        assert said(amys, broken) == [copy.NOTE_SAVED]
    for _ in range(2):
        assert amys.post(url_of("note", broken), {"text": "x"}).status_code == 302
    assert acts() == ["noted"] * Note.objects.count() == ["noted"] * 3


def test_a_note_that_can_not_be_kept_stays_in_its_field(amys: Client, broken: Integration) -> None:
    for text in ("   ", "x" * 4001):
        response = amys.post(url_of("note", broken), {"text": text})
        assert response.status_code == 422
        field = read(response).one("textarea", "name", "text")
        assert field["aria-invalid"] == "true"
        assert field.text == text.strip()
    assert (Note.objects.count(), acts()) == (0, [])

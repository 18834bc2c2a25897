"""The clock was two hours ahead and is set right: nothing waits for it to catch up, and nothing is
shown as of an hour from now.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.access import embed_sessions, rate_limits, repair_handles
from integrations.domain import freshness
from integrations.mail import delivery, reminders
from integrations.models import (
    EmbedSession,
    Event,
    Integration,
    Logo,
    Mail,
    RepairAct,
    RepairHandle,
    Snapshot,
    Tenant,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.upstream import bulk_checks, gateway, logos, rate_limiter, snapshots
from integrations.webhooks import inbox
from tests.conftest import Connect
from tests.embed import turn_on
from tests.views.browsing import HTMX, read, url_of

RIGHT = datetime(2026, 11, 29, 12, tzinfo=UTC)
AHEAD = RIGHT + timedelta(hours=2)
DETAILS = ("GET", "/v1/integrations/{integration_id}")

type SetRight = Callable[[], None]


@pytest.fixture
def set_right(time_machine: TimeMachineFixture) -> SetRight:
    """The clock runs two hours ahead, until this is called."""
    time_machine.move_to(AHEAD, tick=False)
    return lambda: time_machine.move_to(RIGHT, tick=False)


@pytest.fixture
def made(set_right: SetRight, acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


def test_what_was_checked_in_the_future_is_stale(
    made: Integration, kombo: Simulator, set_right: SetRight
) -> None:
    set_right()
    before = kombo.calls[DETAILS]
    assert freshness.next_look(made.snapshot, timezone.now()) == 0.0
    assert snapshots.revalidate(made).fetched_at == RIGHT
    assert kombo.calls[DETAILS] == before + 1


def test_a_page_says_now_and_not_in_an_hour(
    made: Integration, alice: User, sign_in: Callable[[User], Client], set_right: SetRight
) -> None:
    set_right()
    client = sign_in(alice)
    assert read(client.get(url_of("integration", made))).one("time", "data-checked").text == "now"


def test_the_worker_checks_it_soon(made: Integration, set_right: SetRight) -> None:
    set_right()
    Snapshot.objects.filter(pk=made.pk).update(check_at=AHEAD + timedelta(minutes=15))
    assert worker.due("production") == []
    assert snapshots.check_what_waits_too_long() == 1
    assert [one.pk for one in worker.due("production")] == [made.pk]
    assert snapshots.check_what_waits_too_long() == 0


def test_what_waits_as_it_should_is_left_alone(
    acme: Tenant, connect: Connect, settings: Any
) -> None:
    now = timezone.now()
    usual, gone = connect(acme), connect(acme)
    longest = timedelta(seconds=settings.WORKER_MAX_AGE * 1.2)
    Snapshot.objects.filter(pk=usual.pk).update(check_at=now + longest)
    day = now + timedelta(hours=24)
    Snapshot.objects.filter(pk=gone.pk).update(check_at=day, removed_at=now)
    assert snapshots.check_what_waits_too_long() == 0


@pytest.mark.parametrize(
    "column", [{"lease": "lost", "lease_until": AHEAD}, {"retry_at": AHEAD, "failures": 0}]
)
def test_neither_a_lease_nor_a_pause_holds_for_ever(
    made: Integration, set_right: SetRight, column: dict[str, Any]
) -> None:
    set_right()
    Snapshot.objects.filter(pk=made.pk).update(check_at=RIGHT, **column)
    made.snapshot.refresh_from_db()
    assert [one.pk for one in worker.due("production")] == [made.pk]
    assert snapshots.take_lease(made.snapshot)
    Snapshot.objects.filter(pk=made.pk).update(**{"lease_until": None, **column})
    made.snapshot.refresh_from_db()
    assert snapshots.revalidate(made).fetched_at == RIGHT


def test_news_of_the_future_do_not_make_every_answer_old(
    made: Integration, set_right: SetRight
) -> None:
    Snapshot.objects.filter(pk=made.pk).update(outdated_at=AHEAD, status="INVALID")
    set_right()
    made.snapshot.refresh_from_db()
    now = snapshots.revalidate(made, by_person=True)
    assert (now.status, now.outdated_at) == ("ACTIVE", None)
    assert now.check_at > RIGHT


def test_a_repair_of_the_future_is_not_watched(made: Integration, set_right: SetRight) -> None:
    snapshots.watch(made)
    set_right()
    assert not freshness.is_watched(made.snapshot, timezone.now())


@pytest.mark.parametrize("column", ["limited_until", "silent_until"])
def test_no_pause_of_an_environment_outlasts_its_longest(
    made: Integration, set_right: SetRight, column: str
) -> None:
    Upstream.objects.update_or_create(pk="production", defaults={column: AHEAD, "failures": 9})
    set_right()
    assert gateway.pause_left("production") == 0.0
    (status,) = gateway.environment_statuses({}, timezone.now())
    assert status.silent_until is None
    assert gateway.call("production", lambda kombo: kombo.check_api_key())


def test_a_new_pause_counts_beside_one_of_the_future(
    made: Integration, set_right: SetRight
) -> None:
    Upstream.objects.update_or_create(pk="production", defaults={"limited_until": AHEAD})
    set_right()
    gateway._note_limit("production", 30)
    assert gateway.pause_left("production") == 30.0


def test_a_limit_is_spent_and_given_anew(db: None, set_right: SetRight) -> None:
    limit = rate_limits.Limit("test", times=2, seconds=60)
    assert [limit.spend("alice") for _ in range(2)] == [0, 0]
    assert limit.spend("alice") > 0
    set_right()
    assert [limit.spend("alice") for _ in range(2)] == [0, 0]
    assert 0 < limit.spend("alice") <= 60


def test_a_slot_of_the_future_is_not_slept_for(
    made: Integration, set_right: SetRight, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = rate_limiter.reserve_slot("production", patience=1.0)
    set_right()
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    rate_limiter.wait_for_slot("production", slot)
    assert slept == [rate_limiter.VIEWER_PATIENCE]


def test_an_event_is_tried_again(db: None, set_right: SetRight) -> None:
    told = {"environment": "production", "event_id": "1", "type": "x", "payload": "{}"}
    Event.objects.create(**told, received_at=AHEAD, due_at=AHEAD)
    set_right()
    assert inbox.retry_due() == 1


def test_a_mail_is_claimed_and_sent(acme: Tenant, set_right: SetRight) -> None:
    told = {"kind": "digest", "to": "a@b.example", "subject": "s", "text": "t", "html": "h"}
    Mail.objects.create(key="1", created_at=AHEAD, due_at=AHEAD, claimed_until=AHEAD, **told)
    set_right()
    assert delivery.send_due() == 1


def test_what_is_known_since_the_future_sends_no_reminder(
    made: Integration, set_right: SetRight
) -> None:
    assert reminders.is_recently_seen(made.snapshot, timezone.now())
    set_right()
    assert not reminders.is_recently_seen(made.snapshot, timezone.now())


def test_a_logo_is_fetched(db: None, set_right: SetRight) -> None:
    logo = Logo.objects.create(key="k", url="https://a.example/x.svg", retry_at=AHEAD)
    set_right()
    assert logos._claim(logo)


def test_sessions_and_handles_live_no_longer(
    made: Integration, set_right: SetRight, settings: Any
) -> None:
    turn_on(settings)
    key, tenant = "k" * 43, made.tenant
    digest = embed_sessions.digest(key)
    EmbedSession.objects.create(digest=digest, tenant=tenant, created_at=AHEAD, used_at=AHEAD)
    handle = repair_handles.make(made, RepairAct.RECONNECT)
    assert embed_sessions.guest_of(key)
    assert repair_handles.find(handle)
    set_right()
    assert embed_sessions.guest_of(key) is None
    assert repair_handles.find(handle) is None
    assert RepairHandle.objects.exists()


def test_a_bulk_check_does_not_count_what_was_seen_in_the_future(
    made: Integration, root: User, set_right: SetRight
) -> None:
    set_right()
    asked = bulk_checks.begin(root, [made])
    progress = bulk_checks.progress(root, asked.public_id)
    assert progress is not None
    assert (progress.done, progress.total) == (0, 1)


def test_a_poll_asks_at_once(
    made: Integration,
    alice: User,
    sign_in: Callable[[User], Client],
    kombo: Simulator,
    set_right: SetRight,
) -> None:
    set_right()
    before = kombo.calls[DETAILS]
    assert sign_in(alice).get(url_of("card", made), headers=HTMX).status_code == 200
    assert kombo.calls[DETAILS] == before + 1

"""Several workers at once, and workers that are killed at every point of a conversation with a real
mail server.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from integrations.mail import delivery
from integrations.models import HandOff, Integration, Mail, Reminder, Snapshot, Tenant
from tests.conftest import Connect
from tests.forking import PATIENCE
from tests.smtp_server import PostOffice, post_office
from tests.worker.processes import Start, starting, wait_until

pytestmark = pytest.mark.usefixtures("shared_database")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest.fixture
def start(
    shared_database: Mapping[str, str], office: PostOffice, tmp_path: Path
) -> Iterator[Start]:
    """Starts a worker that sends by the post office, and checks nothing."""
    environment = {
        **shared_database,
        "EMAIL_HOST": "127.0.0.1",
        "SITE_URL": "http://localhost",
        "EMAIL_PORT": str(office.port),
        "EMAIL_USE_TLS": "0",
        "REMINDER_QUIET_HOURS": "none",
    }
    with starting(tmp_path, environment) as start:
        yield start


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Callable[[int], list[Integration]]:
    """Makes so many integrations that are broken for two hours, and nobody was told."""

    def broken(number: int) -> list[Integration]:
        integrations = [connect(acme, state="invalid") for _ in range(number)]
        now = timezone.now()
        Reminder.objects.update(opened_at=now - timedelta(hours=2), next_at=now)
        Snapshot.objects.update(check_at=now + timedelta(minutes=15), logo=None)
        return integrations

    return broken


def end_claims() -> None:
    """Instead of waiting for the claims of the dead to end by themselves, and for the next
    attempt.
    """
    now = timezone.now()
    Mail.objects.filter(claimed_until__isnull=False).update(claimed_until=now)
    Mail.objects.filter(due_at__isnull=False).update(due_at=now)


def ids() -> list[str]:
    return sorted(mail.headers["Message-ID"] for mail in Mail.objects.all())


def test_two_workers_write_and_send_each_mail_once(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(9)
    for worker in [start("--once") for _ in range(2)]:
        worker.finish()
    assert (
        Mail.objects.count()
        == HandOff.objects.count()
        == Reminder.objects.filter(sent=1).count()
        == 9
    )
    assert sorted(office.taken.elements()) == ids()
    assert Mail.objects.filter(sent_at__isnull=False, attempts=1).count() == 9
    start("--once").finish()
    assert office.taken.total() == 9


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("point", ["connected", "taken", "data", "sender"])
def test_killed_in_a_conversation_a_worker_mails_nothing_twice(
    point: str, broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(3)
    office.hang(point)
    worker = start()
    assert office.reached.wait(PATIENCE), worker.log
    worker.kill()
    office.hang("")
    before = Mail.objects.filter(claimed_until__isnull=False)
    [held] = before
    end_claims()
    start("--once").finish()
    held.refresh_from_db()
    if point == "connected":  # nothing was handed over yet, so it is sent by the next
        assert held.sent_at
        assert sorted(office.taken.elements()) == ids()
    else:  # what was taken is not sent again, and nobody claims that it was sent
        assert (held.sent_at, held.due_at) == (None, None)
        assert held.handed_at
        others = [name for name in ids() if name != held.headers["Message-ID"]]
        arrived = [held.headers["Message-ID"]] if office.taken[held.headers["Message-ID"]] else []
        assert sorted(office.taken.elements()) == sorted(others + arrived)
        assert (point, bool(arrived)) != ("taken", False)
    assert max(office.taken.values()) == 1


@pytest.mark.exhaustive
def test_killed_at_any_moment_workers_send_nothing_twice(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(40)
    chance = random.Random(5)  # noqa: S311 - no secret
    for wanted in sorted(chance.sample(range(1, 36), 3)):
        workers = [start(), start()]
        wait_until(lambda wanted=wanted: office.taken.total() >= wanted)  # type: ignore[misc]
        for worker in workers:
            worker.kill()
        end_claims()
    start("--once").finish()
    assert (
        Mail.objects.count()
        == HandOff.objects.count()
        == Reminder.objects.filter(sent=1).count()
        == 40
    )
    assert max(office.taken.values()) == 1
    unclear = Mail.objects.filter(sent_at__isnull=True)
    assert unclear.count() <= 6  # one that each of the killed had in hand
    assert not unclear.filter(handed_at__isnull=True).exists()
    sent = {mail.headers["Message-ID"] for mail in Mail.objects.filter(sent_at__isnull=False)}
    assert sent <= set(office.taken)


def test_told_to_stop_a_worker_sends_the_mail_in_hand_alone(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(5)
    office.hang("taken")
    worker = start()
    assert office.reached.wait(PATIENCE), worker.log
    worker.process.send_signal(signal.SIGTERM)
    time.sleep(1.5)  # so that it has been told, however busy the machine is
    office.hang("")
    assert worker.process.wait(seconds=5) == 0
    assert office.taken.total() == Mail.objects.filter(sent_at__isnull=False).count() == 1
    assert (
        Mail.objects.filter(due_at__isnull=False, handed_at=None, claimed_until=None).count() == 4
    )


def test_a_slow_mail_server_holds_up_nothing_else(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(6)
    office.hang("taken")
    worker = start()
    assert office.reached.wait(PATIENCE), worker.log
    broken(1)
    wait_until(lambda: Mail.objects.count() == 7)
    assert office.taken.total() < 6


def test_a_mail_server_that_hangs_delays_and_doubles_nothing(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(2)
    office.hang("taken")
    start("--once", MAIL_PATIENCE="1.5").finish()
    assert office.taken.total() == Mail.objects.filter(error="broken_off").count() == 2
    office.hang("")
    end_claims()
    start("--once").finish()
    assert office.taken.total() == 2


def test_a_refusal_of_one_address_holds_up_no_other(
    broken: Callable[[int], list[Integration]], start: Start, office: PostOffice
) -> None:
    broken(2)
    office.refusing = "550 nobody here"
    start("--once").finish()
    assert (
        Mail.objects.filter(
            error="refused 550", due_at__isnull=True, handed_at__isnull=True
        ).count()
        == 2
    )
    assert delivery.MOST_ATTEMPTS > 1
    assert not office.taken

"""Time that passes for a worker who checks, writes and sends mails, and what comes of it."""

from datetime import UTC, datetime, timedelta

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.mail import delivery, reminders
from integrations.models import Integration, Mail, Snapshot
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Days:
    """Lets time pass while a worker works; hours count from noon of the first day."""

    def __init__(self, clock: TimeMachineFixture, kombo: Simulator) -> None:
        self._clock, self._kombo = clock, kombo
        self.now = NOON
        clock.move_to(NOON, tick=False)

    def work(self) -> None:
        """What the worker does in a moment."""
        self.check()
        while reminders.work_due() + delivery.send_due():
            continue

    def check(self) -> None:
        """Ask Kombo about what is due."""
        for one in worker.due("production"):
            if lease := snapshots.claim(one.snapshot):
                snapshots.fetch(one, lease)

    def pass_to(self, after: timedelta, *, step: timedelta = 10 * M) -> None:
        """Let it be so long after noon; the worker looks at every full step on the way."""
        while self.now < NOON + after:
            self.now = min(NOON + ((self.now - NOON) // step + 1) * step, NOON + after)
            self._clock.move_to(self.now, tick=False)
            self.work()

    def skip_to(self, after: timedelta) -> None:
        """Let it be so long after noon; nobody worked on the way."""
        self.now = NOON + after
        self._clock.move_to(self.now, tick=False)

    def become(self, integration: Integration, state: str) -> None:
        """Kombo says now that the integration is in this state, and we hear of it."""
        self._kombo.set_state(integration.integration_id, state)
        integration.snapshot = Snapshot.objects.get(pk=integration.pk)
        integration.snapshot = snapshots.revalidate(integration, by_person=True)
        self.work()


def sent() -> list[EmailMultiAlternatives]:
    """The mails that were sent, in their order."""
    return list(getattr(mail, "outbox", []))


def times() -> list[timedelta]:
    """How long after noon of the first day each was sent."""
    return [at - NOON for at in Mail.objects.order_by("sent_at").values_list("sent_at", flat=True) if at]


def texts() -> list[str]:
    return [str(one.body) for one in sent()]


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, mimetype)] = message.alternatives
    assert mimetype == "text/html"
    return str(content)

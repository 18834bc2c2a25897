"""Time that passes for a worker who checks, writes and sends mails, and what comes of it."""

import copy
from datetime import UTC, datetime, timedelta

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.mail import delivery, reminders
from integrations.models import Integration, Mail, Reminder, Snapshot
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TIMES = {"fetched_at", "check_at"}
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Days:
    """Lets time pass while a worker works; hours count from noon of the first day."""

    idle = 10 * D
    """The longest time without a look, while there is nothing to write or to send."""

    def __init__(self, clock: TimeMachineFixture, kombo: Simulator) -> None:
        self._clock, self._kombo = clock, kombo
        self._seen: dict[int, object] = {}
        """What Kombo said of each integration, and what its snapshot was made of it."""
        self.now = NOON
        clock.move_to(NOON, tick=False)

    def work(self) -> None:
        """What the worker does in a moment."""
        self.check()
        while reminders.take_due_steps() + delivery.send_due():
            continue

    def check(self) -> None:
        """Ask Kombo about what is due. Where all is as it was, that leaves only another time."""
        for one in worker.due("production"):
            if self._seen.get(one.pk) == self._all_of(one):
                looked = Snapshot.objects.filter(pk=one.pk)
                wait = F("check_at") - F("fetched_at")
                looked.update(fetched_at=timezone.now(), check_at=timezone.now() + wait)
            elif lease := snapshots.take_lease(one.snapshot):
                snapshots.fetch(one, lease)
                self._seen[one.pk] = self._all_of(one)

    def _all_of(self, integration: Integration) -> object:
        """What Kombo would say, and what we know."""
        [row] = Snapshot.objects.filter(pk=integration.pk).values()
        known = {name: value for name, value in row.items() if name not in TIMES}
        store, name = self._kombo.world.store, integration.integration_id
        is_well = store.fault_for(name) == "none" and not row["failures"]
        return (known, copy.deepcopy(self._kombo.details(name))) if is_well else object()

    def pass_to(self, after: timedelta, *, step: timedelta = 10 * M) -> None:
        """Let it be so long after noon; the worker looks at the full steps on the way at which
        something is due.
        """
        while self.now < NOON + after:
            next_step = NOON + ((self.now - NOON) // step + 1) * step
            due_step = NOON - (NOON - self._due()) // step * step
            self.now = min(max(next_step, due_step), NOON + after)
            self._clock.move_to(self.now, tick=False)
            self.work()

    def _due(self) -> datetime:
        """When there may be something to do again: a check alone, of an integration that is well,
        does nothing.
        """
        if Snapshot.objects.filter(failures__gt=0).exists():
            return self.now
        steps = Reminder.objects.filter(ended_at=None, next_at__isnull=False).values_list(
            "next_at", flat=True
        )
        mails = Mail.objects.filter(due_at__isnull=False).values_list("due_at", "claimed_until")
        free = [max(filter(None, instants)) for instants in mails]
        return min([*filter(None, steps), *free, self.now + self.idle])

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
    return [
        at - NOON for at in Mail.objects.order_by("sent_at").values_list("sent_at", flat=True) if at
    ]


def texts() -> list[str]:
    return [str(one.body) for one in sent()]


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, mimetype)] = message.alternatives
    assert mimetype == "text/html"
    return str(content)

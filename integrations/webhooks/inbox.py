"""The inbox of Kombo's webhooks: each event is stored once, worked at once if that goes well, else
again later.

Storing and working are one transaction, so what was answered with a 2xx is kept whatever dies next.
A fault of our own in working an event undoes that work alone: the event stays, and is tried again
with growing waits.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from integrations import counters
from integrations.domain.backoff import backoff
from integrations.domain.clock import is_over
from integrations.kombo import webhooks
from integrations.models import Event
from integrations.webhooks import handlers

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=1)


class TooOld(webhooks.BadEvent):
    """An event from before the retention, which may have been handled and forgotten."""


def receive(environment: str, body: bytes, *, of_any_age: bool = False) -> Event | None:
    """Store an event whose signature was checked, and work it.

    None if it is known already. Raises BadEvent, and TooOld for what could have been forgotten:
    nobody knows whether it was told before. `of_any_age` is for a past that is made up.
    """
    report = webhooks.parse(body)
    now = timezone.now()
    happened = webhooks.time_of(report.report)
    oldest = now - timedelta(days=settings.EVENT_RETENTION_DAYS)
    if happened and happened < oldest and not of_any_age:
        raise TooOld
    stored = False
    try:
        with transaction.atomic():
            event = Event.objects.create(
                environment=environment,
                event_id=report.id,
                type=report.type,
                payload=webhooks.kept(report),
                received_at=now,
                due_at=now,
            )
            stored = True
            _work(event, report.report, now)
    except IntegrityError:
        if stored:
            raise
        counters.EVENTS.add(environment, "repeated")
        return None
    _count(event, happened)
    return event


def replay(event: Event) -> bool:
    """Work an event that failed, now.

    Return whether it went well; true too if it was worked meanwhile.
    """
    with transaction.atomic():
        locked = (
            Event.objects.select_for_update().filter(pk=event.pk, worked_at__isnull=True).first()
        )
        if locked is None:
            return True
        try:
            report = webhooks.parse(locked.payload.encode()).report
        except webhooks.BadEvent as error:  # an older version of ours took it
            _note_failure(locked, error, timezone.now())
        else:
            _work(locked, report, timezone.now())
            _count(locked, webhooks.time_of(report))
        return locked.worked_at is not None


def retry_due(*, limit: int = 100) -> int:
    """Try again what has failed and is due. Return how many events were tried."""
    is_due = is_over("due_at", timezone.now(), at_most=LAST_RETRY)
    due = list(unhandled().filter(is_due, due_at__isnull=False).order_by("due_at")[:limit])
    for event in due:
        replay(event)
    return len(due)


def unhandled() -> QuerySet[Event]:
    """Events that have not had their effect yet."""
    return Event.objects.filter(worked_at__isnull=True).order_by("-received_at")


def of_integration(integration_id: int) -> QuerySet[Event]:
    """What Kombo told of an integration, the latest first, without what it said."""
    return (
        Event.objects.filter(integration=integration_id)
        .order_by("-received_at", "-pk")
        .defer("payload")
    )


def latest_by_environment() -> dict[str, datetime]:
    """When each environment's last event came."""
    return dict(Event.objects.order_by().values_list("environment").annotate(Max("received_at")))


def prune(*, worked_before: datetime, failed_before: datetime) -> int:
    """Forget events received before an instant: those that had their effect, and those that never
    had. Return how many.
    """
    worked = Q(received_at__lt=worked_before, worked_at__isnull=False)
    failed = Q(received_at__lt=failed_before, worked_at__isnull=True)
    return Event.objects.filter(worked | failed).delete()[0]


def _work(event: Event, report: webhooks.Report | None, now: datetime) -> None:
    """Let an event have its effect within the caller's transaction, or note that it failed."""
    try:
        with transaction.atomic():
            event.integration = handlers.handle(event.environment, report, now) if report else None
    except Exception as error:
        _note_failure(event, error, now)
    else:
        event.worked_at = now
        event.due_at = None
        event.error = ""
        event.save(update_fields=["integration", "worked_at", "due_at", "error"])


def _count(event: Event, happened: datetime | None) -> None:
    """Count an event that was worked, or has failed."""
    counters.EVENTS.add(event.environment, "processed" if event.worked_at else "failed")
    if event.worked_at:
        lag = event.worked_at - (happened or event.received_at)
        counters.EVENT_LAG.observe(event.environment, seconds=lag.total_seconds())


def _note_failure(event: Event, error: Exception, now: datetime) -> None:
    logger.error("Event %s (%s) could not be worked", event.pk, event.type, exc_info=error)
    event.attempts += 1
    event.error = type(error).__name__
    event.due_at = now + backoff(event.attempts, first=FIRST_RETRY, longest=LAST_RETRY)
    event.save(update_fields=["attempts", "error", "due_at"])

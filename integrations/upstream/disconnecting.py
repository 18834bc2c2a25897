"""Disconnecting an integration for good, once: on record before Kombo is asked, and true after.

Nobody sends a second DELETE for one whose effect is not known: only after a check that began later
still finds the integration may somebody set out again. So a kill between any two steps leaves an
attempt that the next check, or Kombo's own webhook, brings to its end.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from integrations.access import audit, mapping_guard
from integrations.access.audit import Act, Actor
from integrations.history import disconnections
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, NotFound
from integrations.models import DisconnectOutcome, Entry, Integration, Snapshot, Source
from integrations.upstream import gateway, repairs, snapshot_locks, snapshots
from integrations.upstream.snapshot_updates import mark_deleted

# Source: https://docs.kombo.dev/hris/features/deletion-policy
KEPT_BY_KOMBO = timedelta(days=14)

logger = logging.getLogger(__name__)


class UnderWay(Exception):
    """Somebody asked Kombo to disconnect it, and nobody knows yet what came of it."""


class NotThere(Exception):
    """It is gone already, or is not what somebody looked at any more."""


def disconnect(
    integration: Integration, *, by: Actor, check: Callable[[], None] = lambda: None
) -> DisconnectOutcome:
    """Have Kombo delete an integration, because somebody says so.

    `check` raises what stands against it, under the lock and before anything is on record.
    Return DONE, or GONE if Kombo did not know it any more: it is removed either way. Raises
    KomboError, UnderWay, NotThere; of a KomboError `repairs.may_have_happened` tells whether
    nothing changed.
    """
    attempt = _claim(integration, by, check)

    def ask(kombo: Kombo) -> None:
        # It may have begun anew while we queued for a slot: what is not ours is left alone.
        if not _is_same(integration):
            raise NotThere
        kombo.delete(integration.integration_id)

    try:
        gateway.call(integration.environment, ask, by_person=True, tenant=integration.tenant_id)
    except NotFound:
        return _settle(integration, attempt, DisconnectOutcome.GONE, by)
    except KomboError as error:
        is_open = repairs.may_have_happened(error)
        outcome = DisconnectOutcome.UNCONFIRMED if is_open else DisconnectOutcome.REFUSED
        logger.warning("Integration %s not disconnected: %s", integration.public_id, error.kind)
        if not _note(integration, attempt, outcome, by) and disconnections.is_done(attempt):
            return DisconnectOutcome.DONE  # a webhook was quicker than the answer that failed
        raise
    return _settle(integration, attempt, DisconnectOutcome.DONE, by)


def under_way(integration: Integration) -> Entry | None:
    """Return the attempt of which nobody knows yet what came of it, with who made it."""
    return (
        None if integration.snapshot.removed_at else disconnections.under_way(integration.snapshot)
    )


def _claim(integration: Integration, by: Actor, check: Callable[[], None]) -> Entry:
    """Become the one who asks Kombo, and have it looked at often from now on."""
    with transaction.atomic():
        row = snapshot_locks.locked(integration.pk)
        if row is None or row.removed_at or not _is_same(integration):
            raise NotThere
        if mapping_guard.is_withheld(integration, row):
            raise NotThere
        if disconnections.under_way(row):
            raise UnderWay
        check()
        attempt = disconnections.begin(integration, by.user)
        audit.record(by, Act.DISCONNECT_BEGUN, integration=integration)
        snapshots.watch(integration, is_repair=False)
    return attempt


def _is_same(integration: Integration) -> bool:
    """Return whether it is still the tenant's and what Kombo calls so."""
    names = ("tenant_id", "environment", "integration_id")
    known = {name: getattr(integration, name) for name in names}
    return Integration.objects.filter(pk=integration.pk, **known).exists()


def _settle(
    integration: Integration, attempt: Entry, outcome: DisconnectOutcome, by: Actor
) -> DisconnectOutcome:
    """Store that it is gone: at once for everybody, and with who did it."""
    now = timezone.now()
    with transaction.atomic():
        snapshot_locks.lock([integration.pk])
        _note(integration, attempt, outcome, by)
        # Not what has taken its place meanwhile, which has another row.
        if _is_same(integration) and Snapshot.objects.filter(pk=integration.pk).exists():
            with snapshots.amend(integration, at=now, source=Source.PERSON) as row:
                mark_deleted(row, now, now)
            integration.snapshot = row
    return outcome


def _note(integration: Integration, attempt: Entry, outcome: DisconnectOutcome, by: Actor) -> bool:
    """Put on record how an attempt ended; return whether that was not known yet."""
    with transaction.atomic():
        is_news = disconnections.finish(attempt, outcome)
        audit.record(by, Act.DISCONNECTED, integration=integration, outcome=outcome)
    return is_news

"""Keeping what Kombo said: fresh for a while, then shown while exactly one caller asks again.

Who asks is decided by a lease taken with one conditional UPDATE, which holds across processes and
databases alike. The lease ends by itself, so a process that dies with it delays nobody for longer.
`fetched_at` is when a fetch *began*: whatever happens during the call leaves the row stale, never
falsely fresh.

Nobody else writes a snapshot. What follows from a change is told by an event in its transaction.
"""

import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import CASCADE, Q
from django.db.models.deletion import get_candidate_relations_to_delete
from django.utils import timezone

from integrations import logs
from integrations.domain import events
from integrations.domain.accounts import Account, account_of
from integrations.domain.clock import SKEW, is_over
from integrations.domain.events import SnapshotChanged
from integrations.domain.freshness import (
    FIRST,
    WATCH,
    WATCHED_MAX_AGE,
    in_need,
    is_due,
    is_leased,
    tried_at,
)
from integrations.domain.freshness import LEASE as LEASE
from integrations.domain.headline import key_of
from integrations.history import record as history_record
from integrations.kombo.errors import KomboError, NotFound
from integrations.models import Integration, Snapshot, Source
from integrations.upstream import accounts, gateway, issues, snapshot_locks
from integrations.upstream.rate_limiter import VIEWER_PATIENCE, RateLimitBusy
from integrations.upstream.snapshot_updates import (
    apply_details,
    longest_wait,
    mark_failed,
    mark_not_asked,
    mark_removed,
)

logger = logging.getLogger(__name__)

_META: Any = Integration._meta
_NAMING = ("issue_title", "open_issues", "former_account")  # texts that may name somebody
BATCH = 500  # rows to lock at once: SQLite takes only so many parameters
MOST_CHECKS = 4  # for one look at many: a viewer costs the same however many they have


def create(integration: Integration, **known: str) -> Snapshot:
    """Make the row that will hold what Kombo says of an integration, if there is none, and return
    it. Its tool and category, and the tool's label, may be known before Kombo is asked.
    """
    integration.snapshot = Snapshot.objects.get_or_create(known, integration=integration)[0]
    return integration.snapshot


def create_all(integrations: Iterable[Integration]) -> None:
    """Make these rows for integrations that have none yet, in bulk."""
    Snapshot.objects.bulk_create(
        [Snapshot(integration=integration) for integration in integrations], batch_size=1000
    )


def reset(integration_ids: Collection[int]) -> None:
    """Forget all that is known of integrations: each is another one now, or another tenant's.

    Whatever points to one is deleted or let go of, as if it were deleted itself: what a model that
    comes later has to say of it, its foreign key says. Call under the locks.
    """
    ids = sorted(integration_ids)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        relation: Any
        for relation in get_candidate_relations_to_delete(_META):
            name = relation.field.name
            rows = relation.related_model._base_manager.filter(**{f"{name}__in": batch})
            if relation.on_delete is CASCADE:
                rows.delete()
            else:
                rows.update(**{name: None})
        Snapshot.objects.bulk_create([Snapshot(integration_id=pk) for pk in batch])


def naming(email: str) -> list[int]:
    """Return the integrations whose snapshot holds somebody's address, by primary key."""
    named = Q(creator_email__iexact=email)
    for name in _NAMING:
        named |= Q((f"{name}__icontains", email))
    rows = Snapshot.objects.filter(named)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def forget(integration_ids: Iterable[int], redact: Callable[[str], str]) -> None:
    """Take somebody's address out of what Kombo said, until Kombo says it again."""
    for pk in integration_ids:
        with amend(Integration(pk=pk), at=timezone.now(), source=Source.PERSON) as row:
            for column in ("creator_email", *_NAMING):
                setattr(row, column, redact(getattr(row, column)))


def revalidate_some(integrations: Iterable[Integration]) -> None:
    """Revalidate the few of these that need it most, and take no longer than one call may."""
    due = in_need(integrations, attrgetter("snapshot"), timezone.now())
    until = time.monotonic() + VIEWER_PATIENCE  # for the slots of all; the last one may be slow
    for integration in due[:MOST_CHECKS]:
        if (left := until - time.monotonic()) <= 0:
            break
        before = integration.snapshot
        integration.snapshot = revalidate(integration, patience=left)
        if integration.snapshot.retry_at and tried_at(integration.snapshot) == tried_at(before):
            break  # nobody was asked, for want of a slot: there is none for the next one either


def revalidate(
    integration: Integration, *, by_person: bool = False, patience: float = VIEWER_PATIENCE
) -> Snapshot:
    """Ask Kombo if the snapshot is stale and nobody else is asking; answer what is stored
    afterwards.

    `by_person` asks even if it is fresh or an earlier attempt failed a moment ago; `patience` is
    for how many seconds it may queue. Never raises for Kombo's sake.
    """
    if integration.snapshot._state.adding:  # made by other means than ours, and never asked for
        create(integration)
    snapshot = integration.snapshot
    now = timezone.now()
    if is_leased(snapshot, now) if by_person else not is_due(snapshot, now):
        return snapshot
    if lease := take_lease(snapshot):
        with logs.about(integration=integration.public_id):
            fetch(integration, lease, by_person=by_person, patience=patience)
    # Gone, if it was deleted meanwhile.
    return Snapshot.objects.filter(pk=snapshot.pk).first() or snapshot


def take_lease(snapshot: Snapshot) -> str:
    """Try to become the one caller.

    Return the lease, or an empty text: somebody else was quicker.
    """
    lease = secrets.token_hex(8)
    now = timezone.now()
    free = is_over("lease_until", now, at_most=LEASE)
    # Nobody may have stored anything since we looked, else there is nothing left to ask.
    unchanged = (
        Q(fetched_at=snapshot.fetched_at) if snapshot.fetched_at else Q(fetched_at__isnull=True)
    )
    won = Snapshot.objects.filter(
        free, unchanged, pk=snapshot.pk, failures=snapshot.failures
    ).update(lease=lease, lease_until=now + LEASE)
    return lease if won else ""


def fetch(
    integration: Integration,
    lease: str,
    *,
    by_person: bool = False,
    slot: datetime | None = None,
    patience: float = VIEWER_PATIENCE,
) -> None:
    """Ask Kombo under a lease and store what came of it. Never raises for Kombo's sake.

    A call without a slot of its own counts against the integration's tenant.
    """
    began = timezone.now()
    try:
        details = gateway.call(
            integration.environment,
            lambda kombo: kombo.details(integration.integration_id),
            by_person=by_person,
            slot=slot,
            tenant=None if slot else integration.tenant_id,
            patience=patience,
        )
    except (RateLimitBusy, gateway.CircuitOpen) as error:
        _store(integration, lease, partial(mark_not_asked, error=error), began)
    except NotFound:
        _store(integration, lease, partial(mark_removed, began=began), began)
    except KomboError as error:
        logger.warning(
            "Integration %s not checked: %s %s", integration.public_id, error.kind, error.code or ""
        )
        _store(integration, lease, partial(mark_failed, error=error), began)
    else:
        _store(integration, lease, partial(apply_details, details=details, began=began), began)


def request_check(integration_ids: Collection[int]) -> None:
    """Have the worker check integrations before all others, within its budget."""
    rows = Snapshot.objects.filter(pk__in=integration_ids)
    # A fetch that is under way does not count.
    rows.update(check_at=FIRST, retry_at=None, outdated_at=timezone.now())


def check_soon(snapshot: Snapshot) -> None:
    """Have the worker look by now.

    What is due already keeps its place, else whoever asks every few minutes is the last for ever.
    """
    now = timezone.now()
    Snapshot.objects.filter(pk=snapshot.pk, check_at__gt=now).update(check_at=now)


def check_what_waits_too_long() -> int:
    """Have the worker look by now at what it would look at later than it ever should, as after the
    clock was set back. Return how many.
    """
    now = timezone.now()
    late = Snapshot.objects.filter(check_at__gt=now + longest_wait(removed=False) + SKEW)
    later = late.filter(removed_at__isnull=True) | late.filter(
        check_at__gt=now + longest_wait(removed=True) + SKEW
    )
    return later.update(check_at=now)


def watch(
    integration: Integration,
    *,
    signed_in: bool = False,
    is_repair: bool = True,
    account: Account | None = None,
) -> None:
    """Look often for a minute, because a repair was just made, or something else that shows soon;
    `signed_in` if Kombo confirmed a new sign-in, and by which account.
    """
    now = timezone.now()
    with amend(integration, at=now, source=Source.PERSON) as row:
        row.watch_until = now + WATCH
        if is_repair:
            row.repaired_at = now
            row.has_no_settings = False
        row.retry_at = None
        row.check_at = now + WATCHED_MAX_AGE
        if signed_in:
            issues.mark_sign_in_settled(row, now)
        accounts.take(row, account or account_of(row), now)
    integration.snapshot = row


@contextmanager
def amend(integration: Integration, *, at: datetime, source: Source) -> Iterator[Snapshot]:
    """Change a snapshot under its row's lock; only what was changed is written.

    What becomes of the headline goes into the history, as of `at`. Raises Snapshot.DoesNotExist.
    """
    with transaction.atomic():
        row = snapshot_locks.locked(integration.pk)
        if row is None:
            raise Snapshot.DoesNotExist
        before = dict(row.__dict__)
        key = key_of(row)
        yield row
        # A deferred column that nobody touched is in neither.
        columns = [(field.name, field.attname) for field in Snapshot._meta.concrete_fields]
        changed = [
            name for name, attname in columns if row.__dict__.get(attname) != before.get(attname)
        ]
        if changed:
            since = history_record.observe(
                row, key, at=at, source=source, checked_at=before["fetched_at"]
            )
            if since is not None:
                changed.append("trouble_since")
            row.save(update_fields=changed)
            events.publish(SnapshotChanged(row, frozenset(changed), since))


def _store(
    integration: Integration, lease: str, change: Callable[[Snapshot], None], at: datetime
) -> None:
    """Write under the lease we took; if it ran out and another holds it, our answer is too old to
    count.
    """
    with suppress(Snapshot.DoesNotExist), amend(integration, at=at, source=Source.CHECK) as row:
        if row.lease == lease:
            row.lease = ""
            row.lease_until = None
            change(row)

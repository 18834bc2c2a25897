"""Keeping what Kombo said: fresh for a while, then shown while exactly one caller asks again.

Who asks is decided by a lease taken with one conditional UPDATE, which holds across processes and databases alike.
The lease ends by itself, so a process that dies with it delays nobody for longer. `fetched_at` is when a fetch
*began*: whatever happens during the call leaves the row stale, never falsely fresh.

Nobody else writes a snapshot. What follows from a change is told by an event, within the same transaction.
"""

import hashlib
import logging
import random
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.domain import coverage, events
from integrations.domain.events import SnapshotChanged
from integrations.domain.freshness import FIRST_RETRY, LAST_RETRY, WATCHED_MAX_AGE, is_fresh, is_leased, is_outdated
from integrations.domain.headline import Severity, key_of, severity_of
from integrations.history import record as history_record
from integrations.kombo.errors import KomboError, NotFound
from integrations.kombo.schema import Details, encode_coverage
from integrations.models import Integration, Kind, Snapshot, Source, Tenant
from integrations.upstream import coverage_profiles, gateway, issues, logos
from integrations.upstream.gateway import Silenced
from integrations.upstream.rate_limiter import Busy

logger = logging.getLogger(__name__)

BATCH = 500  # rows to lock at once: SQLite takes only so many parameters
LEASE = timedelta(seconds=6)  # a little more than a turn of the budget and a whole call to Kombo may take
WATCH = timedelta(minutes=1)  # after a repair, Kombo's status may lag
FIRST = datetime(1970, 1, 1, tzinfo=UTC)  # due before whatever is due since yesterday
REMOVED_MAX_AGE = 24 * 3600  # seconds: for what is gone the worker looks once a day


def create(integration: Integration) -> Snapshot:
    """Make the row that will hold what Kombo says of an integration, if there is none, and return it."""
    integration.snapshot = Snapshot.objects.get_or_create(integration=integration)[0]
    return integration.snapshot


def create_all(integrations: Iterable[Integration]) -> None:
    """Make these rows for integrations that have none yet, in bulk."""
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in integrations], batch_size=1000)


def reset(integration: Integration) -> None:
    """Forget what Kombo said: another integration of Kombo's is in this one's place."""
    Snapshot.objects.filter(integration=integration).delete()
    create(integration)


def lock(integration_ids: Collection[int]) -> None:
    """Take the lock of these integrations' snapshots, as `amend` does before it writes anything else.

    Whoever writes what follows from snapshots, or a tenant, within a transaction begins with it, in the order of
    the keys, so that no two wait for each other.
    """
    ids = sorted(integration_ids)
    for start in range(0, len(ids), BATCH):
        rows = Snapshot.objects.select_for_update().filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        list(rows.values_list("pk", flat=True))


def locked(integration_id: int) -> Snapshot | None:
    """Return a snapshot without its grid, under its row's lock; None if there is none."""
    return Snapshot.objects.select_for_update().defer("coverage").filter(pk=integration_id).first()


def lock_tenants(tenants: Iterable[Tenant]) -> None:
    """Take the lock of the snapshots of all integrations of tenants."""
    lock(integrations_of(tenants))


def integrations_of(tenants: Iterable[Tenant]) -> list[int]:
    """Return the primary keys of all integrations of tenants."""
    found = [tenant.pk for tenant in tenants]
    return [
        pk
        for start in range(0, len(found), BATCH)
        for pk in Integration.objects.filter(tenant__in=found[start : start + BATCH]).values_list("pk", flat=True)
    ]


def revalidate(integration: Integration, *, by_person: bool = False) -> Snapshot:
    """Ask Kombo if the snapshot is stale and nobody else is asking; answer what is stored afterwards.

    `by_person` asks even if it is fresh or an earlier attempt failed a moment ago. Never raises for Kombo's sake.
    """
    if integration.snapshot._state.adding:  # made by other means than ours, and never asked for
        create(integration)
    snapshot, now = integration.snapshot, timezone.now()
    waits = snapshot.retry_at is not None and snapshot.retry_at > now
    if is_leased(snapshot, now) or (not by_person and (is_fresh(snapshot, now) or waits)):
        return snapshot
    if lease := claim(snapshot):
        fetch(integration, lease, by_person=by_person)
    return Snapshot.objects.filter(pk=snapshot.pk).first() or snapshot  # gone, if it was deleted meanwhile


def claim(snapshot: Snapshot) -> str:
    """Try to become the one caller. Answers the lease, or an empty text: somebody else was quicker."""
    lease, now = secrets.token_hex(8), timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    # Nobody may have stored anything since we looked, else there is nothing left to ask.
    unchanged = Q(fetched_at=snapshot.fetched_at) if snapshot.fetched_at else Q(fetched_at__isnull=True)
    won = Snapshot.objects.filter(free, unchanged, pk=snapshot.pk, failures=snapshot.failures).update(
        lease=lease, lease_until=now + LEASE
    )
    return lease if won else ""


def fetch(integration: Integration, lease: str, *, by_person: bool = False, turn: datetime | None = None) -> None:
    """Ask Kombo under a lease and store what came of it. Never raises for Kombo's sake."""
    began = timezone.now()
    try:
        details = gateway.call(
            integration.environment,
            lambda kombo: kombo.details(integration.integration_id),
            by_person=by_person,
            turn=turn,
        )
    except (Busy, Silenced) as error:
        _store(integration, lease, partial(_silenced, error=error), began)
    except NotFound:
        _store(integration, lease, partial(_removed, began=began), began)
    except KomboError as error:
        logger.warning("Integration %s not checked: %s %s", integration.public_id, error.kind, error.code or "")
        _store(integration, lease, partial(_failed, error=error), began)
    else:
        _store(integration, lease, partial(take, details=details, began=began), began)


def ask_soon(integration_ids: Collection[int]) -> None:
    """Have the worker check integrations before all others, within its budget."""
    now = timezone.now()  # a fetch that is under way does not count
    Snapshot.objects.filter(pk__in=integration_ids).update(check_at=FIRST, retry_at=None, outdated_at=now)


def check_soon(snapshot: Snapshot) -> None:
    """Have the worker look by now.

    What is due already keeps its place, else whoever asks every few minutes is the last for ever.
    """
    now = timezone.now()
    Snapshot.objects.filter(pk=snapshot.pk, check_at__gt=now).update(check_at=now)


def watch(integration: Integration, *, signed_in: bool = False) -> None:
    """Look often for a minute, because a repair was just made; `signed_in` if Kombo confirmed a new sign-in."""
    now = timezone.now()
    with amend(integration, at=now, source=Source.PERSON) as row:
        row.watch_until, row.retry_at, row.check_at = now + WATCH, None, now + WATCHED_MAX_AGE
        if signed_in:
            issues.settle_sign_in(row, now)
    integration.snapshot = row


def take(row: Snapshot, details: Details, began: datetime) -> None:
    """Take over what Kombo answered to a fetch that began at an instant. The caller saves."""
    before = [getattr(row, name) for name in _TELLING]
    row.category, row.beta, row.logo = str(details.category), details.beta, logos.register(details.tool)
    row.tool_id, row.tool_label = details.tool.id, details.tool.label.strip() or details.tool.id
    row.internal_label = details.tool.internal_label or ""
    row.organization_name = details.end_user.organization_name
    row.creator_email, row.origin_id = details.end_user.creator_email or "", details.end_user.origin_id or ""
    row.scope_name = (details.scope_config.name if details.scope_config else None) or ""
    row.connected_at = details.created_at
    if row.outdated_at is None or row.outdated_at < began:  # else a webhook that came meanwhile knows better
        _take_status(row, details, began)
    _take_data_expiry(row, details.data_expired_at)
    _take_coverage(row, details, began)
    row.fetched_at = began
    if before != [getattr(row, name) for name in _TELLING]:
        row.watch_until = None  # the repair shows: no need to look often any more
    _settle(row)


@contextmanager
def amend(integration: Integration, *, at: datetime, source: Source) -> Iterator[Snapshot]:
    """Change a snapshot under its row's lock; only what was changed is written.

    What becomes of the headline goes into the history, as of `at`. Raises Snapshot.DoesNotExist.
    """
    with transaction.atomic():
        row = locked(integration.pk)
        if row is None:
            raise Snapshot.DoesNotExist
        before, key = dict(row.__dict__), key_of(row)
        yield row
        # A deferred column that nobody touched is in neither.
        columns = [(field.name, field.attname) for field in Snapshot._meta.concrete_fields]
        changed = [name for name, attname in columns if row.__dict__.get(attname) != before.get(attname)]
        if changed:
            row.save(update_fields=changed)
            since = history_record.observe(row, key, at=at, source=source)
            events.publish(SnapshotChanged(row, frozenset(changed), since))


def _store(integration: Integration, lease: str, change: Callable[[Snapshot], None], at: datetime) -> None:
    """Write under the lease we took; if it ran out and another holds it, our answer is too old to count."""
    with suppress(Snapshot.DoesNotExist), amend(integration, at=at, source=Source.CHECK) as row:
        if row.lease == lease:
            row.lease, row.lease_until = "", None
            change(row)


def _removed(row: Snapshot, began: datetime) -> None:
    row.removed_at = row.removed_at or began
    row.fetched_at, row.watch_until = began, None
    _settle(row)


def _failed(row: Snapshot, error: KomboError) -> None:
    now = timezone.now()
    wait = min(max(FIRST_RETRY * 2 ** min(row.failures, 8), error.retry_after or 0.0), LAST_RETRY)
    row.failures += 1
    row.retry_at, row.error_at = now + timedelta(seconds=wait), now
    row.error_kind, row.error_code, row.error_log_url = error.kind, error.code or "", error.log_url or ""
    worker_wait = max(wait, FIRST_RETRY * 2 ** min(row.failures, 16))
    row.check_at = now + timedelta(seconds=min(worker_wait, settings.WORKER_MAX_AGE))


def _silenced(row: Snapshot, error: KomboError) -> None:
    """Nobody asked, so what failed before is still what failed; a full budget is no failure at all."""
    now = timezone.now()
    row.retry_at = now + timedelta(seconds=min(max(error.retry_after or 0.0, 1.0), LAST_RETRY))
    if not isinstance(error, Busy):
        row.error_kind, row.error_at = row.error_kind or error.kind, row.error_at or now


# A repair has shown when one of these is another than before.
_TELLING = ("status", "setup_status", "data_expired_at", "coverage_digest")


def _take_status(row: Snapshot, details: Details, began: datetime) -> None:
    status = str(details.status)
    since = row.sign_in_failing_since
    if status == "INVALID" or (status == "ACTIVE" and since and since < began - issues.BELIEVED_FOR):
        issues.settle_sign_in(row, began)
    if status != row.status or row.removed_at:
        row.status_since = began
    row.status, row.setup_status, row.removed_at = status, str(details.setup_status), None


def _take_data_expiry(row: Snapshot, expired_at: datetime | None) -> None:
    if expired_at and row.fetched_at and expired_at != row.data_expired_at:
        history_record.record(row.pk, Kind.SETTINGS, "changed", Source.CHECK, at=min(expired_at, timezone.now()))
    row.data_expired_at = expired_at


def _take_coverage(row: Snapshot, details: Details, began: datetime) -> None:
    stored = encode_coverage(details).decode()
    digest = hashlib.blake2s(stored.encode(), digest_size=8).hexdigest()
    if digest == row.coverage_digest:
        return
    grid = cache(lambda: coverage.build(details))  # most that are new to us have a grid that we know
    if row.coverage_digest:
        changes = coverage.changes(coverage.read(row.coverage), grid())
        if changes:
            history_record.record_coverage(row.pk, changes, began)
            row.coverage_changed_at = began
    coverage_profiles.keep(digest, grid)
    row.coverage, row.coverage_digest = stored, digest


def _settle(row: Snapshot) -> None:
    """Kombo answered: no failure is left, and the worker comes again in its own time."""
    row.failures, row.retry_at = 0, None
    row.error_kind = row.error_code = row.error_log_url = ""
    row.error_at = None
    age = 0.0 if is_outdated(row) else _worker_age(row)  # what came up during the fetch is worth another
    row.check_at = timezone.now() + timedelta(seconds=age)


def _worker_age(row: Snapshot) -> float:
    """Seconds until the worker looks again: sooner in trouble, rarely when removed, spread so that no waves form."""
    age = float(settings.WORKER_MAX_AGE)
    if row.removed_at:
        age = max(age, REMOVED_MAX_AGE)
    elif severity_of(key_of(row)) is not Severity.OK:
        age /= 3
    return age * random.uniform(0.8, 1.2)  # noqa: S311 - no secret

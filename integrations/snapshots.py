"""Keeping what Kombo said: fresh for a while, then shown while exactly one caller asks again.

Who asks is decided by a lease taken with one conditional UPDATE, which holds across processes and databases alike.
The lease ends by itself, so a process that dies with it delays nobody for longer. `fetched_at` is when a fetch
*began*: whatever happens during the call leaves the row stale, never falsely fresh.
"""

import hashlib
import logging
import random
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations import environments, logos
from integrations.kombo.errors import KomboError, NotFound
from integrations.kombo.schema import Details, encode_coverage
from integrations.models import Integration, Snapshot

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)  # a little more than a whole call to Kombo may take
WATCH = timedelta(minutes=1)  # after a repair, Kombo's status may lag
WATCHED_MAX_AGE = timedelta(seconds=2)
FIRST_RETRY, LAST_RETRY = 5.0, 60.0  # seconds between attempts that fail


def is_fresh(snapshot: Snapshot, now: datetime) -> bool:
    """Young enough to be shown without asking again."""
    max_age = WATCHED_MAX_AGE if is_watched(snapshot, now) else timedelta(seconds=settings.SNAPSHOT_MAX_AGE)
    return snapshot.fetched_at is not None and now - snapshot.fetched_at < max_age


def is_watched(snapshot: Snapshot, now: datetime) -> bool:
    """A repair was made less than a minute ago and does not show yet."""
    return snapshot.watch_until is not None and snapshot.watch_until > now


def is_leased(snapshot: Snapshot, now: datetime) -> bool:
    """Somebody is asking Kombo right now."""
    return snapshot.lease_until is not None and snapshot.lease_until > now


def is_failing(snapshot: Snapshot) -> bool:
    """The latest attempt to ask failed; what is shown is older than we would like."""
    return bool(snapshot.error_kind)


def next_look(snapshot: Snapshot, now: datetime) -> float:
    """Seconds after which a page should look at this snapshot again."""
    if is_leased(snapshot, now):
        return 2.0
    if snapshot.retry_at and snapshot.retry_at > now:
        return min(LAST_RETRY, max(FIRST_RETRY, (snapshot.retry_at - now).total_seconds()))
    if is_watched(snapshot, now) and snapshot.fetched_at:
        return max(0.3, (snapshot.fetched_at + WATCHED_MAX_AGE - now).total_seconds())
    if snapshot.fetched_at is None:
        return 0.0
    left = settings.SNAPSHOT_MAX_AGE - (now - snapshot.fetched_at).total_seconds()
    # Spread, so that cards loaded together do not ask together for ever.
    return max(left, 1.5) * random.uniform(1.0, 1.2)  # noqa: S311 - no secret


def revalidate(integration: Integration, *, by_person: bool = False) -> Snapshot:
    """Ask Kombo if the snapshot is stale and nobody else is asking; answer what is stored afterwards.

    `by_person` asks even if it is fresh or an earlier attempt failed a moment ago. Never raises for Kombo's sake.
    """
    snapshot, began = integration.snapshot, timezone.now()
    waits = snapshot.retry_at is not None and snapshot.retry_at > began
    if is_leased(snapshot, began) or (not by_person and (is_fresh(snapshot, began) or waits)):
        return snapshot
    lease = _take_lease(snapshot, began)
    if lease:
        try:
            details = environments.call(
                integration.environment, lambda kombo: kombo.details(integration.integration_id), by_person=by_person
            )
        except NotFound:
            _store(snapshot, lease, _removed(began))
        except environments.Silenced as error:
            _store(snapshot, lease, _silenced(error))
        except KomboError as error:
            _store(snapshot, lease, _failed(snapshot, error))
            logger.warning("Integration %s not checked: %s %s", integration.public_id, error.kind, error.code or "")
        else:
            _store(snapshot, lease, _fetched(snapshot, details, began))
    return Snapshot.objects.filter(pk=snapshot.pk).first() or snapshot  # gone, if it was deleted meanwhile


def watch(integration: Integration, *, signed_in: bool = False) -> None:
    """Look often for a minute, because a repair was just made; `signed_in` if Kombo confirmed a new sign-in."""
    snapshot = integration.snapshot
    snapshot.watch_until, snapshot.retry_at = timezone.now() + WATCH, None
    if signed_in:
        snapshot.sign_in_failing_since = None
    snapshot.save(update_fields=["watch_until", "retry_at", "sign_in_failing_since"])


def _take_lease(snapshot: Snapshot, now: datetime) -> str:
    """Try to become the one caller. Answers the lease, or an empty text: somebody else was quicker."""
    lease = secrets.token_hex(8)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    # Nobody may have stored anything since we looked, else there is nothing left to ask.
    unchanged = Q(fetched_at=snapshot.fetched_at) if snapshot.fetched_at else Q(fetched_at__isnull=True)
    won = Snapshot.objects.filter(free, unchanged, pk=snapshot.pk, failures=snapshot.failures).update(
        lease=lease, lease_until=now + LEASE
    )
    return lease if won else ""


def _store(snapshot: Snapshot, lease: str, changes: dict[str, Any]) -> None:
    """Write under the lease we took; if it ran out and another holds it, our answer is too old to count."""
    Snapshot.objects.filter(pk=snapshot.pk, lease=lease).update(lease="", lease_until=None, **changes)


_NO_ERROR: dict[str, Any] = {
    "failures": 0,
    "retry_at": None,
    "error_kind": "",
    "error_code": "",
    "error_log_url": "",
    "error_at": None,
}


def _removed(began: datetime) -> dict[str, Any]:
    return {"removed_at": Coalesce(F("removed_at"), Value(began)), "fetched_at": began, "watch_until": None} | _NO_ERROR


def _failed(snapshot: Snapshot, error: KomboError) -> dict[str, Any]:
    wait = max(FIRST_RETRY * 2 ** min(snapshot.failures, 8), error.retry_after or 0.0)
    now = timezone.now()
    return {
        "failures": F("failures") + 1,
        "retry_at": now + timedelta(seconds=min(wait, LAST_RETRY)),
        "error_kind": error.kind,
        "error_code": error.code or "",
        "error_log_url": error.log_url or "",
        "error_at": now,
    }


def _silenced(error: KomboError) -> dict[str, Any]:
    """Nobody asked, so what failed before is still what failed."""
    now = timezone.now()
    return {
        "retry_at": now + timedelta(seconds=min(error.retry_after or FIRST_RETRY, LAST_RETRY)),
        "error_kind": Case(When(error_kind="", then=Value(error.kind)), default=F("error_kind")),
        "error_at": Coalesce(F("error_at"), Value(now)),
    }


def _fetched(snapshot: Snapshot, details: Details, began: datetime) -> dict[str, Any]:
    coverage = encode_coverage(details).decode()
    changes: dict[str, Any] = {
        "status": str(details.status),
        "setup_status": str(details.setup_status),
        "category": str(details.category),
        "tool_id": details.tool.id,
        "tool_label": details.tool.label.strip() or details.tool.id,
        "internal_label": details.tool.internal_label or "",
        "logo": logos.register(details.tool),
        "beta": details.beta,
        "organization_name": details.end_user.organization_name,
        "creator_email": details.end_user.creator_email or "",
        "origin_id": details.end_user.origin_id or "",
        "scope_name": (details.scope_config.name if details.scope_config else None) or "",
        "connected_at": details.created_at,
        "data_expired_at": details.data_expired_at,
        "coverage": coverage,
        "coverage_digest": hashlib.blake2s(coverage.encode(), digest_size=8).hexdigest(),
        "fetched_at": began,
        "removed_at": None,
        "status_since": Case(
            When(status=str(details.status), removed_at__isnull=True, then=F("status_since")), default=Value(began)
        ),
    }
    if any(changes[name] != getattr(snapshot, name) for name in _TELLING):
        changes["watch_until"] = None  # the repair shows: no need to look often any more
    return changes | _NO_ERROR


# A repair has shown when one of these is another than before.
_TELLING = ("status", "setup_status", "data_expired_at", "coverage_digest")

"""What an answer of Kombo's, or none, changes in a snapshot's row.

The caller holds the lock, and saves.
"""

import hashlib
import random
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from integrations.domain import coverage, coverage_changes
from integrations.domain.accounts import Account
from integrations.domain.backoff import backoff
from integrations.domain.clock import SKEW
from integrations.domain.freshness import (
    FIRST_RETRY,
    LAST_RETRY,
    is_outdated,
)
from integrations.domain.headline import Severity, key_of, severity_of
from integrations.history import grids
from integrations.history import record as history_record
from integrations.kombo.errors import KomboError
from integrations.kombo.schema import Details, ScopeConfig, encode_coverage
from integrations.models import Kind, Snapshot, Source
from integrations.upstream import accounts, coverage_profiles, issues, logos
from integrations.upstream.rate_limiter import RateLimitBusy

_FIRST_RETRY = timedelta(seconds=FIRST_RETRY)
_LAST_RETRY = timedelta(seconds=LAST_RETRY)
REMOVED_MAX_AGE = 24 * 3600  # seconds: for what is gone the worker looks once a day
SPREAD = 0.2  # of each wait of the worker's, so that no waves form
# A repair has shown when one of these is another than before.
_SHOWS_A_REPAIR = ("status", "setup_status", "data_expired_at", "coverage_digest")


def apply_details(row: Snapshot, details: Details, began: datetime) -> None:
    """Take over what Kombo answered to a fetch that began at an instant. The caller saves."""
    before = [getattr(row, name) for name in _SHOWS_A_REPAIR]
    row.category = str(details.category)
    row.beta = details.beta
    row.logo = logos.register(details.tool)
    row.tool_id = details.tool.id
    row.tool_label = details.tool.label.strip() or details.tool.id
    row.internal_label = details.tool.internal_label or ""
    end_user = details.end_user
    named = (end_user.organization_name, end_user.creator_email or "", end_user.origin_id or "")
    accounts.take(row, Account(*named), began)
    _take_scope(row, details.scope_config)
    row.connected_at = details.created_at
    _forget_future_news(row)
    # Else a webhook that came meanwhile knows better.
    if row.outdated_at is None or row.outdated_at < began:
        _take_status(row, details, began)
    _take_data_expiry(row, details.data_expired_at)
    _take_coverage(row, details, began)
    row.fetched_at = began
    if before != [getattr(row, name) for name in _SHOWS_A_REPAIR]:
        row.watch_until = None  # the repair shows: no need to look often any more
    _mark_answered(row)


def mark_removed(row: Snapshot, began: datetime) -> None:
    _forget_future_news(row)
    row.removed_at = row.removed_at or began
    row.fetched_at = began
    row.watch_until = None
    _mark_answered(row)


def mark_deleted(row: Snapshot, at: datetime, now: datetime) -> None:
    """Kombo deleted it at an instant; the next check is to confirm it. Answers to what was asked
    before tell nothing any more.
    """
    row.removed_at = row.removed_at or at
    row.outdated_at = row.check_at = now
    row.watch_until = None


def mark_failed(row: Snapshot, error: KomboError) -> None:
    now = timezone.now()
    row.failures += 1
    asked_for = timedelta(seconds=min(error.retry_after or 0.0, LAST_RETRY))
    wait = max(backoff(row.failures, first=_FIRST_RETRY, longest=_LAST_RETRY), asked_for)
    row.retry_at = now + wait
    row.error_at = now
    row.error_kind = error.kind
    row.error_code = error.code or ""
    row.error_log_url = error.log_url or ""
    # The worker, which has others to look at, waits longer than a viewer.
    longest = timedelta(seconds=settings.WORKER_MAX_AGE)
    worker_wait = backoff(row.failures + 1, first=_FIRST_RETRY, longest=longest)
    row.check_at = now + min(max(wait, worker_wait), longest)


def mark_not_asked(row: Snapshot, error: KomboError) -> None:
    """Nobody asked, so what failed before is still what failed; a full budget is no failure at
    all.
    """
    now = timezone.now()
    row.retry_at = now + timedelta(seconds=min(max(error.retry_after or 0.0, 1.0), LAST_RETRY))
    if not isinstance(error, RateLimitBusy):
        row.error_kind = row.error_kind or error.kind
        row.error_at = row.error_at or now


def _take_status(row: Snapshot, details: Details, began: datetime) -> None:
    status = str(details.status)
    since = row.sign_in_failing_since
    if status == "INVALID" or (
        status == "ACTIVE" and since and since < began - issues.BELIEVED_FOR
    ):
        issues.mark_sign_in_settled(row, began)
    if status != row.status or row.removed_at:
        row.status_since = began
    row.status = status
    row.setup_status = str(details.setup_status)
    row.removed_at = None


def _take_scope(row: Snapshot, scope: ScopeConfig | None) -> None:
    before = row.scope_id
    row.scope_id = scope.id if scope else ""
    row.scope_name = (scope.name if scope else None) or ""
    if row.scope_id != before:
        row.has_no_settings = False


def _take_data_expiry(row: Snapshot, expired_at: datetime | None) -> None:
    if expired_at and row.fetched_at and expired_at != row.data_expired_at:
        history_record.add_entry(
            row.pk, Kind.SETTINGS, "changed", Source.CHECK, at=min(expired_at, timezone.now())
        )
        row.has_no_settings = False
    row.data_expired_at = expired_at


def _take_coverage(row: Snapshot, details: Details, began: datetime) -> None:
    stored = encode_coverage(details).decode()
    digest = hashlib.blake2s(stored.encode(), digest_size=8).hexdigest()
    if digest == row.coverage_digest:
        return
    # Most that are new to us have a grid that we know.
    grid = cache(lambda: coverage.build(details))
    grids.record(row, digest, began)
    if row.coverage_digest:
        changes = coverage_changes.changes(coverage.read(row.coverage), grid())
        if changes:
            history_record.record_coverage(row.pk, changes, began)
            row.coverage_changed_at = began
    coverage_profiles.ensure(digest, grid)
    row.coverage = stored
    row.coverage_digest = digest


def _forget_future_news(row: Snapshot) -> None:
    """News of a clock that ran ahead are older than the answer, which else would never count."""
    if row.outdated_at and row.outdated_at > timezone.now() + SKEW:
        row.outdated_at = None


def _mark_answered(row: Snapshot) -> None:
    """Kombo answered: no failure is left, and the worker comes again in its own time."""
    row.failures = 0
    row.retry_at = None
    row.error_kind = row.error_code = row.error_log_url = ""
    row.error_at = None
    # What came up during the fetch is worth another.
    age = 0.0 if is_outdated(row) else _worker_age(row)
    row.check_at = timezone.now() + timedelta(seconds=age)


def longest_wait(*, removed: bool) -> timedelta:
    """Return how far ahead the worker's next look can lie."""
    age = max(settings.WORKER_MAX_AGE, REMOVED_MAX_AGE) if removed else settings.WORKER_MAX_AGE
    return timedelta(seconds=age * (1 + SPREAD))


def _worker_age(row: Snapshot) -> float:
    """Seconds until the worker looks again: sooner in trouble, rarely when removed, spread so that
    no waves form.
    """
    age = float(settings.WORKER_MAX_AGE)
    if row.removed_at:
        age = max(age, REMOVED_MAX_AGE)
    elif severity_of(key_of(row)) is not Severity.OK:
        age /= 3
    return age * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - no secret

"""What is kept no longer, of all that is stored."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from integrations.access import housekeeping, rate_limits
from integrations.database import indexes
from integrations.history import grids
from integrations.history import record as history_record
from integrations.mail import delivery, reminder_spells
from integrations.tenants import attempts, unmapped
from integrations.upstream import (
    bulk_checks,
    coverage_profiles,
)
from integrations.webhooks import inbox
from integrations.workspace import disconnect_requests, identity, outage_detection

logger = logging.getLogger(__name__)

BULK_CHECKS_KEPT = timedelta(days=7)
UNUSED_PICTURES_KEPT = timedelta(days=7)


def prune_hourly() -> int:
    """Forget what is older than its retention, once an hour over all workers, and once a day see
    which indexes tell most apart in what is left.

    Return how many rows went.
    """
    if rate_limits.HOUSEKEEPING.spend("worker"):
        return 0
    now = timezone.now()
    worked_before = now - timedelta(days=settings.EVENT_RETENTION_DAYS)
    failed_before = now - timedelta(days=settings.FAILED_EVENT_RETENTION_DAYS)
    dismissed_before = now - timedelta(days=settings.DISMISSED_RETENTION_DAYS)
    before = now - timedelta(days=settings.HISTORY_RETENTION_DAYS)
    deleted = inbox.prune(
        worked_before=worked_before, failed_before=min(failed_before, worked_before)
    )
    deleted += unmapped.prune(removed_before=worked_before, dismissed_before=dismissed_before)
    deleted += housekeeping.prune(now, before=before)
    deleted += history_record.prune(before) + delivery.prune(before) + reminder_spells.prune(before)
    deleted += attempts.prune(before) + grids.prune(before) + outage_detection.prune(before)
    deleted += coverage_profiles.prune() + bulk_checks.prune(now - BULK_CHECKS_KEPT)
    deleted += identity.prune(now - UNUSED_PICTURES_KEPT) + disconnect_requests.prune(before)
    if not rate_limits.STATISTICS.spend("worker"):
        indexes.take_statistics()
    if deleted:
        logger.info("Forgot %d rows beyond their retention", deleted)
    return deleted

"""Who of many callers asks Kombo for what is kept in a row: one at a time, by a lease that ends by
itself, and less often the more attempts failed.

The rows have `fetched_at`, `lease`, `lease_until`, `failures`, `retry_at` and `error_kind`.
"""

import secrets
from datetime import timedelta

from django.utils import timezone

from integrations.domain.backoff import backoff
from integrations.domain.clock import is_over
from integrations.kombo.errors import KomboError
from integrations.models import FieldMapping, ToolCatalogue


def take(row: ToolCatalogue | FieldMapping, lasts: timedelta) -> str:
    """Try to become the one caller. Return the lease, or an empty text: somebody was quicker."""
    lease, now = secrets.token_hex(8), timezone.now()
    same = type(row)._default_manager.filter(
        is_over("lease_until", now, at_most=lasts),
        pk=row.pk,
        fetched_at=row.fetched_at,
        failures=row.failures,
    )
    return lease if same.update(lease=lease, lease_until=now + lasts) else ""


def note_failure(
    row: ToolCatalogue | FieldMapping,
    lease: str,
    error: KomboError,
    *,
    first: timedelta,
    longest: timedelta,
) -> None:
    """End a lease under which Kombo could not say: what is known stays, and nobody asks for a
    while, from `first` to `longest`.
    """
    wait = backoff(row.failures + 1, first=first, longest=longest)
    asked_for = timedelta(seconds=error.retry_after or 0.0)
    type(row)._default_manager.filter(pk=row.pk, lease=lease).update(
        lease="",
        lease_until=None,
        failures=row.failures + 1,
        retry_at=timezone.now() + min(max(wait, asked_for), longest),
        error_kind=error.kind,
    )

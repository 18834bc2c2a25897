"""What of all that lets people in, and of the record of it, is kept no longer."""

from datetime import datetime, timedelta

from django.conf import settings

from integrations.access import (
    account_sessions,
    audit_retention,
    embed_sessions,
    hand_offs,
    invitations,
    repair_handles,
)


def prune(now: datetime, *, before: datetime) -> int:
    """Forget what has ended, of links and invitations what ended before an instant, and what the
    audit record keeps no longer. Return how many rows.
    """
    hand_offs.revoke_orphans()  # by what no page of ours has changed, as a command does
    deleted = embed_sessions.prune(now) + repair_handles.prune(now) + hand_offs.prune(before)
    deleted += account_sessions.prune(now) + invitations.prune(before)
    audit_retention.shorten_addresses(now - audit_retention.ADDRESSES_KEPT)
    kept = timedelta(days=settings.AUDIT_RETENTION_DAYS)
    return deleted + audit_retention.delete_older_than(now - kept)

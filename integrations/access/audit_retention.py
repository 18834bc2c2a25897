"""The one way by which the audit record loses something: what is older than it is kept, and what is
to be forgotten.

The database refuses to change or delete an entry (see the migration), unless its guard is lifted:
for one transaction, of this thread alone. On SQLite the guard asks a function that only our own
connections have; whoever opens the file with another program is refused.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from integrations.access.audit import words_of
from integrations.models import AuditEntry

ADDRESSES_KEPT = timedelta(days=90)  # whole; then they say no more than which network it was
# What is left of an address, in bits by version of the protocol.
_NETWORK = {4: 24, 6: 48}
BATCH = 500
_is_lifted = ContextVar("audit_guard_is_lifted", default=False)


@contextmanager
def guard_lifted() -> Iterator[QuerySet[AuditEntry]]:
    """Let entries be changed and deleted within this block, which is one transaction; yield all of
    them.
    """
    with transaction.atomic():
        _tell_database("lifted")
        token = _is_lifted.set(True)
        try:
            yield QuerySet(AuditEntry)
        finally:
            _is_lifted.reset(token)
        _tell_database("")  # else, by an error, the transaction takes it back


def delete_older_than(before: datetime) -> int:
    """Forget entries from before an instant. Return how many."""
    with guard_lifted() as entries:
        return entries.filter(at__lt=before).delete()[0]


def shorten_addresses(before: datetime) -> int:
    """Keep of the addresses in entries from before an instant the network alone, of BATCH addresses
    at a time. Return how many entries changed.
    """
    old = AuditEntry.objects.filter(at__lt=before).exclude(address="")
    for bits in _NETWORK.values():
        old = old.exclude(address__endswith=f"/{bits}")
    addresses = list(old.order_by().values_list("address", flat=True).distinct()[:BATCH])
    if not addresses:
        return 0
    with guard_lifted() as entries:
        return sum(
            entries.filter(at__lt=before, address=address).update(address=_network_of(address))
            for address in addresses
        )


def erase(entry_ids: Iterable[int], **instead: Any) -> int:
    """Take entries out of the record for good, or with `instead` put that into these of their
    columns: what must be forgotten. Return how many.
    """
    ids = sorted(entry_ids)
    with guard_lifted() as entries:
        for start in range(0, len(ids), BATCH):
            rows = entries.filter(pk__in=ids[start : start + BATCH])
            if not instead:
                rows.delete()
                continue
            changed = list(rows)
            for entry in changed:
                for name, value in instead.items():
                    setattr(entry, name, value)
                entry.words = words_of(
                    actor=entry.actor, tenant=entry.tenant, tool=entry.tool, details=entry.details
                )
            entries.bulk_update(changed, [*instead, "words"])
    return len(ids)


def on_connection_created(connection: Any, **_more: object) -> None:
    """Give a connection to SQLite the function that the guard asks."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "integrations_audit_guard_is_lifted", 0, _is_lifted.get
        )


def _tell_database(state: str) -> None:
    """Set what the guard asks on PostgreSQL: a setting of this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('integrations.audit_guard', %s, true)", [state])


def _network_of(address: str) -> str:
    """The network of an address, or of another network; nothing of what is neither."""
    try:
        known = ipaddress.ip_interface(address)
    except ValueError:
        return ""
    return str(known.network.supernet(new_prefix=_NETWORK[known.version]))

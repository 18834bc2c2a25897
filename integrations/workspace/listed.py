"""What the account managers' list knows of an integration: one row of columns of several tables, of
which no objects are made, fifty to a page.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from integrations.models import Summary


class Listed(NamedTuple):
    """An integration in the list. Ids are public, names of account managers are empty for none."""

    pk: int
    tenant_pk: int
    id: str
    tenant_id: str
    headline: str
    rank: int
    next_actor: str
    since: datetime
    tool: str
    category: str
    environment: str
    beta: bool
    tenant_name: str
    synced_at: datetime
    contacted_at: datetime
    snoozed_until: datetime | None
    contact_email: str
    logo: str | None
    fetched_at: datetime | None
    creator_email: str | None
    owner_username: str | None
    owner_first_name: str | None
    owner_last_name: str | None

    @property
    def owner(self) -> str:
        """Return the account manager's name; an empty text for none."""
        full_name = f"{self.owner_first_name or ''} {self.owner_last_name or ''}".strip()
        return full_name or self.owner_username or ""


# Where a column is that the narrow row has not, or not under this name.
_ELSEWHERE = {
    "tenant_pk": "tenant",
    "id": "integration__public_id",
    "tenant_id": "tenant__public_id",
    "contact_email": "tenant__contact_email",
    "logo": "integration__snapshot__logo",
    "fetched_at": "integration__snapshot__fetched_at",
    "creator_email": "integration__snapshot__creator_email",
    "owner_username": "owner__username",
    "owner_first_name": "owner__first_name",
    "owner_last_name": "owner__last_name",
}


def columns_of(rows: QuerySet[Summary]) -> QuerySet[Any, Any]:
    """Return the query for what `read` makes a list's rows of."""
    return rows.values_list(*(_ELSEWHERE.get(name, name) for name in Listed._fields))


def read(rows: Iterable[tuple[Any, ...]]) -> list[Listed]:
    """Return what such a query has found, in its order."""
    return list(map(Listed._make, rows))

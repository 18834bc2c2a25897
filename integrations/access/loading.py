"""Reading integrations with what pages show of them, by queries whose SQL is built once."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FETCH_RAISE, F, QuerySet

from integrations.access import columns
from integrations.access.listing import ALL, Part
from integrations.database.prepared import Prepared
from integrations.models import Integration, Snapshot, Tenant

_ROLE = F("tenant__memberships__role")  # of the one membership that the query is filtered by
_ANNOTATED = ("role", "total", "acts")  # each by some of the queries


class Rows:
    """Integrations that were found, of which no object is made but of those that are asked for.

    `columns`, by primary key in the order of the query, is all that a card shows of each as one
    text (`access.columns`), to be compared with that of another time.
    """

    def __init__(self, found: list[Any], again: Callable[[list[int]], list[Integration]]) -> None:
        self.columns: dict[int, str] = {row.pk: row.columns for row in found}
        self._first: Any = found[0] if found else None
        self._again = again
        self._objects: dict[int, Integration] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def integrations(self, pks: Iterable[int]) -> list[Integration]:
        """Return some, by their primary keys, as they are by now: without those that were deleted
        or became another tenant's in the meantime. `columns_of` tells what each is made of.
        """
        wanted = list(pks)
        missing = [pk for pk in wanted if pk not in self._objects]
        if missing:
            self._objects.update((row.pk, row) for row in self._again(missing))
        return [self._objects[pk] for pk in wanted if pk in self._objects]

    @property
    def tenant(self) -> Tenant:
        """The tenant of all, of which there must be one."""
        first = columns.read(self._first.columns)
        names = ("id", "name", "origin_id", "public_id")
        values = [first["tenant"], *(first[f"tenant__{name}"] for name in names[1:])]
        return Tenant.from_db(DEFAULT_DB_ALIAS, names, values, fetch_mode=FETCH_RAISE)

    @property
    def role(self) -> str:
        """The role of the member who asks, where there is one."""
        return str(self._first.role)

    @property
    def first_id(self) -> str:
        """The public ID of the first one, of which there must be one."""
        return str(columns.read(self._first.columns)["public_id"])

    @property
    def counts(self) -> tuple[int, int]:
        """How many integrations the tenant has, and how many of them need the customer; of a `Part`
        that says so.
        """
        return (self._first.total, self._first.acts) if self._first else (0, 0)


def columns_of(integration: Integration) -> str:
    """Return what `Rows.columns` would be of an integration that it returned."""
    return str(integration.columns)  # type: ignore[attr-defined] # annotated below


def of_member(user_pk: int, tenant_id: str, part: Part = ALL) -> Rows:
    """Return the integrations of a tenant, each with the `role` in it of who asks; none for who is
    no member.
    """
    return _find(_of_member, user_pk, tenant_id, part=part)


def one_of_member(
    user_pk: int, tenant_id: str, integration_id: str, *, with_grid: bool
) -> list[Integration]:
    """As `of_member`, the one with a public id, if there is such an integration."""
    return _read(_one_of_member, user_pk, tenant_id, integration_id, with_grid=with_grid)


def of_tenant(tenant: Tenant, part: Part = ALL) -> Rows:
    return _find(_of_tenant, tenant.pk, part=part)


def one_of_tenant(
    tenant: Tenant, tenant_id: str, integration_id: str, *, with_grid: bool
) -> list[Integration]:
    """Return the integration with a public id if both tenants are its own."""
    return _read(_one_of_tenant, tenant.pk, tenant_id, integration_id, with_grid=with_grid)


def with_snapshots(rows: QuerySet[Any], *, with_grid: bool = False) -> list[Integration]:
    """Return the rows of a query with their snapshots and tenants, in no order."""
    return [with_snapshot(row) for row in _shown(rows, with_grid=with_grid)]


def with_snapshot(integration: Integration) -> Integration:
    """Give an integration a snapshot that was made by other means than ours and has none:
    `snapshots.revalidate` will store it.
    """
    if not hasattr(integration, "snapshot"):
        integration.snapshot = Snapshot(integration=integration)
    return integration


def _of_tenant(tenant_pk: int) -> QuerySet[Any]:
    return Integration.objects.filter(tenant=tenant_pk)


def _one_of_tenant(tenant_pk: int, tenant_id: str, integration_id: str) -> QuerySet[Any]:
    rows = _of_tenant(tenant_pk)
    return rows.filter(tenant__public_id=tenant_id, public_id=integration_id)


def _of_member(user_pk: int, tenant_id: str) -> QuerySet[Any]:
    rows = Integration.objects.filter(
        tenant__public_id=tenant_id, tenant__memberships__user=user_pk
    )
    return rows.annotate(role=_ROLE)


def _one_of_member(user_pk: int, tenant_id: str, integration_id: str) -> QuerySet[Any]:
    return _of_member(user_pk, tenant_id).filter(public_id=integration_id)


def _find(whose: Callable[..., QuerySet[Any]], *ids: int | str, part: Part) -> Rows:
    found = _prepared(whose, len(ids), part.shape)(*ids, *part.parameters())
    again = _prepared_again(whose, len(ids))
    return Rows(found, lambda pks: [with_snapshot(row) for row in again(*ids, pks)])


def _read(
    whose: Callable[..., QuerySet[Any]], *ids: int | str, with_grid: bool
) -> list[Integration]:
    return [with_snapshot(row) for row in _prepared_one(whose, with_grid=with_grid)(*ids)]


@lru_cache(maxsize=64)
def _prepared(whose: Callable[..., QuerySet[Any]], ids: int, part: Part) -> Prepared[Any]:
    """Return the query for what `Rows` knows of a part of somebody's rows, who is told by so many
    ids.
    """

    def build(*parameters: Any) -> QuerySet[Any]:
        all_of_them = whose(*parameters[:ids]).annotate(columns=columns.as_text()).order_by()
        rows = part.of(all_of_them, *parameters[ids:])
        annotated = [name for name in _ANNOTATED if name in rows.query.annotations]
        narrow: QuerySet[Any, Any] = rows.values_list("pk", "columns", *annotated, named=True)
        return narrow

    return Prepared(build)


@lru_cache(maxsize=64)
def _prepared_again(whose: Callable[..., QuerySet[Any]], ids: int) -> Prepared[Integration]:
    """Return the query for those of somebody's rows that have one of these primary keys."""

    def build(*parameters: Any) -> QuerySet[Any]:
        rows = whose(*parameters[:ids]).filter(pk__in=parameters[ids])
        return _shown(rows.annotate(columns=columns.as_text()), with_grid=False)

    return Prepared(build)


@lru_cache(maxsize=64)
def _prepared_one(whose: Callable[..., QuerySet[Any]], *, with_grid: bool) -> Prepared[Integration]:
    return Prepared(lambda *ids: _shown(whose(*ids), with_grid=with_grid))


def _shown(rows: QuerySet[Any], *, with_grid: bool) -> QuerySet[Any]:
    names = (*columns.SHOWN, "snapshot__coverage") if with_grid else columns.SHOWN
    shown = rows.select_related("tenant", "snapshot").only(*names).order_by()
    return shown.fetch_mode(FETCH_RAISE)

"""Reading integrations with what pages show of them, by queries whose SQL is built once."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import FETCH_RAISE, F, QuerySet

from integrations.access import columns
from integrations.access.listing import ALL, Part
from integrations.database.prepared import Found, Prepared
from integrations.models import Integration, Snapshot, Tenant

_ROLE = F("tenant__memberships__role")  # of the one membership that the query is filtered by


class Rows:
    """Integrations that were found, with all that cards show of them: `columns`, by primary key in
    the order of the query, are to be compared with those of another time, and not to be read.
    """

    def __init__(self, found: Found[Integration]) -> None:
        self._found = found
        self._objects: dict[int, Integration] = {}
        self.columns = {columns[0]: columns for columns in found.columns}
        self._places = {pk: place for place, pk in enumerate(self.columns)}

    def __len__(self) -> int:
        return len(self.columns)

    def integrations(self, pks: Iterable[int] | None = None) -> list[Integration]:
        """Return some, by their primary keys, or all."""
        wanted = list(self.columns if pks is None else pks)
        missing = [pk for pk in wanted if pk not in self._objects]
        if missing:
            found = self._found.objects([self._places[pk] for pk in missing])
            self._objects.update(zip(missing, map(with_snapshot, found), strict=True))
        return [self._objects[pk] for pk in wanted]

    def first(self) -> Integration | None:
        """Return the first one, if there is any."""
        return next(iter(self.integrations(list(self.columns)[:1])), None)


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
    prepared = _prepared(whose, len(ids), part.shape, with_grid=False)
    return Rows(prepared.found(*ids, *part.parameters()))


def _read(
    whose: Callable[..., QuerySet[Any]], *ids: int | str, with_grid: bool
) -> list[Integration]:
    prepared = _prepared(whose, len(ids), ALL, with_grid=with_grid)
    return [with_snapshot(row) for row in prepared(*ids)]


@lru_cache(maxsize=64)
def _prepared(
    whose: Callable[..., QuerySet[Any]], ids: int, part: Part, *, with_grid: bool
) -> Prepared[Integration]:
    """Return the query for a part of somebody's rows, who is told by so many ids."""

    def build(*parameters: Any) -> QuerySet[Any]:
        rows = _shown(whose(*parameters[:ids]), with_grid=with_grid)
        return part.of(rows, *parameters[ids:])

    return Prepared(build)


def _shown(rows: QuerySet[Any], *, with_grid: bool) -> QuerySet[Any]:
    names = (*columns.SHOWN, "snapshot__coverage") if with_grid else columns.SHOWN
    shown = rows.select_related("tenant", "snapshot").only(*names).order_by()
    return shown.fetch_mode(FETCH_RAISE)

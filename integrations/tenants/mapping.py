"""Which integration is whose: creating the mapping, importing it, and confirming it against Kombo's
word.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain import events
from integrations.domain.events import MappingChanged
from integrations.domain.search import compose
from integrations.models import Integration, Tenant, UnmappedIntegration
from integrations.models.ids import hidden_character
from integrations.tenants.mapping_file import LONGEST as LONGEST
from integrations.tenants.mapping_file import MappingRow as MappingRow
from integrations.upstream import snapshot_locks, snapshots, tool_catalogue

STEP = 200  # rows in one transaction of an import
PAUSE = 0.12  # seconds between two of them, on SQLite
# What a move changes.
_MOVED = ["tenant", "created_at", "confirmed_origin_id", "confirmed_by", "confirmed_at"]


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: int = 0
    moved: dict[int, int] = field(default_factory=dict)  # integration to the tenant it had
    renamed: list[Tenant] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.created and not self.changed


def create(
    tenant: Tenant,
    integration_id: str,
    environment: str = "production",
    *,
    tool: str = "",
    category: str = "",
) -> Integration:
    """Map an integration to a tenant, with the row that will hold its snapshot, which knows its
    tool from the first if `tool` and `category` are known.
    """
    with transaction.atomic():
        integration = Integration.objects.create(
            tenant=tenant, integration_id=integration_id, environment=environment
        )
        label = tool_catalogue.label_of(environment, category, tool)
        snapshots.create(integration, tool_id=tool, category=category, tool_label=label)
        events.publish(MappingChanged((integration.pk,)))
    return integration


def ensure(
    tenant: Tenant, integration_id: str, environment: str, *, tool: str, category: str
) -> Integration | None:
    """Return an integration mapped to a tenant, which it is from now on if it was nobody's; None if
    it is another tenant's, or was deleted at Kombo before anybody mapped it.

    Whoever comes at the same time gets the same one.
    """
    ids = {"environment": environment, "integration_id": integration_id}
    if len(integration_id) > LONGEST or hidden_character(integration_id):
        return None
    arrived = UnmappedIntegration.objects.filter(**ids)
    if not (known := Integration.objects.filter(**ids).first()):
        if arrived.filter(removed_at__isnull=False).exists():
            return None
        try:
            with transaction.atomic():
                known = create(tenant, integration_id, environment, tool=tool, category=category)
                arrived.delete()
        except IntegrityError:  # somebody else's came in between
            known = Integration.objects.get(**ids)
    return known if known.tenant_id == tenant.pk else None


def announce(integration: Integration, *, left: Tenant | None = None) -> None:
    """Tell that the mapping of an integration was made or changed by hand, and see that it has its
    snapshot.

    `left` is the tenant that it belonged to before it changed: of what it was nothing is kept. Call
    within the transaction of it, under the lock of its snapshot.
    """
    if left:
        snapshots.reset([integration.pk])
    else:
        snapshots.create(integration)
    events.publish(MappingChanged((integration.pk,), frozenset([left.pk] if left else [])))


def confirm(integration: Integration, by: Actor) -> None:
    """Record that staff checked: the integration is this tenant's although Kombo names another
    origin id.
    """
    integration.confirmed_origin_id = integration.snapshot.origin_id
    integration.confirmed_by = by.user
    integration.confirmed_at = timezone.now()
    with transaction.atomic():
        integration.save(update_fields=["confirmed_origin_id", "confirmed_by", "confirmed_at"])
        events.publish(MappingChanged((integration.pk,)))
        named = integration.confirmed_origin_id
        audit.record(by, Act.CONFIRMED, integration=integration, origin_id=named)


def renew(integration: Integration) -> None:
    """Have it begin anew, as it is another one now, or another tenant's: whoever confirmed the old
    mapping did not confirm the new one. The caller saves, and announces it.
    """
    integration.created_at = timezone.now()
    integration.confirmed_origin_id = ""
    integration.confirmed_by = None
    integration.confirmed_at = None


def import_rows(rows: list[MappingRow], *, dry_run: bool) -> ImportReport:
    """Bring tenants and integrations to what checked rows say; with `dry_run` only report it.

    Writes in steps of a transaction each, and lets others write in between: SQLite has one writer
    at a time. An import that was broken off is completed by importing the same once more.
    """
    report = ImportReport()
    tenants, added = _tenants(rows, report)
    known = {
        (integration.environment, integration.integration_id): integration
        for integration in Integration.objects.select_related("tenant")
    }
    new: dict[tuple[str, str], Integration] = {}
    for row in rows:
        key = (row.environment, row.integration_id)
        tenant = tenants[row.tenant_origin_id]
        if key in known:
            _reassign(known[key], tenant, report)
        elif key in new:
            report.left += 1  # the same row once more
        else:
            new[key] = Integration(
                tenant=tenant, environment=row.environment, integration_id=row.integration_id
            )
            report.created.append(
                _("integration %(id)s in %(environment)s for customer %(customer)s")
                % {
                    "id": row.integration_id,
                    "environment": row.environment,
                    "customer": row.tenant_origin_id,
                }
            )
    if not dry_run:
        moved = [integration for integration in known.values() if integration.pk in report.moved]
        _write(report, added, list(new.values()), moved)
    return report


def _write(
    report: ImportReport, added: list[Tenant], new: list[Integration], moved: list[Integration]
) -> None:
    steps: list[Callable[[], object]] = [
        *(partial(_add_tenants, batch) for batch in batched(added, STEP)),
        *(partial(_rename, batch) for batch in batched(report.renamed, STEP)),
        *(partial(_add, batch) for batch in batched(new, STEP)),
        *(partial(_move, batch, report.moved) for batch in batched(moved, STEP)),
    ]
    for number, step in enumerate(steps):
        if number:
            _let_others_write()
        with transaction.atomic():
            step()
            if not number:
                created, changed = len(report.created), len(report.changed)
                audit.record(audit.COMMAND, Act.IMPORTED, created=created, changed=changed)


def _let_others_write() -> None:
    """Who waits for SQLite's lock looks for it ten times a second, and is not told when it is
    free.
    """
    if connection.vendor == "sqlite":
        time.sleep(PAUSE)


def _add_tenants(added: Sequence[Tenant]) -> None:
    known = Tenant.objects.in_bulk([tenant.origin_id for tenant in added], field_name="origin_id")
    for tenant in added:  # somebody may have made it meanwhile
        tenant.pk = known[tenant.origin_id].pk if tenant.origin_id in known else None
    Tenant.objects.bulk_create([tenant for tenant in added if tenant.pk is None])


def _rename(renamed: Sequence[Tenant]) -> None:
    snapshot_locks.lock_tenants(renamed)
    Tenant.objects.bulk_update(renamed, ["name"])
    events.publish(MappingChanged(tuple(snapshot_locks.integrations_of(renamed))))


def _add(new: Sequence[Integration]) -> None:
    ids = Integration.objects.filter(
        integration_id__in=[integration.integration_id for integration in new]
    )
    known = set(ids.values_list("environment", "integration_id"))  # mapped meanwhile
    left = [
        integration
        for integration in new
        if (integration.environment, integration.integration_id) not in known
    ]
    Integration.objects.bulk_create(left)
    snapshots.create_all(left)
    events.publish(MappingChanged(tuple(integration.pk for integration in left)))


def _move(moved: Sequence[Integration], left: Mapping[int, int]) -> None:
    from_tenants = {integration.pk: left[integration.pk] for integration in moved}
    snapshot_locks.lock(from_tenants.keys())
    Integration.objects.bulk_update(moved, _MOVED)
    audit.record_moves(audit.COMMAND, Act.IMPORTED, from_tenants)
    snapshots.reset(from_tenants)
    events.publish(MappingChanged(tuple(from_tenants), frozenset(from_tenants.values())))


def _tenants(
    rows: list[MappingRow], report: ImportReport
) -> tuple[dict[str, Tenant], list[Tenant]]:
    """All tenants by origin id, with those that the rows add or rename, and the added ones.

    The caller saves.
    """
    tenants = {tenant.origin_id: tenant for tenant in Tenant.objects.all()}
    new: list[Tenant] = []
    for row in rows:
        tenant = tenants.get(row.tenant_origin_id)
        if tenant is None:
            tenants[row.tenant_origin_id] = tenant = Tenant(
                origin_id=row.tenant_origin_id, name=row.tenant_name
            )
            new.append(tenant)
            report.created.append(
                _("customer %(id)s (%(name)s)")
                % {"id": row.tenant_origin_id, "name": row.tenant_name}
            )
        elif compose(tenant.name) != row.tenant_name:
            report.changed.append(
                _("customer %(id)s: name “%(before)s” → “%(after)s”")
                % {"id": row.tenant_origin_id, "before": tenant.name, "after": row.tenant_name}
            )
            tenant.name = row.tenant_name
            report.renamed.append(tenant)
    return tenants, new


def _reassign(integration: Integration, tenant: Tenant, report: ImportReport) -> None:
    """Give an integration to a tenant. The caller saves."""
    if integration.tenant_id == tenant.pk:
        report.left += 1
        return
    report.changed.append(
        _("integration %(id)s: customer %(before)s → %(after)s")
        % {
            "id": integration.integration_id,
            "before": integration.tenant.origin_id,
            "after": tenant.origin_id,
        }
    )
    report.moved[integration.pk] = integration.tenant_id
    integration.tenant = tenant
    renew(integration)

"""Which integration is whose: creating the mapping, importing it, and confirming it against Kombo's
word.
"""

import csv
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain import events
from integrations.domain.events import MappingChanged
from integrations.domain.search import compose
from integrations.models import Integration, Tenant
from integrations.upstream import snapshots

REQUIRED = ("tenant_origin_id", "tenant_name", "integration_id")
LONGEST = 200  # characters, as in the models
# What a move changes.
_MOVED = ["tenant", "created_at", "confirmed_origin_id", "confirmed_by", "confirmed_at"]


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One checked line of a mapping file."""

    line: int
    tenant_origin_id: str
    tenant_name: str
    integration_id: str
    environment: str


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


class BadRows(Exception):
    """Lines that can't be imported: `problems` holds (line, reason)."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(problems)} bad rows")
        self.problems = problems


def create(tenant: Tenant, integration_id: str, environment: str = "production") -> Integration:
    """Map an integration to a tenant, with the row that will hold its snapshot."""
    with transaction.atomic():
        made = Integration.objects.create(
            tenant=tenant, integration_id=integration_id, environment=environment
        )
        snapshots.create(made)
        events.publish(MappingChanged((made.pk,)))
    return made


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


def read_csv(lines: Iterable[str], *, environments: Iterable[str]) -> list[MappingRow]:
    """Read a mapping file.

    Raises BadRows naming every bad line, so that one look mends them all.
    """
    reader = csv.DictReader(lines, restkey="\0more", strict=True)
    known = set(environments)
    problems = []
    rows = []
    try:
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
        if missing:
            raise BadRows([(1, f"the heading lacks {', '.join(missing)}")])
        if len(set(reader.fieldnames or [])) < len(reader.fieldnames or []):
            raise BadRows([(1, "the heading names a column twice")])
        owners: dict[tuple[str, str], MappingRow] = {}
        for record in reader:
            row = _row(reader.line_num, record)
            reason = _problem(row, record, known, owners)
            if reason:
                problems.append((reader.line_num, reason))
            owners.setdefault((row.environment, row.integration_id), row)
            rows.append(row)
    except csv.Error as error:
        problems.append((reader.reader.line_num, f"not readable as CSV: {error}"))
    problems += _two_names(rows)
    if problems:
        raise BadRows(sorted(problems))
    return rows


@transaction.atomic
def import_rows(rows: list[MappingRow], *, dry_run: bool) -> ImportReport:
    """Bring tenants and integrations to what the rows say; with `dry_run` only report it.

    Reads all there is first, then takes its locks and writes in bulk: on SQLite nobody else can
    write meanwhile.
    """
    report = ImportReport()
    tenants, added = _tenants(rows, report)
    known = {
        (one.environment, one.integration_id): one
        for one in Integration.objects.select_related("tenant")
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
                f"integration {row.integration_id} in {row.environment} of {row.tenant_origin_id}"
            )
    renamed = {tenant.pk for tenant in report.renamed}
    moved = {one.pk: one for one in known.values() if one.pk in report.moved}
    snapshots.lock(
        report.moved.keys() | {one.pk for one in known.values() if one.tenant_id in renamed}
    )
    Tenant.objects.bulk_create(added, batch_size=1000)
    Tenant.objects.bulk_update(report.renamed, ["name"], batch_size=500)
    Integration.objects.bulk_update(moved.values(), _MOVED, batch_size=500)
    Integration.objects.bulk_create(new.values(), batch_size=1000)
    snapshots.create_all(new.values())
    if not report.is_empty:
        created, changed = len(report.created), len(report.changed)
        audit.record(audit.COMMAND, Act.IMPORTED, created=created, changed=changed)
        audit.record_moves(audit.COMMAND, Act.IMPORTED, report.moved)
    _publish(report, new.values())
    if dry_run:
        transaction.set_rollback(True)
    return report


def _publish(report: ImportReport, new: Iterable[Integration]) -> None:
    """Tell what an import did, in bulk too."""
    if report.moved:
        snapshots.reset(report.moved)
        events.publish(MappingChanged(tuple(report.moved), frozenset(report.moved.values())))
    changed = [one.pk for one in new] + snapshots.integrations_of(report.renamed)
    if changed:
        events.publish(MappingChanged(tuple(changed)))


def _row(line: int, record: dict[str, str | None]) -> MappingRow:
    values = {name: (record.get(name) or "").strip() for name in (*REQUIRED, "environment")}
    name = compose(values["tenant_name"])  # files from elsewhere take letters apart
    given = {"tenant_name": name, "environment": values["environment"] or "production"}
    return MappingRow(line, **values | given)


def _problem(
    row: MappingRow,
    record: dict[str, str | None],
    known: set[str],
    owners: dict[tuple[str, str], MappingRow],
) -> str:
    empty = [name for name in REQUIRED if not getattr(row, name)]
    if empty:
        return f"{', '.join(empty)} is empty"
    if "\0more" in record:
        return "more cells than the heading has"
    values = (row.tenant_origin_id, row.tenant_name, row.integration_id)
    if any(
        len(value) > LONGEST or any(unicodedata.category(c) == "Cc" for c in value)
        for value in values
    ):
        return f"a value is longer than {LONGEST} characters or holds control characters"
    if row.environment not in known:
        return (
            f"environment {row.environment!r} is not one of KOMBO_ENVIRONMENTS: "
            f"{', '.join(sorted(known))}"
        )
    other = owners.get((row.environment, row.integration_id))
    if other and other.tenant_origin_id != row.tenant_origin_id:
        return f"{row.integration_id} is given to another tenant on line {other.line}"
    return ""


def _two_names(rows: list[MappingRow]) -> list[tuple[int, str]]:
    """A tenant must not be called two things: the result would depend on the order of the lines."""
    first: dict[str, MappingRow] = {}
    for row in rows:
        first.setdefault(row.tenant_origin_id, row)
    return [
        (
            row.line,
            (
                f"tenant {row.tenant_origin_id} has another name on line "
                f"{first[row.tenant_origin_id].line}"
            ),
        )
        for row in rows
        if row.tenant_name != first[row.tenant_origin_id].tenant_name
    ]


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
            report.created.append(f"tenant {row.tenant_origin_id} ({row.tenant_name})")
        elif compose(tenant.name) != row.tenant_name:
            report.changed.append(
                f"tenant {row.tenant_origin_id}: name {tenant.name!r} -> {row.tenant_name!r}"
            )
            tenant.name = row.tenant_name
            report.renamed.append(tenant)
    return tenants, new


def _reassign(found: Integration, tenant: Tenant, report: ImportReport) -> None:
    """Give an integration to a tenant. The caller saves."""
    if found.tenant_id == tenant.pk:
        report.left += 1
        return
    report.changed.append(
        f"integration {found.integration_id}: {found.tenant.origin_id} -> {tenant.origin_id}"
    )
    report.moved[found.pk] = found.tenant_id
    found.tenant = tenant
    renew(found)

"""The vendor's fields of an integration, kept as snapshots are: shown as they were last known, and
asked for by the worker soon after somebody looked.

Where Kombo can't say, the last known fields stay. A change of a mapping is asked for at once.
"""

import logging
from datetime import timedelta

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain.clock import age, is_over
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, Refused
from integrations.kombo.field_schema import CustomField, IntegrationField
from integrations.models import FieldMapping, Integration, RepairOutcome
from integrations.upstream import gateway, leases
from integrations.upstream.repairs import may_have_happened

logger = logging.getLogger(__name__)

MAX_AGE = timedelta(minutes=10)
LEASE = timedelta(minutes=2)  # longer than all pages may take
FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)
SETTLES = timedelta(seconds=10)  # a turn of the budget and a whole call to Kombo take less


class ChangedMeanwhile(Exception):
    """The mapping is another one than whoever wants to change it has seen."""


class UnknownField(Exception):
    """There is no such field, of the vendor's or of the tool's."""


def of_integration(integration: Integration) -> FieldMapping:
    """Return what is known of the fields of an integration; nothing yet where nobody has asked."""
    known = FieldMapping.objects.filter(pk=integration.pk).first()
    return known or FieldMapping(integration=integration)


def want(row: FieldMapping) -> bool:
    """Have the worker ask for the fields that somebody looks at, if they are old. Return whether
    there is something to wait for.
    """
    now = timezone.now()
    if row.wanted_at is None:
        FieldMapping.objects.get_or_create(pk=row.pk, defaults={"wanted_at": now})
        return True
    if age(row.fetched_at, now) < MAX_AGE:
        return bool(row.fetched_at and row.fetched_at < row.wanted_at)
    if row.fetched_at is None or row.wanted_at <= row.fetched_at:
        FieldMapping.objects.filter(pk=row.pk).update(wanted_at=now)
    return True


def custom_fields(row: FieldMapping) -> list[CustomField]:
    """Return the vendor's fields, by model and key."""
    return _customs.decode(row.custom_fields) if row.custom_fields else []


def integration_fields(row: FieldMapping) -> list[IntegrationField]:
    """Return the tool's fields, by model and key."""
    return _sources.decode(row.integration_fields) if row.integration_fields else []


def refresh_due() -> int:
    """Ask for the fields of one integration that somebody looks at, for the worker. Return how many
    were asked for.
    """
    now = timezone.now()
    due = FieldMapping.objects.filter(
        is_over("lease_until", now, at_most=LEASE),
        is_over("retry_at", now, at_most=LAST_RETRY),
        Q(fetched_at=None) | Q(fetched_at__lt=F("wanted_at")),
        integration__environment__in=settings.KOMBO_ENVIRONMENTS,
        integration__snapshot__removed_at=None,
    )
    row = due.select_related("integration").order_by("wanted_at").first()
    return int(row is not None and refresh(row))


def refresh(row: FieldMapping) -> bool:
    """Ask for the fields of an integration and store what came of it. Return whether it was this
    caller who asked. Never raises for Kombo's sake.
    """
    lease = leases.take(row, LEASE)
    if not lease:
        return False
    began, integration = timezone.now(), row.integration
    name = integration.integration_id
    try:
        customs = gateway.call(integration.environment, lambda kombo: kombo.custom_fields(name))
        sources = gateway.call(
            integration.environment, lambda kombo: kombo.integration_fields(name)
        )
    except KomboError as error:
        logger.warning("Fields of %s not fetched: %s", integration.public_id, error.kind)
        leases.note_failure(row, lease, error, first=FIRST_RETRY, longest=LAST_RETRY)
    else:
        FieldMapping.objects.filter(pk=row.pk, lease=lease).update(
            custom_fields=_stored(sorted(customs, key=lambda one: (one.model, one.key))),
            integration_fields=_stored(sorted(sources, key=lambda one: (one.model, one.key))),
            fetched_at=began,
            lease="",
            lease_until=None,
            failures=0,
            retry_at=None,
            error_kind="",
        )
    return True


def change(
    integration: Integration, custom_id: str, source_id: str, *, seen: str, by: Actor
) -> CustomField:
    """Have a field of the vendor's read from one of the tool's, or from none if that is empty.
    `seen` is what it read from when whoever changes it looked.

    Return the field as it is now. Raises KomboError, ChangedMeanwhile, UnknownField.
    """
    row = of_integration(integration)
    known = {field.id: field for field in custom_fields(row)}
    sources = {field.id for field in integration_fields(row)}
    if custom_id not in known or (source_id and source_id not in sources):
        raise UnknownField
    if source_of(known[custom_id]) != seen:
        raise ChangedMeanwhile
    _look_again(row, after=SETTLES)  # so that what is shown is looked at whatever becomes of us
    try:
        changed = gateway.call(
            integration.environment,
            lambda kombo: _map(kombo, integration, custom_id, source_id),
            by_person=True,
            tenant=integration.tenant_id,
        )
    except KomboError as error:
        if may_have_happened(error):
            _record(integration, known[custom_id], by, RepairOutcome.UNCONFIRMED)
        _look_again(row)
        if isinstance(error, Refused) and error.code == "PLATFORM.INPUT_INVALID":
            raise UnknownField from error
        raise
    _store_changed(row, changed)
    _record(integration, changed, by, "")
    return changed


def source_of(field: CustomField) -> str:
    """Return the ID of the tool's field that one of the vendor's reads from, empty if there is
    none.
    """
    return field.integration_field.id if field.integration_field else ""


def _map(kombo: Kombo, integration: Integration, custom_id: str, source_id: str) -> CustomField:
    return kombo.map_custom_field(integration.integration_id, custom_id, source_id or None)


def _record(integration: Integration, field: CustomField, by: Actor, outcome: str) -> None:
    source = field.integration_field.key if field.integration_field else ""
    audit.record(
        by,
        Act.FIELD_MAPPED,
        integration=integration,
        name=f"{field.model}.{field.key}",
        source=source,
        outcome=outcome,
    )


def _store_changed(row: FieldMapping, changed: CustomField) -> None:
    """Keep what Kombo answered to a change; whoever asked for the fields meanwhile knows less."""
    with transaction.atomic():
        held = FieldMapping.objects.select_for_update().get(pk=row.pk)
        fields = [changed if one.id == changed.id else one for one in custom_fields(held)]
        held.custom_fields = _stored(fields)
        held.lease = ""
        held.lease_until = None
        held.save(update_fields=["custom_fields", "lease", "lease_until"])
    _look_again(row)


def _look_again(row: FieldMapping, *, after: timedelta = timedelta()) -> None:
    """Have the worker ask what is true by now, or after a while."""
    now = timezone.now()
    until = now + after if after else None
    FieldMapping.objects.filter(pk=row.pk).update(wanted_at=now, retry_at=until)


def _stored(fields: object) -> str:
    return msgspec.json.encode(fields).decode()


# Made at import, and none later: msgspec crashes the process if one thread makes a decoder while
# another decodes.
_customs = msgspec.json.Decoder(list[CustomField])
_sources = msgspec.json.Decoder(list[IntegrationField])

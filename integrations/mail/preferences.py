"""Who wants which mails: the terms on which a customer is reminded, and what somebody of the staff
gets.
"""

from collections.abc import Collection, Mapping

from django.contrib.auth.models import User
from django.db import transaction

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.mail import reminder_spells
from integrations.models import Preferences, Tenant
from integrations.upstream import snapshot_locks


class ChangedMeanwhile(Exception):
    """Somebody else changed the same meanwhile."""


def change_reminders(
    tenant: Tenant, changed: Collection[str], by: Actor, *, seen: Mapping[str, str] | None = None
) -> None:
    """Keep what somebody changed of whom we write to, and when.

    Raises ChangedMeanwhile, and keeps nothing, if a value that they had `seen` is another by now.
    """
    with transaction.atomic():
        snapshot_locks.lock_tenants([tenant])
        reminder_spells.reconsider([tenant])
        stored = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        for name in changed:
            before = _field_value(stored, name)
            after = _field_value(tenant, name)
            if before == after:
                continue
            if seen is not None and seen[name] != before:
                raise ChangedMeanwhile
            if name == "contact_email":  # whose address it is, is no matter of the record
                audit.record(by, Act.REMINDERS_CHANGED, tenant=tenant, fields=[name])
            else:
                became = {name: [before, after]}
                audit.record(by, Act.REMINDERS_CHANGED, tenant=tenant, changes=became)
        tenant.save(update_fields=changed)


def _field_value(tenant: Tenant, name: str) -> str:
    """Return a column as a form shows it: an empty text for None."""
    value = getattr(tenant, name)
    return "" if value is None else str(value)


def of_user(user: User) -> Preferences:
    """Which mails somebody wants; as a new one would, until they chose."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def save(preferences: Preferences, by: Actor) -> None:
    """Keep which mails somebody wants."""
    wanted = [name for name in ("digest", "at_once") if getattr(preferences, name)]
    with transaction.atomic():
        preferences.save()
        audit.record(by, Act.PREFERENCES_CHANGED, wanted=wanted)

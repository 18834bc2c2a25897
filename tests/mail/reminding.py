"""What tests of reminders read and set."""

from typing import Any

from integrations.mail import reminder_spells
from integrations.models import Mail, Tenant


def kinds() -> list[str]:
    return list(
        Mail.objects.exclude(sent_at=None).order_by("sent_at").values_list("kind", flat=True)
    )


def set_tenant(tenant: Tenant, **columns: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(**columns)
    reminder_spells.reconsider([tenant])

"""Who did what: rows are added, and never changed. Only `access.audit_retention` forgets them."""

import json
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Refuses what would rewrite the record.

    The database itself refuses changes too (see the migration).
    """

    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("the audit record is append-only")

    def delete(self) -> NoReturn:
        raise TypeError("the audit record is append-only")


class AuditEntry(models.Model):
    """One act. Names are kept as they were, so the record outlives what it names."""

    at = models.DateTimeField(_("time"), db_index=True)
    what = models.CharField(_("action"), max_length=40)
    actor_id = models.BigIntegerField(null=True, help_text="The user's primary key, if it was one.")
    actor = models.CharField(_("user"), max_length=200)
    address = models.CharField(_("IP address"), max_length=45, blank=True, default="")
    tenant_id = models.BigIntegerField(null=True)
    tenant = models.CharField(_("customer"), max_length=200, blank=True, default="")
    integration = models.CharField(
        _("integration"), max_length=32, blank=True, default="", help_text="Its public id."
    )
    tool = models.CharField(_("tool"), max_length=200, blank=True, default="")
    details = models.TextField(
        _("details"), blank=True, default="", db_default="", help_text="Keys and values, as JSON."
    )
    words = models.TextField(
        blank=True, default="", db_default="", help_text="Its names and details, as compared."
    )

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "-at"], name="audit_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.what}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; what was added is refused."""
        if not self._state.adding:
            raise TypeError("the audit record is append-only")
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the audit record is append-only")

    @property
    def told(self) -> dict[str, Any]:
        """Its details by key, in the order in which they were noted."""
        return dict(json.loads(self.details)) if self.details else {}

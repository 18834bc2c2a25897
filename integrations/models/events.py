"""What Kombo's webhooks brought, and the integrations that nobody has given to a tenant yet."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration


class Event(models.Model):
    """One webhook delivery, unique by Kombo's id for it, as far as it is used.

    Only `webhooks.inbox` writes here.
    """

    environment = models.CharField(_("environment"), max_length=50)
    event_id = models.CharField(_("event ID"), max_length=200, help_text=_("Kombo’s event ID."))
    type = models.CharField(_("type"), max_length=100)
    payload = models.TextField(
        _("payload"), help_text=_("The parts of the body that are used, as JSON.")
    )
    received_at = models.DateTimeField(_("received at"))
    integration = models.ForeignKey(
        Integration, models.SET_NULL, null=True, related_name="+", verbose_name=_("integration")
    )
    worked_at = models.DateTimeField(
        _("processed at"),
        null=True,
        help_text=_("When the event was processed, or needed no processing."),
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(
        null=True, help_text=_("Not processed yet: time of the next attempt.")
    )
    error = models.TextField(_("error"), blank=True, default="")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "event_id"], name="one_row_per_event"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "received_at"], name="event_latest"),
            models.Index(fields=["received_at"], name="event_oldest"),
            models.Index(
                fields=["due_at"], name="event_due", condition=models.Q(worked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.event_id})"


class UnmappedIntegration(models.Model):
    """An integration that Kombo told of and that belongs to no tenant here: waits for staff to say
    whose it is.
    """

    environment = models.CharField(_("environment"), max_length=50)
    integration_id = models.CharField(_("integration ID"), max_length=200)
    origin_id = models.TextField(_("origin ID"), blank=True, default="")
    organization_name = models.TextField(_("organization"), blank=True, default="")
    tool_id = models.TextField(_("tool"), blank=True, default="")
    category = models.TextField(_("category"), blank=True, default="")
    seen_at = models.DateTimeField(_("first seen"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True)
    removed_at = models.DateTimeField(
        null=True, help_text=_("Deleted in Kombo. Later events about it are ignored.")
    )

    class Meta:
        ordering = ["-seen_at", "pk"]
        verbose_name = _("unmapped integration")
        verbose_name_plural = _("unmapped integrations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "integration_id"], name="one_row_per_unmapped_integration"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment} · {self.integration_id}"

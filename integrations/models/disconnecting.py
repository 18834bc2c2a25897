"""What staff ask one another before an integration goes for good."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration


class DisconnectRequest(models.Model):
    """One of the staff asks for a second pair of eyes before an integration is disconnected.

    It is open until it is approved or withdrawn, and for a week at most. Only
    `workspace.disconnect_requests` writes here.
    """

    integration = models.ForeignKey(
        Integration,
        models.CASCADE,
        related_name="disconnect_requests",
        verbose_name=_("integration"),
    )
    requested_at = models.DateTimeField(_("requested at"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    reason = models.TextField(_("reason"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, blank=True, default="")  # a `RequestOutcome`

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("request to disconnect")
        verbose_name_plural = _("requests to disconnect")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_disconnect_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}, {self.requested_at:%Y-%m-%d}"

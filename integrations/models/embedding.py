"""Frames in host pages: who was let in, which tokens are spent, the ways out of a frame. Of
secrets, digests only.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.connecting import ConnectionAttempt
from integrations.models.integrations import Integration
from integrations.models.tenants import Tenant


class EmbedSession(models.Model):
    """A frame that showed a good token, until it ends, idles too long, or is revoked (its row is
    deleted).
    """

    digest = models.CharField(max_length=64, primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("customer"))
    may_repair = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("created at"))
    used_at = models.DateTimeField(_("last used"), help_text=_("Accurate to the minute."))

    class Meta:
        verbose_name = _("embedded session")
        verbose_name_plural = _("embedded sessions")
        indexes: ClassVar = [models.Index(fields=["created_at"], name="embed_session_oldest")]

    def __str__(self) -> str:
        return f"{self.tenant} · {self.created_at:%Y-%m-%d %H:%M}"


class SpentToken(models.Model):
    """A host's token that bought a session; each does once."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class RepairHandle(models.Model):
    """A way out of a frame to a page of its own, where one integration can be repaired once, or one
    tool connected.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    integration = models.ForeignKey(Integration, models.CASCADE, null=True, related_name="+")
    attempt = models.ForeignKey(ConnectionAttempt, models.CASCADE, null=True, related_name="+")
    act = models.CharField(max_length=10, help_text="What it is for: reconnect, setup or connect.")
    with_scope = models.BooleanField(
        default=False, db_default=False, help_text="With the vendor's newest scope config."
    )
    created_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(integration=None) ^ models.Q(attempt=None),
                name="handle_is_for_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} of {self.integration_id or self.attempt_id}"

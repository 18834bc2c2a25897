"""Tools that are down themselves, as far as we can tell from whose connections fail."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from integrations.models.tenants import new_public_id


class Outage(models.Model):
    """A time in which a tool itself was probably down, for whichever customers.

    It spans environments, as a tool is the same in all of them, and belongs to no customer: the
    incidents that point to it do. Only `integrations.workspace.outage_detection`
    writes here, and `outages` what staff decide.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    tool = models.TextField(help_text="Kombo's ID of the tool.")
    tool_label = models.TextField()
    started_at = models.DateTimeField(help_text="When the first connection of them failed.")
    detected_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(
        help_text="How many connections of the tool worked when it began."
    )
    released_at = models.DateTimeField(
        null=True, help_text="Somebody had its customers treated as in any other incident."
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tool"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_outage",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["closed_at"], name="outage_by_end")]

    def __str__(self) -> str:
        return f"{self.tool} since {self.started_at:%Y-%m-%d %H:%M}"

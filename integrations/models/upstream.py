"""How calling each Kombo environment goes, shared by all processes."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_noop


class Upstream(models.Model):
    """One Kombo environment: its circuit, closed while `silent_until` is null, and the silence it
    asked for.
    """

    environment = models.CharField(max_length=50, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="Failed calls in a row.")
    silent_until = models.DateTimeField(
        null=True, help_text="The circuit is open: no call before this instant."
    )
    pause_seconds = models.PositiveIntegerField(
        default=0, help_text="How long the circuit's latest pause is."
    )
    next_call_at = models.DateTimeField(null=True, help_text="The budget's next free turn.")
    worker_call_at = models.DateTimeField(
        null=True, help_text="The latest turn that a worker took."
    )
    tenant_debts = models.JSONField(
        default=dict,
        db_default={},
        help_text="Until when the calls of tenants count against them, in seconds since 1970.",
    )
    recent_calls = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text="Turns taken of late: each counts less the longer ago it was.",
    )
    limited_until = models.DateTimeField(
        null=True, help_text="Kombo asked for silence until this instant."
    )
    refused_since = models.DateTimeField(
        null=True, help_text="Since when Kombo refuses our key or our address."
    )

    class Meta:
        permissions: ClassVar = [("view_system", gettext_noop("Can view system status"))]

    def __str__(self) -> str:
        return self.environment

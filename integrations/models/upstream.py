"""How calling each Kombo environment goes, shared by all processes."""

from django.db import models


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
    limited_until = models.DateTimeField(
        null=True, help_text="Kombo asked for silence until this instant."
    )
    refused_since = models.DateTimeField(
        null=True, help_text="Since when Kombo refuses our key or our address."
    )

    def __str__(self) -> str:
        return self.environment

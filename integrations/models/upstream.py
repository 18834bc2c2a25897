"""How calling each Kombo environment goes, shared by all processes."""

from django.db import models


class Upstream(models.Model):
    """One Kombo environment's circuit: closed while `silent_until` is null or the failures are few."""

    environment = models.CharField(max_length=50, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="Failed calls in a row.")
    silent_until = models.DateTimeField(null=True, help_text="No call before this instant.")
    pause_seconds = models.PositiveIntegerField(default=0, help_text="How long the last silence was.")
    last_error_kind = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return self.environment

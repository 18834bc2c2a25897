"""Counters for rate limits, exact across processes."""

from django.db import models


class RateLimit(models.Model):
    """How often one thing happened in its present window."""

    key = models.CharField(
        max_length=64, primary_key=True, help_text="A digest: no address or name is stored."
    )
    window_ends = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.key

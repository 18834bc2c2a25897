"""What happened how often, of all processes together."""

from django.db import models


class CounterValue(models.Model):
    """One series of `integrations.counters`; it only grows.

    There are as many rows as there are series, which are a closed set: no names, no ids.
    """

    series = models.CharField(
        max_length=200, primary_key=True, help_text="Name and labels, separated by bars."
    )
    value = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value:g}"

"""Who was last seen at work."""

from django.db import models


class Heartbeat(models.Model):
    """What runs beside the site, and when it last said that it does."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"

"""Who was last seen at work."""

from django.db import models


class Heartbeat(models.Model):
    """A process that runs beside the site, and when it last said that it does."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    version = models.CharField(max_length=40, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"

"""Tool logos, fetched once and served from our own origin."""

from django.db import models


class Logo(models.Model):
    """One tool's picture.

    `key` is derived from the address, so it says nothing about any tenant.
    """

    key = models.CharField(max_length=32, primary_key=True)
    url = models.TextField(help_text="Where the picture comes from; may be empty or refused.")
    label = models.TextField(help_text="The tool's name: its first letters make the stand-in.")
    content = models.BinaryField(null=True)
    content_type = models.CharField(max_length=40, blank=True, default="")
    fetched_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(
        null=True, help_text="No attempt before this instant: a lease, or after a failure."
    )

    def __str__(self) -> str:
        return f"{self.label} ({self.key})"

"""The vendor's own fields of an integration, and which of the tool's they read from."""

from django.db import models

from integrations.models.integrations import Integration


class FieldMapping(models.Model):
    """What Kombo last said of the fields of one integration, and how asking for it goes. Only
    `upstream.field_mappings` writes here.
    """

    integration = models.OneToOneField(
        Integration, models.CASCADE, primary_key=True, related_name="+"
    )
    custom_fields = models.TextField(
        blank=True, default="", help_text="The vendor's fields, as JSON."
    )
    integration_fields = models.TextField(
        blank=True, default="", help_text="The tool's fields, as JSON."
    )
    wanted_at = models.DateTimeField(db_index=True, help_text="When somebody last looked.")
    fetched_at = models.DateTimeField(
        null=True, help_text="When the fields that are shown were requested."
    )
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="Failed attempts in a row.")
    retry_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return f"fields of {self.integration_id}"

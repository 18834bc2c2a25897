"""What can be connected, and who set out to connect it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration
from integrations.models.tenants import Tenant, new_public_id


class ToolCatalogue(models.Model):
    """How asking for the tools of one environment and category goes; the tools are rows of their
    own. Only `upstream.tool_catalogue` writes here.
    """

    environment = models.CharField(max_length=50)
    category = models.CharField(max_length=20)
    fetched_at = models.DateTimeField(
        null=True, help_text="When the tools that are shown were requested."
    )
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="Failed attempts in a row.")
    retry_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "category"], name="one_catalogue_per_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} of {self.environment}"


class CatalogueTool(models.Model):
    """A tool that can be connected, and what it offers whatever a vendor asks for."""

    catalogue = models.ForeignKey(ToolCatalogue, models.CASCADE, related_name="tools")
    tool_id = models.CharField(max_length=200)
    label = models.TextField()
    logo = models.ForeignKey("Logo", models.SET_NULL, null=True, related_name="+")
    guide_url = models.TextField(
        blank=True, default="", help_text="Kombo's instructions for whoever connects it; https."
    )
    notices = models.JSONField(
        default=dict, help_text="Kombo's Markdown by what it is about: paid, fast_track, partner."
    )
    coverage = models.TextField(help_text="What it offers, as JSON like a snapshot's.")
    digest = models.CharField(max_length=32, help_text="Of all that Kombo said of it.")
    verdicts = models.JSONField(
        default=dict, help_text="Whether each feature would work, by the feature's public ID."
    )
    verdicts_due = models.BooleanField(default=True, db_index=True)

    class Meta:
        ordering = ["label", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["catalogue", "tool_id"], name="one_row_per_tool")
        ]

    def __str__(self) -> str:
        return self.label


class ConnectionAttempt(models.Model):
    """Somebody set out to connect a tool to a tenant, or was asked to, and what came of it."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    environment = models.CharField(max_length=50)
    category = models.CharField(max_length=20)
    tool_id = models.CharField(max_length=200)
    tool_label = models.TextField()
    logo = models.ForeignKey("Logo", models.SET_NULL, null=True, related_name="+")
    replaces = models.ForeignKey(
        Integration,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Which one it is to take the place of, if any.",
    )
    created_at = models.DateTimeField(db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    begun_at = models.DateTimeField(
        null=True, db_index=True, help_text="When Kombo Connect was last opened for it."
    )
    left_at = models.DateTimeField(
        null=True, help_text="When whoever had opened it closed it before the end."
    )
    failed_at = models.DateTimeField(
        null=True, help_text="When Kombo last told that the tool refused."
    )
    finished_at = models.DateTimeField(
        null=True, help_text="When Kombo Connect said that it is done, which Kombo did not confirm."
    )
    connected_at = models.DateTimeField(null=True)
    integration = models.ForeignKey(
        Integration, models.SET_NULL, null=True, related_name="+", help_text="What came of it."
    )
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("connection attempt")
        verbose_name_plural = _("connection attempts")

    def __str__(self) -> str:
        return f"{self.tool_id} for {self.tenant_id}"


class ToolNote(models.Model):
    """What the vendor tells customers about connecting one tool, in its own words."""

    tool_id = models.CharField(max_length=200, primary_key=True)
    needed_person = models.CharField(
        _("who is usually needed"),
        max_length=120,
        blank=True,
        default="",
        help_text=_("For example “an admin of Workday with integration rights”."),
    )
    text = models.TextField(
        _("note"),
        max_length=2000,
        blank=True,
        default="",
        help_text=_("Shown to customers beside Reconnect and Connect."),
    )
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("tool note")
        verbose_name_plural = _("tool notes")

    def __str__(self) -> str:
        return self.tool_id


class RepairTime(models.Model):
    """How long people of late needed for one act with a tool, from opening Kombo Connect to its
    end.
    """

    tool_id = models.CharField(max_length=200)
    act = models.CharField(max_length=10, help_text="reconnect, setup or connect.")
    seconds = models.PositiveIntegerField(help_text="The median.")
    number = models.PositiveIntegerField(help_text="How many were counted.")
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tool_id", "act"], name="one_time_per_tool_and_act")
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.tool_id}: {self.seconds} s"

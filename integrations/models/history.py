"""What happened to an integration over time.

Only `history.record`, `history.incident_record`, `history.disconnections` and `upstream.issues`
write here; which outage an incident is part of, `workspace.outage_detection`.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration
from integrations.models.outages import Outage


class Kind(models.TextChoices):
    """What an entry of the history tells of."""

    STATE = "state", _("Status")
    REPAIR = "repair", _("Reconnections")
    ISSUE = "issue", _("Issues")
    SYNC = "sync", _("Failed syncs")
    SETTINGS = "settings", _("Settings")
    COVERAGE = "coverage", _("Shared data")
    DISCONNECT = "disconnect", _("Disconnections")


class Source(models.TextChoices):
    """How we came to know."""

    CHECK = "check", _("Status check")
    STATE = "state", _("Status change reported by Kombo")
    ISSUE = "issue", _("Issue reported by Kombo")
    SYNC = "sync", _("Failed sync")
    PERSON = "person", _("User action")


class Entry(models.Model):
    """One thing that happened, at an instant of its own, which may be before we learned of it."""

    integration = models.ForeignKey(
        Integration, models.CASCADE, related_name="entries", verbose_name=_("integration")
    )
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    # A headline's key for a state; else a word of the kind's own, such as "raised" or
    # "PARTIALLY_FAILED".
    what = models.TextField(_("event"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    # Names the same thing told twice, such as a sync's id; empty where each entry is one of its
    # own.
    reference = models.CharField(max_length=230, blank=True, default="")
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration", "kind", "reference"],
                condition=~models.Q(reference=""),
                name="one_entry_per_reference",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["integration", "-at"], name="entry_newest_first"),
            models.Index(fields=["at"], name="entry_oldest"),
            models.Index(fields=["kind", "-at"], name="entry_newest_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents; those of an outage are nobody's to end while it lasts."""

    def during_outage(self) -> "IncidentQuerySet":
        """Keep the open ones that an open outage is to blame for, unless staff released it."""
        return self.filter(
            closed_at=None, outage__isnull=False, outage__closed_at=None, outage__released_at=None
        )


class Incident(models.Model):
    """One broken spell, from the first sign, whatever told of it, to recovery."""

    integration = models.ForeignKey(
        Integration, models.CASCADE, related_name="incidents", verbose_name=_("integration")
    )
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    first_key = models.TextField(
        _("initial status"), help_text=_("Status at the start of the incident.")
    )
    key = models.TextField(
        _("most severe status"), help_text=_("Most severe status during the incident.")
    )
    detected_by = models.CharField(_("detected by"), max_length=10, choices=Source)
    # What ended it: "reconnect", "setup", "resume", "removed", or empty if it came back by itself.
    ended_by = models.CharField(_("ended by"), max_length=10, blank=True, default="")
    repaired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("reconnected by"),
    )
    relapses = models.PositiveIntegerField(
        _("relapses"), default=0, help_text=_("Number of times it recurred within an hour.")
    )
    # Where the tool itself may be to blame: which, and when the connection last stopped working.
    tool = models.TextField(blank=True, default="", db_default="", editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    outage = models.ForeignKey(
        Outage, models.SET_NULL, null=True, related_name="incidents", editable=False
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_incident",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["integration", "-opened_at"], name="incident_newest_first"),
            models.Index(fields=["failed_at", "outage"], name="incident_by_failure"),
            models.Index(fields=["tool", "failed_at"], name="incident_by_tool"),
            models.Index(fields=["closed_at"], name="incident_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}, {self.opened_at:%Y-%m-%d}"


class Issue(models.Model):
    """What Kombo itself found wrong with an integration: raised when seen, resolved when seen no
    more.
    """

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="issues")
    issue_id = models.CharField(_("issue ID"), max_length=200)
    type = models.TextField(_("type"))
    title = models.TextField(_("title"))
    message = models.TextField(
        _("message"), blank=True, default="", help_text=_("Markdown from Kombo (untrusted).")
    )
    raised_at = models.DateTimeField(_("raised at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True)

    class Meta:
        ordering = ["raised_at", "pk"]
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["integration", "issue_id"], name="one_row_per_issue"),
        ]

    def __str__(self) -> str:
        return self.title

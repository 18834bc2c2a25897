"""A tenant's connected tools, and the last thing Kombo said of each."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from integrations.database.indexes import NothingFirst
from integrations.models.ids import validate_id
from integrations.models.tenants import Tenant, new_public_id


class IntegrationQuerySet(models.QuerySet["Integration"]):
    """Integrations; a grid can take megabytes and is loaded only where it is shown."""

    def without_grid(self) -> "IntegrationQuerySet":
        """Leave out the grid of each one's snapshot, which is selected along with it."""
        return self.defer("snapshot__coverage")


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Snapshots; a grid can take megabytes and is loaded only where it is shown."""

    def without_grid(self) -> "SnapshotQuerySet":
        """Leave out the grid."""
        return self.defer("coverage")


class Integration(models.Model):
    """One Kombo integration, mapped to the one tenant that may see it."""

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="integrations", verbose_name=_("customer")
    )
    environment = models.CharField(_("environment"), max_length=50, default="production")
    integration_id = models.CharField(
        _("integration ID"),
        max_length=200,
        validators=[validate_id],
        help_text=_(
            "Kombo’s integration ID, for example personio:CBNMt7dSNCzBdnRTx87dev4E. Never "
            "shown to customers."
        ),
    )
    public_id = models.CharField(
        _("public ID"), max_length=32, unique=True, default=new_public_id, editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # The mapping guard: who said that this integration is this tenant's although Kombo names
    # another origin id, and which one. Another origin id later closes the guard again.
    confirmed_origin_id = models.TextField(
        _("confirmed origin ID"), blank=True, default="", editable=False
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True, editable=False)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "integration_id"],
                name="one_tenant_per_integration",
                violation_error_message=_("This integration is already mapped to a customer."),
            ),
            models.CheckConstraint(
                condition=~models.Q(integration_id=""), name="integration_id_is_not_empty"
            ),
        ]
        permissions: ClassVar = [
            ("confirm_integration", gettext_noop("Can confirm mappings")),
            ("resume_integration", gettext_noop("Can resume paused integrations")),
            ("pause_integration", gettext_noop("Can pause integrations")),
            ("sync_integration", gettext_noop("Can request a sync")),
            ("disconnect_integration", gettext_noop("Can disconnect integrations")),
            ("map_fields", gettext_noop("Can change field mappings")),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} · {self.environment} · {self.integration_id}"


class Snapshot(models.Model):
    """The last good answer of Kombo for one integration, and how fetching it goes. The row is the
    cache.

    Columns hold what lists filter and sort on; `coverage` is the grid as JSON. A null `fetched_at`
    means that Kombo never answered. Only `upstream.snapshots` writes here, and `webhooks.handlers`
    through it.
    """

    integration = models.OneToOneField(
        Integration,
        models.CASCADE,
        primary_key=True,
        related_name="snapshot",
        verbose_name=_("integration"),
    )

    status = models.TextField(_("status"), blank=True, default="")
    setup_status = models.TextField(_("setup status"), blank=True, default="")
    category = models.TextField(_("category"), blank=True, default="")
    tool_id = models.TextField(_("tool ID"), blank=True, default="")
    tool_label = models.TextField(_("tool"), blank=True, default="")
    internal_label = models.TextField(_("internal label"), blank=True, default="")
    logo = models.ForeignKey("Logo", models.SET_NULL, null=True, related_name="+")
    beta = models.BooleanField(_("beta"), default=False)
    organization_name = models.TextField(_("organization in Kombo"), blank=True, default="")
    creator_email = models.TextField(_("connected by"), blank=True, default="")
    origin_id = models.TextField(_("origin ID"), blank=True, default="")
    scope_name = models.TextField(_("scope config"), blank=True, default="")
    scope_id = models.TextField(_("scope config ID"), blank=True, default="", db_default="")
    has_no_settings = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Kombo said that no step of the setup is enabled."),
    )
    former_account = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text=_("By whom it was connected before it was by another account, as JSON."),
    )
    account_changed_at = models.DateTimeField(
        null=True, help_text=_("When another account was first seen than before.")
    )
    connected_at = models.DateTimeField(_("connected since"), null=True)
    data_expired_at = models.DateTimeField(_("data expired at"), null=True)
    coverage = models.TextField(_("coverage data"), blank=True, default="")
    coverage_digest = models.CharField(max_length=16, blank=True, default="")
    coverage_changed_at = models.DateTimeField(
        null=True, help_text=_("When the coverage data last changed.")
    )
    # What only Kombo's webhooks tell.
    qa_status = models.TextField(_("quality check status"), blank=True, default="")
    sign_in_failing_since = models.DateTimeField(null=True)
    sign_in_settled_at = models.DateTimeField(
        null=True, help_text=_("Sign-in failures before this time are resolved.")
    )
    issue_title = models.TextField(
        blank=True, default="", help_text=_("Title of the first issue that limits the integration.")
    )
    open_issues = models.TextField(blank=True, default="", help_text=_("All open issues, as JSON."))
    synced_at = models.DateTimeField(null=True, help_text=_("When the latest sync ended."))
    sync_state = models.TextField(blank=True, default="", help_text=_("Result of the latest sync."))
    complete_at = models.DateTimeField(
        null=True, help_text=_("When the latest complete sync ended.")
    )
    data_changed_at = models.DateTimeField(
        null=True, help_text=_("When Kombo last reported new data.")
    )
    state_updated_at = models.DateTimeField(
        null=True, help_text=_("Time of the latest status received by webhook.")
    )

    fetched_at = models.DateTimeField(
        _("last checked"), null=True, help_text=_("When the data shown was requested.")
    )
    outdated_at = models.DateTimeField(
        null=True, help_text=_("A webhook reported a change: older data is out of date.")
    )
    check_at = models.DateTimeField(default=timezone.now, help_text=_("Next scheduled check."))
    status_since = models.DateTimeField(
        _("status since"), null=True, help_text=_("When the current status was first seen.")
    )
    trouble_since = models.DateTimeField(
        null=True, help_text=_("When the current incident started.")
    )
    removed_at = models.DateTimeField(
        _("removed at"),
        null=True,
        help_text=_("When Kombo first reported the integration as not found."),
    )
    watch_until = models.DateTimeField(
        null=True, help_text=_("Check frequently until this time, after a reconnect.")
    )
    repaired_at = models.DateTimeField(
        _("last reconnected"),
        null=True,
        help_text=_("When someone last reconnected, finished the setup or resumed."),
    )

    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(_("failed checks in a row"), default=0)
    retry_at = models.DateTimeField(_("next attempt"), null=True)
    error_kind = models.CharField(_("error"), max_length=40, blank=True, default="")
    error_code = models.TextField(_("Kombo’s error code"), blank=True, default="")
    error_log_url = models.TextField(_("Kombo log"), blank=True, default="")
    error_at = models.DateTimeField(_("time of the error"), null=True)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        indexes: ClassVar = [
            models.Index(fields=["check_at"], name="snapshot_due"),
            models.Index(fields=["coverage_digest"], name="snapshot_by_grid"),
            # How old what is shown is, and how many calls are under way.
            models.Index(
                fields=["fetched_at"],
                name="snapshot_age",
                condition=models.Q(removed_at__isnull=True),
            ),
            # Those that were never checked come before the oldest.
            NothingFirst(fields=["fetched_at", "integration"], name="snapshot_by_check"),
            models.Index(
                fields=["lease_until"],
                name="snapshot_leased",
                condition=models.Q(lease_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool_label or '?'} ({self.status or 'never fetched'})"

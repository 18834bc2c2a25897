"""What is mapped, and what Kombo says of it, which is to look at only."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ChoiceField
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.access import audit
from integrations.access.audit import Act, Value
from integrations.access.mapping_guard import is_withheld
from integrations.admin.audited import Audited
from integrations.admin.base import OfferedFiltersOnly, ReadOnly, ScopedToStaff
from integrations.domain.dates import date_text
from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshot_locks
from integrations.views.actors import actor_of

# No e-mail address of a customer's belongs here, no lease, and not the grid's whole JSON.
_SNAPSHOT_FIELDS = (
    "tool_label",
    "tool_id",
    "internal_label",
    "category",
    "organization_name",
    "status",
    "setup_status",
    "qa_status",
    "origin_id",
    "scope_name",
    "connected_at",
    "fetched_at",
    "status_since",
    "removed_at",
    "failures",
    "retry_at",
    "error_kind",
    "error_code",
    "error_log_url",
    "error_at",
)


class SnapshotInline(ReadOnly, admin.StackedInline):
    model = Snapshot
    fields = _SNAPSHOT_FIELDS


@admin.register(Snapshot)
class SnapshotAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = (
        "integration",
        "tool_label",
        "status",
        "setup_status",
        "fetched_at",
        "error_kind",
    )
    list_filter = ("status", "setup_status", "category", "error_kind")
    list_select_related = ("integration__tenant",)
    search_fields = ("tool_label", "integration__integration_id", "integration__tenant__name")
    fields = ("integration", *_SNAPSHOT_FIELDS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).defer("coverage")


@admin.register(Integration)
class IntegrationAdmin(OfferedFiltersOnly, ScopedToStaff, Audited, admin.ModelAdmin):
    list_display = ("tenant", "tool", "status", "guard", "integration_id", "environment")
    list_filter = ("environment", "snapshot__status", "snapshot__category")
    list_select_related = ("tenant", "snapshot", "confirmed_by")
    search_fields = (
        "integration_id",
        "public_id",
        "tenant__name",
        "tenant__origin_id",
        "snapshot__tool_label",
    )
    autocomplete_fields = ("tenant",)
    readonly_fields = (
        "public_id",
        "mapping",
        "confirmed_origin_id",
        "confirmed_by",
        "confirmed_at",
        "created_at",
    )
    actions = ["confirm_mapping"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Integration]:
        return super().get_queryset(request).defer("snapshot__coverage")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "environment":
            return ChoiceField(
                label=capfirst(db_field.verbose_name),
                choices=[(name, name) for name in settings.KOMBO_ENVIRONMENTS],
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Integration | None) -> list[Any]:
        return [SnapshotInline] if obj else []

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        left = None
        if change:
            snapshot_locks.lock([obj.pk])
            if {"tenant", "environment", "integration_id"} & set(form.changed_data):
                left = Tenant.objects.get(integrations=obj.pk)
                mapping.renew(obj)
        super().save_model(request, obj, form, change)
        if left and left != obj.tenant:  # the entry that each change leaves is the new tenant's
            by = actor_of(request)
            audit.record(by, Act.ADMINISTERED, tenant=left, integration=obj, moved="away")
        mapping.announce(obj, left=left)
        obj.refresh_from_db()

    def audited_changes(self, form: Any) -> dict[str, Value]:
        """Return the changes; without the old values where the tenant changed too: the new tenant
        reads the record, and the old values were another's.
        """
        changes = super().audited_changes(form)
        if "tenant" in form.changed_data and form.initial:
            became = changes.get("changes")
            if isinstance(became, dict):
                changes["changes"] = {
                    name: ["", after] for name, (_before, after) in became.items()
                }
            changes["moved"] = "here"
        return changes

    @admin.display(description=_("tool"), ordering="snapshot__tool_label")
    def tool(self, obj: Integration) -> str:
        return obj.snapshot.tool_label

    @admin.display(description=_("status"), ordering="snapshot__status")
    def status(self, obj: Integration) -> str:
        return obj.snapshot.status

    @admin.display(description=_("mapping"))
    def guard(self, obj: Integration) -> str:
        if is_withheld(obj):
            return str(_("Unconfirmed"))
        return str(_("Confirmed") if obj.confirmed_at else _("OK"))

    @admin.display(description=_("mapping"))
    def mapping(self, obj: Integration) -> str:
        if not obj.pk:
            return ""
        if is_withheld(obj):
            names = {"kombo": obj.snapshot.origin_id, "ours": obj.tenant.origin_id}
            return (
                _(
                    "Unconfirmed: Kombo reports origin ID “%(kombo)s”, but this customer’s "
                    "origin ID is “%(ours)s”."
                )
                % names
            )
        if obj.confirmed_at:
            names = {"who": str(obj.confirmed_by or "?"), "when": date_text(obj.confirmed_at)}
            return _("Confirmed by %(who)s on %(when)s") % names
        return str(
            _("Matches Kombo") if obj.snapshot.origin_id else _("Kombo returned no origin ID")
        )

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).has_perm("integrations.confirm_integration")

    @admin.action(description=_("Confirm mapping"), permissions=["confirm"])
    def confirm_mapping(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        withheld = [
            integration
            for integration in queryset.select_related("tenant", "snapshot")
            if is_withheld(integration)
        ]
        for integration in withheld:
            mapping.confirm(integration, actor_of(request))
            detail = f"Confirmed origin id {integration.confirmed_origin_id}"
            # The audit record has it already.
            super(Audited, self).log_change(request, integration, detail)
        text = ngettext("%(n)s mapping confirmed.", "%(n)s mappings confirmed.", len(withheld))
        self.message_user(request, text % {"n": len(withheld)}, messages.SUCCESS)

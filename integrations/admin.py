"""The administration: tenants, who belongs to them, and what is mapped. Snapshots are to look at only."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import ChoiceField
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations import embedding, mapping
from integrations.access import is_withheld
from integrations.models import Entry, Event, Incident, Integration, Membership, Snapshot, Tenant

admin.site.site_header = _("Integrations: administration")
admin.site.site_title = _("Administration")
admin.site.index_title = _("What is stored")


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    list_display = ("name", "origin_id", "public_id", "created_at")
    search_fields = ("name", "origin_id", "public_id")
    readonly_fields = ("public_id", "created_at")
    inlines = [MembershipInline]
    actions = ["end_embed_sessions"]

    @admin.action(description=_("End their embedded sessions"), permissions=["change"])
    def end_embed_sessions(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        """Whoever looks at an embed of these tenants is out with the next request."""
        ended = sum(embedding.revoke(tenant) for tenant in queryset)
        self.message_user(request, ngettext("%d session ended.", "%d sessions ended.", ended) % ended, messages.SUCCESS)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "tenant", "role")
    list_filter = ("role",)
    list_select_related = ("user", "tenant")
    search_fields = ("user__username", "tenant__name", "tenant__origin_id")
    autocomplete_fields = ("user", "tenant")


class ReadOnly:
    """Nothing to add, change or delete by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# No e-mail address of a customer's belongs here, no lease, and not the grid's whole JSON.
_SNAPSHOT_FIELDS = (
    "tool_label", "tool_id", "internal_label", "category", "organization_name", "status", "setup_status", "qa_status",
    "origin_id", "scope_name",
    "connected_at", "fetched_at", "status_since", "removed_at", "failures", "retry_at", "error_kind", "error_code",
    "error_log_url", "error_at",
)  # fmt: skip


class SnapshotInline(ReadOnly, admin.StackedInline):
    model = Snapshot
    fields = _SNAPSHOT_FIELDS


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("integration", "tool_label", "status", "setup_status", "fetched_at", "error_kind")
    list_filter = ("status", "setup_status", "category", "error_kind")
    list_select_related = ("integration__tenant",)
    search_fields = ("tool_label", "integration__integration_id", "integration__tenant__name")
    fields = ("integration", *_SNAPSHOT_FIELDS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).defer("coverage")


@admin.register(Integration)
class IntegrationAdmin(admin.ModelAdmin):
    list_display = ("tenant", "tool", "status", "guard", "integration_id", "environment")
    list_filter = ("environment", "snapshot__status", "snapshot__category")
    list_select_related = ("tenant", "snapshot", "confirmed_by")
    search_fields = ("integration_id", "public_id", "tenant__name", "tenant__origin_id", "snapshot__tool_label")
    autocomplete_fields = ("tenant",)
    readonly_fields = ("public_id", "mapping", "confirmed_origin_id", "confirmed_by", "confirmed_at", "created_at")
    actions = ["confirm_mapping"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Integration]:
        return super().get_queryset(request).defer("snapshot__coverage")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "environment":
            return ChoiceField(choices=[(name, name) for name in settings.KOMBO_ENVIRONMENTS])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Integration | None) -> list[Any]:
        return [SnapshotInline] if obj else []

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        if change and form.changed_data:
            mapping.unconfirm(obj)
        super().save_model(request, obj, form, change)
        if {"environment", "integration_id"} & set(form.changed_data):  # what we know is about another integration
            Snapshot.objects.filter(integration=obj).delete()
        Snapshot.objects.get_or_create(integration=obj)

    @admin.display(description=_("tool"), ordering="snapshot__tool_label")
    def tool(self, obj: Integration) -> str:
        return obj.snapshot.tool_label

    @admin.display(description=_("status"), ordering="snapshot__status")
    def status(self, obj: Integration) -> str:
        return obj.snapshot.status

    @admin.display(description=_("mapping"))
    def guard(self, obj: Integration) -> str:
        if is_withheld(obj):
            return str(_("Withheld"))
        return str(_("Confirmed") if obj.confirmed_at else _("In order"))

    @admin.display(description=_("mapping"))
    def mapping(self, obj: Integration) -> str:
        if not obj.pk:
            return ""
        if is_withheld(obj):
            names = {"kombo": obj.snapshot.origin_id, "ours": obj.tenant.origin_id}
            return _("Withheld: Kombo names origin id “%(kombo)s”, the tenant's is “%(ours)s”.") % names
        if obj.confirmed_at:
            names = {"who": str(obj.confirmed_by or "?"), "when": date_format(obj.confirmed_at)}
            return _("Confirmed by %(who)s on %(when)s") % names
        return str(_("As Kombo says") if obj.snapshot.origin_id else _("Kombo names no origin id"))

    @admin.action(description=_("Confirm that the mapping is right"), permissions=["change"])
    def confirm_mapping(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        withheld = [one for one in queryset.select_related("tenant", "snapshot") if is_withheld(one)]
        for integration in withheld:
            mapping.confirm(integration, cast("User", request.user))
            self.log_change(request, integration, f"Confirmed origin id {integration.confirmed_origin_id}")
        text = ngettext("%(n)s mapping confirmed.", "%(n)s mappings confirmed.", len(withheld))
        self.message_user(request, text % {"n": len(withheld)}, messages.SUCCESS)


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    """A payload names a customer's people, so it is for the database alone."""

    list_display = ("received_at", "environment", "type", "integration", "worked_at", "error")
    list_filter = ("environment", "type", "error")
    list_select_related = ("integration__tenant",)
    search_fields = ("event_id", "integration__integration_id", "integration__tenant__name")
    fields = ("environment", "event_id", "type", "integration", "received_at", "worked_at", "attempts", "error")
    date_hierarchy = "received_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("payload")


@admin.register(Incident)
class IncidentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("integration", "key", "opened_at", "closed_at", "detected_by", "ended_by")
    list_filter = ("key", "detected_by", "ended_by")
    list_select_related = ("integration__tenant",)
    search_fields = ("integration__integration_id", "integration__tenant__name")


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "integration", "kind", "what", "source", "actor")
    list_filter = ("kind", "source")
    list_select_related = ("integration__tenant", "actor")
    search_fields = ("integration__integration_id", "integration__tenant__name")
    date_hierarchy = "at"

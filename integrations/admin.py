"""The administration: tenants, who belongs to them, and what is mapped. Snapshots are to look at only."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.access import audit, embed_sessions, hand_offs, permissions
from integrations.access.audit import Act
from integrations.access.permissions import is_withheld
from integrations.domain import reminder_schedule
from integrations.mail import reminders
from integrations.models import Entry, Event, Incident, Integration, Membership, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.views.actors import actor_of
from integrations.workspace import features, summaries

admin.site.site_header = _("Integrations: administration")
admin.site.site_title = _("Administration")
admin.site.index_title = _("What is stored")


class Audited:
    """What is done here is in the audit record too, not only in Django's own log."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._note(request, obj, super().log_addition(request, obj, message))  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._note(request, obj, super().log_change(request, obj, message))  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._note(request, obj, None, said="deleted")
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _note(self, request: HttpRequest, obj: Any, entry: Any, said: str = "") -> Any:
        said = said or entry.get_change_message()
        tenant = obj if isinstance(obj, Tenant) else getattr(obj, "tenant", None)
        integration = obj if isinstance(obj, Integration) else None
        # Its own name holds Kombo's id, which is for the server alone. The entry names its tenant, its tool and itself.
        name = obj._meta.verbose_name if integration else f"{obj._meta.verbose_name} {obj}"
        by, detail = actor_of(request), f"{name}: {said}"
        audit.record(by, Act.ADMINISTERED, tenant=tenant, integration=integration, detail=detail)
        return entry


class OfTheirs:
    """Shows of whatever belongs to a tenant no more than the workspace does: staff may look after some tenants only."""

    tenant_path = "tenant"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        user = cast("User", request.user)
        whose = {f"{self.tenant_path}__in": permissions.customers(user)}
        return rows if permissions.sees_every_tenant(user) else rows.filter(**whose)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "tenant":
            kwargs["queryset"] = permissions.customers(cast("User", request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


class TenantForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for name, check in (
            ("reminders", reminder_schedule.check_delays),
            ("quiet_hours", reminder_schedule.check_quiet),
        ):
            try:
                check(told.get(name, ""))
            except ValueError as error:
                self.add_error(name, ValidationError(str(error)))
        return told


@admin.register(Tenant)
class TenantAdmin(OfTheirs, Audited, admin.ModelAdmin):
    tenant_path = "pk"
    form = TenantForm
    list_display = ("name", "origin_id", "owner", "public_id", "created_at")
    list_filter = ("owner",)
    list_select_related = ("owner",)
    search_fields = ("name", "origin_id", "public_id")
    readonly_fields = ("public_id", "created_at")
    inlines = [MembershipInline]
    actions = ["end_embed_sessions"]

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        may_assign = cast("User", request.user).has_perm("integrations.assign_tenant")
        return self.readonly_fields if may_assign else (*self.readonly_fields, "owner")

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        if change:
            snapshots.lock_tenants([obj])
        super().save_model(request, obj, form, change)
        summaries.settle_tenants([obj])
        reminders.ask_again([obj])
        features.ask_again(pk=obj.pk)  # with another origin id the mapping guard lets others through

    @admin.action(description=_("End their embedded sessions"), permissions=["change"])
    def end_embed_sessions(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        """Whoever looks at an embed of these tenants is out with the next request."""
        ended = sum(embed_sessions.revoke(tenant) for tenant in queryset)
        for tenant in queryset:
            audit.record(actor_of(request), Act.SESSIONS_ENDED, tenant=tenant)
        self.message_user(request, ngettext("%d session ended.", "%d sessions ended.", ended) % ended, messages.SUCCESS)


@admin.register(Membership)
class MembershipAdmin(OfTheirs, Audited, admin.ModelAdmin):
    list_display = ("user", "tenant", "role")
    list_filter = ("role",)
    list_select_related = ("user", "tenant")
    search_fields = ("user__username", "tenant__name", "tenant__origin_id")
    autocomplete_fields = ("user", "tenant")


admin.site.unregister([User, Group])  # as Django registers them, they are in its own log only


@admin.register(User)
class AccountAdmin(Audited, UserAdmin):
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        hand_offs.revoke_orphans(obj)


@admin.register(Group)
class RolesAdmin(Audited, GroupAdmin):
    pass


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
class SnapshotAdmin(OfTheirs, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("integration", "tool_label", "status", "setup_status", "fetched_at", "error_kind")
    list_filter = ("status", "setup_status", "category", "error_kind")
    list_select_related = ("integration__tenant",)
    search_fields = ("tool_label", "integration__integration_id", "integration__tenant__name")
    fields = ("integration", *_SNAPSHOT_FIELDS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).defer("coverage")


@admin.register(Integration)
class IntegrationAdmin(OfTheirs, Audited, admin.ModelAdmin):
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

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        if change:
            snapshots.lock([obj.pk])
            if form.changed_data:
                mapping.unconfirm(obj)
        super().save_model(request, obj, form, change)
        before = Tenant.objects.filter(pk=form.initial.get("tenant")).first() if "tenant" in form.changed_data else None
        is_replaced = change and bool({"environment", "integration_id"} & set(form.changed_data))
        mapping.announce(obj, moved_from=before, is_replaced=is_replaced)
        if before:  # the entry that each change leaves is the new tenant's
            by, said = actor_of(request), f"{obj._meta.verbose_name}: {audit.MOVED_AWAY}"
            audit.record(by, Act.ADMINISTERED, tenant=before, integration=obj, detail=said)

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
            mapping.confirm(integration, actor_of(request))
            said = f"Confirmed origin id {integration.confirmed_origin_id}"
            super(Audited, self).log_change(request, integration, said)  # the audit record has it already
        text = ngettext("%(n)s mapping confirmed.", "%(n)s mappings confirmed.", len(withheld))
        self.message_user(request, text % {"n": len(withheld)}, messages.SUCCESS)


@admin.register(Event)
class EventAdmin(OfTheirs, ReadOnly, admin.ModelAdmin):
    """A payload names a customer's people, so it is for the database alone."""

    tenant_path = "integration__tenant"
    list_display = ("received_at", "environment", "type", "integration", "worked_at", "error")
    list_filter = ("environment", "type", "error")
    list_select_related = ("integration__tenant",)
    search_fields = ("event_id", "integration__integration_id", "integration__tenant__name")
    fields = ("environment", "event_id", "type", "integration", "received_at", "worked_at", "attempts", "error")
    date_hierarchy = "received_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("payload")


@admin.register(Incident)
class IncidentAdmin(OfTheirs, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("integration", "key", "opened_at", "closed_at", "detected_by", "ended_by")
    list_filter = ("key", "detected_by", "ended_by")
    list_select_related = ("integration__tenant",)
    search_fields = ("integration__integration_id", "integration__tenant__name")


@admin.register(Entry)
class EntryAdmin(OfTheirs, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("at", "integration", "kind", "what", "source", "actor")
    list_filter = ("kind", "source")
    list_select_related = ("integration__tenant", "actor")
    search_fields = ("integration__integration_id", "integration__tenant__name")
    date_hierarchy = "at"

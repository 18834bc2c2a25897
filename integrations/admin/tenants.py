"""Tenants, and who belongs to them."""

from collections import Counter
from io import BytesIO
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.access import audit, embed_sessions, permissions
from integrations.access.audit import Act
from integrations.admin.audited import Audited
from integrations.admin.base import AsksAnew, OfferedFiltersOnly, ScopedToStaff
from integrations.domain import reminder_schedule
from integrations.mail import compose, reminder_spells
from integrations.models import Membership, Tenant
from integrations.tenants import belongings, export, forgetting
from integrations.upstream import snapshot_locks
from integrations.views.actors import actor_of
from integrations.workspace import features, summaries


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


class TenantForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if compose.unmailable(cleaned.get("contact_email", "")):
            self.add_error("contact_email", _("Email can’t be sent to this address."))
        for name, check in (
            ("reminders", reminder_schedule.check_delays),
            ("quiet_hours", reminder_schedule.check_quiet_hours),
        ):
            try:
                check(cleaned.get(name, ""))
            except ValueError as error:
                self.add_error(name, ValidationError(str(error)))
        return cleaned


@admin.register(Tenant)
class TenantAdmin(AsksAnew, OfferedFiltersOnly, ScopedToStaff, Audited, admin.ModelAdmin):
    tenant_path = "pk"
    form = TenantForm
    list_display = ("name", "origin_id", "owner", "public_id", "created_at")
    list_filter = ("owner",)
    list_select_related = ("owner",)
    search_fields = ("name", "origin_id", "public_id")
    readonly_fields = ("public_id", "created_at")
    inlines = [MembershipInline]
    actions = ["end_embed_sessions", "export_data"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Tenant | None = None
    ) -> tuple[str, ...]:
        user = cast("User", request.user)
        fixed = [] if user.has_perm("integrations.assign_tenant") else ["owner"]
        # That one is taken already would tell of a tenant that they may not see.
        fixed += [] if permissions.sees_every_tenant(user) else ["origin_id"]
        return (*self.readonly_fields, *fixed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_add_tenants(cast("User", request.user))

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        if change:
            snapshot_locks.lock_tenants([obj])
        super().save_model(request, obj, form, change)
        summaries.recompute_tenants([obj])
        reminder_spells.reconsider([obj])
        # With another origin id the mapping guard lets others through.
        features.mark_stale(pk=obj.pk)

    @admin.action(description=_("End embedded sessions"), permissions=["change"])
    def end_embed_sessions(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        """Whoever looks at an embed of these tenants is out with the next request."""
        ended = 0
        for tenant in queryset:
            number = embed_sessions.revoke(tenant)
            audit.record(actor_of(request), Act.SESSIONS_ENDED, tenant=tenant, number=number)
            ended += number
        self.message_user(
            request,
            ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended},
            messages.SUCCESS,
        )

    def has_export_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).has_perm("integrations.export_tenant")

    @admin.action(description=_("Export customer data"), permissions=["export"])
    def export_data(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> HttpResponse:
        """One ZIP file, with a folder for each of several tenants."""
        file = BytesIO()
        export.write(list(queryset), file, actor_of(request))
        headers = {"Content-Disposition": 'attachment; filename="export.zip"'}
        return HttpResponse(file.getvalue(), content_type="application/zip", headers=headers)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Deleting a tenant forgets it: what is theirs goes too, read-only as it is otherwise."""
        counts = Counter[str]()
        for tenant in objs:
            for rows in belongings.of_tenant(tenant).values():
                counts[str(rows.model._meta.verbose_name_plural)] += rows.count()
        counts = +counts  # what there is none of is not worth a line
        return [str(tenant) for tenant in objs], dict(counts), set(), []

    def delete_model(self, request: HttpRequest, obj: Tenant) -> None:
        forgetting.forget_tenant(obj, actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        for tenant in queryset:
            forgetting.forget_tenant(tenant, actor_of(request))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Forgetting leaves a line of its own, which names nobody."""


@admin.register(Membership)
class MembershipAdmin(AsksAnew, OfferedFiltersOnly, ScopedToStaff, Audited, admin.ModelAdmin):
    list_display = ("user", "tenant", "role")
    list_filter = ("role",)
    list_select_related = ("user", "tenant")
    search_fields = ("user__username", "tenant__name", "tenant__origin_id")
    autocomplete_fields = ("user", "tenant")

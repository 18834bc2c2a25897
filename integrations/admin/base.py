"""What the pages of the administration share: no more than the workspace shows, to look at only."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.access import permissions
from integrations.views.decorators import require_recent


class ScopedToStaff:
    """Shows of whatever belongs to a tenant no more than the workspace does: staff may look after
    some tenants only.
    """

    tenant_path = "tenant"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        user = cast("User", request.user)
        whose = {f"{self.tenant_path}__in": permissions.tenants_for_staff(user)}
        return rows if permissions.sees_every_tenant(user) else rows.filter(**whose)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "tenant":
            kwargs["queryset"] = permissions.tenants_for_staff(cast("User", request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class OfferedFiltersOnly:
    """Its list is narrowed by the filters that it offers only: how many rows are left by another
    one, written into the address, would tell what columns hold that are shown to nobody.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        admin: Any = super()
        offered = {*admin.get_list_filter(request), self.date_hierarchy}  # type: ignore[attr-defined]
        return any(
            lookup == name or lookup.startswith(f"{name}__") for name in offered if name
        ) and bool(admin.lookup_allowed(lookup, value, request))


class AsksAnew:
    """What it changes is grave: whoever has not proved lately who they are is asked for it."""

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return require_recent(super().changeform_view)(request, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return require_recent(super().delete_view)(request, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The list; what is done with several of its rows is posted."""
        view: Any = super().changelist_view  # type: ignore[misc]
        is_act = request.method == "POST"
        return (require_recent(view) if is_act else view)(request, *args, **kwargs)


class ReadOnly:
    """Nothing to add, change or delete by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

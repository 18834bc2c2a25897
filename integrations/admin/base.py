"""What the pages of the administration share: on record, no more than the workspace shows, to look
at only.
"""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.access import audit, permissions
from integrations.access.audit import Act
from integrations.models import Integration, Tenant
from integrations.views.actors import actor_of


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
        # Its own name holds Kombo's id, which is for the server alone. The entry names its tenant,
        # its tool and itself.
        name = obj._meta.verbose_name if integration else f"{obj._meta.verbose_name} {obj}"
        by = actor_of(request)
        detail = f"{name}: {said}"
        audit.record(by, Act.ADMINISTERED, tenant=tenant, integration=integration, detail=detail)
        return entry


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


class ReadOnly:
    """Nothing to add, change or delete by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

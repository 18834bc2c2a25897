"""Accounts and groups, as Django has them, and on record."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integrations.access import hand_offs
from integrations.admin.audited import Audited
from integrations.admin.base import AsksAnew, OfferedFiltersOnly
from integrations.views.decorators import require_recent

admin.site.unregister([User, Group])  # as Django registers them, they are in its own log only
if settings.USES_ALLAUTH:  # its pages would show keys, and know none of our limits
    admin.site.unregister(
        [one for one in admin.site._registry if one.__module__.startswith("allauth.")]
    )


class EndsLinks:
    """Whoever may not make hand-off links any more by what is changed here leaves none behind."""

    def save_related(self, *args: Any) -> None:
        super().save_related(*args)  # type: ignore[misc]
        hand_offs.revoke_orphans()

    def delete_model(self, *args: Any) -> None:
        super().delete_model(*args)  # type: ignore[misc]
        hand_offs.revoke_orphans()

    def delete_queryset(self, *args: Any) -> None:
        super().delete_queryset(*args)  # type: ignore[misc]
        hand_offs.revoke_orphans()


class PermissionsField(ModelMultipleChoiceField):
    """Offers permissions by names in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.content_type} | {permission_name(obj)}"


class NamesPermissions:
    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def permission_name(permission: Permission) -> str:
    """A permission as its model names it today, whatever the database kept from an earlier
    version.
    """
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    names = {"model": model._meta.verbose_name}
    standard = {
        f"add_{model._meta.model_name}": _("Can add %(model)s"),
        f"change_{model._meta.model_name}": _("Can change %(model)s"),
        f"delete_{model._meta.model_name}": _("Can delete %(model)s"),
        f"view_{model._meta.model_name}": _("Can view %(model)s"),
    }
    if permission.codename in standard:
        return standard[permission.codename] % names
    own = dict(model._meta.permissions).get(permission.codename)
    return _(str(own)) if own else permission.name


@admin.register(User)
class AccountAdmin(AsksAnew, NamesPermissions, EndsLinks, OfferedFiltersOnly, Audited, UserAdmin):
    def user_change_password(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Give somebody another password, which is as good as being them."""
        return require_recent(super().user_change_password)(request, *args, **kwargs)


@admin.register(Group)
class RolesAdmin(AsksAnew, NamesPermissions, EndsLinks, OfferedFiltersOnly, Audited, GroupAdmin):  # type: ignore[misc]
    pass

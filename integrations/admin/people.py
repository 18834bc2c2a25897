"""Accounts and groups, as Django has them, and on record."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from integrations.access import hand_offs
from integrations.admin.audited import Audited
from integrations.admin.base import OfferedFiltersOnly

admin.site.unregister([User, Group])  # as Django registers them, they are in its own log only


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


@admin.register(User)
class AccountAdmin(EndsLinks, OfferedFiltersOnly, Audited, UserAdmin):
    pass


@admin.register(Group)
class RolesAdmin(EndsLinks, OfferedFiltersOnly, Audited, GroupAdmin):
    pass

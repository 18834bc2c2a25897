"""Accounts and groups, as Django has them, and on record."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from integrations.access import hand_offs
from integrations.admin.base import Audited

admin.site.unregister([User, Group])  # as Django registers them, they are in its own log only


@admin.register(User)
class AccountAdmin(Audited, UserAdmin):
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        hand_offs.revoke_orphans(obj)


@admin.register(Group)
class RolesAdmin(Audited, GroupAdmin):
    pass

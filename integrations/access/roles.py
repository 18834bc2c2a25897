"""The roles of the vendor's staff: groups of permissions under fixed names, which a migration made.

A role says what somebody may do besides what all staff may; permissions that were given singly
keep their effect. Only these four groups are roles; what an installation makes of them in the
administration stays.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from integrations.access import account_sessions, audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.access.grants import Person

MANAGE = "integrations.manage_people"
LOOK_ONLY = "integrations.look_only"  # the one permission that takes something away
_BACKEND = "django.contrib.auth.backends.ModelBackend"  # whose permissions are in the database
LONGEST_KEY = 19  # digits of a primary key that both databases can look for


class StaffRole(StrEnum):
    """What somebody of the staff is; each is the name of a group."""

    VIEWER = "role:viewer"
    ACCOUNT_MANAGER = "role:account_manager"
    LEAD = "role:lead"
    ADMINISTRATOR = "role:administrator"


NAMES: Mapping[str, Promise] = {
    StaffRole.VIEWER: pgettext_lazy("role", "Viewer"),
    StaffRole.ACCOUNT_MANAGER: pgettext_lazy("role", "Account manager"),
    StaffRole.LEAD: pgettext_lazy("role", "Lead"),
    StaffRole.ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}

_VIEWER = {"look_only", "view_tenant", "view_mail", "view_auditentry"}
_ACCOUNT_MANAGER = {
    *("pause_integration", "resume_integration", "sync_integration", "disconnect_integration"),
    *("assign_tenant", "contact_tenant", "add_membership", "change_feature"),
    *("view_mail", "change_mail", "view_auditentry"),
}
_LEAD = _ACCOUNT_MANAGER | {
    *("view_tenant", "add_tenant", "add_integration", "view_integration", "confirm_integration"),
    *("map_fields", "view_snapshot", "change_toolnote", "view_event", "change_event"),
    "view_system",
}
_ADMINISTRATOR = _LEAD | {
    *("change_tenant", "delete_tenant", "export_tenant", "change_integration"),
    *("view_membership", "change_membership", "delete_membership"),
    *("view_purpose", "add_purpose", "change_purpose", "delete_purpose"),
    *("change_identity", "manage_people"),
}
PERMISSIONS: Mapping[StaffRole, frozenset[str]] = {
    StaffRole.VIEWER: frozenset(_VIEWER),
    StaffRole.ACCOUNT_MANAGER: frozenset(_ACCOUNT_MANAGER),
    StaffRole.LEAD: frozenset(_LEAD),
    StaffRole.ADMINISTRATOR: frozenset(_ADMINISTRATOR),
}
"""What each role may do, as the migration gave it: docs/workspace.md has it in words."""


class Refused(Exception):
    """Something that nobody may do to a person."""


class OwnAccount(Refused):
    """It is one's own account."""


class TooMuch(Refused):
    """It takes or gives a permission that whoever acts has not."""


class LastAdministrator(Refused):
    """Nobody would be left who can give roles."""


def name_of(role: str) -> str:
    """Return what a role is called; of a group that is no role, its name."""
    return str(NAMES.get(role, role))


def role_of(user: User) -> StaffRole | None:
    """Return the highest role that somebody has."""
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(StaffRole) if role in names), None)


def staff() -> QuerySet[User]:
    """Return the vendor's people with what they may do, those at work first, by name."""
    people = User.objects.filter(is_staff=True).prefetch_related(
        "groups__permissions__content_type", "user_permissions__content_type"
    )
    return people.order_by("-is_active", "first_name", "last_name", "username")


def sees_every_tenant(user: User) -> bool:
    """Whether one of the staff sees all customers, while their account is active."""
    return user.is_superuser or "integrations.view_tenant" in _held_by(user)


def changed_by_hand() -> set[StaffRole]:
    """Return the roles whose groups have other permissions by now than the migration gave them."""
    groups = Group.objects.filter(name__in=StaffRole).prefetch_related("permissions")
    has = {group.name: {one.codename for one in group.permissions.all()} for group in groups}
    return {role for role in StaffRole if has.get(role, set()) != PERMISSIONS[role]}


def may_act(user: Person) -> bool:
    """Whether one of the staff may do to the customers that they see what all staff may: notes,
    snoozing, guest links, invitations to connect.
    """
    return not user.has_perm(LOOK_ONLY) or (isinstance(user, User) and user.is_superuser)


def require_acting(user: Person) -> None:
    """Raises Http404 for who may look only: for them, it is not there."""
    if not may_act(user):
        raise Http404


def to_give(by: User) -> list[StaffRole]:
    """Return the roles that somebody who may manage people can give, as they have all that each
    brings along.
    """
    groups = Group.objects.filter(name__in=StaffRole)
    brings = {
        group.name: _names(group.permissions.all())
        for group in groups.prefetch_related("permissions__content_type")
    }
    has = by.get_all_permissions()
    return [
        role for role in StaffRole if role in brings and (by.is_superuser or brings[role] <= has)
    ]


def may_change(by: User, user: User) -> bool:
    """Whether somebody may take from another one what that one has, or give it back."""
    return by.pk != user.pk and (
        by.is_superuser or (not user.is_superuser and _held_by(user) <= by.get_all_permissions())
    )


def person(pk: str) -> User:
    """Return one of the staff by the account's primary key. Raises Http404."""
    for user in staff().filter(pk=pk) if pk.isdecimal() and len(pk) < LONGEST_KEY else ():
        return user
    raise Http404


def change_role(user: User, role: StaffRole | None, by: Actor) -> None:
    """Give somebody of the staff a role in the place of the one they have, or none.

    Permissions that were given singly, and other groups, stay. Raises Refused.
    """
    with _changing(user, by) as (actor, held):
        if role and role not in to_give(actor):
            raise TooMuch
        before = role_of(held)
        held.groups.remove(*Group.objects.filter(name__in=StaffRole))
        if role:
            held.groups.add(Group.objects.get(name=role))
        _record(by, held, role=[before or "", role or ""])


def set_active(user: User, by: Actor, *, is_active: bool) -> None:
    """Let somebody of the staff in, or not any more: then their sessions end at once.

    Raises Refused.
    """
    with _changing(user, by) as (_actor, held):
        User.objects.filter(pk=held.pk).update(is_active=is_active)
        if not is_active:
            account_sessions.end_all([held.pk])
        _record(by, held, is_active=["no", "yes"] if is_active else ["yes", "no"])


@contextmanager
def _changing(user: User, by: Actor) -> Iterator[tuple[User, User]]:
    """Have whoever acts and whom it is about as they are now, while nobody else changes roles.

    Raises Refused, also for what leaves nobody who can give roles.
    """
    with transaction.atomic():
        # One change after the other: two administrators can't remove each other at once.
        list(Group.objects.select_for_update().filter(name__in=StaffRole).order_by("pk"))
        actor = User.objects.filter(pk=by.user.pk).first() if by.user else None
        if actor is None or not actor.has_perm(MANAGE):
            raise TooMuch
        held = User.objects.get(pk=user.pk)
        if held.pk == actor.pk:
            raise OwnAccount
        if not may_change(actor, held):
            raise TooMuch
        yield actor, held
        left = User.objects.with_perm(MANAGE, backend=_BACKEND).filter(is_staff=True)
        if not left.exists():
            raise LastAdministrator
        hand_offs.revoke_orphans(created_by=held)


def _held_by(user: User) -> set[str]:
    """Return somebody's permissions by name, from what was fetched along; also of who is not
    active, for whom Django counts none.
    """
    of_groups = (_names(group.permissions.all()) for group in user.groups.all())
    return _names(user.user_permissions.all()).union(*of_groups)


def _names(permissions: Iterable[Permission]) -> set[str]:
    """Return what permissions give, by name; nobody needs to have what takes something away."""
    names = {f"{one.content_type.app_label}.{one.codename}" for one in permissions}
    return names - {LOOK_ONLY}


def _record(by: Actor, user: User, **became: list[str]) -> None:
    audit.record(by, Act.PERSON_CHANGED, account=user.get_username(), changes=became)

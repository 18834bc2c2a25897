"""Accounts of people who come from the vendor's identity provider, and what they may do.

An account is found by the provider's own name for the person, which never changes; by an email
address only the first time, and only if the provider has verified it. What the provider's groups
stand for is given at each sign-in, and what they don't is taken away.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from integrations.access import audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.access.roles import StaffRole
from integrations.models import Membership, Role, Tenant
from kombo_dashboard.sign_in_settings import Provider

LONGEST_NAME = 150  # characters, as Django's model has it
_TRIES = 2


class Reason(StrEnum):
    """Why somebody whom the provider knows does not get in."""

    NO_ROLE = "no_role"
    DEACTIVATED = "deactivated"
    ADDRESS_NOT_VERIFIED = "address_not_verified"
    ADDRESS_TAKEN = "address_taken"


class NotAdmitted(Exception):
    """Somebody does not get in; their account, if they have one, goes with it."""

    def __init__(self, reason: Reason, user: User | None = None) -> None:
        super().__init__(reason)
        self.reason, self.user = reason, user


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for.

    `subject` is its name for them; `groups` and `tenants` are what it says they belong to, tenants
    by origin id.
    """

    subject: str
    email: str = ""
    is_email_verified: bool = False
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    groups: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()


def provider() -> Provider:
    """Return the identity provider's settings. Raises LookupError where there is none."""
    if settings.SSO is None:
        raise LookupError
    return settings.SSO


def provider_key(issuer: str) -> str:
    """Return under which name accounts of a provider are kept: another one's subjects are others,
    even where they have the same names.
    """
    return f"oidc-{hashlib.sha256(issuer.encode()).hexdigest()[:32]}"


def role_group(role: str) -> Group:
    """Return the group of ours that a role stands for, as the settings name it."""
    return Group.objects.get_or_create(name=StaffRole[role.upper()])[0]


def is_linked(user: User) -> bool:
    """Whether somebody can sign in through the provider."""
    return bool(settings.SSO) and _of_provider().filter(user=user).exists()


def is_theirs(user: User, subject: str) -> bool:
    """Whether the provider's name for somebody is linked to this account."""
    return bool(_of_provider().filter(user=user, uid=subject).exists())


def admit(person: Person, address: str) -> User:
    """Return the account of a person, as the provider's groups have it by now.

    `address` is where they come from, for the record. Raises NotAdmitted.
    """
    for attempt in range(_TRIES):
        try:
            return _admit(person, address)
        except IntegrityError:  # came twice at once, for the first time
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


def _admit(person: Person, address: str) -> User:
    meant = provider().roles
    roles = {meant[name] for name in person.groups if name in meant}
    tenants = list(Tenant.objects.filter(origin_id__in=person.tenants))
    with transaction.atomic():
        user = _linked(person)
        is_expected = bool(roles or tenants)
        if user is None and is_expected:
            user = _by_address(person, is_staff=bool(roles)) or _create(person, address)
        if user and user.is_active:
            by = Actor(user, user.get_username(), address)
            if is_expected:
                _link(user, person, by)
                _take_over(user, person)
            _set_roles(user, roles, by)
            _set_tenants(user, tenants, by)
    # Only now: what was taken away stays so.
    if user and not user.is_active:
        raise NotAdmitted(Reason.DEACTIVATED, user)
    if user is None or not is_expected:
        raise NotAdmitted(Reason.NO_ROLE, user)
    return user


def _linked(person: Person) -> User | None:
    account = _of_provider().filter(uid=person.subject).select_related("user").first()
    return account.user if account else None


def _by_address(person: Person, *, is_staff: bool) -> User | None:
    """Return the one account that has a person's address and belongs to nobody else at the
    provider. Raises NotAdmitted if there is one that is not for them: nobody gets all rights, or a
    colleague's, by an address alone.
    """
    known = list(User.objects.filter(email__iexact=person.email)) if person.email else []
    if not known:
        return None
    if not person.is_email_verified:
        raise NotAdmitted(Reason.ADDRESS_NOT_VERIFIED)
    [user, *others] = known
    if others or user.is_superuser or is_linked(user) or (user.is_staff and not is_staff):
        raise NotAdmitted(Reason.ADDRESS_TAKEN)
    return user


def _create(person: Person, address: str) -> User:
    user = User(username=_username(person))
    user.set_unusable_password()
    user.save()
    audit.record(Actor(user, user.get_username(), address), Act.ACCOUNT_ADDED)
    return user


def _username(person: Person) -> str:
    """Return a free name that tells who it is: an address that is theirs, or what the provider
    proposes; where somebody has it already, with a mark that is theirs alone.
    """
    proposed = person.email if person.is_email_verified and person.email else person.username
    name = re.sub(r"[^\w.@+-]+", "-", proposed).strip("-")[: LONGEST_NAME - 9] or "account"
    if not User.objects.filter(username__iexact=name).exists():
        return name
    return f"{name}-{hashlib.sha256(person.subject.encode()).hexdigest()[:8]}"


def _link(user: User, person: Person, by: Actor) -> None:
    """Note whose account it is; nothing else of what the provider tells is kept there."""
    key = provider_key(provider().issuer)
    _account, is_new = _accounts().get_or_create(
        provider=key, uid=person.subject, defaults={"user": user, "extra_data": {}}
    )
    if is_new:
        audit.record(by, Act.ACCOUNT_LINKED)


def _take_over(user: User, person: Person) -> None:
    """Store what the provider knows better than we do."""
    user.first_name = person.first_name[:150]
    user.last_name = person.last_name[:150]
    if person.email and person.is_email_verified:
        others = User.objects.exclude(pk=user.pk).filter(email__iexact=person.email)
        if not others.exists():
            user.email = person.email
    user.save(update_fields=["first_name", "last_name", "email"])


def _set_roles(user: User, roles: set[str], by: Actor) -> None:
    """Give somebody these roles and no other right, and take back what depends on those lost."""
    groups = [role_group(role) for role in sorted(roles)]
    had = set(user.groups.values_list("name", flat=True))
    names = {group.name for group in groups}
    more = user.is_superuser or user.user_permissions.exists()
    if had == names and user.is_staff == bool(roles) and not more:
        return
    user.groups.set(groups)
    user.user_permissions.clear()
    user.is_staff, user.is_superuser = bool(roles), False
    user.save(update_fields=["is_staff", "is_superuser"])
    added = {"groups": sorted(names - had)} if names - had else {}
    removed = {"groups": sorted(had - names)} if had - names else {}
    audit.record(by, Act.ROLES_SET, added=added, removed=removed)
    hand_offs.revoke_orphans()


def _set_tenants(user: User, tenants: list[Tenant], by: Actor) -> None:
    """Make somebody a member of these tenants alone; the role that they have in one stays."""
    if not provider().tenants_claim:
        return
    wanted = {tenant.pk: tenant for tenant in tenants}
    had = {one.tenant_id: one for one in user.memberships.select_related("tenant")}
    for pk in had.keys() - wanted.keys():
        audit.record(by, Act.ROLES_SET, tenant=had[pk].tenant, done="deleted")
        had[pk].delete()
    for pk in wanted.keys() - had.keys():
        role = Role(provider().member_role)
        Membership.objects.create(user=user, tenant=wanted[pk], role=role)
        audit.record(by, Act.ROLES_SET, tenant=wanted[pk], done="created")
    if had.keys() - wanted.keys():
        hand_offs.revoke_orphans()


def _accounts() -> Any:
    """Return the provider's accounts, which are there with the packages of the extra only."""
    return apps.get_model("socialaccount", "SocialAccount").objects


def _of_provider() -> Any:
    return _accounts().filter(provider=provider_key(provider().issuer))

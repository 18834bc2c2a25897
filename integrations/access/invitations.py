"""Links by which somebody makes an account: one of the staff in a role, or one of a customer's.

A link is signed rather than stored, works once and for a week, and only while whoever made it may
still invite to what it brings along.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, hand_off_tokens, permissions, roles
from integrations.access.audit import Act, Actor
from integrations.models import AccountInvitation, Membership, Role, Tenant

LIVES = timedelta(days=7)
INVITE_MEMBERS = "integrations.add_membership"


class KnownAddress(Exception):
    """There is an account already that an invitation would be for."""


class NotOpen(Exception):
    """The link was used, revoked, is too old, or its maker may not make it any more."""


def may_invite_members(user: User) -> bool:
    """Whether somebody of the staff may invite people of the customers that they see."""
    return user.is_staff and user.has_perm(INVITE_MEMBERS)


def invite(email: str, role: str, by: Actor, *, tenant: Tenant | None = None) -> AccountInvitation:
    """Invite somebody to a role: of the staff, or of a tenant's people. An earlier invitation of
    the same address to the same place ends.

    Raises KnownAddress if there is nobody to invite, and roles.TooMuch for a role that is not to
    be given by whoever acts.
    """
    if not by.user or not _may_make(by.user, role, tenant):
        raise roles.TooMuch
    email, now = email.strip().lower(), timezone.now()
    if _is_known(email, tenant):
        raise KnownAddress
    with transaction.atomic():
        _open(now).filter(email=email, tenant=tenant).update(revoked_at=now)
        invitation = AccountInvitation.objects.create(
            email=email,
            tenant=tenant,
            role=role,
            created_at=now,
            created_by=by.user,
            expires_at=now + LIVES,
        )
        audit.record(by, Act.INVITED, tenant=tenant, role=role, to=email)
    return invitation


def open_ones(tenant: Tenant | None = None) -> QuerySet[AccountInvitation]:
    """Return the invitations to the staff, or to a tenant, that can still be accepted, the latest
    first.
    """
    return _open(timezone.now()).filter(tenant=tenant).select_related("created_by", "mail")


def revoke(public_id: str, by: Actor, *, tenant: Tenant | None = None) -> bool:
    """Let an invitation lead nowhere from now on. Return whether there was one."""
    now = timezone.now()
    with transaction.atomic():
        found = _open(now).filter(public_id=public_id, tenant=tenant).first()
        if found is None or not _open(now).filter(pk=found.pk).update(revoked_at=now):
            return False
        audit.record(by, Act.INVITATION_REVOKED, tenant=tenant, role=found.role, to=found.email)
    return True


def url_of(invitation: AccountInvitation) -> str:
    """Return the whole address of the link, which is a key."""
    token = hand_off_tokens.sign(invitation.public_id, hand_off_tokens.INVITATION)
    return settings.SITE_URL + reverse("join", args=[token], urlconf=settings.ROOT_URLCONF)


def find(token: str) -> AccountInvitation | None:
    """Return the invitation of a link that we signed, if it can be accepted."""
    public_id = hand_off_tokens.public_id_in(token, hand_off_tokens.INVITATION)
    if not public_id:
        return None
    rows = _open(timezone.now()).select_related("tenant", "created_by")
    found = rows.filter(public_id=public_id).first()
    return found if found and is_valid(found) else None


def is_valid(invitation: AccountInvitation) -> bool:
    """Whether whoever made an invitation that is open may still make it."""
    maker = invitation.created_by
    return maker is not None and _may_make(maker, invitation.role, invitation.tenant)


def is_open(invitation: AccountInvitation, now: datetime) -> bool:
    """Whether an invitation can be accepted."""
    return _open(now).filter(pk=invitation.pk).exists() and is_valid(invitation)


def has_account(invitation: AccountInvitation) -> bool:
    """Whether there is an account of the address, such as at another customer."""
    return account_exists(invitation.email)


def is_for(invitation: AccountInvitation, user: User) -> bool:
    """Whether somebody who is signed in is the member that was invited, with an account that they
    have from another customer.
    """
    is_theirs = User.objects.filter(_has_address(invitation.email), pk=user.pk).exists()
    return invitation.tenant is not None and not user.is_staff and is_theirs


def draft(invitation: AccountInvitation) -> User:
    """Return the account that would be made, to check a password against; nothing is stored."""
    is_staff = invitation.tenant is None
    return User(username=invitation.email, email=invitation.email, is_staff=is_staff)


def accept(invitation: AccountInvitation, user: User, address: str) -> None:
    """Store the account that was drafted, or was there, and let it in to what it is invited to.

    Raises NotOpen, and KnownAddress if somebody else made the account meanwhile.
    """
    now = timezone.now()
    with transaction.atomic():
        used = _open(now).filter(pk=invitation.pk).update(used_at=now)
        if not used or not is_valid(invitation):
            raise NotOpen
        if user.pk is None:
            _store(user)
        if invitation.tenant:
            Membership.objects.get_or_create(
                user=user, tenant=invitation.tenant, defaults={"role": invitation.role}
            )
        else:
            user.groups.add(Group.objects.get(name=invitation.role))
        by = Actor(user, user.get_username(), address)
        audit.record(by, Act.INVITATION_ACCEPTED, tenant=invitation.tenant, role=invitation.role)


def prune(before: datetime) -> int:
    """Forget invitations that ended before an instant. Return how many."""
    return AccountInvitation.objects.filter(expires_at__lt=before).delete()[0]


def _store(user: User) -> None:
    if account_exists(user.email):
        raise KnownAddress
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise KnownAddress from error


def account_exists(email: str) -> bool:
    """Whether somebody has an account of this address or name."""
    return User.objects.filter(_has_address(email)).exists()


def _open(now: datetime) -> QuerySet[AccountInvitation]:
    return AccountInvitation.objects.filter(
        used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    )


def _may_make(user: User, role: str, tenant: Tenant | None) -> bool:
    if not user.is_active or not user.is_staff:
        return False
    if tenant is None:
        return user.has_perm(roles.MANAGE) and role in roles.to_give(user)
    if role not in Role.values or not may_invite_members(user):
        return False
    return permissions.tenants_for_staff(user).filter(pk=tenant.pk).exists()


def _is_known(email: str, tenant: Tenant | None) -> bool:
    """Whether there is nobody to invite: to the staff, anybody with an account; to a tenant, who
    is one of its people, one of the staff, or not let in at all.
    """
    known = User.objects.filter(_has_address(email))
    if tenant is None:
        return known.exists()
    not_to_invite = Q(is_staff=True) | Q(is_active=False) | Q(memberships__tenant=tenant)
    return known.filter(not_to_invite).exists()


def _has_address(email: str) -> Q:
    return Q(email__iexact=email) | Q(username__iexact=email)

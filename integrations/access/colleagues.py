"""Who else a tenant's people are: those who may repair, who asks them, and what they are called."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from integrations.models import HandOff, Membership, Role, Tenant

MOST_REPAIRERS = 5  # whom a page names, and whom one press asks


def name_of(user: User) -> str:
    """Return what other people call somebody."""
    return user.get_full_name() or user.get_username()


def repairers(tenant: Tenant) -> list[User]:
    """The tenant's own people who may repair its integrations, by name."""
    members = User.objects.filter(
        is_active=True,
        is_staff=False,
        memberships__tenant=tenant,
        memberships__role=Role.MEMBER,
    )
    return list(members.order_by("first_name", "last_name", "username")[:MOST_REPAIRERS])


def may_still_repair(user: User, tenant: Tenant) -> bool:
    """Whether somebody is still among the tenant's people who may repair its integrations."""
    return Membership.objects.filter(
        user=user, tenant=tenant, role=Role.MEMBER, user__is_active=True
    ).exists()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks a colleague: a person of the customer or the vendor, or, without a name, the vendor
    itself.
    """

    name: str = ""
    of_vendor: bool = True


def asker_of(hand_off: HandOff) -> Asker:
    """Return who asks by a link: its maker; of one made in an embedded view, the customer; else the
    vendor, as with a reminder's.
    """
    maker = hand_off.created_by
    if maker is None:
        return Asker(of_vendor=not hand_off.by_guest)
    return Asker(name_of(maker), of_vendor=maker.is_staff)

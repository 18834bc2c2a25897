"""Who has to show more than a password when they sign in.

Staff, if they have set it up or `STAFF_MFA` demands it. Whoever comes from the identity provider
has shown there what it asks for.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from integrations.access import rate_limits


def is_offered(user: User | AnonymousUser) -> bool:
    """Whether somebody can set it up: staff who have a password, where it is not off."""
    return settings.STAFF_MFA != "off" and user.is_staff and user.has_usable_password()


def is_set_up(user: User) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    return settings.STAFF_MFA != "off" and keys_of(user).exclude(type="recovery_codes").exists()


def is_demanded(user: User) -> bool:
    """Whether somebody may not do without."""
    return settings.STAFF_MFA == "required" and is_offered(user)


def active_user(pk: int) -> User | None:
    """Return whose account it is, unless it was deactivated or deleted."""
    return User.objects.filter(pk=pk, is_active=True).first()


def keys_of(user: User) -> Any:
    """Return what somebody has set up, which is there with the packages of the extra only."""
    return apps.get_model("mfa", "Authenticator").objects.filter(user=user).order_by("pk")


def spend_try(user: User, address: str) -> int:
    """Count a try to show it. Return 0 if it may be, else the seconds to wait."""
    wait = rate_limits.SECOND_FACTOR.spend(user.pk, address)
    return wait or rate_limits.SECOND_FACTOR_SLOWLY.spend(user.pk)


def refund_try(user: User, address: str) -> None:
    """It was right: it does not count."""
    rate_limits.SECOND_FACTOR.refund(user.pk, address)
    rate_limits.SECOND_FACTOR_SLOWLY.forget(user.pk)

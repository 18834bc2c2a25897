"""Somebody who was invited, and the link they got."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth.models import User

from integrations.access import invitations
from integrations.access.roles import StaffRole
from integrations.models import AccountInvitation, Tenant
from tests.conftest import acting


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the path of its link."""

    row: AccountInvitation
    path: str


def invited(
    email: str, role: str = StaffRole.VIEWER, *, tenant: Tenant | None = None, by: str = "inviter"
) -> Invited:
    """Have somebody invited by an account that may do everything."""
    maker, _is_new = User.objects.get_or_create(
        username=by, defaults={"is_staff": True, "is_superuser": True}
    )
    row = invitations.invite(email, role, acting(maker), tenant=tenant)
    return Invited(row, urlsplit(invitations.url_of(row)).path)

"""The mail that brings somebody the link by which they make an account; it stands in it only while
it is sent.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from integrations.access import colleagues, invitations
from integrations.access.audit import Actor
from integrations.domain.bidi import isolate
from integrations.mail import compose
from integrations.models import AccountInvitation, Mail, MailKind, Tenant


def can_invite() -> bool:
    """Whether people are invited by mail: not where the identity provider alone lets people in."""
    return compose.can_send() and not settings.SSO_ONLY


def invite(email: str, role: str, by: Actor, *, tenant: Tenant | None = None) -> None:
    """Invite somebody to a role of the staff, or of a tenant's people, by mail.

    Raises invitations.KnownAddress and roles.TooMuch.
    """
    with transaction.atomic():
        invitation = invitations.invite(email, role, by, tenant=tenant)
        invitation.mail = _write(invitation)
        invitation.save(update_fields=["mail"])


def is_wanted(mail: Mail, now: datetime) -> bool:
    """Whether its invitation can still be accepted."""
    invitation = _of(mail)
    return invitation is not None and invitations.is_open(invitation, now)


def url_of(mail: Mail) -> str:
    """Return the link. Raises LookupError without an invitation."""
    invitation = _of(mail)
    if invitation is None:
        raise LookupError
    return invitations.url_of(invitation)


def _of(mail: Mail) -> AccountInvitation | None:
    rows = AccountInvitation.objects.select_related("created_by", "tenant")
    return rows.filter(mail=mail).first()


def _write(invitation: AccountInvitation) -> Mail:
    tenant, maker = invitation.tenant, invitation.created_by
    asker = colleagues.name_of(maker) if maker else settings.VENDOR_NAME
    return compose.write_mail(
        f"account_invitation {invitation.pk}",
        kind=MailKind.ACCOUNT_INVITATION,
        to=invitation.email,
        tenant=tenant,
        context={
            "asker": isolate(compose.short(compose.one_line(asker))),
            "tenant_name": isolate(compose.short(compose.one_line(tenant.name))) if tenant else "",
            "expires_at": invitation.expires_at,
        },
    )

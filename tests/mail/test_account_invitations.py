"""The mail that brings somebody the link to make an account."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import invitations
from integrations.access.roles import StaffRole
from integrations.mail import account_invitations, delivery
from integrations.models import AccountInvitation, Mail, Role, Tenant
from tests.conftest import acting

pytestmark = pytest.mark.django_db
NEW = "new@acme.example"


@pytest.fixture(autouse=True)
def server(settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"


@pytest.fixture
def invitation(root: User, acme: Tenant) -> AccountInvitation:
    account_invitations.invite(NEW, Role.MEMBER, acting(root), tenant=acme)
    return AccountInvitation.objects.get()


def test_it_has_the_link_which_is_kept_nowhere(
    invitation: AccountInvitation, acme: Tenant, mailoutbox: list[Any]
) -> None:
    delivery.send_due()
    [sent] = mailoutbox
    html = str(sent.alternatives[0][0])
    assert sent.to == [NEW]
    for words in (invitations.url_of(invitation), acme.name, "root"):
        assert words in sent.body
        assert words in html
    assert acme.name in sent.subject
    mail = Mail.objects.get()
    assert mail.sent_at
    assert mail.tenant == acme
    token = invitations.url_of(invitation).rstrip("/").rpartition("/")[2]
    assert token not in mail.text + mail.html


def test_staff_are_invited_to_the_workspace(root: User, mailoutbox: list[Any]) -> None:
    account_invitations.invite(NEW, StaffRole.LEAD, acting(root))
    delivery.send_due()
    assert "Northwind" in mailoutbox[0].subject
    assert Mail.objects.get().tenant is None


@pytest.mark.parametrize("how", ["revoked", "accepted", "expired", "maker", "deleted"])
def test_what_leads_nowhere_is_not_sent(
    how: str, invitation: AccountInvitation, root: User, acme: Tenant, mailoutbox: list[Any]
) -> None:
    match how:
        case "revoked":
            invitations.revoke(invitation.public_id, acting(root), tenant=acme)
        case "accepted":
            invitations.accept(invitation, invitations.draft(invitation), "")
        case "expired":
            AccountInvitation.objects.update(expires_at=timezone.now())
        case "maker":
            User.objects.filter(pk=root.pk).update(is_active=False)
        case "deleted":
            invitation.delete()
    delivery.send_due()
    assert mailoutbox == []
    mail = Mail.objects.get()
    assert (mail.due_at, mail.error) == (None, "")


def test_nothing_is_written_of_who_is_not_invited(alice: User, root: User, acme: Tenant) -> None:
    with pytest.raises(invitations.KnownAddress):
        account_invitations.invite(alice.email, Role.MEMBER, acting(root), tenant=acme)
    assert not Mail.objects.exists()

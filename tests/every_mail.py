"""One mail of every kind at least, written by the demo's people."""

from django.contrib.auth.models import User

from integrations.access import hand_offs
from integrations.access.roles import StaffRole
from integrations.mail import account_invitations, asking, digests, hand_off_mails, password_resets
from integrations.models import Mail, MailKind, Preferences, Reminder, RepairAct, Role
from integrations.tenants import attempts
from tests.conftest import acting
from tests.views.to_connect import offered


def write_every_mail() -> None:
    """Write them, in the demo, where there is a mail server."""
    mia = User.objects.get(username="mia")
    User.objects.filter(pk=mia.pk).update(email="mia@northwind.example")
    Preferences.objects.update_or_create(user=mia, defaults={"digest": True, "at_once": True})
    reminder = Reminder.objects.filter(integration__tenant__origin_id="acme")[0]
    made = reminder.integration
    digests.write_alerts(reminder, made, made.snapshot)
    hand_off_mails.write(hand_offs.create(made, "setup", by=acting(mia), sent_to="it@acme.example"))
    attempt = attempts.plan(made.tenant, offered(), by=acting(mia))
    invited = hand_offs.create(
        attempt, RepairAct.CONNECT, by=acting(mia), sent_to="it@acme.example"
    )
    hand_off_mails.write(invited)
    asking.ask(made, asker=mia, readers=[mia], by=acting(mia))
    root = User.objects.get(username="root")
    account_invitations.invite("new@northwind.example", StaffRole.LEAD, acting(root))
    account_invitations.invite("it@acme.example", Role.MEMBER, acting(root), tenant=made.tenant)
    password_resets.ask("mia@northwind.example", language="en")
    password_resets.write_due()
    assert set(Mail.objects.values_list("kind", flat=True)) == set(MailKind)

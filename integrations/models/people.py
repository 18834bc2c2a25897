"""The accounts of people: where they are signed in, and who was invited to have one."""

from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from integrations.models.reminders import Mail
from integrations.models.tenants import Tenant, new_public_id


class AccountSession(models.Model):
    """Whose session it is, and what tells it from their others. It goes with the session.

    The session's key stands here only as it stands in Django's own table.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    session = models.OneToOneField(Session, models.CASCADE, related_name="account")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    began_at = models.DateTimeField(help_text="When somebody signed in.")
    seen_at = models.DateTimeField(db_index=True, help_text="Accurate to the minute.")
    browser = models.CharField(max_length=30, blank=True, default="", help_text="Its name.")
    system = models.CharField(max_length=30, blank=True, default="", help_text="Its name.")

    def __str__(self) -> str:
        return f"{self.user_id} since {self.began_at:%Y-%m-%d %H:%M}"


class AccountInvitation(models.Model):
    """Somebody who may make an account by a link: of the staff, or of a customer's, in a role.

    The link itself is nowhere kept: it is signed, see `integrations.access.invitations`.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    email = models.CharField(max_length=150)
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, null=True, related_name="+", help_text="None for the staff."
    )
    role = models.CharField(
        max_length=20, help_text="Of a membership, or else one of `access.roles`."
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    mail = models.OneToOneField(Mail, models.SET_NULL, null=True, related_name="account_invitation")

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        permissions: ClassVar = [
            ("manage_people", gettext_noop("Can invite staff and give them roles")),
        ]

    def __str__(self) -> str:
        return f"{self.role} since {self.created_at:%Y-%m-%d %H:%M}"

"""What leaves the house: links by which a customer's colleague does something, and mails."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.connecting import ConnectionAttempt
from integrations.models.integrations import Integration
from integrations.models.tenants import Tenant, new_public_id


class HandOff(models.Model):
    """A link by which somebody without an account can do one thing to one integration, or connect
    one tool, until it ends.

    The link itself is nowhere kept: it is signed, see `integrations.access.hand_offs`.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    integration = models.ForeignKey(Integration, models.CASCADE, null=True, related_name="+")
    attempt = models.ForeignKey(ConnectionAttempt, models.CASCADE, null=True, related_name="+")
    act = models.CharField(max_length=10, help_text="What it is for: reconnect, setup or connect.")
    created_at = models.DateTimeField(db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    by_person = models.BooleanField(
        default=False,
        help_text="Somebody with an account made it, without whom it leads nowhere.",
    )
    by_guest = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It was made in an embedded view, by somebody without an account.",
    )
    expires_at = models.DateTimeField()
    sent_to = models.CharField(
        max_length=254, blank=True, default="", help_text="An address, if it went by mail."
    )
    message = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The maker's own words, without links.",
    )
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True, help_text="When its button was first pressed.")
    begun_at = models.DateTimeField(
        null=True, help_text="When Kombo Connect was last opened by it."
    )
    used_at = models.DateTimeField(null=True, help_text="When what it is for was done.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(integration=None) ^ models.Q(attempt=None),
                name="hand_off_is_for_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} of {self.integration_id or self.attempt_id}"

    @property
    def subject(self) -> Integration | ConnectionAttempt:
        """What it is for: an integration to be repaired, or an attempt to connect a tool."""
        subject = self.integration or self.attempt
        if subject is None:
            raise ValueError("a link is for something")
        return subject


class Reminder(models.Model):
    """One spell in which a customer must do one thing, and how far the mails about it are.

    One thread of mails each.
    """

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    act = models.CharField(
        max_length=10, help_text="What the customer must do: reconnect or setup."
    )
    opened_at = models.DateTimeField(help_text="When the customer's turn came.")
    closed_at = models.DateTimeField(
        null=True, help_text="When it was theirs no more; within a while it may go on."
    )
    ended_at = models.DateTimeField(
        null=True, help_text="Over for good: whatever breaks later is another one."
    )
    sent = models.PositiveSmallIntegerField(default=0, help_text="How many reminders were written.")
    next_at = models.DateTimeField(
        null=True, db_index=True, help_text="When the next step is due, if there is one."
    )

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(ended_at__isnull=True),
                name="one_reminder_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.integration_id} since {self.opened_at:%Y-%m-%d %H:%M}"


class Mail(models.Model):
    """A mail that was written, and whether it was sent.

    `key` says what it is, so that none is written twice.
    """

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(
        max_length=20,
        help_text="reminder, recovered, hand_off, invitation, ask, digest, alert, password_reset.",
    )
    tenant = models.ForeignKey(Tenant, models.SET_NULL, null=True, related_name="+")
    integration = models.ForeignKey(Integration, models.SET_NULL, null=True, related_name="+")
    hand_off = models.ForeignKey(HandOff, models.SET_NULL, null=True, related_name="+")
    reminder = models.ForeignKey(Reminder, models.SET_NULL, null=True, related_name="+")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The account it is for; none if it goes to an address alone.",
    )
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField(help_text="With a stand-in for the hand-off's link, as is the HTML.")
    html = models.TextField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(
        null=True, db_index=True, help_text="When to try; none if there is nothing to try."
    )
    claimed_until = models.DateTimeField(null=True, help_text="A worker has it in hand until then.")
    handed_at = models.DateTimeField(
        null=True, help_text="Set just before the mail server is told."
    )
    sent_at = models.DateTimeField(
        null=True, help_text="Set as soon as the mail server has taken it."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("email")
        verbose_name_plural = _("emails")

    def __str__(self) -> str:
        return self.key


class PasswordResetRequest(models.Model):
    """An address for which somebody wants a new password, until the worker has looked whether there
    is an account.
    """

    email = models.CharField(max_length=254)
    language = models.CharField(max_length=10, help_text="What was read where it was asked for.")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

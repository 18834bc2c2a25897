"""The vendor's customers, and which users belong to them."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from integrations.models.ids import validate_id


def new_public_id() -> str:
    """A random id of 96 bits, URL-safe: the only kind of id a browser ever sees."""
    return secrets.token_urlsafe(12)


class Tenant(models.Model):
    """One customer of the vendor."""

    name = models.CharField(_("name"), max_length=200)
    origin_id = models.CharField(
        _("origin ID"),
        max_length=200,
        unique=True,
        validators=[validate_id],
        help_text=_("Your own ID for this customer, as passed to Kombo in end_user_origin_id."),
    )
    public_id = models.CharField(
        _("public ID"), max_length=32, unique=True, default=new_public_id, editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True, "is_active": True},
        related_name="+",
        verbose_name=_("account manager"),
        help_text=_("The staff member responsible for this customer, who can therefore see it."),
    )
    contact_email = models.EmailField(
        _("contact"),
        blank=True,
        help_text=_("Receives reminders. If empty, they go to the person who connected the tool."),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Language of emails to the contact."),
    )
    reminders = models.CharField(
        _("reminders"),
        max_length=100,
        blank=True,
        help_text=_(
            "When to send reminders after an incident starts, for example “1h 3d 7d 14d”, or "
            "“off”. Leave empty for the default."
        ),
    )
    quiet_hours = models.CharField(
        _("quiet hours"),
        max_length=20,
        blank=True,
        help_text=_(
            "When not to send emails, for example “20-8”, or “none”. Leave empty for the default."
        ),
    )
    reminder_cap = models.PositiveSmallIntegerField(
        _("maximum reminders"),
        null=True,
        blank=True,
        help_text=_("Per incident. Leave empty for the default."),
    )
    answers_due = models.BooleanField(default=True, db_index=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(origin_id=""), name="tenant_origin_id_is_not_empty"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="tenant_by_name")]
        permissions: ClassVar = [
            ("assign_tenant", gettext_noop("Can assign customers to account managers")),
            ("contact_tenant", gettext_noop("Can change a customer’s contact and reminders")),
            ("export_tenant", gettext_noop("Can export all data of a customer")),
            ("look_only", gettext_noop("Can only view, and do nothing that all staff can do")),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer: can view")
    MEMBER = "member", _("Member: can view and reconnect")


class Membership(models.Model):
    """A user's place in a tenant."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("user"),
    )
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="memberships", verbose_name=_("customer")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "tenant"], name="one_membership_per_user_and_tenant"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.tenant} ({self.get_role_display()})"

"""What account managers write down, and how they like to work."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration
from integrations.models.tenants import Tenant, new_public_id


class Note(models.Model):
    """What somebody of the staff wrote down about a customer, or about one integration.

    Never shown to customers.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, models.CASCADE, null=True, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    text = models.TextField(max_length=4000)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]


class SavedView(models.Model):
    """A list of integrations that somebody comes back to: a name for the query of its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.TextField(max_length=1000)

    class Meta:
        ordering = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="one_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class BulkCheck(models.Model):
    """Integrations that somebody wants to be checked now, in one go; the worker does it within the
    budget.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    integrations = models.JSONField(help_text="Their primary keys.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["began_at"], name="bulk_check_oldest")]

    def __str__(self) -> str:
        return f"{len(self.integrations)} since {self.began_at:%Y-%m-%d %H:%M}"


class Preferences(models.Model):
    """How somebody of the staff likes to work: which mails they want, and how the list looks."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    digest = models.BooleanField(_("Daily digest, if integrations need attention"), default=True)
    at_once = models.BooleanField(_("Immediate alert when a customer needs to act"), default=False)
    hidden_columns = models.CharField(
        max_length=200,
        blank=True,
        default="check",
        db_default="check",
        help_text="Of the list, between commas.",
    )
    compact = models.BooleanField(_("Compact rows"), default=False, db_default=False)

    def __str__(self) -> str:
        return f"digest {self.digest}, at once {self.at_once}"

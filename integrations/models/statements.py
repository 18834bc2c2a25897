"""What an access statement is made of beside the grid: which grid held when, the grids of the past,
and why the vendor reads what it reads.

Only `history.grids` writes versions and past grids.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration


class CoverageVersion(models.Model):
    """From when on an integration had which grid: the first is number 1, and each holds until the
    next.
    """

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="coverage_versions")
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(_("since"))
    grid = models.CharField(max_length=16, help_text="The coverage digest of the snapshot.")

    class Meta:
        ordering = ["integration", "number"]
        verbose_name = _("version of an access statement")
        verbose_name_plural = _("versions of access statements")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration", "number"], name="one_version_per_number"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["grid"], name="version_by_grid"),
            models.Index(fields=["since"], name="version_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.number} since {self.since:%Y-%m-%d}"


class PastGrid(models.Model):
    """A grid that some integration no longer has, kept once for all that had it."""

    digest = models.CharField(max_length=16, primary_key=True)
    packed = models.BinaryField(help_text="The snapshot's `coverage`, compressed by zlib.")

    def __str__(self) -> str:
        return self.digest


class Purpose(models.Model):
    """Why the vendor reads a group of data, in its own words, from a day on until the next text of
    the same group.
    """

    # A key of `domain.field_names.FieldGroup`.
    group = models.CharField(_("data group"), max_length=40)
    valid_from = models.DateField(
        _("valid from"),
        help_text=_("Statements of earlier days show the text that was in effect then."),
    )
    purpose = models.TextField(_("purpose"), help_text=_("What the data is read for."))
    legal_basis = models.TextField(_("legal basis"), blank=True, default="")
    retention = models.TextField(
        _("retention"), blank=True, default="", help_text=_("How long it is kept.")
    )
    recipients = models.TextField(
        _("recipients"), blank=True, default="", help_text=_("Who receives it.")
    )

    class Meta:
        ordering = ["group", "-valid_from"]
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "valid_from"],
                name="one_purpose_per_group_and_day",
                violation_error_message=_("This group already has a text from this day on."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.valid_from}"

"""The vendor's identity as staff set it in the workspace; what is empty is as the settings say."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_COLOUR = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z",
    _("Enter a color such as #3b4fd8: # and six digits or letters from a to f."),
)
_WEB_ADDRESS = URLValidator(
    schemes=["http", "https"],
    message=_("Enter an address that begins with https:// or http://."),
)


def _web_address(name: Any) -> "models.CharField[str, str]":
    return models.CharField(name, max_length=500, blank=True, default="", validators=[_WEB_ADDRESS])


class VendorPicture(models.Model):
    """A picture that staff uploaded, by the digest of its content.

    Until an identity has it, and after it has another one, it is kept for a while: for a form that
    has not been saved, and for pages that are open.
    """

    key = models.CharField(max_length=32, primary_key=True)
    content = models.BinaryField()
    content_type = models.CharField(max_length=40)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Identity(models.Model):
    """The one row of what the vendor looks like, and how it is reached."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    logo = models.ForeignKey(
        VendorPicture, models.PROTECT, null=True, related_name="+", verbose_name=_("Logo")
    )
    logo_dark = models.ForeignKey(
        VendorPicture,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Logo on a dark background"),
    )
    icon = models.ForeignKey(
        VendorPicture, models.PROTECT, null=True, related_name="+", verbose_name=_("Icon")
    )
    accent = models.CharField(
        _("Brand color"), max_length=7, blank=True, default="", validators=[_COLOUR]
    )
    support_email = models.EmailField(_("Support email"), blank=True, default="")
    support_url = _web_address(_("Support page"))
    privacy_url = _web_address(_("Privacy policy"))
    imprint_url = _web_address(_("Legal notice"))
    product_url = _web_address(_("Product website"))

    class Meta:
        default_permissions = ("change",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_identity")
        ]
        verbose_name = _("branding")
        verbose_name_plural = _("branding")

    def __str__(self) -> str:
        return "identity"

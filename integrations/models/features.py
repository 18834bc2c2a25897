"""What the vendor's features need of a customer's data, and whether it is there."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.tenants import Tenant, new_public_id


class CoverageProfile(models.Model):
    """One grid in short: the reason of each datapoint. The many integrations that share a grid
    share it.
    """

    digest = models.CharField(
        max_length=16, primary_key=True, help_text="The coverage digest of the snapshot."
    )
    reasons = models.JSONField(
        help_text="Datapoint to reason, as in `integrations.domain.coverage.Reason`."
    )

    def __str__(self) -> str:
        return self.digest


class Feature(models.Model):
    """A feature of the vendor's product: the datapoints it needs, and those it is better with."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    needs = models.JSONField(
        _("required data points"),
        default=list,
        help_text=_("Data points, for example hris_employees.manager_id."),
    )
    better_with = models.JSONField(_("recommended data points"), default=list)
    is_public = models.BooleanField(_("visible to customers"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("feature")
        verbose_name_plural = _("features")

    def __str__(self) -> str:
        return self.name


class FeatureAnswer(models.Model):
    """Whether a feature works for a tenant, and why not.

    Worked out anew whenever either side changed.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="answers")
    feature = models.ForeignKey(Feature, models.CASCADE, related_name="answers")
    verdict = models.CharField(max_length=10, help_text="works, partly, not or unknown.")
    missing = models.JSONField(
        default=list, help_text="Of each datapoint that is not there: id, reason, tool, kind."
    )

    class Meta:
        verbose_name = _("feature result")
        verbose_name_plural = _("feature results")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["feature", "tenant"], name="one_answer_per_feature_and_tenant"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["feature", "verdict", "tenant"], name="answer_by_verdict")
        ]

    def __str__(self) -> str:
        return f"{self.feature_id} for {self.tenant_id}: {self.verdict}"

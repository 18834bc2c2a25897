"""Every integration in one short row, which is all that the list of all of them reads, sorts and
counts.
"""

from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import Integration
from integrations.models.tenants import Tenant

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for no moment at all, as databases do not agree on where an index has its nulls."""


# After what a filter compares: what finds are counted by and picked in the order of, so that a
# filter of many need not look at their rows.
_PICKED = ("rank", "since", "integration", "headline")


class Summary(models.Model):
    """What the list shows of an integration. Only `integrations.workspace.summaries` writes here,
    and a check that finds nothing new does not: when it was is the snapshot's.

    All of it can be worked out anew from other tables, save `contacted_at` and `snoozed_until`.
    """

    integration = models.OneToOneField(
        Integration, models.CASCADE, primary_key=True, related_name="summary"
    )
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    tenant_name = models.CharField(max_length=200)
    environment = models.CharField(max_length=50)
    headline = models.CharField(
        max_length=20, help_text=_("Status key, or “unconfirmed” while the mapping is unconfirmed.")
    )
    rank = models.SmallIntegerField(help_text=_("Sort order: the lowest comes first."))
    next_actor = models.CharField(max_length=10, help_text=_("Who needs to act."))
    since = models.DateTimeField(help_text=_("When the current status or its incident started."))
    tool = models.CharField(max_length=200, blank=True, default="")
    category = models.CharField(max_length=40, blank=True, default="")
    beta = models.BooleanField(default=False)
    synced_at = models.DateTimeField(default=NEVER)
    contacted_at = models.DateTimeField(
        default=NEVER, help_text=_("When the customer was last notified about it.")
    )
    snoozed_until = models.DateTimeField(null=True)
    coverage_digest = models.CharField(
        max_length=16, blank=True, default="", help_text=_("The coverage digest of the snapshot.")
    )
    words = models.TextField(
        blank=True, default="", help_text=_("Search terms, each preceded by a space.")
    )

    class Meta:
        verbose_name = _("list row")
        verbose_name_plural = _("list rows")
        indexes: ClassVar = [
            models.Index(fields=["rank", "since"], name="summary_by_since"),
            models.Index(fields=["rank", "-since"], name="summary_by_news"),
            models.Index(fields=["tenant_name", "integration"], name="summary_by_tenant"),
            models.Index(fields=["tool", "integration"], name="summary_by_tool"),
            models.Index(fields=["synced_at", "integration"], name="summary_by_sync"),
            models.Index(fields=["contacted_at", "integration"], name="summary_by_contact"),
            models.Index(fields=["owner", *_PICKED], name="summary_of_owner"),
            models.Index(fields=["headline", "rank", "since"], name="summary_of_headline"),
            models.Index(fields=["tenant", *_PICKED], name="summary_of_tenant"),
            models.Index(fields=["tool", *_PICKED], name="summary_of_tool_by_rank"),
            models.Index(
                fields=["integration", "rank", "since", "headline", "tenant"],
                name="summary_of_search",
            ),
            models.Index(fields=["rank", "headline", "tenant"], name="summary_by_rank"),
            # Of what is broken, few; of what works, nobody has to be told.
            models.Index(
                fields=["headline", "rank", "since", "integration"],
                name="summary_untold",
                condition=models.Q(contacted_at__lt=models.F("since")),
            ),
            # All that the commonest counts read, so that they need not look at the rows.
            models.Index(
                fields=["headline", "rank", "category", "tool", "environment", "beta", "owner"],
                name="summary_counts",
            ),
            # The same for what is asked of a datapoint: how many, and which.
            models.Index(fields=["headline", "coverage_digest"], name="summary_grids"),
            models.Index(
                fields=["tenant_name", "tool", "integration", "headline", "coverage_digest"],
                name="summary_grid_by_tenant",
            ),
            models.Index(fields=["snoozed_until"], name="summary_wakes"),
            # How many connections of a tool work, and whose.
            models.Index(fields=["tool", "headline", "tenant"], name="summary_of_tool"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_name} · {self.tool}: {self.headline}"


class Word(models.Model):
    """One word that a search finds an integration by, from its beginning on.

    As UTF-8, since databases order bytes alike and text in ways of their own.
    """

    word = models.BinaryField(max_length=160)
    summary = models.ForeignKey(Summary, models.CASCADE, related_name="+", db_index=True)

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["word", "summary"], name="one_row_per_word")
        ]

    def __str__(self) -> str:
        return bytes(self.word).decode(errors="replace")

"""What the overview draws of the past, counted beforehand: by day, and over its periods.

Only `integrations.workspace.daily_counts` writes here. Numbers alone are kept, of nobody's name.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models


class DailyCount(models.Model):
    """How all integrations, or those of one account manager's customers, were at the end of a day
    in the site's time zone.

    A day is counted by whose customers they were when it was counted last.
    """

    day = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text="Whose customers were counted; empty for all customers.",
    )
    # By severity: the columns have the names that `domain.headline.Severity` has.
    action_required = models.PositiveIntegerField(default=0)
    attention = models.PositiveIntegerField(default=0)
    working = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    ok = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(
        default=0, help_text="Those whose customer must act and was not notified."
    )
    repair_30 = models.PositiveIntegerField(
        null=True, help_text="Median seconds of the incidents that ended within 30 days."
    )
    repair_90 = models.PositiveIntegerField(
        null=True, help_text="Median seconds of the incidents that ended within 90 days."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "day"], name="one_count_per_owner_and_day"),
            models.UniqueConstraint(
                fields=["day"], condition=models.Q(owner=None), name="one_count_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class PeriodCount(models.Model):
    """What happened in the latest 30 or 90 days to all customers, or to those that one account
    manager has now.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text="Whose customers were counted; empty for all customers.",
    )
    days = models.PositiveSmallIntegerField()
    counted_at = models.DateTimeField()
    # Of the incidents in which a customer was reminded: all, and how far they came.
    reminded = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    begun = models.PositiveIntegerField(default=0)
    recovered = models.PositiveIntegerField(default=0)
    tools = models.JSONField(
        default=list,
        help_text="Tool, incidents, median seconds of those that ended; most incidents first.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "days"], name="one_count_per_owner_and_days"),
            models.UniqueConstraint(
                fields=["days"], condition=models.Q(owner=None), name="one_count_per_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days, {self.counted_at:%Y-%m-%d %H:%M}"

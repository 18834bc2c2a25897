"""Integrations with a made-up past, and what was counted of their days."""

from datetime import date, timedelta

from django.contrib.auth.models import User

from integrations.domain.headline import Key, Severity
from integrations.models import DailyCount, Integration, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.workspace import daily_counts
from tests.conftest import NOW
from tests.history.recording import become

TODAY = NOW.date()
DAY = 24 * 60  # minutes


def lived(
    tenant: Tenant, *story: tuple[float, Key], tool: str = "Personio", number: int = 1
) -> Integration:
    """An integration with what it became, each so many days ago."""
    made = mapping.create(tenant, f"tool:{tenant.origin_id}{tool}{number}")
    Snapshot.objects.filter(pk=made.pk).update(tool_label=tool)
    for days_ago, key in story:
        become(made, key, minutes=-days_ago * DAY)
    return made


def count_all(days: int = 2 * daily_counts.DAYS) -> None:
    """Count whatever is due, at most so many days: what a test is about is seldom that old."""
    while days > 0 and (counted := daily_counts.count_due()):
        days -= counted


def counted(days_ago: int, owner: User | None = None) -> dict[str, int]:
    """What was counted of a day, without what was nobody's; nothing if the day was not."""
    row = DailyCount.objects.filter(day=day(days_ago), owner=owner).first()
    counts = {str(name): getattr(row, name) for name in Severity} if row else {}
    return {name: number for name, number in counts.items() if number}


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)

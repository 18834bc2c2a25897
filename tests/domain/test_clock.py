"""Stored instants against a clock that was set back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import DateTimeField, F, QuerySet, Value

from integrations.domain.clock import SKEW, age, is_ahead, is_over, within
from integrations.models import Tenant

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(seconds=1)


def at(moment: datetime | None) -> QuerySet[Tenant]:
    """A row with an instant in a column."""
    Tenant.objects.create(name="Acme", origin_id="acme")
    return Tenant.objects.annotate(until=Value(moment, DateTimeField())).annotate(at=F("until"))


@pytest.mark.parametrize(
    ("until", "ahead"),
    [
        (None, False),
        (NOW, False),
        (NOW + TICK, True),
        (NOW + HOUR + SKEW, True),  # another machine's clock
        (NOW + HOUR + SKEW + TICK, False),
        (NOW + 2 * HOUR, False),
    ],
)
def test_a_wait_ends_by_itself(db: None, until: datetime | None, ahead: bool) -> None:
    assert is_ahead(until, NOW, at_most=HOUR) is ahead
    assert at(until).filter(is_over("until", NOW, at_most=HOUR)).exists() is not ahead


@pytest.mark.parametrize(
    ("noted", "recent"),
    [
        (NOW - HOUR, False),
        (NOW - HOUR + TICK, True),
        (NOW, True),
        (NOW + SKEW, True),
        (NOW + SKEW + TICK, False),
        (NOW + 2 * HOUR, False),
    ],
)
def test_what_is_known_since_the_future_is_not_recent(
    db: None, noted: datetime, recent: bool
) -> None:
    assert (age(noted, NOW) < HOUR) is recent
    assert at(noted).filter(within("at", NOW, at_most=HOUR)).exists() is recent
    assert age(None, NOW) > HOUR

"""What never had its effect, and what nobody wants, is not kept for ever either."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from time_machine import TimeMachineFixture

from integrations import retention
from integrations.models import Event, UnmappedIntegration

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    return time_machine


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def failed(number: int) -> Event:
    return Event.objects.create(
        environment="production",
        event_id=str(number),
        type="data-changed",
        payload="{}",
        received_at=ago(number),
        attempts=9,
        error="RuntimeError",
        due_at=NOW,
    )


def arrived(number: int, **more: Any) -> UnmappedIntegration:
    return UnmappedIntegration.objects.create(
        environment="production", integration_id=f"hibob:{number}", seen_at=ago(500), **more
    )


def test_failed_events_go_by_age(settings: Any) -> None:
    settings.EVENT_RETENTION_DAYS, settings.FAILED_EVENT_RETENTION_DAYS = 30, 50
    kept = failed(49)
    failed(51)
    retention.prune_hourly()
    assert list(Event.objects.all()) == [kept]


def test_failed_events_outlast_those_that_went_well(settings: Any) -> None:
    settings.FAILED_EVENT_RETENTION_DAYS, settings.EVENT_RETENTION_DAYS = 5, 30
    kept = failed(29)
    failed(31)
    retention.prune_hourly()
    assert list(Event.objects.all()) == [kept]


def test_dismissed_integrations_go_by_age(settings: Any) -> None:
    settings.DISMISSED_RETENTION_DAYS = 100
    kept = {arrived(1), arrived(2, dismissed_at=ago(99))}
    arrived(3, dismissed_at=ago(101))
    retention.prune_hourly()
    assert set(UnmappedIntegration.objects.all()) == kept


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does so by itself")
def test_sqlite_learns_daily_what_its_indexes_tell_apart(clock: TimeMachineFixture) -> None:
    arrived(1)
    known = []
    for hours in (0, 2, 24):
        clock.shift(timedelta(hours=hours))
        retention.prune_hourly()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_stat1")
            known.append(cursor.fetchone() > (0,))
            cursor.execute("DELETE FROM sqlite_stat1")
    assert known == [True, False, True]

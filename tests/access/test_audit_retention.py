"""The one way by which the audit record loses something, which nobody else has."""

import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from integrations import retention
from integrations.access import audit, audit_retention
from integrations.access.audit import Act, Actor
from integrations.models import AuditEntry
from tests import copy

CHANGES = [
    "UPDATE integrations_auditentry SET actor = 'eve'",
    "DELETE FROM integrations_auditentry",
]
DAY = timedelta(days=1)


def note(days: float = 0, address: str = "") -> int:
    """Record an act of so many days ago."""
    at = timezone.now() - days * DAY
    audit.record(Actor(None, copy.COMMAND_LINE, address), Act.SYNCED, at=at)
    return AuditEntry.objects.latest("pk").pk


def change(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        return int(cursor.execute(sql).rowcount)


@pytest.mark.parametrize("sql", CHANGES)
def test_the_guard_is_lifted_for_one_block(db: None, sql: str) -> None:
    note()
    with audit_retention.guard_lifted():
        assert change(sql) == 1
    note()
    with pytest.raises(DatabaseError, match="append-only"):
        change(sql)


def test_an_error_in_the_block_puts_it_back(db: None) -> None:
    note()

    def fail(*_arguments: object) -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"), audit_retention.guard_lifted() as entries:
        fail(entries.all().delete())
    assert AuditEntry.objects.count() == 1
    with pytest.raises(DatabaseError, match="append-only"):
        change(CHANGES[1])


def test_a_block_within_a_block_is_two(db: None) -> None:
    note()
    with audit_retention.guard_lifted() as entries:
        with pytest.raises(ValueError, match="stop"), audit_retention.guard_lifted():
            raise ValueError("stop")
        assert entries.update(actor="nobody") == 1


@pytest.mark.django_db(transaction=True)
def test_no_other_thread_is_let_through(run_aside: Callable[[Callable[[], Any]], Any]) -> None:
    note()
    with audit_retention.guard_lifted():
        told = run_aside(audit_retention._is_lifted.get)
    assert told is False


@pytest.fixture
def run_aside() -> Callable[[Callable[[], Any]], Any]:
    """Do something in a thread of its own, and return what came of it."""

    def run(act: Callable[[], Any]) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(act).result()

    return run


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file is what other programs open")
@pytest.mark.parametrize("sql", CHANGES)
def test_another_program_is_refused(shared_database: Mapping[str, str], sql: str) -> None:
    note()
    path = shared_database["DATABASE_URL"].removeprefix("sqlite:///")
    with (
        closing(sqlite3.connect(path)) as other,
        pytest.raises(sqlite3.Error, match="audit_guard_is_lifted"),
    ):
        other.execute(sql)


def test_what_is_older_goes(db: None) -> None:
    _old, young = note(10), note(5)
    assert audit_retention.delete_older_than(timezone.now() - 7 * DAY) == 1
    assert [one.pk for one in AuditEntry.objects.all()] == [young]


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_of_an_old_address_the_network_is_left(db: None, address: str, left: str) -> None:
    note(91, address)
    note(1, address)
    for _again in range(2):
        audit_retention.shorten_addresses(timezone.now() - 90 * DAY)
        found = AuditEntry.objects.order_by("at").values_list("address", flat=True)
        assert list(found) == [left, address]


def test_the_worker_does_both(db: None, settings: Any) -> None:
    settings.AUDIT_RETENTION_DAYS = 100
    for days in (101, 99, 1):
        note(days, "192.0.2.77")
    assert retention.prune_hourly() == 1
    found = AuditEntry.objects.order_by("at").values_list("address", flat=True)
    assert list(found) == ["192.0.2.0/24", "192.0.2.77"]

"""The state of the installation in words: each trouble is red, and says what to do about it."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from integrations.database import facts, outage, schema
from integrations.database.facts import Disk
from integrations.models import Event, Heartbeat, Integration, Mail, Snapshot, Tenant, Upstream
from integrations.operations import report, state
from integrations.operations.lines import Line, Severity
from integrations.operations.report import Status
from integrations.version import VERSION
from tests.conftest import NOW
from tests.installation import GIB


def told() -> dict[str, Line]:
    return {line.key: line for one in report.sections(state.read()) for line in one.lines}


def status() -> Status:
    now = state.read()
    return report.status(now, report.sections(now))


def an_event(**columns: Any) -> None:
    Event.objects.create(environment="production", type="x", payload="", **columns)


def a_mail(**columns: Any) -> None:
    Mail.objects.create(
        key=secrets.token_hex(8), kind="digest", to="x@y.example", subject="", **columns
    )


def test_all_is_well(well: Integration) -> None:
    lines = told()
    assert status() is Status.WELL
    assert {key for key, line in lines.items() if line.severity is Severity.OK} >= {
        *("key", "circuit", "budget", "oldest_check", "worker", "checks", "events", "answers"),
        *("version", "database", "migrations", "disk"),
    }
    assert [key for key, line in lines.items() if line.severity is Severity.RED] == []


def test_lines_tell_numbers(well: Integration) -> None:
    lines = {key: line.text(NOW) for key, line in told().items()}
    assert "1" in lines["checks"]
    assert VERSION in lines["version"]
    assert lines["version"] in lines["worker"]
    assert connection.display_name in lines["database"]


LONG_AGO = NOW - timedelta(hours=3)


def _refuse_key(_settings: Any) -> None:
    Upstream.objects.update(refused_since=LONG_AGO)


def _open_circuit(_settings: Any) -> None:
    Upstream.objects.update(silent_until=NOW + timedelta(minutes=1))


def _take_key(settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"]["API_KEY"] = ""


def _silence_webhooks(settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = ["x"]


def _end_worker(_settings: Any) -> None:
    Heartbeat.objects.update(at=LONG_AGO)


def _never_begin_worker(_settings: Any) -> None:
    Heartbeat.objects.all().delete()


def _age_checks(_settings: Any) -> None:
    Snapshot.objects.update(fetched_at=NOW - timedelta(hours=2))


def _fail_event(_settings: Any) -> None:
    an_event(event_id="1", received_at=LONG_AGO, due_at=NOW + timedelta(hours=1))


def _hold_mail(settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    a_mail(created_at=LONG_AGO, due_at=LONG_AGO)


TROUBLES: dict[str, tuple[str, Callable[[Any], None]]] = {
    "refused key": ("key", _refuse_key),
    "no key": ("key", _take_key),
    "open circuit": ("circuit", _open_circuit),
    "no webhooks": ("webhook", _silence_webhooks),
    "worker gone": ("worker", _end_worker),
    "worker never seen": ("worker", _never_begin_worker),
    "old checks": ("checks", _age_checks),
    "events": ("events", _fail_event),
    "mails": ("mails", _hold_mail),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_red_and_says_what_to_do(well: Integration, settings: Any, name: str) -> None:
    key, make = TROUBLES[name]
    make(settings)
    red = {name: line for name, line in told().items() if line.severity is Severity.RED}
    assert list(red) == [key]
    assert red[key].advice
    assert status() is Status.RED


@pytest.mark.parametrize(
    ("free", "total", "severity"),
    [
        (3 * GIB, 40 * GIB, Severity.OK),
        (GIB, 40 * GIB, Severity.RED),
        (GIB - 1, 2 * GIB, Severity.RED),
    ],
)
def test_a_disk_that_is_nearly_full(
    well: Integration, monkeypatch: pytest.MonkeyPatch, free: int, total: int, severity: Severity
) -> None:
    monkeypatch.setattr(facts, "disk", lambda _connection: Disk(free, total))
    assert told()["disk"].severity is severity


def test_a_few_old_checks_are_no_trouble(well: Integration) -> None:
    """Some integrations fail by themselves."""
    for number in range(30):
        made = Integration.objects.create(tenant=well.tenant, integration_id=f"x:{number}")
        Snapshot.objects.create(integration=made, fetched_at=NOW)
    Snapshot.objects.filter(pk=well.pk).update(fetched_at=LONG_AGO)
    line = told()["checks"]
    assert line.severity is Severity.OK
    assert told()["oldest_check"].at == LONG_AGO


def test_what_is_removed_counts_for_nothing(well: Integration) -> None:
    Snapshot.objects.update(fetched_at=LONG_AGO, removed_at=LONG_AGO)
    assert told()["checks"].severity is Severity.OK
    assert told()["oldest_check"].at is None


def test_a_worker_of_another_version_is_to_be_looked_at(well: Integration) -> None:
    Heartbeat.objects.update(version="0.0.1")
    line = told()["worker"]
    assert (line.severity, "0.0.1" in line.words) == (Severity.ATTENTION, True)
    assert VERSION in line.advice
    assert status() is Status.WELL


def test_every_worker_has_a_line(well: Integration) -> None:
    Heartbeat.objects.create(name="another", at=NOW, version=VERSION)
    [section] = [one for one in report.sections(state.read()) if one.key == "worker"]
    assert len(section.lines) == 2
    Heartbeat.objects.filter(name="another").update(at=LONG_AGO)
    [section] = [one for one in report.sections(state.read()) if one.key == "worker"]
    assert len(section.lines) == 1


def test_a_used_up_budget_is_to_be_looked_at(well: Integration, settings: Any) -> None:
    config = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS["production"] = config | {"CALLS_PER_SECOND": 2}
    Upstream.objects.update(next_call_at=NOW, recent_calls=120.0)
    line = told()["budget"]
    assert (line.severity, "100" in line.words) == (Severity.ATTENTION, True)
    assert "KOMBO_CALLS_PER_SECOND" in line.advice


def test_a_pause_that_kombo_asks_for_is_told(well: Integration) -> None:
    Upstream.objects.update(limited_until=NOW + timedelta(minutes=2))
    assert told()["circuit"].severity is Severity.ATTENTION


def test_a_mail_for_later_is_no_trouble(well: Integration, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    a_mail(created_at=NOW, due_at=NOW + timedelta(days=1))
    assert told()["mails"].severity is Severity.OK


def test_a_lost_mail_is_told_for_a_day(well: Integration, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    a_mail(created_at=LONG_AGO, error="refused 550")
    assert told()["mails_lost"].severity is Severity.ATTENTION
    Mail.objects.update(created_at=NOW - timedelta(days=2))
    assert told()["mails_lost"].severity is Severity.OK


def test_pending_migrations_are_all_that_is_told(
    well: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "pending", lambda _connection: ["integrations.0009_more"])
    lines = told()
    assert set(lines) == {"version", "database", "migrations", "disk"}
    assert lines["migrations"].severity is Severity.RED
    assert "integrations.0009_more" in lines["migrations"].words
    assert status() is Status.RED


def test_a_database_that_takes_no_writes_is_red(
    well: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "present", lambda: outage.Problem(outage.READ_ONLY))
    assert told()["database"].severity is Severity.RED
    assert told()["checks"].severity is Severity.OK


def test_the_queries_are_as_many_however_much_there_is(
    well: Integration, acme: Tenant, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(QUERIES):
        report.sections(state.read())
    for number in range(30):
        made = Integration.objects.create(tenant=acme, integration_id=f"x:{number}")
        Snapshot.objects.create(integration=made, fetched_at=NOW)
        an_event(event_id=str(number), received_at=NOW, due_at=NOW)
        a_mail(created_at=NOW - timedelta(seconds=number), due_at=NOW)
        Heartbeat.objects.create(name=str(number), at=NOW)
    with django_assert_num_queries(QUERIES):
        report.sections(state.read())


# Two for migrations, the size, environments with their webhooks, workers, emails of the day, the
# oldest check of the one environment, three about checks, events, emails, answers.
QUERIES = 13

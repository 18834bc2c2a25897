"""The record read again: found, put into words, and taken away as a file."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from time_machine import TimeMachineFixture

from integrations.access import audit, audit_log, audit_words
from integrations.access.audit import Act, Actor
from integrations.models import Tenant
from tests import copy
from tests.conftest import NOW, Connect, acting

pytestmark = pytest.mark.django_db


def table(**asked: Any) -> list[list[str]]:
    text = "".join(audit_log.csv_rows(audit_log.entries(**asked)))
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def record(
    alice: User, root: User, acme: Tenant, bolt: Tenant, time_machine: TimeMachineFixture
) -> None:
    """Four acts on four days, the last of them now."""
    acts = [
        (Actor(root, "root", "192.0.2.1"), Act.IMPORTED, None, "9 created"),
        (Actor(alice, "alice", "203.0.113.7"), Act.RECONNECT_BEGUN, acme, ""),
        (Actor(root, "root", "192.0.2.1"), Act.NOTED, bolt, "Called Ms 100% O'Neill"),
        (Actor(root, "root", "2001:db8::/64"), Act.PAUSED, acme, "=1+1"),
    ]
    for days, (actor, act, tenant, name) in zip((3, 2, 1, 0), acts, strict=True):
        time_machine.move_to(NOW - timedelta(days=days), tick=False)
        audit.record(actor, act, tenant=tenant, name=name)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["paused", "noted", "reconnect_begun", "imported"]),
        ({"query": "ALICE"}, ["reconnect_begun"]),
        ({"query": "acme"}, ["paused", "reconnect_begun"]),
        ({"query": "root acme"}, ["paused"]),
        ({"query": "192.0.2"}, ["noted", "imported"]),
        ({"query": "2001:db8"}, ["paused"]),
        ({"query": "100% o'neill"}, ["noted"]),
        ({"query": "%"}, ["noted"]),
        ({"query": "_"}, []),
        ({"query": "\\"}, []),
        ({"query": "PAUSED"}, ["paused"]),
        ({"query": "started reconn"}, ["reconnect_begun"]),
        ({"query": "root added"}, ["noted"]),
        ({"query": "  "}, ["paused", "noted", "reconnect_begun", "imported"]),
        ({"what": "noted"}, ["noted"]),
        ({"what": "noted", "query": "acme"}, []),
        ({"since": NOW - timedelta(days=1)}, ["paused", "noted"]),
    ],
)
def test_what_is_asked_for_is_found_newest_first(
    record: None, asked: dict[str, Any], found: list[str]
) -> None:
    assert [one.what for one in audit_log.entries(**asked)] == found


def test_an_act_is_found_by_its_words_in_the_language_one_reads(record: None) -> None:
    with translation.override("de"):
        assert [one.what for one in audit_log.entries(query="PAUSIERT")] == ["paused"]
        assert not audit_log.entries(query="added")


def test_an_integration_is_found_by_the_id_that_the_file_has(
    alice: User, acme: Tenant, connect: Connect
) -> None:
    made, other = connect(acme), connect(acme)
    for one in (made, other):
        audit.record(acting(alice), Act.SYNCED, integration=one)
    ids = [row[6].removeprefix("'") for row in table()]  # before what begins like a formula
    assert made.public_id in ids
    assert [one.integration for one in audit_log.entries(query=made.public_id)] == [made.public_id]


def test_only_the_acts_for_some_tenants(record: None, acme: Tenant) -> None:
    assert [one.what for one in audit_log.entries(tenants=Tenant.objects.filter(pk=acme.pk))] == [
        "paused",
        "reconnect_begun",
    ]
    assert not audit_log.entries(tenants=Tenant.objects.none())


def test_what_is_written_later_is_left_out_of_the_same_instant(
    acme: Tenant, alice: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    for number in range(7):
        audit.record(acting(alice), Act.NOTED, tenant=acme, name=str(number))
    third = audit_log.entries()[4]
    known = audit_log.up_to(audit_log.entries(), third.pk)
    assert [one.told["name"] for one in known] == ["2", "1", "0"]
    assert len(audit_log.up_to(audit_log.entries(), 999_999)) == 7


@pytest.fixture
def in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = {act: f"<{name}>" for act, name in audit_words.NAMES.items()}
    monkeypatch.setattr(audit_words, "NAMES", marked)
    monkeypatch.setattr(audit_words, "_", lambda text: f"<{text}>")


def test_whoever_is_no_user_is_named_in_words(in_words: None) -> None:
    for name in (audit.COMMAND.name, audit.WORKER.name, audit.EMBEDDED, audit.HAND_OFF):
        audit.record(Actor(None, name), Act.PAUSED)
        [row] = [row for row in audit_log.rows(audit_log.entries()) if row["entry"].actor == name]
        assert row["who"] == audit_words.actor_names()[name]
        assert (row["who"][0], row["what"]) == ("<", "<Paused>")
    assert [row[1] for row in table(query=copy.BACKGROUND_WORKER)[1:]] == ["<background worker>"]


def test_a_user_is_named_as_they_are(in_words: None) -> None:
    user = User.objects.create_user("worker")
    audit.record(acting(user), Act.PAUSED)
    assert [one["who"] for one in audit_log.rows(audit_log.entries())] == ["worker"]
    assert not audit_log.entries(query="<worker")


def test_the_file_holds_all_of_it_and_no_formula(record: None) -> None:
    headings, *rows = table()
    assert headings == [
        copy.TIME,
        copy.USER,
        copy.ACTION,
        "act",
        copy.CUSTOMER,
        copy.TOOL,
        copy.INTEGRATION,
        copy.DETAILS,
        copy.IP_ADDRESS,
    ]
    assert rows[0][1:] == [
        "root",
        copy.PAUSED,
        "paused",
        "Acme GmbH",
        "",
        "",
        "Name: =1+1",
        "2001:db8::/64",
    ]
    assert datetime.fromisoformat(rows[0][0]) == NOW
    assert [row[3] for row in rows] == ["paused", "noted", "reconnect_begun", "imported"]
    assert [row[3] for row in table(query="alice")[1:]] == ["reconnect_begun"]


def test_the_file_stays_in_the_language_it_was_asked_for_in(
    record: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = audit_log.csv_rows(audit_log.entries())
    # Another request's, while this one is being read.
    monkeypatch.setattr(audit_log, "_", lambda text: f"<{text}>")
    assert "<" not in "".join(rows)
    assert next(audit_log.csv_rows(audit_log.entries())).startswith("<Time>")

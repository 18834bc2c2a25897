"""What the audit record keeps are keys and values; the reader's language tells them."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.utils import translation

from integrations.access import audit, audit_log, audit_words
from integrations.access.audit import Act, Detail
from integrations.access.audit_words import AuditWords
from integrations.models import AuditEntry, MailKind, RepairAct, RepairOutcome

pytestmark = pytest.mark.django_db


def said(act: Act = Act.ADMINISTERED, **details: Any) -> str:
    audit.record(audit.WORKER, act, **details)
    [row] = audit_log.rows(audit_log.entries()[:1])
    return str(row["said"])


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"changes": {"reminder_cap": ["4", "0"]}}, "Maximum reminders: 4 → 0"),
        ({"changes": {"quiet_hours": ["", "none"]}}, "Quiet hours: – → none"),
        ({"changes": {"is_staff": ["no", "yes"]}}, "Staff status: no → yes"),
        ({"changes": {"of_another_version": ["a", "b"]}}, "of_another_version: a → b"),
        ({"fields": ["contact_email", "language"]}, "Changed: Contact, Language"),
        ({"wanted": ["at_once"]}, "Requested: Immediate alert when a customer needs to act"),
        ({"name": "HR: Org chart", "done": "created"}, "Name: HR: Org chart; Change: created"),
        ({"outcome": "unconfirmed"}, "Result: not confirmed by Kombo"),
        ({"outcome": "of another version"}, "Result: of another version"),
        ({"added": {"groups": ["A", "B"]}}, "Added (Groups): A, B"),
        ({"object": "tenant", "moved": "away"}, "Object: Customer; Moved: to another customer"),
        ({"created": 4, "changed": 0}, "Created: 4; Changed: 0"),
        ({"scope": ["view", "repair"]}, "Scope: view, reconnect"),
    ],
)
def test_keys_and_values_are_told_in_words(details: dict[str, Any], words: str) -> None:
    assert said(**details) == words


def test_an_instant_is_told_as_the_reader_writes_it() -> None:
    assert said(until="2026-11-21T12:00+00:00") == "Until: 21 November 2026, 12:00"
    with translation.override("de"):
        assert "21. November 2026" in said(until="2026-11-21T12:00+00:00")


def test_what_is_stored_is_the_same_in_every_language() -> None:
    stored = set()
    for language in ("en", "de"):
        with translation.override(language):
            audit.record(audit.WORKER, Act.SYNCED, outcome="done", name="Zoë & Co")
            stored.add(AuditEntry.objects.latest("pk").details)
    assert stored == {'{"outcome": "done", "name": "Zoë & Co"}'}


def test_another_name_is_no_detail() -> None:
    named: Any = {"words of my own": "x"}
    with pytest.raises(ValueError, match="words of my own"):
        audit.record(audit.WORKER, Act.SYNCED, **named)


def test_every_key_and_word_of_ours_has_words() -> None:
    labels, values = audit_words._labels(), audit_words._values()
    assert set(labels) | {Detail.CHANGES} == set(Detail)
    for kind in MailKind:
        assert (Detail.KIND, str(kind)) in values
    for act in RepairAct:
        assert (Detail.PURPOSE, str(act)) in values
    for outcome in set(RepairOutcome) - {RepairOutcome.STARTED}:
        assert (Detail.OUTCOME, str(outcome)) in values


def test_every_object_has_a_name() -> None:
    words = AuditWords()
    for model in apps.get_app_config("integrations").get_models():
        entry = AuditEntry(details=json.dumps({"object": model._meta.model_name}))
        assert words.details(entry).startswith("Object: ")


def test_the_file_tells_the_same_words() -> None:
    words = said(done="deleted", object="membership")
    lines = list(audit_log.csv_rows(audit_log.entries()))
    assert words in lines[1]


def test_an_umlaut_in_a_value_is_found() -> None:
    audit.record(audit.WORKER, Act.VIEW_SAVED, name="Müllers Kunden")
    assert audit_log.entries(query="müller").count() == 1

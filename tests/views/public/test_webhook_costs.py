"""What an event costs, and that nothing of it reaches a log."""

import logging
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.kombo.webhooks import MAX_BYTES, sign
from integrations.models import (
    Entry,
    Event,
    Incident,
    Integration,
    Reminder,
    Tenant,
    UnmappedIntegration,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import gateway
from integrations.webhooks import handlers
from tests.kombo.malformed import malformed
from tests.logged import logged
from tests.views.public.webhook_requests import OTHERS_SECRET, body_of, padded
from tests.webhook_payloads import (
    INTEGRATION_ID,
    ORIGIN_ID,
    SECRET,
    TOOL,
    TYPES,
    encoded,
    event,
    post,
)

pytestmark = pytest.mark.usefixtures("configured")


# Queries of an event that changes the headline, savepoints included. Whatever changes a snapshot
# reads its summary, and writes it if that tells of it; another headline looks for reminders and
# hand-offs too, and a failure is noted on its incident. A new one, or a failure to connect, looks
# for an attempt, and a deleted one for who asked for it, and ends its hand-offs.
BUDGETS = [
    ("connection-flow-failed", {}, 10),
    ("data-changed", {}, 12),
    ("integration-created", {}, 10),
    ("integration-deleted", {}, 20),
    ("integration-state-changed", {"state": "INVALID", "updated_at": "2026-09-01T12:00:00Z"}, 24),
    ("issue-status-changed", {}, 31),
    ("sync-finished", {}, 17),
    ("sync-finished", {"sync_state": "AUTHENTICATION_FAILED"}, 26),
    ("sync-finished", {"sync_state": "PARTIALLY_FAILED"}, 28),
    ("remote-event-received", {}, 6),
]
DUPLICATE, FORGED = 4, 0


@pytest.mark.parametrize("crowded", [False, True])
def test_an_event_costs_a_few_queries_however_much_there_is(
    client: Client, made: Integration, crowded: bool
) -> None:
    """Each event comes as the first one, once more, and forged."""
    if crowded:
        _crowd(client, made)
    wrong = {}
    for kind, data, most in BUDGETS:
        told = event(kind, **data) if kind in TYPES else {"id": "x", "type": kind, "data": {}}
        with transaction.atomic():  # afterwards nothing of it is left
            costs = _costs(client, encoded(told))
            transaction.set_rollback(True)
        if costs != [most, DUPLICATE, FORGED]:
            wrong[kind, str(data)] = costs
    assert wrong == {}


def _costs(client: Client, body: bytes) -> list[int]:
    costs = []
    for more, status in (({}, 200), ({}, 200), ({"signature": ""}, 401)):
        with CaptureQueriesContext(connection) as queries:
            assert post(client, body, **more).status_code == status
        costs.append(len(queries))
    return costs


def _crowd(client: Client, made: Integration) -> None:
    """More of everything: integrations that all sorts of events came for, and issues of our own
    that are over.
    """
    for number in range(3):
        other = f"{TOOL}:{number}"
        mapping.create(
            Tenant.objects.create(name=f"Tenant {number}", origin_id=f"origin-{number}"), other
        )
        for kind in TYPES:
            post(client, encoded(event(kind)).replace(INTEGRATION_ID.encode(), other.encode()))
    for number in range(3):
        raised = {
            "issue__id": f"issue {number}",
            "issue__first_observed_at": "2020-08-01T12:00:00Z",
        }
        resolved = {"change": "resolved", "issue__resolved_at": "2020-08-02T12:00:00Z"}
        for data in (raised, {**raised, **resolved}):
            post(client, encoded(event("issue-status-changed", **data)))
    Entry.objects.filter(integration=made).delete()
    Incident.objects.filter(integration=made).delete()
    Reminder.objects.filter(integration=made).delete()


def test_kombo_is_not_asked(
    client: Client,
    made: Integration,
    kombo: Simulator,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    def call(*_args: Any, **_more: Any) -> None:
        raise AssertionError

    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = [SECRET]
    monkeypatch.setattr(gateway, "call", call)
    monkeypatch.setattr(gateway, "client", call)
    kombo.set_fault("hanging")
    for kind in TYPES:
        with subtests.test(kind=kind):
            for integration_id in (INTEGRATION_ID, "personio:nobodys"):
                body = encoded(event(kind)).replace(
                    INTEGRATION_ID.encode(), integration_id.encode()
                )
                assert post(client, body).status_code == 200
                assert Event.objects.latest("pk").error == ""
            assert not kombo.calls


def test_nothing_that_an_event_holds_reaches_the_log(
    client: Client,
    made: Integration,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "integrations")
    caplog.set_level(logging.INFO, "django.db")
    signatures = []
    for body in [
        *(body_of(kind) for kind in TYPES),
        *list(malformed().values())[::25],
        padded(MAX_BYTES + 1),
    ]:
        signatures.append(sign(body, SECRET))
        post(client, body)
        post(client, body)
        post(client, body, signature=sign(body, OTHERS_SECRET))

    def apply(_environment: str, report: Any, _now: Any) -> None:
        told = report.end_user
        raise ValueError(f"{told.organization_name} {report.integration_id} {told.origin_id}")

    monkeypatch.setattr(handlers, "handle", apply)
    post(client, body_of())
    said = logged(caplog)
    for kind in (
        "signed webhook that can't be read was refused",
        "could not be worked",
        "Unauthorized",
    ):
        assert kind in said
    forbidden = [
        SECRET,
        OTHERS_SECRET,
        *signatures,
        "user@example.com",
        "@",
        INTEGRATION_ID,
        ORIGIN_ID,
        "Acme",
    ]
    assert [one for one in forbidden if one in said] == []
    assert not UnmappedIntegration.objects.exists()

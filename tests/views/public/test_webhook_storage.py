"""What is kept of an event, once, even when something of ours fails."""

import json
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.kombo.webhooks import parse
from integrations.models import Event, Integration
from integrations.webhooks import handlers, inbox
from tests.logged import logged
from tests.views.public.webhook_requests import OTHERS_SECRET, body_of, rows
from tests.webhook_payloads import INTEGRATION_ID, TYPES, documented, encoded, event, post

pytestmark = pytest.mark.usefixtures("configured")


# --- What is kept


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_used_of_each_payload_is_kept_and_had_its_effect(client: Client, kind: str) -> None:
    body = documented(kind)
    assert post(client, body).status_code == 200
    stored = Event.objects.get()
    assert (parse(stored.payload.encode()), stored.type) == (parse(body), kind)
    assert stored.worked_at is not None
    assert (stored.attempts, stored.due_at, stored.error) == (0, None, "")


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "kind",
    [
        "remote-event-received",
        "assessment:order-received",
        "ai-apply-application-status-updated",
        "x" * 100,
    ],
)
def test_a_type_that_we_do_not_use_is_kept_and_that_is_all(
    client: Client, made: Integration, kind: str
) -> None:
    before = rows()
    data = {"integration_id": INTEGRATION_ID, "state": "INVALID", "odd": [None, {"deep": 1.5}]}
    assert post(client, encoded({"id": "x", "type": kind, "data": data})).status_code == 200
    assert rows() == before | {"integrations.Event": 1}
    stored = Event.objects.get()
    assert (stored.type, stored.error, stored.integration) == (kind, "", None)
    assert stored.worked_at is not None


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("kind", TYPES)
def test_keys_that_we_do_not_know_do_no_harm(client: Client, kind: str) -> None:
    body = encoded(
        {**event(kind, new_key={"nested": ["\N{GRINNING FACE}", 1.0]}), "version": 7, "nul": "a\0b"}
    )
    assert post(client, body).status_code == 200
    assert parse(Event.objects.get().payload.encode()) == parse(body)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("kind", TYPES)
def test_an_event_again_is_welcome_and_changes_nothing(
    client: Client, made: Integration, kind: str
) -> None:
    body = encoded(event(kind))
    assert post(client, body).status_code == 200
    before, stored = rows(), Event.objects.values().get()
    assert [post(client, body).status_code for _ in range(5)] == [200] * 5
    # Kombo's id is what counts, whatever the rest says.
    again = json.loads(body)
    assert (
        post(
            client, encoded({**again, "type": "data-changed", "data": {"integration_id": "x"}})
        ).status_code
        == 200
    )
    assert rows() == before
    assert Event.objects.values().get() == stored


def test_an_id_is_unique_within_its_environment(client: Client) -> None:
    body = body_of()
    assert post(client, body).status_code == 200
    assert post(client, body, secret=OTHERS_SECRET, url="/webhooks/kombo/us/").status_code == 200
    assert Event.objects.count() == 2


def test_the_effect_of_an_event_stays_within_its_environment(
    client: Client, made: Integration
) -> None:
    for kind in TYPES:
        assert (
            post(client, body_of(kind), secret=OTHERS_SECRET, url="/webhooks/kombo/us/").status_code
            == 200
        )
    before = made.snapshot
    after = type(before).objects.get(pk=before.pk)
    fields = [field.attname for field in before._meta.concrete_fields]
    assert [getattr(after, name) for name in fields] == [getattr(before, name) for name in fields]
    assert not made.entries.exists()
    assert not made.issues.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PATHS = [
    (kind, *path)
    for kind in TYPES
    for path in [["id"], ["type"], ["data"], *(["data", key] for key in event(kind)["data"])]
] + [
    ("issue-status-changed", "data", *path)
    for path in (["issue", "title"], ["integration", "id"], ["issue", "id"])
]


@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.sampled_from(PATHS), JSON)
def test_any_value_anywhere_is_kept_or_refused(
    client: Client, made: Integration, place: tuple[str, ...], value: object
) -> None:
    kind, *path, last = place
    document = event(kind)
    target: Any = document
    for part in path:
        target = target[part]
    target[last] = value
    response = post(client, json.dumps(document).encode())
    assert response.status_code in {200, 400}
    assert not Event.objects.filter(worked_at__isnull=True).exists()


# --- When something of ours fails


def test_a_fault_of_ours_in_working_it_is_not_kombos_concern(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(*_args: Any) -> None:
        raise RuntimeError("boss@acme.example did it")

    monkeypatch.setattr(handlers, "handle", apply)
    assert post(client, body_of()).status_code == 200
    stored = Event.objects.get()
    assert (stored.worked_at, stored.attempts, stored.error) == (None, 1, "RuntimeError")


@pytest.mark.parametrize("error", [OperationalError, DataError, IntegrityError])
def test_what_could_not_be_stored_is_asked_for_again(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def store(*_args: Any) -> None:
        raise error("Failing row contains (production, user@example.com)")

    monkeypatch.setattr(inbox, "receive", store)
    before = rows()
    response = post(client, body_of())
    assert (response.status_code, response.content, response["Retry-After"]) == (503, b"", "5")
    assert rows() == before
    assert error.__name__ in logged(caplog)
    assert "user@example.com" not in logged(caplog)


def test_an_error_at_the_end_is_no_duplicate(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL checks foreign keys at the commit: then nothing is kept, and 200 would be a
    lie.
    """

    def work(*_args: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(inbox, "_work", work)
    assert post(client, body_of()).status_code == 503
    assert not Event.objects.exists()

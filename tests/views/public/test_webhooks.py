"""Where Kombo's webhooks arrive: who is let in, what is answered, and what is left behind."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import DataError, IntegrityError, OperationalError, close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.kombo import webhooks
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
from integrations.webhooks import handlers, inbox
from integrations.workspace import summaries
from tests.conftest import API_KEY
from tests.kombo.malformed import malformed
from tests.webhook_payloads import (
    INTEGRATION_ID,
    ORIGIN_ID,
    SECRET,
    TOOL,
    TYPES,
    URL,
    documented,
    encoded,
    event,
    post,
)

OTHERS_SECRET = "whsec-us-9876543210"


@pytest.fixture(autouse=True)
def configured(settings: Any, db: None) -> None:
    """Three environments: one with a webhook, one with another, one whose webhook was never set
    up.
    """
    config = {"API_URL": "http://127.0.0.1:9/v1", "API_KEY": API_KEY, "CALLS_PER_SECOND": 1000}
    settings.KOMBO_ENVIRONMENTS = {
        "production": {**config, "WEBHOOK_SECRETS": [SECRET]},
        "us": {**config, "WEBHOOK_SECRETS": [OTHERS_SECRET]},
        "silent": {**config, "WEBHOOK_SECRETS": []},
    }


@pytest.fixture
def made(db: None) -> Integration:
    """The integration that the documented payloads are about."""
    made = mapping.create(
        Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID), INTEGRATION_ID
    )
    made.snapshot.tool_id, made.snapshot.status, made.snapshot.setup_status = (
        TOOL,
        "ACTIVE",
        "COMPLETED",
    )
    made.snapshot.save()
    summaries.recompute([made.pk])
    return made


def rows() -> dict[str, int]:
    """How many there are in every table."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def body_of(kind: str = "integration-state-changed") -> bytes:
    return encoded(event(kind))


# --- Who is let in


def test_what_kombo_signed_is_kept_and_answered_with_an_empty_200(client: Client) -> None:
    body = documented("integration-state-changed")
    response = post(client, body)
    assert (response.status_code, response.content) == (200, b"")
    stored = Event.objects.get()
    assert (stored.environment, stored.event_id) == ("production", "Cbfk5sHtDxrSrJBRjsDtbaN9")
    assert (stored.type, stored.payload) == ("integration-state-changed", body.decode())


def test_the_address_is_the_one_that_the_readme_gives() -> None:
    assert reverse("webhooks", args=["production"]) == URL


def test_it_needs_neither_session_nor_token_and_gives_none() -> None:
    client = Client(enforce_csrf_checks=True)
    with CaptureQueriesContext(connection) as queries:
        response = post(client, body_of())
    assert response.status_code == 200
    assert not response.cookies
    assert not [
        one
        for one in queries.captured_queries
        if "session" in one["sql"] or "auth_user" in one["sql"]
    ]
    assert "no-store" in response["Cache-Control"]


def test_a_session_that_is_there_makes_no_difference(
    sign_in: Callable[[Any], Client], alice: Any, settings: Any
) -> None:
    assert post(sign_in(alice), body_of()).status_code == 200
    assert post(sign_in(alice), body_of(), signature="").status_code == 401


def test_both_secrets_hold_while_one_is_replaced(client: Client, settings: Any) -> None:
    secrets = settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"]
    secrets[:] = ["new", SECRET]
    assert [
        post(client, body_of(), secret=secret).status_code for secret in (SECRET, "new", "other")
    ] == [
        200,
        200,
        401,
    ]
    secrets[:] = ["new"]
    assert [post(client, body_of(), secret=secret).status_code for secret in (SECRET, "new")] == [
        401,
        200,
    ]


def test_every_environment_has_secrets_of_its_own(client: Client) -> None:
    us = "/webhooks/kombo/us/"
    assert post(client, body_of(), secret=OTHERS_SECRET).status_code == 401
    assert post(client, body_of(), secret=SECRET, url=us).status_code == 401
    assert post(client, body_of(), secret=OTHERS_SECRET, url=us).status_code == 200
    assert [one.environment for one in Event.objects.all()] == ["us"]


@pytest.mark.parametrize("environment", ["silent", "unknown", "Production", "x" * 300])
@pytest.mark.parametrize("secret", [SECRET, "", "None", API_KEY])
def test_an_environment_without_secrets_lets_nobody_in_and_does_not_say_whether_it_is_there(
    client: Client, environment: str, secret: str
) -> None:
    response = post(client, body_of(), secret=secret, url=f"/webhooks/kombo/{environment}/")
    assert (response.status_code, response.content) == (401, b"")
    assert not Event.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("environment", ["production", "unknown"])
def test_it_only_takes_posts(client: Client, method: str, environment: str) -> None:
    response = getattr(client, method)(f"/webhooks/kombo/{environment}/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _right: "",
        lambda right: f"{right}=",
        lambda right: f"sha256={right}",
        lambda right: right[:-1],
        lambda right: right.swapcase(),
        lambda right: right.encode().hex(),
        lambda _right: "é" * 43,
        lambda _right: "\xff" * 43,
        lambda _right: "A" * 5000,
        lambda _right: sign(body_of(), SECRET),
        lambda _right: SECRET,
    ],
)
def test_another_signature_is_refused(client: Client, spoil: Callable[[str], str]) -> None:
    body = body_of()
    response = post(client, body, signature=spoil(sign(body, SECRET)))
    assert (response.status_code, response.content) == (401, b"")
    assert not Event.objects.exists()


def test_no_signature_is_refused(client: Client) -> None:
    assert client.post(URL, body_of(), content_type="application/json").status_code == 401
    assert client.post(URL, {"a": "form"}).status_code == 401
    assert client.post(URL).status_code == 401


def test_forged_and_damaged_bodies_are_refused(client: Client) -> None:
    before = rows()
    for kind in TYPES:
        body = documented(kind)
        signature = sign(body, SECRET)
        for bit in range(0, len(body) * 8, 101):
            damaged = bytearray(body)
            damaged[bit // 8] ^= 1 << bit % 8
            assert post(client, bytes(damaged), signature=signature).status_code == 401
        for other in (body + b"\n", body[:-1], encoded(json.loads(body)), b""):
            assert post(client, other, signature=signature).status_code == 401
    assert rows() == before


def test_what_nobody_signed_is_never_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_body: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(webhooks, "parse", parse)
    for body in malformed().values():
        assert post(client, body, signature=sign(body, OTHERS_SECRET)).status_code == 401


# --- What is no event


def test_every_malformed_body_is_a_400_and_leaves_no_row(client: Client, made: Integration) -> None:
    before = rows()
    answers = {name: post(client, body) for name, body in malformed().items()}
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 400} == {}
    assert {one.content for one in answers.values()} == {b""}
    assert rows() == before
    made.snapshot.refresh_from_db()
    assert (made.snapshot.status, made.snapshot.outdated_at) == ("ACTIVE", None)


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
)
def test_the_body_counts_whatever_it_is_called(client: Client, content_type: str) -> None:
    body = body_of()
    headers = {
        "X-Kombo-Signature": sign(body, SECRET),
        "Content-Encoding": "gzip",
        "X-HTTP-Method-Override": "GET",
    }
    assert client.post(URL, body, content_type=content_type, headers=headers).status_code == 200


def padded(size: int) -> bytes:
    body = body_of()
    return body + b" " * (size - len(body))


def test_256_kib_are_taken_and_not_a_byte_more(client: Client) -> None:
    assert MAX_BYTES == 256 * 1024
    assert post(client, padded(MAX_BYTES)).status_code == 200
    for size in (MAX_BYTES + 1, 3_000_000):
        response = post(client, padded(size))
        assert (response.status_code, response.content) == (413, b"")
    assert Event.objects.count() == 1


def raw(stream: Any, length: str | None, body: bytes = b"", *, ends: bool = False) -> int:
    """Post past the test client, which keeps to the rules.

    `ends`: the web server knows where the body does.
    """
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": URL,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
        **({"wsgi.input_terminated": True} if ends else {}),
        "HTTP_X_KOMBO_SIGNATURE": sign(body, SECRET),
        **({} if length is None else {"CONTENT_LENGTH": length}),
    }
    statuses: list[str] = []

    def start_response(
        status: str, _headers: Any, _error: Any = None, /
    ) -> Callable[[bytes], object]:
        statuses.append(status)
        return io.BytesIO().write

    # The test's transaction lasts longer than the request.
    for signal in (
        request_started,
        request_finished,
    ):
        signal.disconnect(close_old_connections)
    try:
        WSGIHandler()(environ, start_response).close()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    return int(statuses[0][:3])


class Untouchable:
    """A body that nobody may wait for."""

    def read(self, *_sizes: int) -> bytes:
        raise AssertionError

    readline = read


class HungUp:
    """A sender that went away."""

    def read(self, *_sizes: int) -> bytes:
        raise ConnectionResetError

    readline = read


def test_a_body_in_chunks_is_read_to_where_the_web_server_ends_it() -> None:
    body = body_of()
    before = rows()
    assert raw(io.BytesIO(body + b" " * MAX_BYTES), None, body, ends=True) == 413
    assert raw(HungUp(), None, body, ends=True) == 400
    assert raw(io.BytesIO(body), None, body + b" ", ends=True) == 401
    assert rows() == before
    assert raw(io.BytesIO(body), None, body, ends=True) == 200
    assert rows() != before


def test_what_says_that_it_is_too_long_is_not_even_read() -> None:
    for length in (str(MAX_BYTES + 1), "9" * 4000, "99999999999999999999"):
        assert raw(Untouchable(), length) == 413


@pytest.mark.parametrize("length", [None, "", "0", "-1", "1e3", "x", "0x10", "7", "9" * 5000])
def test_a_length_that_is_wrong_is_never_an_error_of_ours(length: str | None) -> None:
    body = body_of()
    before = rows()
    assert raw(io.BytesIO(body), length, body) == 401
    assert rows() == before


def test_only_as_much_as_was_announced_is_read() -> None:
    body = body_of()
    assert raw(io.BytesIO(body + b" and more"), str(len(body)), body) == 200


def test_a_body_that_ends_early_is_judged_by_its_signature() -> None:
    body = body_of()
    assert raw(io.BytesIO(body[:50]), str(len(body)), body) == 401


def test_a_sender_that_hangs_up_leaves_nothing_behind() -> None:
    before = rows()
    assert raw(HungUp(), "500") == 400
    assert rows() == before


# --- What is kept


@pytest.mark.parametrize("kind", TYPES)
def test_each_documented_payload_is_kept_to_the_letter_and_had_its_effect(
    client: Client, kind: str
) -> None:
    body = documented(kind)
    assert post(client, body).status_code == 200
    stored = Event.objects.get()
    assert (stored.payload.encode(), stored.type) == (body, kind)
    assert stored.worked_at is not None
    assert (stored.attempts, stored.due_at, stored.error) == (0, None, "")


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


@pytest.mark.parametrize("kind", TYPES)
def test_keys_that_we_do_not_know_are_kept_too(client: Client, kind: str) -> None:
    body = encoded(
        {**event(kind, new_key={"nested": ["\N{GRINNING FACE}", 1.0]}), "version": 7, "nul": "a\0b"}
    )
    assert post(client, body).status_code == 200
    assert Event.objects.get().payload.encode() == body


@pytest.mark.parametrize("kind", TYPES)
def test_an_event_that_comes_again_is_welcome_and_changes_nothing(
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
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
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
    assert error.__name__ in caplog.text
    assert "user@example.com" not in caplog.text


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


# --- What it costs, and what it tells


# Queries of an event that changes the headline, savepoints included. Whatever changes a snapshot
# reads its summary, and writes it if that tells of it; another headline looks for reminders and
# hand-offs too.
BUDGETS = [
    ("connection-flow-failed", {}, 9),
    ("data-changed", {}, 12),
    ("integration-created", {}, 7),
    ("integration-deleted", {}, 18),
    ("integration-state-changed", {"state": "INVALID", "updated_at": "2026-09-01T12:00:00Z"}, 23),
    ("issue-status-changed", {}, 30),
    ("sync-finished", {}, 17),
    ("sync-finished", {"sync_state": "AUTHENTICATION_FAILED"}, 25),
    ("sync-finished", {"sync_state": "PARTIALLY_FAILED"}, 27),
    ("remote-event-received", {}, 6),
]
DUPLICATE, FORGED = 4, 0


@pytest.mark.parametrize("crowded", [False, True])
@pytest.mark.parametrize(("kind", "data", "most"), BUDGETS)
def test_an_event_costs_a_few_queries_however_much_there_is(
    client: Client, made: Integration, kind: str, data: dict[str, Any], most: int, crowded: bool
) -> None:
    if crowded:
        _crowd(client, made)
    body = encoded(event(kind, **data) if kind in TYPES else {"id": "x", "type": kind, "data": {}})
    with CaptureQueriesContext(connection) as queries:
        assert post(client, body).status_code == 200
    assert len(queries) == most
    with CaptureQueriesContext(connection) as queries:
        post(client, body)
    assert len(queries) == DUPLICATE
    with CaptureQueriesContext(connection) as queries:
        post(client, body, signature="")
    assert len(queries) == FORGED


def _crowd(client: Client, made: Integration) -> None:
    """More of everything: integrations that all sorts of events came for, and issues of our own
    that are over.
    """
    for number in range(8):
        other = f"{TOOL}:{number}"
        mapping.create(
            Tenant.objects.create(name=f"Tenant {number}", origin_id=f"origin-{number}"), other
        )
        for kind in TYPES:
            post(client, encoded(event(kind)).replace(INTEGRATION_ID.encode(), other.encode()))
    for number in range(8):
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


@pytest.mark.parametrize("kind", TYPES)
def test_kombo_is_not_asked(
    client: Client,
    made: Integration,
    kombo: Simulator,
    settings: Any,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def call(*_args: Any, **_more: Any) -> None:
        raise AssertionError

    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = [SECRET]
    monkeypatch.setattr(gateway, "call", call)
    monkeypatch.setattr(gateway, "client", call)
    kombo.set_fault("hanging")
    for integration_id in (INTEGRATION_ID, "personio:nobodys"):
        body = encoded(event(kind)).replace(INTEGRATION_ID.encode(), integration_id.encode())
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
        raise ValueError(
            f"{report.end_user.creator_email} {report.integration_id} {report.end_user.origin_id}"
        )

    monkeypatch.setattr(handlers, "handle", apply)
    post(client, body_of())
    said = "\n".join(
        logging.Formatter("%(name)s %(message)s").format(record) for record in caplog.records
    )
    for kind in (
        "signed webhook that can't be read was refused",
        "could not be worked: ValueError",
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

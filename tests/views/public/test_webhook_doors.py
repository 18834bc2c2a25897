"""How webhooks are sent by mistake or by habit, what counts all the same, and what the log says."""

import io
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from integrations.kombo.webhooks import sign
from integrations.models import Event, Issue, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.views.public import webhooks
from tests.conftest import kombo_environment
from tests.webhook_payloads import INTEGRATION_ID, ORIGIN_ID, SECRET, URL, encoded, event, post

STATE = "integration-state-changed"


@pytest.fixture(autouse=True)
def configured(settings: Any, db: None) -> None:
    known = kombo_environment("http://127.0.0.1:9/v1")
    settings.KOMBO_ENVIRONMENTS = {
        "production": {**known, "WEBHOOK_SECRETS": [SECRET]},
        "silent": known,
    }


def body_of(kind: str = STATE, **data: Any) -> bytes:
    return encoded(event(kind, **data))


class Untouched(io.BytesIO):
    """A body that never comes."""

    def read(self, *_size: Any) -> bytes:
        raise AssertionError("nobody waits for it")


# --- Sent by habit


def test_the_address_counts_without_its_last_slash(client: Client) -> None:
    assert post(client, body_of(), url=URL.removesuffix("/")).status_code == 200
    assert Event.objects.count() == 1
    assert post(client, body_of(), url=URL.removesuffix("/"), signature="x" * 43).status_code == 401


def test_a_padded_signature_counts(client: Client) -> None:
    body = body_of()
    assert post(client, body, signature=sign(body, SECRET) + "=").status_code == 200
    for wrong in ("==", "=x", "x"):
        assert post(client, body, signature=sign(body, SECRET) + wrong).status_code == 401


def test_an_unknown_end_of_a_sync_is_unknown(client: Client) -> None:
    made = mapping.create(Tenant.objects.create(name="A", origin_id=ORIGIN_ID), INTEGRATION_ID)
    assert post(client, body_of("sync-finished", sync_state="")).status_code == 200
    found = Snapshot.objects.get(pk=made.pk)
    assert found.synced_at is not None
    assert (found.sync_state, found.complete_at) == ("", None)


def test_an_issue_without_a_type_is_an_issue(client: Client) -> None:
    made = mapping.create(Tenant.objects.create(name="A", origin_id=ORIGIN_ID), INTEGRATION_ID)
    assert post(client, body_of("issue-status-changed", issue__type="")).status_code == 200
    assert Issue.objects.get().integration_id == made.pk
    assert Snapshot.objects.get(pk=made.pk).issue_title != ""


def test_a_state_without_a_tool_is_a_state(client: Client) -> None:
    assert post(client, body_of(integration_tool="")).status_code == 200


# --- Too old


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (STATE, ["updated_at"]),
        ("integration-deleted", ["deleted_at"]),
        ("sync-finished", ["sync_ended_at", "sync_started_at"]),
        ("issue-status-changed", ["issue__resolved_at", "issue__first_observed_at"]),
    ],
)
def test_what_could_have_been_forgotten_is_refused(
    client: Client, kind: str, names: list[str], caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.EVENT_RETENTION_DAYS = 30
    more = {"change": "resolved"} if kind.startswith("issue") else {}
    for days, status in ((30.1, 400), (29.9, 200)):
        at = timezone.now() - timedelta(days=days)
        body = body_of(kind, **more, **dict.fromkeys(names, at))
        assert post(client, body).status_code == status
        assert post(client, body).status_code == status
    assert Event.objects.count() == 1
    assert "of before EVENT_RETENTION_DAYS was refused" in caplog.text


def test_an_issue_observed_for_long_is_no_old_news(client: Client) -> None:
    at = timezone.now() - timedelta(days=90)
    body = body_of("issue-status-changed", issue__first_observed_at=at)
    assert post(client, body).status_code == 200


# --- Sent wrongly, and told apart


@pytest.mark.parametrize(
    ("environment", "signature", "said"),
    [
        ("prodution", "x" * 43, "KOMBO_ENVIRONMENTS has no such name"),
        ("Production", "x" * 43, "KOMBO_ENVIRONMENTS has no such name"),
        ("p" * 5000, "x" * 43, "KOMBO_ENVIRONMENTS has no such name"),
        ("silent", "x" * 43, "no secret is set"),
        ("production", "x" * 43, "none of its secrets made the signature"),
        ("production", "", "without a signature"),
        ("production", "sha256=abc", "without a signature"),
    ],
)
def test_the_log_tells_a_wrong_name_from_a_wrong_secret(
    client: Client,
    environment: str,
    signature: str,
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "integrations")
    answer = post(client, body_of(), url=f"/webhooks/kombo/{environment}/", signature=signature)
    assert (answer.status_code, answer.content) == (401, b"")
    [line] = [one for one in caplog.records if one.name.startswith("integrations")]
    assert said in line.getMessage()
    assert environment[:50] in line.getMessage()
    assert len(line.getMessage()) < 200
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("environment", "signature"),
    [
        ("production", ""),
        ("production", "short"),
        ("production", "x" * 5000),
        ("production", "é" * 43),
        ("silent", "x" * 43),
        ("nowhere", "x" * 43),
    ],
)
def test_who_can_not_have_signed_is_not_listened_to(environment: str, signature: str) -> None:
    request = RequestFactory().post(URL, body_of(), content_type="application/json")
    request.META["HTTP_X_KOMBO_SIGNATURE"] = signature
    request.META["wsgi.input"] = request._stream = Untouched()
    assert webhooks.receive(request, environment).status_code == 401

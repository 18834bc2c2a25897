"""What goes wrong with a call, told by kind and code, and without secrets."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kombo import errors
from integrations.kombo.errors import (
    AccessDenied,
    BadAnswer,
    ConnectionFailed,
    KomboError,
    NotFound,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
    Unavailable,
    error_from,
)
from integrations.kombo.http import Http
from tests.kombo.answering import HTML, ID, KEY, Answering, kombo
from tests.kombo.payloads import altered, payload
from tests.kombo.servers import (
    HEAD,
    Behaviour,
    answer,
    bomb,
    drip,
    free_port,
    hang,
    raw,
    reset,
    serving,
)

FAILURES: dict[str, tuple[Behaviour, type[KomboError]]] = {
    "hangs": (hang, TimedOut),
    "drips headers": (drip(b"HTTP/1.1 200 OK\r\nX-Long: "), TimedOut),
    "drips a body": (drip(HEAD + b"Content-Length: 9999\r\n\r\n"), TimedOut),
    "closes at once": (raw(b""), ConnectionFailed),
    "resets in the body": (reset(HEAD + b"Content-Length: 99\r\n\r\n{"), BadAnswer),
    "cuts the body short": (raw(HEAD + b"Content-Length: 99\r\n\r\n{"), BadAnswer),
    "sends HTML": (answer(200, HTML), BadAnswer),
    "sends nothing": (answer(200, b""), BadAnswer),
    "sends no content": (answer(204), BadAnswer),
    "sends wrong JSON": (answer(200, b'{"status":"success"'), BadAnswer),
    "sends a wrong shape": (answer(200, b'{"status":"success","data":[]}'), BadAnswer),
    "announces 80 MB": (drip(HEAD + b"Content-Length: 83886080\r\n\r\n"), BadAnswer),
    "sends a gzip bomb": (answer(200, bomb(4), "Content-Encoding: gzip"), BadAnswer),
    "redirects": (answer(302, b"", "Location: https://elsewhere.test/"), BadAnswer),
    "redirects with an envelope": (answer(302, payload("unnamed-error")), BadAnswer),
    "denies with 401": (answer(401, HTML), AccessDenied),
    "denies with 403": (answer(403, b""), AccessDenied),
    "denies by code": (answer(400, payload("access-denied")), AccessDenied),
    "knows it not": (answer(404, payload("not-found")), NotFound),
    "knows it not, under another status": (answer(400, payload("not-found")), NotFound),
    "has 404 without a code": (answer(404, payload("unnamed-error")), NotFound),
    "has 404 without an envelope": (answer(404, HTML), BadAnswer),
    "has 404 with another's JSON": (answer(404, b'{"error":{"message":"no"}}'), BadAnswer),
    "has 404 with another status word": (
        answer(404, altered("not-found", "status", "gone")),
        BadAnswer,
    ),
    "has 404 with an odd code": (answer(404, altered("not-found", "error.code", "X.Y")), Refused),
    "limits": (answer(429, payload("rate-limited")), RateLimited),
    "limits without an envelope": (answer(429, b""), RateLimited),
    "refuses without a code": (answer(400, payload("unnamed-error")), Refused),
    "refuses without an envelope": (answer(400, HTML), BadAnswer),
    "lacks a permission": (answer(403, payload("permission-missing")), Refused),
    "has an error in a 200": (answer(200, payload("not-found")), NotFound),
    "has an unnamed error in a 200": (answer(200, payload("unnamed-error")), BadAnswer),
    "fails with 500": (answer(500, HTML), ServerFailed),
    "fails with 502": (answer(502, HTML), ServerFailed),
    "fails with 503": (answer(503, b""), ServerFailed),
    "fails with 504": (answer(504, HTML), ServerFailed),
    "fails behind Kombo": (answer(424, payload("tool-unavailable")), ServerFailed),
}


@pytest.mark.parametrize(("behaviour", "kind"), FAILURES.values(), ids=FAILURES.keys())
def test_each_failure_has_its_kind(
    http: Http, behaviour: Behaviour, kind: type[KomboError]
) -> None:
    with serving(behaviour) as server, pytest.raises(KomboError) as caught:
        kombo(server.url, http, deadline=1.0 if kind is TimedOut else 20.0).details(ID)
    assert type(caught.value) is kind
    assert caught.value.kind == kind.kind


def test_a_refused_connection_has_its_kind(http: Http) -> None:
    with pytest.raises(ConnectionFailed):
        kombo(f"http://127.0.0.1:{free_port()}", http).details(ID)


def test_a_wrong_shape_says_where(http: Http) -> None:
    body = altered("example", "data.read_models.0.fields.0.is_available", "yes")
    with serving(answer(200, body)) as server, pytest.raises(BadAnswer) as caught:
        kombo(server.url, http).details(ID)
    assert caught.value.path == "$.data.read_models[0].fields[0].is_available"
    assert caught.value.status == 200


def test_an_error_carries_what_kombo_said() -> None:
    with pytest.raises(NotFound) as caught:
        Answering("not-found", 404).kombo.details(ID)
    error = caught.value
    assert (error.status, error.code) == (404, "PLATFORM.INTEGRATION_NOT_FOUND")
    assert error.title == "The integration was not found."
    assert error.message == f"No integration has the id {ID}."
    assert error.log_url == "https://app.kombo.dev/my-prod/logs?interactionId=123456"
    assert str(error) == "not_found (PLATFORM.INTEGRATION_NOT_FOUND, HTTP 404)"


def test_errors_can_be_sorted_by_what_to_do() -> None:
    for kind in (ConnectionFailed, TimedOut, RateLimited, ServerFailed, BadAnswer):
        assert issubclass(kind, Unavailable)
    for lasting in (AccessDenied, NotFound, Refused):
        assert not issubclass(lasting, Unavailable)


def test_the_key_the_id_and_kombos_words_are_never_said(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = []
    failures = [
        *FAILURES.values(),
        (answer(403, altered("access-denied", "error.code", f"X {KEY}")), None),
    ]
    for behaviour, _ in failures:
        with serving(behaviour) as server:
            client = kombo(server.url, http, deadline=0.2)
            with pytest.raises(KomboError) as caught:
                client.details(ID)
        said += [repr(client), str(caught.value), repr(caught.value)]
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    everything = "\n".join(said)
    for secret in (
        "8d1hpPsbjxUkoCoa1veLZGe5",
        "jane@acme.example",
        "token=",
        "https:",
        f"Bearer {KEY}",
    ):
        assert secret not in everything + _loud(caplog)
    assert f"Bearer {KEY}" not in caplog.text


def _loud(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(
        record.getMessage() for record in caplog.records if record.levelno >= logging.INFO
    )


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (500, "PLATFORM.NEW_TROUBLE", ServerFailed),
        (429, "PLATFORM.NEW_LIMIT", RateLimited),
        (403, "PLATFORM.NEW_RULE", AccessDenied),
        (403, "INTEGRATION.NEW_RULE", Refused),
        (401, "REMOTE.NEW_RULE", Refused),
        (503, "INTEGRATION.NEW_TROUBLE", ServerFailed),
        (400, "PLATFORM.NEW_INPUT", Refused),
        (404, "PLATFORM.NEW_ABSENCE", Refused),
        (503, "INTEGRATION.QA_FAILED", Refused),
        (409, "INTEGRATION.SETUP_SYNC_PENDING", Refused),
        (400, "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", RateLimited),
        (400, "PLATFORM.IP_NOT_WHITELISTED", AccessDenied),
        (400, "REMOTE.RATE_LIMIT_EXCEEDED", RateLimited),
    ],
)
def test_the_code_decides_and_the_status_helps_with_unknown_ones(
    status: int, code: str, kind: type[KomboError]
) -> None:
    error = error_from(status, altered("not-found", "error.code", code))
    assert type(error) is kind
    assert error.code == code


def test_unknown_codes_are_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "_reported", set())
    body = altered("not-found", "error.code", "NEW.CODE\n" + "x" * 300)
    assert error_from(400, body).code == error_from(400, body).code
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("integrations.kombo", "WARNING")
    assert "NEW.CODE?x" in record.getMessage()
    assert len(record.getMessage()) < 200


def test_known_codes_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("not-found", "rate-limited", "permission-missing", "unnamed-error"):
        error_from(400, payload(name))
    assert caplog.records == []


def test_made_up_codes_do_not_fill_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "_reported", set())
    for number in range(300):
        error_from(400, altered("not-found", "error.code", f"CODE.{number}"))
    assert len(caplog.records) == 100


def test_texts_are_fit_for_a_database_and_links_for_a_browser() -> None:
    body = altered("not-found", "error.message", "a\0b" + "x" * 5000)
    assert len(error_from(404, body).message or "") == 2000
    assert "\0" not in (error_from(404, body).message or "")
    assert (
        error_from(404, altered("not-found", "error.log_url", "javascript:alert(1)")).log_url
        is None
    )


def test_an_envelope_may_lack_all_but_the_message() -> None:
    assert type(error_from(404, b'{"status":"error","error":{"message":"gone"}}')) is NotFound


@given(st.integers(100, 599), st.binary())
def test_any_bytes_make_an_error(status: int, body: bytes) -> None:
    assert isinstance(error_from(status, body), KomboError)

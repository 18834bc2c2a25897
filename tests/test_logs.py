"""Nothing that somebody typed, stored or was sent reaches the log."""

import io
import logging
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse, reverse_lazy

from integrations.database import outage
from integrations.database.outage import AWAY, Problem
from integrations.logs import Formatter, is_news, new_request_id
from integrations.models import Tenant
from tests.logged import logged

SECRET = "eve@acme.example"


def fail(kind: type[Exception]) -> Callable[..., Any]:
    """A database whose errors quote the row, as PostgreSQL's do."""

    def execute(_execute: Callable[..., Any], _sql: str, *_rest: Any) -> Any:
        try:
            raise ValueError(f"DETAIL: Key (email)=({SECRET}) already exists.")
        except ValueError as cause:
            raise kind(f"Failing row contains (1, {SECRET})") from cause

    return execute


def test_an_error_is_told_by_class_place_and_request(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(fail(IntegrityError)):
        response = client.post(reverse("login"), {"username": SECRET, "password": "x"})
    assert response.status_code == 500
    text = logged(caplog)
    assert "500 Internal Server Error POST account/login/" in text
    assert f"(request {response['X-Request-ID']})" in text
    assert "\ndjango.db.utils.IntegrityError\nwhich came from\n" in text
    assert "\n  integrations/access/rate_limits.py:" in text
    assert text.endswith("ValueError")
    assert "@" not in text


@pytest.mark.parametrize(
    "error",
    [smtplib.SMTPRecipientsRefused({SECRET: (550, b"no")}), KeyError(SECRET), OSError(2, SECRET)],
)
def test_no_message_of_an_error_is_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise error
    except type(error):
        logging.getLogger("any.library").exception("It fails")
    text = logged(caplog)
    assert "tests/test_logs.py:" in text
    assert type(error).__name__ in text
    assert SECRET not in text


def test_another_formatters_text_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("any.library").exception("It fails")
    assert SECRET in caplog.text  # pytest's own has stored it in the record
    assert SECRET not in logged(caplog)


REFUSED = {
    "not found": ("GET", f"/{SECRET}", {}, "404 Not Found GET ?"),
    "a link": ("PUT", "/hand-off/a-key/", {}, "403 Forbidden PUT hand-off/<slug:token>/ (CSRF"),
    "a reset": (
        "PUT",
        reverse_lazy("password_reset_confirm", args=["a-key", "a-key"]),
        {},
        "reset/<",
    ),
    "a host": ("GET", "/", {"Host": "eve-acme.example"}, "400 Bad Request GET ? (DisallowedHost)"),
    "an origin": (
        "POST",
        reverse_lazy("login"),
        {"Origin": f"https://{SECRET}"},
        "(Origin checking failed)",
    ),
    "a referer": (
        "POST",
        reverse_lazy("login"),
        {"Referer": "https://a.example/hand-off/a-key/", "X-Forwarded-Proto": "https"},
        "(Referer checking failed)",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_names_the_view_and_not_the_path(
    settings: Any, db: None, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    method, path, headers, told = REFUSED[what]
    Client(enforce_csrf_checks=True).generic(method, str(path), headers=headers)
    text = logged(caplog)
    assert told in text
    assert not [one for one in (SECRET, "a-key", "acme.example", "a.example") if one in text]


def test_a_proxys_name_for_a_request_is_kept(client: Client, db: None, settings: Any) -> None:
    asked = {"X-Request-ID": "0123-from-the-proxy"}
    assert client.get("/nowhere/", headers=asked)["X-Request-ID"] != asked["X-Request-ID"]
    settings.TRUSTED_PROXY_COUNT = 1
    assert client.get("/nowhere/", headers=asked)["X-Request-ID"] == asked["X-Request-ID"]
    assert client.get("/healthz", headers=asked)["X-Request-ID"] == asked["X-Request-ID"]


@pytest.mark.parametrize(
    "asked", ["", "short", "two words 1234", "1234567890\n", "ä" * 9, "x" * 65]
)
def test_whatever_else_is_called_a_request_id_is_none(asked: str) -> None:
    assert new_request_id(asked) != asked
    assert len(new_request_id(asked)) == 16


def record_of(error: Exception | None, **more: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "django.request", "msg": "It fails", **more})
    made.exc_info = (type(error), error, None) if error else None
    return made


def test_what_an_outage_breaks_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_present", Problem(AWAY))
    assert not is_news(record_of(outage.DatabaseAway("unavailable")))
    assert not is_news(record_of(OperationalError("the connection is closed")))
    assert not is_news(record_of(None, status_code=503))
    assert is_news(record_of(ValueError("a mistake")))
    assert is_news(record_of(None, status_code=404))


def test_what_fails_without_an_outage_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_look", lambda: None)
    assert is_news(record_of(OperationalError("deadlock detected")))
    assert is_news(record_of(None, status_code=503))


def test_the_log_of_an_outage_is_its_beginning_and_its_end(
    client: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    [console] = [
        one for one in logging.getLogger().handlers if isinstance(one.formatter, Formatter)
    ]
    monkeypatch.setattr(console, "stream", written)

    def away(*_args: Any) -> Any:
        raise OperationalError("the connection is closed")

    client.raise_request_exception = False
    problem: list[Problem | None] = [Problem(AWAY, "X")]
    monkeypatch.setattr(outage, "LOOK_AGAIN", 0.01)
    monkeypatch.setattr(outage, "_look", lambda: problem[0])
    client.cookies["sessionid"] = "a" * 32
    with connection.execute_wrapper(away):
        for _view in range(20):
            assert client.get("/").status_code == 503
    problem[0] = None
    for thread in outage.watchers():
        thread.join()
    lines = written.getvalue().splitlines()
    assert [line.split(" ", 4)[4].split(" (")[0].split(",")[0] for line in lines] == [
        "The database is away",
        "The database answers again",
    ]

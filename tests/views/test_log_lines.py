"""What a line of the log is about, as text and as JSON, and who else learns a request's id."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations import logs, worker
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import gateway
from kombo_dashboard import log_settings
from tests.conftest import Connect
from tests.views.browsing import make_stale, read, url_of

KEYS = {"request_id", "user_id", "tenant_id", "integration_id"}


@contextmanager
def written(form: str, level: str = "DEBUG") -> Iterator[io.StringIO]:
    """What reaches standard error, as the settings have it."""
    config = log_settings.logging(level, form)
    stream = io.StringIO()
    maker = config["formatters"][form]
    formatters = {"text": logs.Formatter, "json": logs.JsonFormatter}
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatters[form](maker.get("format")))
    handler.addFilter(logs.is_news)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(made: Integration, kombo: Simulator) -> None:
    make_stale(made)
    kombo.set_fault("server_error")


def test_a_line_names_request_user_tenant_and_integration(
    alices: Client, alice: Any, invalid: Integration, kombo: Simulator
) -> None:
    fail(invalid, kombo)
    with written("json") as stream:
        response = alices.get(url_of("card", invalid), headers={"HX-Request": "true"})
    [line] = [line for line in lines(stream) if "not checked" in line["message"]]
    assert {key: line[key] for key in KEYS} == {
        "request_id": response["X-Request-ID"],
        "user_id": str(alice.pk),
        "tenant_id": invalid.tenant.public_id,
        "integration_id": invalid.public_id,
    }
    assert (line["level"], line["logger"]) == ("WARNING", "integrations.upstream.snapshots")


def test_text_says_the_same(alices: Client, invalid: Integration, kombo: Simulator) -> None:
    fail(invalid, kombo)
    with written("text") as stream:
        alices.get(url_of("card", invalid), headers={"HX-Request": "true"})
    [line] = [line for line in stream.getvalue().splitlines() if "not checked" in line]
    for name in ("(request ", ", user ", f", tenant {invalid.tenant.public_id}"):
        assert name in line


def test_nothing_of_one_request_is_told_of_the_next(
    alices: Client, client: Client, invalid: Integration
) -> None:
    with written("json") as stream:
        alices.get(url_of("integration", invalid))
        client.get("/nowhere/")
        logging.getLogger("integrations").warning("Between requests")
    unknown, between = lines(stream)
    assert KEYS & unknown.keys() == {"request_id"}
    assert not KEYS & between.keys()


def test_what_is_no_public_id_in_an_address_is_not_told(alices: Client) -> None:
    address = reverse("tenant", args=["someone-at-acme"])
    with written("json") as stream:
        assert alices.get(address).status_code == 404
    [line] = lines(stream)
    assert "tenant_id" not in line
    assert "someone" not in stream.getvalue()


def test_an_error_is_one_object_without_its_message() -> None:
    with written("json") as stream:
        try:
            raise ValueError("eve@acme.example")
        except ValueError:
            logging.getLogger("any.library").exception("It fails")
    [line] = lines(stream)
    assert line["error"].endswith("ValueError")
    assert "@" not in stream.getvalue()


def test_kombo_is_told_the_id_of_the_request(
    alices: Client, acme: Tenant, connect: Connect, told: list[str]
) -> None:
    made = connect(acme)
    make_stale(made)
    response = alices.get(url_of("card", made), headers={"HX-Request": "true"})
    assert told == [response["X-Request-ID"]]


def test_each_run_of_a_task_has_an_id(told: list[str], db: None) -> None:
    def ask() -> int:
        gateway.call("production", lambda kombo: kombo.check_api_key())
        return 0

    for _run in range(2):
        worker._run_task(worker.Task("any", ask, 1.0))
    first, second = told
    assert first != second
    assert len(first) == len(second) == 16


@pytest.fixture
def told(kombo: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that come with calls to Kombo."""
    ids: list[str] = []
    answer = Simulator.__call__

    def listen(self: Simulator, environ: Any, start_response: Any) -> Any:
        ids.append(environ.get("HTTP_X_REQUEST_ID", ""))
        return answer(self, environ, start_response)

    monkeypatch.setattr(Simulator, "__call__", listen)
    return ids


def test_an_error_page_names_the_request(alices: Client) -> None:
    response = alices.get("/", headers={"Host": "evil.example"})
    assert response["X-Request-ID"] in read(response).one("p", "class", "note").text

"""Bodies that are no event, or too long, or that end early: each is refused and leaves nothing."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from integrations.kombo.webhooks import MAX_BYTES, sign
from integrations.models import Event, Integration
from tests.kombo.malformed import malformed
from tests.views.public.webhook_requests import body_of, padded, rows
from tests.webhook_payloads import SECRET, URL, post

pytestmark = pytest.mark.usefixtures("configured")


# CI sends each.
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_every_malformed_body_is_a_400_and_leaves_no_row(
    client: Client, made: Integration, step: int
) -> None:
    before = rows()
    answers = {name: post(client, body) for name, body in list(malformed().items())[::step]}
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


def test_a_body_in_chunks_is_read_to_its_end() -> None:
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


def test_a_length_that_is_wrong_is_never_an_error_of_ours(subtests: pytest.Subtests) -> None:
    for length in [None, "", "0", "-1", "1e3", "x", "0x10", "7", "9" * 5000]:
        with subtests.test(length=length):
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

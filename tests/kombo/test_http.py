import gzip
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator

import httpx
import pytest

from integrations.kombo.http import MAX_BYTES, USER_AGENT, Answer, Http
from integrations.kombo.transfer import (
    ConnectFailed,
    TooLarge,
    TransferBroken,
    TransferError,
    TransferTimedOut,
)
from tests.kombo.servers import (
    GIVES_UP,
    HEAD,
    Behaviour,
    Connection,
    answer,
    bomb,
    drip,
    free_port,
    hang,
    raw,
    reset,
    serving,
)

SECRET = "s3cret-key"
PATH = "/integrations/factorial%3Aprivate"
NEVER = 2 * GIVES_UP  # seconds: the server breaks off before


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    http = Http(connect_timeout=NEVER, read_timeout=NEVER)
    yield http
    http.close()


def get(http: Http, url: str, seconds: float = 10.0, max_bytes: int = MAX_BYTES) -> Answer:
    headers = {"Authorization": f"Bearer {SECRET}"}
    deadline = time.monotonic() + seconds
    return http.request("GET", url + PATH, headers=headers, deadline=deadline, max_bytes=max_bytes)


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body


def test_answer_has_status_lower_case_headers_and_body(http: Http) -> None:
    with serving(answer(418, b"tea", "X-Pot: Brown")) as server:
        got = get(http, server.url)
    assert (got.status, got.headers["x-pot"], got.body) == (418, "Brown", b"tea")


def test_request_names_us_and_asks_for_gzip_alone(http: Http) -> None:
    with serving(answer()) as server:
        get(http, server.url)
    request = server.requests[0].decode().lower()
    assert f"user-agent: {USER_AGENT}".lower() in request
    assert USER_AGENT.startswith("kombo-dashboard/")
    assert "accept-encoding: gzip\r\n" in request


def test_json_body_is_sent(http: Http) -> None:
    with serving(answer()) as server:
        http.request("POST", server.url, json={"a": 1}, deadline=time.monotonic() + 10)
    assert server.requests[0].startswith(b"POST / HTTP/1.1")
    assert server.requests[0].endswith(b'{"a":1}')


def test_redirects_are_answers_and_not_followed(http: Http) -> None:
    with (
        serving(answer()) as elsewhere,
        serving(answer(302, b"", f"Location: {elsewhere.url}")) as server,
    ):
        assert get(http, server.url).status == 302
    assert elsewhere.requests == []


def test_environment_proxies_are_ignored(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with serving(answer(200, b"direct")) as server:
        assert get(http, server.url).body == b"direct"


def test_cookies_are_not_kept_for_the_next_call(http: Http) -> None:
    with serving(answer(200, b"", "Set-Cookie: tenant=acme; Path=/")) as server:
        get(http, server.url)
        get(http, server.url)
    assert b"cookie" not in server.requests[1].lower()


def test_gzip_is_unpacked(http: Http) -> None:
    with serving(answer(200, gzip.compress(b"hello"), "Content-Encoding: gzip")) as server:
        assert get(http, server.url).body == b"hello"


def test_certificates_are_verified(http: Http) -> None:
    pool = http._connected()._pool  # type: ignore[attr-defined]
    assert pool._ssl_context.verify_mode == ssl.CERT_REQUIRED
    assert pool._ssl_context.check_hostname


@pytest.mark.parametrize(
    "host", ["127.0.0.1:99999", "", "a..b", "a" * 70, "[", "x\n", "nowhere.invalid"]
)
def test_impossible_hosts_are_failed_connections(http: Http, host: str) -> None:
    with pytest.raises(ConnectFailed):
        get(http, f"http://{host}")


def test_other_schemes_are_failed_connections(http: Http) -> None:
    with pytest.raises(ConnectFailed):
        get(http, "file://localhost")


def test_refused_connection(http: Http) -> None:
    with pytest.raises(ConnectFailed):
        get(http, f"http://127.0.0.1:{free_port()}")


def test_a_server_without_tls_is_a_failed_connection(http: Http) -> None:
    def speak_plainly(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.server.stopping.wait(5)

    with serving(speak_plainly) as server, pytest.raises(ConnectFailed):
        get(http, server.url.replace("http:", "https:"))


def test_closed_without_an_answer_is_a_failed_connection(http: Http) -> None:
    with serving(raw(b"")) as server, pytest.raises(ConnectFailed):
        get(http, server.url)


def test_kept_and_closed_by_the_server_is_a_failed_connection(http: Http) -> None:
    def answer_once(connection: Connection) -> None:
        connection.read_request()
        connection.send(HEAD + b"Content-Length: 2\r\n\r\nok")
        connection.read_request()

    with serving(answer_once) as server:
        assert get(http, server.url).body == b"ok"
        with pytest.raises(ConnectFailed):
            get(http, server.url)
    assert len(server.requests) == 2


# Whoever waits for the end of these waits until the server breaks off, which is no time-out.
ENDLESS: dict[str, Behaviour] = {
    "silence": hang,
    "headers": drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
    "many headers": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "interim answers": drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": drip(HEAD + b"Content-Length: 9999\r\n\r\n"),
    "chunks": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.mark.parametrize("behaviour", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_endless_answer_ends_at_the_deadline(http: Http, behaviour: Behaviour) -> None:
    with serving(behaviour) as server, pytest.raises(TransferTimedOut):
        get(http, server.url, seconds=0.25)


def test_headers_sent_byte_by_byte_end_at_the_deadline() -> None:
    # Each byte comes well within the read timeout: only the clipping backend can end this.
    http = Http(read_timeout=NEVER)
    with serving(ENDLESS["headers"]) as server, pytest.raises(TransferTimedOut):
        get(http, server.url, seconds=0.25)
    http.close()


def test_tls_handshake_ends_at_the_deadline() -> None:
    http = Http(connect_timeout=NEVER, read_timeout=NEVER)
    with serving(hang) as server, pytest.raises(TransferTimedOut):
        get(http, server.url.replace("http:", "https:"), seconds=0.25)
    http.close()


def test_read_timeout_ends_a_silent_call_before_the_deadline() -> None:
    http = Http(read_timeout=0.2)
    with serving(hang) as server, pytest.raises(TransferTimedOut):
        get(http, server.url, seconds=NEVER)
    http.close()


def test_a_deadline_in_the_past_makes_no_call(http: Http) -> None:
    with serving(answer()) as server, pytest.raises(TransferTimedOut):
        get(http, server.url, seconds=-1)
    assert server.requests == []


def test_a_deadline_does_not_outlive_its_call(http: Http) -> None:
    with serving(hang, answer(200, b"ok")) as server:
        with pytest.raises(TransferTimedOut):
            get(http, server.url, seconds=0.1)
        assert get(http, server.url).body == b"ok"


def test_threads_have_their_own_deadlines(http: Http) -> None:
    def late(connection: Connection) -> None:
        connection.read_request()
        connection.server.stopping.wait(0.3)
        connection.send(HEAD + b"Content-Length: 2\r\n\r\nok")

    outcomes: dict[float, bytes] = {}

    def call(seconds: float) -> None:
        try:
            outcomes[seconds] = get(http, server.url, seconds).body
        except TransferTimedOut:
            outcomes[seconds] = b"late"

    with serving(late) as server:
        threads = [
            threading.Thread(target=call, args=(seconds,)) for seconds in (0.05, 0.1, 9.0, 10.0)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == {0.05: b"late", 0.1: b"late", 9.0: b"ok", 10.0: b"ok"}


BROKEN = {
    "reset in the body": reset(HEAD + b"Content-Length: 100\r\n\r\nabc"),
    "cut short": raw(HEAD + b"Content-Length: 100\r\n\r\nabc"),
    "cut short in chunks": raw(chunked(b"abc")),
    "not HTTP": raw(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "unreadable length": raw(HEAD + b"Content-Length: many\r\n\r\n"),
    "endless length": raw(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"),
    "unasked encoding": answer(200, b"abc", "Content-Encoding: br"),
    "encoded twice": answer(200, b"abc", "Content-Encoding: gzip, gzip"),
    "not gzip": answer(200, b"abc", "Content-Encoding: gzip"),
    "gzip cut short": answer(200, gzip.compress(b"hello")[:-9], "Content-Encoding: gzip"),
    "more after the gzip": answer(200, gzip.compress(b"hello") + b"x", "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("behaviour", BROKEN.values(), ids=BROKEN.keys())
def test_unusable_answers_are_broken_transfers(http: Http, behaviour: Behaviour) -> None:
    with serving(behaviour) as server, pytest.raises(TransferBroken):
        get(http, server.url)


def test_an_answer_that_announces_too_much_is_not_read(http: Http) -> None:
    with (
        serving(drip(HEAD + b"Content-Length: 83886080\r\n\r\n")) as server,
        pytest.raises(TooLarge),
    ):
        get(http, server.url)


def test_reading_stops_where_an_unannounced_body_grows_too_large(http: Http) -> None:
    def pour(connection: Connection) -> None:
        connection.read_request()
        connection.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(80):
            connection.send(b"100000\r\n" + bytes(1024 * 1024) + b"\r\n")

    with serving(pour) as server, pytest.raises(TooLarge):
        get(http, server.url, max_bytes=256 * 1024)
    assert server.sent < 40 * 1024 * 1024  # the rest of it is what socket buffers hold


def test_a_gzip_bomb_costs_no_more_memory_than_allowed(http: Http) -> None:
    body = bomb(40)
    assert len(body) < 256 * 1024
    with serving(answer(200, body, "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        with pytest.raises(TooLarge):
            get(http, server.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * MAX_BYTES


def test_a_body_of_exactly_the_limit_is_fine(http: Http) -> None:
    with serving(
        answer(200, bytes(1000)),
        answer(200, gzip.compress(bytes(1000)), "Content-Encoding: gzip"),
        answer(200, bytes(1001)),
        answer(200, gzip.compress(bytes(1001)), "Content-Encoding: gzip"),
    ) as server:
        assert len(get(http, server.url, max_bytes=1000).body) == 1000
        assert len(get(http, server.url, max_bytes=1000).body) == 1000
        for _ in range(2):
            with pytest.raises(TooLarge):
                get(http, server.url, max_bytes=1000)


def test_a_header_that_cannot_be_sent_is_not_quoted(http: Http) -> None:
    for value in (f"{SECRET}\n", f"{SECRET}\xfc", f"{SECRET}\0"):
        with serving(answer()) as server, pytest.raises(ConnectFailed) as caught:
            http.request("GET", server.url, headers={"X": value}, deadline=time.monotonic() + 10)
        assert SECRET not in str(caught.value) + repr(caught.value)
        assert caught.value.__suppress_context__


def test_nothing_said_or_logged_tells_path_key_or_body(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = []
    for behaviour in (*BROKEN.values(), raw(b""), answer(200, b"private", "X-Private: private")):
        with serving(behaviour) as server:
            try:
                said.append(repr(get(http, server.url)))
            except TransferError as error:
                said.append(f"{error} {error!r}")
    logged = [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
    assert "private" not in "\n".join(said + logged)
    assert SECRET not in "\n".join(said) + caplog.text


def test_calls_can_be_answered_in_process() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        body = gzip.compress(request.url.path.encode())
        return httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"})

    assert get(Http(transport=httpx.MockTransport(handler)), "http://kombo.test").status == 200


def test_closing_allows_another_call(http: Http) -> None:
    with serving(answer(200, b"ok")) as server:
        get(http, server.url)
        http.close()
        assert get(http, server.url).body == b"ok"

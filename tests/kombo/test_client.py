import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kombo import errors
from integrations.kombo.client import Kombo, _retry_after, _segment
from integrations.kombo.enums import SetupStatus
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

KEY = "ks_test_s3cret"
ID = "factorial:8d1hpPsbjxUkoCoa1veLZGe5"
HTML = b"<!doctype html><title>502 Bad Gateway</title>"


class Waits(list[float]):
    """Stands in for time.sleep and remembers."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    http = Http(connect_timeout=5, read_timeout=1)
    yield http
    http.close()


def kombo(
    url: str,
    http: Http,
    *,
    retries: int = 0,
    deadline: float = 5,
    jitter: float = 0.5,
    waits: Waits | None = None,
) -> Kombo:
    sleep = waits if waits is not None else Waits()
    return Kombo(
        base_url=f"{url}/v1/",
        api_key=KEY,
        http=http,
        retries=retries,
        deadline=deadline,
        sleep=sleep,
        jitter=lambda: jitter,
    )


class Answering:
    """An in-process Kombo that gives one answer and keeps the requests."""

    def __init__(self, name: str = "example", status: int = 200, body: bytes | None = None) -> None:
        self.body = payload(name) if body is None else body
        self.status = status
        self.requests: list[httpx.Request] = []
        self.kombo = Kombo(
            base_url="https://kombo.test/v1",
            api_key=KEY,
            http=Http(transport=httpx.MockTransport(self._handle)),
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, content=self.body)

    @property
    def sent(self) -> tuple[str, str, object]:
        (request,) = self.requests
        return request.method, request.url.raw_path.decode(), json.loads(request.content or b"null")


# What is sent, and what comes of it


def test_details_are_asked_for_with_the_key() -> None:
    server = Answering()
    assert server.kombo.details(ID).tool.label == "Factorial"
    assert server.sent == ("GET", "/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5", None)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_details_of_another_integration_are_a_bad_answer() -> None:
    with pytest.raises(BadAnswer) as caught:
        Answering(body=altered("example", "data.id", "factorial:ofSomeoneElse")).kombo.details(ID)
    assert caught.value.path == "$.data.id"


@pytest.mark.parametrize("method", ["relink", "setup_link"])
def test_links_are_embedded_ones(method: str) -> None:
    server = Answering("link")
    link = getattr(server.kombo, method)(ID, language="de")
    assert link == "https://connect.kombo.dev/v1?token=eyJhbGciOi.example"
    path = f"/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5/{method.replace('_', '-')}"
    assert server.sent == ("POST", path, {"language": "de", "link_type": "EMBEDDED"})


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("en", "en"),
        ("it", "it"),
        ("de-AT", "de"),
        ("fr_CA", "fr"),
        ("ES", "es"),
        ("pt-br", "en"),
        ("", "en"),
    ],
)
def test_languages_kombo_lacks_fall_back_to_english(asked: str, sent: str) -> None:
    server = Answering("link")
    server.kombo.relink(ID, language=asked)
    assert json.loads(server.requests[0].content)["language"] == sent


def test_a_link_that_is_no_string_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer) as caught:
        Answering(body=altered("link", "data.link", None)).kombo.relink(ID, language="en")
    assert caught.value.path == "$.data.link"


def test_no_setup_left_is_refused_with_kombos_code() -> None:
    with pytest.raises(Refused) as caught:
        Answering("nothing-to-set-up", 400).kombo.setup_link(ID, language="en")
    assert caught.value.code == "PLATFORM.INPUT_INVALID"


def test_an_integration_is_switched() -> None:
    server = Answering("empty")
    server.kombo.set_enabled(ID, value=False)
    path = "/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5/enabled"
    assert server.sent == ("PUT", path, {"value": False})


def test_a_sync_is_forced_for_the_integration_in_the_header() -> None:
    server = Answering("queued-sync")
    queued = server.kombo.force_sync(ID)
    assert (queued.already_queued, queued.sync_id, queued.type) == (
        False,
        "5nKWmL3hVqX2pRtYb8ZcDf7G",
        "DELTA",
    )
    assert server.sent == ("POST", "/v1/force-sync", {"type": "FULL"})
    assert server.requests[0].headers["x-integration-id"] == ID


@pytest.mark.parametrize("integration_id", ["", "a\r\nX-Other: b", "a b", "ü", "x" * 5000])
def test_ids_that_no_header_can_carry_are_refused_unsent(integration_id: str) -> None:
    server = Answering("queued-sync")
    with pytest.raises(Refused):
        server.kombo.force_sync(integration_id)
    assert server.requests == []


def test_the_key_tells_its_environment() -> None:
    server = Answering("api-key")
    assert server.kombo.check_api_key() == "9fTq2LmXcVb4NzRk7HsWdYpE"
    assert server.sent == ("GET", "/v1/check-api-key", None)


def test_a_token_tells_its_integration() -> None:
    server = Answering("integration-by-token")
    connected = server.kombo.integration_by_token("eyJ/../x")
    assert (connected.id, connected.end_user_origin_id) == (ID, "2DQJAUtSzzzKP9buDTvUvPk3")
    assert connected.setup_status is SetupStatus.COMPLETED
    assert server.sent == ("GET", "/v1/connect/integration-by-token/eyJ%2F..%2Fx", None)


def test_tools_are_asked_for_in_lower_case() -> None:
    server = Answering("tools")
    assert [tool.id for tool in server.kombo.tools("HRIS")] == ["factorial", "personio"]
    assert server.sent == ("GET", "/v1/tools/hris", None)


@pytest.mark.parametrize("value", ["", ".", "..", "\ud800", "x" * 5000])
def test_ids_that_would_change_the_path_are_refused_unsent(value: str) -> None:
    server = Answering()
    for method in (server.kombo.details, server.kombo.integration_by_token, server.kombo.tools):
        with pytest.raises(Refused):
            method(value)
    assert server.requests == []


@given(st.text(min_size=1, max_size=50).filter(lambda text: text not in {".", ".."}))
def test_an_id_stays_one_segment_of_the_path(integration_id: str) -> None:
    segment = _segment(integration_id)
    assert unquote(segment) == integration_id
    assert not set(segment) & set("/?#\\ \r\n\0")
    server = Answering()
    with pytest.raises(BadAnswer):  # another id than asked for
        server.kombo.details(integration_id)
    assert server.sent[1] == f"/v1/integrations/{segment}"


@pytest.mark.parametrize("key", ["", "  \n", "two words", "ks_ü", "ks_\x00", "ks_\r\nX: y"])
def test_a_key_that_cannot_be_one_is_denied_unsent(http: Http, key: str) -> None:
    with serving(answer(200, payload("example"))) as server, pytest.raises(AccessDenied):
        Kombo(base_url=server.url, api_key=key, http=http).details(ID)
    assert server.requests == []


def test_a_key_read_from_a_file_may_end_in_a_newline() -> None:
    server = Answering()
    http = Http(transport=httpx.MockTransport(server._handle))
    Kombo(base_url="https://kombo.test/v1", api_key=f"{KEY}\n", http=http).details(ID)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


# What goes wrong

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
    with serving(behaviour) as server:
        began = time.monotonic()
        with pytest.raises(KomboError) as caught:
            kombo(server.url, http, deadline=1.0).details(ID)
        assert time.monotonic() - began < 4  # the slowest of them would go on for five
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


# Codes


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


# Retries


def test_a_passing_failure_is_tried_again(http: Http) -> None:
    for behaviour in (
        raw(b""),
        hang,
        answer(502, HTML),
        answer(503),
        answer(504),
        answer(424, payload("tool-unavailable")),
        answer(429, payload("rate-limited")),
    ):
        waits = Waits()
        with serving(behaviour, answer(200, payload("example"))) as server:
            assert kombo(server.url, http, retries=1, waits=waits).details(ID).id == ID
        assert waits == [0.1]  # half of 0.2 s, by the jitter of these tests


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(500, HTML),
        answer(200, HTML),
        answer(404, payload("not-found")),
        answer(403, payload("access-denied")),
        answer(503, altered("not-found", "error.code", "INTEGRATION.QA_FAILED")),
        answer(500, altered("not-found", "error.code", "PLATFORM.UNKNOWN_ERROR")),
    ],
)
def test_a_lasting_failure_is_not_tried_again(http: Http, behaviour: Behaviour) -> None:
    waits = Waits()
    with serving(behaviour) as server, pytest.raises(KomboError):
        kombo(server.url, http, retries=3, waits=waits).details(ID)
    assert len(server.requests) == 1
    assert waits == []


@pytest.mark.parametrize(
    "call",
    [
        lambda kombo: kombo.relink(ID, language="en"),
        lambda kombo: kombo.setup_link(ID, language="en"),
        lambda kombo: kombo.set_enabled(ID, value=True),
        lambda kombo: kombo.force_sync(ID),
    ],
)
def test_what_changes_something_is_sent_once(http: Http, call: Callable[[Kombo], object]) -> None:
    waits = Waits()
    for behaviour in (answer(503), answer(429, payload("rate-limited")), raw(b"")):
        with serving(behaviour) as server, pytest.raises(Unavailable):
            call(kombo(server.url, http, retries=3, waits=waits))
        assert len(server.requests) == 1
    assert waits == []


def test_waits_double_and_the_last_failure_is_raised(http: Http) -> None:
    waits = Waits()
    with (
        serving(answer(503), answer(502), answer(503), answer(429)) as server,
        pytest.raises(RateLimited),
    ):
        kombo(server.url, http, retries=3, waits=waits).details(ID)
    assert waits == pytest.approx([0.1, 0.2, 0.4])


@pytest.mark.parametrize(
    ("leave", "requests"), [([True, True], 3), ([True, False], 2), ([False], 1)]
)
def test_another_attempt_needs_leave_just_before_it(
    leave: list[bool], requests: int, http: Http
) -> None:
    waits, asked = Waits(), []

    def may_retry() -> bool:
        asked.append(len(waits))
        return leave[len(asked) - 1]

    with serving(answer(503, HTML)) as server, pytest.raises(ServerFailed):
        Kombo(
            base_url=f"{server.url}/v1/",
            api_key=KEY,
            http=http,
            retries=2,
            may_retry=may_retry,
            sleep=waits,
        ).details(ID)
    assert len(server.requests) == requests
    assert asked == list(range(1, len(leave) + 1))  # each time after the wait


def test_no_wait_leads_past_the_deadline(http: Http) -> None:
    waits = Waits()
    with serving(answer(503)) as server, pytest.raises(ServerFailed) as caught:
        # Ten seconds to wait.
        kombo(server.url, http, retries=3, jitter=50, waits=waits).details(ID)
    assert len(server.requests) == 1
    assert waits == []
    assert caught.value.retry_after is None


def test_attempts_share_one_deadline(http: Http) -> None:
    with serving(hang) as server:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            kombo(server.url, http, retries=50, deadline=0.5).details(ID)
        assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Retry-After: 7",), 7),
        (("Retry-After: 7", "ratelimit-reset: 57"), 7),
        (("ratelimit-reset: 57",), 57),
        (("Retry-After: soon", "ratelimit-reset: 57"), 57),
        (("Retry-After: 999999999",), 3600),
        ((), None),
    ],
)
def test_a_limit_says_how_long_to_stay_away(
    http: Http, headers: tuple[str, ...], seconds: float | None
) -> None:
    limited = answer(429, payload("rate-limited"), *headers)
    with serving(limited) as server, pytest.raises(RateLimited) as caught:
        kombo(server.url, http, retries=3 if seconds else 0).details(ID)
    assert caught.value.retry_after == seconds
    assert len(server.requests) == 1


def test_a_short_wait_asked_for_is_kept(http: Http) -> None:
    waits = Waits()
    limited = answer(429, payload("rate-limited"), "Retry-After: 1")
    with serving(limited, answer(200, payload("example"))) as server:
        kombo(server.url, http, retries=1, waits=waits).details(ID)
    assert waits == [1.0]


def test_ratelimit_reset_says_nothing_about_a_failing_server(http: Http) -> None:
    waits = Waits()
    with serving(
        answer(503, b"", "ratelimit-reset: 57"), answer(200, payload("example"))
    ) as server:
        kombo(server.url, http, retries=1, waits=waits).details(ID)
    assert waits == [0.1]


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert 25 < (_retry_after({"retry-after": format_datetime(soon, usegmt=True)}) or 0) <= 30
    assert _retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert _retry_after({"retry-after": "Wed, 21 Oct 9999 07:28:00 GMT"}) == 3600


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d.{0,6}"))
def test_no_header_makes_the_wait_unusable(text: str) -> None:
    wait = _retry_after({"retry-after": text})
    assert wait is None or 0 <= wait <= 3600

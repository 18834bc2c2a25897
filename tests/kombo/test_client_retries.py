"""Which calls are tried again, when, and no longer than their deadline."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, RateLimited, ServerFailed, TimedOut, Unavailable
from integrations.kombo.http import Http
from integrations.kombo.retry_after import retry_after
from tests.kombo.answering import HTML, ID, KEY, Waits, kombo
from tests.kombo.payloads import altered, payload
from tests.kombo.servers import Behaviour, answer, hang, raw, serving


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
        lambda kombo: kombo.delete(ID),
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
        with pytest.raises(TimedOut):
            kombo(server.url, http, retries=50, deadline=0.5).details(ID)
        assert server.connections <= 1


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
    assert 25 < (retry_after({"retry-after": format_datetime(soon, usegmt=True)}) or 0) <= 30
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "Wed, 21 Oct 9999 07:28:00 GMT"}) == 3600


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d.{0,6}"))
def test_no_header_makes_the_wait_unusable(text: str) -> None:
    wait = retry_after({"retry-after": text})
    assert wait is None or 0 <= wait <= 3600

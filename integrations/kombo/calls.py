"""Calls to Kombo as such: key, deadline, retries, and what an answer that is none means."""

import random
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from msgspec import Struct

from integrations.kombo.http import MAX_BYTES, Answer, Http
from integrations.kombo.retry_after import retry_after
from integrations.kombo.transfer import ConnectFailed, TransferError, TransferTimedOut

from .errors import (
    SAFE_TO_RETRY,
    AccessDenied,
    BadAnswer,
    ConnectionFailed,
    KomboError,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
    error_from,
)
from .schema import decode

FIRST_BACKOFF = 0.2  # seconds, doubled with every further attempt


class Caller:
    """One Kombo environment: a region's base URL and an API key.

    `deadline` is the time in seconds that one method call may take altogether, `retries` how often
    a GET is sent again after a passing failure, if `may_retry` agrees just before. A call carries
    what `request_id` returns, if anything. Threads may share an instance. `sleep` and `jitter` (a
    number from 0 to 1) are there for tests.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        http: Http | None = None,
        retries: int = 1,
        deadline: float = 4.0,
        may_retry: Callable[[], bool] = lambda: True,
        request_id: Callable[[], str] = lambda: "",
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key.strip()
        self._http = http or Http()
        self._retries = retries
        self._deadline = deadline
        self._may_retry = may_retry
        self._request_id = request_id
        self._sleep = sleep
        self._jitter = jitter

    def __repr__(self) -> str:
        return f"<Kombo at {urlsplit(self._base_url).hostname}>"

    def _get[T: Struct](self, path: str, wanted: type[T], *, max_bytes: int = MAX_BYTES) -> T:
        """GET, again after a failure that passes, as long as the deadline allows it."""
        deadline = time.monotonic() + self._deadline
        for attempt in range(self._retries):
            try:
                return self._call("GET", path, wanted, deadline=deadline, max_bytes=max_bytes)
            except KomboError as error:
                wait = self._wait_after(error, attempt)
                if wait is None or time.monotonic() + wait >= deadline:
                    raise
                self._sleep(wait)
                if not self._may_retry():
                    raise
        return self._call("GET", path, wanted, deadline=deadline, max_bytes=max_bytes)

    def _send[T: Struct](
        self,
        method: str,
        path: str,
        wanted: type[T],
        *,
        json: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Send once: what may have had its effect must not be sent again."""
        deadline = time.monotonic() + self._deadline
        return self._call(method, path, wanted, json=json, headers=headers, deadline=deadline)

    def _call[T: Struct](
        self,
        method: str,
        path: str,
        wanted: type[T],
        *,
        json: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        max_bytes: int = MAX_BYTES,
    ) -> T:
        headers = {"Authorization": f"Bearer {self._usable_key()}", **(headers or {})}
        if request_id := self._request_id():
            headers["X-Request-ID"] = request_id
        url = self._base_url + path
        try:
            answer = self._http.request(
                method, url, headers=headers, json=json, deadline=deadline, max_bytes=max_bytes
            )
        except TransferError as error:
            raise _error_of(error) from None
        if not 200 <= answer.status < 300:
            raise _error_in(answer)
        try:
            return decode(answer.body, wanted)
        except BadAnswer as error:
            # The docs ask not to rely on the status: an error may come with a 200.
            raise _error_in(answer, otherwise=error) from None

    def _usable_key(self) -> str:
        # A key that no header can carry would surface, in full, in the error of the HTTP library.
        if not re.fullmatch(r"[!-~]+", self._api_key):
            raise AccessDenied
        return self._api_key

    def _wait_after(self, error: KomboError, attempt: int) -> float | None:
        """Return how long to wait before the next attempt, in seconds, None if there is to be
        none.
        """
        if not _passes(error):
            return None
        if error.retry_after is not None:
            return error.retry_after
        # "Full jitter", so that many waiting processes do not come back at once:
        # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        return self._jitter() * FIRST_BACKOFF * 2.0**attempt


def _passes(error: KomboError) -> bool:
    if isinstance(error, ServerFailed):
        return error.status in {502, 503, 504} or error.code in SAFE_TO_RETRY
    return isinstance(error, (ConnectionFailed, TimedOut, RateLimited))


def _error_of(error: TransferError) -> KomboError:
    if isinstance(error, ConnectFailed):
        return ConnectionFailed()
    return TimedOut() if isinstance(error, TransferTimedOut) else BadAnswer()


def _error_in(answer: Answer, *, otherwise: BadAnswer | None = None) -> KomboError:
    error = error_from(answer.status, answer.body)
    if isinstance(error, RateLimited):
        error.retry_after = retry_after(answer.headers, fallback="ratelimit-reset")
    elif isinstance(error, ServerFailed):
        error.retry_after = retry_after(answer.headers)
    if otherwise and isinstance(error, BadAnswer):
        error.path = otherwise.path
    return error


def segment(value: str) -> str:
    """Encode an id or a token as one segment of a path, whatever it holds.

    Dots alone would climb to another path, so they are refused, as is what is empty or endless.
    """
    if value in {"", ".", ".."} or len(value) > 4096:
        raise Refused
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:  # a lone surrogate
        raise Refused from None


def header(value: str) -> str:
    if not re.fullmatch(r"[!-~]{1,4096}", value):
        raise Refused
    return value

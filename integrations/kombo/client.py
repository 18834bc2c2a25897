"""Talk to Kombo: one method per call the dashboard makes.

Every method returns a checked value or raises a KomboError, within the deadline given, retries and
waits included. Base URLs by region: https://api.kombo.dev/v1, https://api.us.kombo.dev/v1,
https://api.ca.kombo.dev/v1. Source: https://docs.kombo.dev
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal
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
from .schema import (
    ApiKey,
    Catalogue,
    CatalogueTool,
    ConnectedIntegration,
    Details,
    Link,
    Nothing,
    QueuedSync,
    decode,
)

LANGUAGES = frozenset({"en", "de", "fr", "it", "es"})
LARGEST_CATALOGUE = 16 * 1024 * 1024  # bytes: some hundred tools, each with all its fields
FIRST_BACKOFF = 0.2  # seconds, doubled with every further attempt


class Kombo:
    """One Kombo environment: a region's base URL and an API key.

    `deadline` is the time in seconds that one method call may take altogether, `retries` how often
    a GET is sent again after a passing failure, if `may_retry` agrees just before. Threads may
    share an instance. `sleep` and `jitter` (a number from 0 to 1) are there for tests.
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
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key.strip()
        self._http = http or Http()
        self._retries = retries
        self._deadline = deadline
        self._may_retry = may_retry
        self._sleep = sleep
        self._jitter = jitter

    def __repr__(self) -> str:
        return f"<Kombo at {urlsplit(self._base_url).hostname}>"

    def details(self, integration_id: str) -> Details:
        """Return everything Kombo has to say on one integration.

        Raises BadAnswer if the answer is about another one, as it might be another customer's.
        """
        details = self._get(f"/integrations/{_segment(integration_id)}", Details)
        if details.id != integration_id:
            raise BadAnswer(path="$.data.id")
        return details

    def relink(self, integration_id: str, *, language: str) -> str:
        """Return a link, good for one hour, by which the customer renews the credentials.

        Always EMBEDDED: a MAGIC_LINK would live for a year. The link is as Kombo sent it,
        unchecked.
        """
        return self._link(f"/integrations/{_segment(integration_id)}/relink", language)

    def setup_link(self, integration_id: str, *, language: str) -> str:
        """Return a link, good for one hour, to the steps of the setup that are left.

        Raises Refused with PLATFORM.INPUT_INVALID where there are none. The link is unchecked.
        """
        return self._link(f"/integrations/{_segment(integration_id)}/setup-link", language)

    def set_enabled(self, integration_id: str, *, value: bool) -> None:
        """Switch an integration on or off. Credentials and settings survive either."""
        path = f"/integrations/{_segment(integration_id)}/enabled"
        self._send("PUT", path, Nothing, json={"value": value})

    def delete(self, integration_id: str) -> None:
        """Disconnect an integration for good. Its data at Kombo goes 14 days later.

        Source: https://docs.kombo.dev, "Delete integration" and "Deletion policy".
        """
        self._send("DELETE", f"/integrations/{_segment(integration_id)}", Nothing, json={})

    def force_sync(
        self, integration_id: str, *, kind: Literal["FULL", "DELTA"] = "FULL"
    ) -> QueuedSync:
        """Queue a sync, or learn of the one under way. For a person's click, never for a timer."""
        headers = {"X-Integration-Id": _header(integration_id)}
        return self._send("POST", "/force-sync", QueuedSync, json={"type": kind}, headers=headers)

    def check_api_key(self) -> str:
        """Return the id of the environment that the API key belongs to."""
        return self._get("/check-api-key", ApiKey).environment_id

    def integration_by_token(self, token: str) -> ConnectedIntegration:
        """Return the integration that the short-lived token of a finished connection flow stands
        for.
        """
        return self._get(f"/connect/integration-by-token/{_segment(token)}", ConnectedIntegration)

    def tools(self, category: str) -> tuple[CatalogueTool, ...]:
        """Return the tools of a category that are enabled in the environment."""
        path = f"/tools/{_segment(category.lower())}"
        return self._get(path, Catalogue, max_bytes=LARGEST_CATALOGUE).tools

    def create_link(
        self,
        *,
        email: str,
        organization: str,
        origin_id: str,
        category: str,
        tool: str,
        language: str,
        scope: str = "",
        filtering: bool = False,
        field_mapping: bool = False,
    ) -> str:
        """Return a link, good for one hour, by which somebody of a customer connects a tool.

        `scope` is the id of a scope config, empty for the environment's own. The link is as Kombo
        sent it, unchecked. Used twice it makes two integrations: Kombo does not compare.
        """
        json = {
            "end_user_email": email,
            "end_user_organization_name": organization,
            "end_user_origin_id": origin_id,
            "integration_category": category,
            "integration_tool": tool,
            "enable_filtering": filtering,
            "enable_field_mapping": field_mapping,
        }
        if scope:
            json["scope_config_id"] = scope
        return self._link("/connect/create-link", language, json)

    def _link(
        self, path: str, language: str, more: Mapping[str, object] = MappingProxyType({})
    ) -> str:
        primary = re.split("[-_]", language.lower())[0]
        known = primary if primary in LANGUAGES else "en"
        json = {**more, "language": known, "link_type": "EMBEDDED"}
        return self._send("POST", path, Link, json=json).link

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


def _segment(value: str) -> str:
    """Encode an id or a token as one segment of a path, whatever it holds.

    Dots alone would climb to another path, so they are refused, as is what is empty or endless.
    """
    if value in {"", ".", ".."} or len(value) > 4096:
        raise Refused
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:  # a lone surrogate
        raise Refused from None


def _header(value: str) -> str:
    if not re.fullmatch(r"[!-~]{1,4096}", value):
        raise Refused
    return value

"""What can go wrong with a call to Kombo, sorted by what one does about it.

    KomboError
    ├── Unavailable           try later: nobody here can do anything
    │   ├── ConnectionFailed  no connection to Kombo
    │   ├── TimedOut          no answer in time
    │   ├── RateLimited       too many calls; `retry_after` says how long to stay away
    │   ├── ServerFailed      Kombo, or the tool behind it, failed
    │   └── BadAnswer         an answer that is not what Kombo documents; `path` says where
    ├── AccessDenied          our API key or address: the vendor's to fix, never the customer's
    ├── NotFound              Kombo does not know the integration (any more)
    └── Refused               Kombo understood and said no: bad input, or the integration is not
    ready for it

Kombo asks to branch on `error.code` alone, as texts and HTTP statuses may change; the status counts
where there is no code. Source: https://docs.kombo.dev/guides/errors
"""

import logging
import re
from typing import ClassVar, Literal

import msgspec

logger = logging.getLogger("integrations.kombo")


class KomboError(Exception):
    """A call to Kombo that did not bring what was asked.

    `code`, `title`, `message` and `log_url` are Kombo's own, if it sent any: `message` may quote
    personal data, and `log_url` opens the vendor's Kombo dashboard, so both are for staff only.
    `status` is the HTTP status, if there was an answer; `retry_after` the seconds to stay away, if
    the server said so. `str` and `repr` show kind, code, status and path alone, which makes them
    safe to log.
    """

    kind: ClassVar[str] = "kombo_error"

    def __init__(
        self,
        *,
        status: int | None = None,
        code: str | None = None,
        title: str | None = None,
        message: str | None = None,
        log_url: str | None = None,
        retry_after: float | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__()
        self.status = status
        self.code = code
        self.title = title
        self.message = message
        self.log_url = log_url
        self.retry_after = retry_after
        self.path = path

    def __str__(self) -> str:
        status = f"HTTP {self.status}" if self.status else None
        details = [detail for detail in (self.code, status, self.path) if detail]
        return f"{self.kind} ({', '.join(details)})" if details else self.kind

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class Unavailable(KomboError):
    """Kombo cannot be reached or cannot answer just now."""

    kind = "unavailable"


class ConnectionFailed(Unavailable):
    """No connection to Kombo."""

    kind = "connection_failed"


class TimedOut(Unavailable):
    """No complete answer within the time given."""

    kind = "timed_out"


class RateLimited(Unavailable):
    """Too many calls, to Kombo or by Kombo to the tool."""

    kind = "rate_limited"


class ServerFailed(Unavailable):
    """Kombo, or the tool behind it, failed."""

    kind = "server_failed"


class BadAnswer(Unavailable):
    """An answer that is not what Kombo documents.

    `path` names the offending value where known, such as
    `$.data.read_models[0].fields[2].is_available`.
    """

    kind = "bad_answer"


class AccessDenied(KomboError):
    """Kombo does not accept our API key or our address."""

    kind = "access_denied"


class NotFound(KomboError):
    """Kombo does not know the integration, or does not in this environment."""

    kind = "not_found"


class Refused(KomboError):
    """Kombo understood the call and declined it."""

    kind = "refused"


# The codes Kombo calls safe to send again, https://docs.kombo.dev/guides/errors
SAFE_TO_RETRY = frozenset(
    {"PLATFORM.RATE_LIMIT_EXCEEDED", "REMOTE.RATE_LIMIT_EXCEEDED", "REMOTE.SERVICE_UNAVAILABLE"}
)

_BY_CODE: dict[str, type[KomboError]] = {
    "PLATFORM.RATE_LIMIT_EXCEEDED": RateLimited,
    "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED": RateLimited,
    "PLATFORM.INTEGRATION_NOT_FOUND": NotFound,
    "PLATFORM.INPUT_INVALID": Refused,
    "PLATFORM.UNKNOWN_ERROR": ServerFailed,
    "PLATFORM.TASK_TIMED_OUT": ServerFailed,
    "PLATFORM.IP_NOT_WHITELISTED": AccessDenied,
    "PLATFORM.AUTHENTICATION_INVALID": AccessDenied,
    "INTEGRATION.PERMISSION_MISSING": Refused,
    "INTEGRATION.AUTHENTICATION_INVALID": Refused,
    "INTEGRATION.QA_FAILED": Refused,
    "INTEGRATION.SETUP_SYNC_PENDING": Refused,
    "INTEGRATION.SETUP_INCOMPLETE": Refused,
    "INTEGRATION.INACTIVE": Refused,
    "INTEGRATION.MODEL_NOT_AVAILABLE": Refused,
    "INTEGRATION.MODEL_DISABLED": Refused,
    "INTEGRATION.ACTION_NOT_AVAILABLE": Refused,
    "INTEGRATION.ACTION_DISABLED": Refused,
    "REMOTE.SERVICE_UNAVAILABLE": ServerFailed,
    "REMOTE.RATE_LIMIT_EXCEEDED": RateLimited,
    "REMOTE.INPUT_INVALID": Refused,
    "REMOTE.UNKNOWN_HTTP_ERROR": Refused,
}

# All codes that Kombo documents; a server may make up others.
CODES = frozenset(_BY_CODE)

_reported: set[str] = set()


class _Detail(msgspec.Struct):
    message: str
    code: str | None = None
    title: str | None = None
    log_url: str | None = None


class _Envelope(msgspec.Struct):
    status: Literal["error"]
    error: _Detail


_envelopes = msgspec.json.Decoder(_Envelope)


def error_from(status: int, body: bytes, *, retry_after: float | None = None) -> KomboError:
    """Return the error that an unsuccessful answer stands for.

    `status` is the HTTP status, `retry_after` the seconds the server asked to wait. Without Kombo's
    envelope the answer comes from something in between (a load balancer, a wrong base URL), so a
    404 says nothing about the integration then and is a BadAnswer.
    """
    try:
        detail = _envelopes.decode(body).error
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors, those of UTF-8 too
        return (_family(status) or BadAnswer)(status=status, retry_after=retry_after)
    code = _plain(detail.code)
    kind = _by_code(code, status) if code else _by_status(status)
    return kind(
        status=status,
        code=code,
        title=_text(detail.title),
        message=_text(detail.message),
        log_url=_text(detail.log_url) if (detail.log_url or "").startswith("https://") else None,
        retry_after=retry_after,
    )


def _by_code(code: str, status: int) -> type[KomboError]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    _report(code)
    family = _family(status)
    # Such a code speaks of the customer's tool, so its 401 or 403 is not about our own key.
    if family is AccessDenied and code.startswith(("INTEGRATION.", "REMOTE.")):
        return Refused
    return family or Refused


def _by_status(status: int) -> type[KomboError]:
    if status == 404:
        return NotFound
    return _family(status) or (Refused if 400 <= status < 500 else BadAnswer)


def _family(status: int) -> type[KomboError] | None:
    """Return what a status means whoever sent it, None where that depends on the sender."""
    if status in {401, 403}:
        return AccessDenied
    if status == 429:
        return RateLimited
    return ServerFailed if 500 <= status < 600 else None


def _report(code: str) -> None:
    # Bounded, so that a server making up codes fills neither the memory nor the log.
    if code not in _reported and len(_reported) < 100:
        _reported.add(code)
        logger.warning("Kombo answered with an unknown error code: %s", code)


def _plain(code: str | None) -> str | None:
    """Make a code safe for logs and database columns; every code in use passes unchanged."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "?", code[:100]) if code else None


def _text(text: str | None) -> str | None:
    """Keep a text short and free of NUL, which PostgreSQL cannot store."""
    return text.replace("\0", "")[:2000] if text is not None else None

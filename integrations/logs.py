"""What reaches the log: which class of error, where, in which request and for whom; never what was
in it.

A database's error quotes the row, a mail server's the address, and a path can be a key. So errors
are told without their messages, and requests by the name of their address.
"""

import copy
import json
import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

from integrations.database import outage

_NAMES = ("request", "user", "tenant", "integration")
_ids: ContextVar[dict[str, str]] = ContextVar("ids")
_PROJECT = f"{Path(__file__).resolve().parent.parent}/"
_ROOTS = sorted((_PROJECT, *(f"{path}/" for path in sys.path if path)), key=len, reverse=True)

# A public id has 16 of these; what else an address may hold, somebody has typed.
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{16}")

type _ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def new_request_id(proposed: str = "") -> str:
    """Return an id for a request: the one that a proxy gave it, if that is one, or a new one."""
    return proposed if re.fullmatch(r"[\w.:-]{8,64}", proposed, re.ASCII) else secrets.token_hex(8)


@contextmanager
def about(**ids: str) -> Iterator[dict[str, str]]:
    """Name in each line from within what it is about, by some of `_NAMES`.

    `request` is a new id for a request or a run of a task, the others are ids that anybody may see
    in an address. Yields what is known, for lines that are written when this is over already.
    """
    known = {**_ids.get({}), **ids}
    token = _ids.set(known)
    try:
        yield known
    finally:
        _ids.reset(token)


def note(**ids: str) -> None:
    """Name from now on, until the request or the run ends, what has become known of it."""
    if (known := _ids.get(None)) is not None:
        known.update(ids)


def note_address(kwargs: Mapping[str, object]) -> None:
    """Name the tenant and the integration of an address, if it is one that could be ours."""
    for name in ("tenant", "integration"):
        value = str(kwargs.get(f"{name}_id", ""))
        if _PUBLIC_ID.fullmatch(value):
            note(**{name: value})


def request_id() -> str:
    """Return the id of the request or the run of a task at hand; empty if there is none."""
    return _ids.get({}).get("request", "")


class Formatter(logging.Formatter):
    """Writes lines without values: no path, no message of an error, as they may name people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text; the record itself stays what it is, for others read it too."""
        redacted = _redacted(record)
        if known := _known(record):
            about = ", ".join(f"{name} {value}" for name, value in known.items())
            redacted.msg = f"{redacted.msg} ({about})"
        return super().format(redacted)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the base class names it
        """Return the classes, codes and places of an error and of what it came from."""
        lines = []
        error = ei[1]
        while error is not None:
            lines += [f"  {location}" for location in _locations(error.__traceback__)]
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            # A database's name for its error, such as SQLITE_BUSY or 57P01.
            code = getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "")
            lines.append(f"{kind} ({code})" if code else kind)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
            if error is not None:
                lines.append("which came from")
        return "\n".join(lines)


class JsonFormatter(Formatter):
    """Writes the same as JSON, one object a line: what a line is about has keys of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _redacted(record).msg,
            **{f"{name}_id": value for name, value in _known(record).items()},
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def is_news(record: logging.LogRecord) -> bool:
    """Whether a record tells more than that the database is away, which is told once."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, outage.DatabaseAway):
        return False
    if outage.is_trouble(error):
        return outage.notice() is None
    # Django tells of each 503 of a view's, too.
    return getattr(record, "status_code", 0) != HTTPStatus.SERVICE_UNAVAILABLE or (
        outage.present() is None
    )


def _redacted(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy whose `msg` is the whole message, without what others have put into it."""
    redacted = copy.copy(record)
    request = getattr(record, "request", None)
    if request is not None and record.name.startswith("django."):
        redacted.msg = _request_text(record, request)
    else:
        redacted.msg = record.getMessage()
    redacted.args = ()
    redacted.exc_text = redacted.stack_info = None
    return redacted


def _known(record: logging.LogRecord) -> dict[str, str]:
    """Return what a record is about; Django writes some when the request is over already."""
    ids = getattr(getattr(record, "request", None), "log_ids", None) or _ids.get({})
    return {name: ids[name] for name in _NAMES if name in ids}


def _request_text(record: logging.LogRecord, request: Any) -> str:
    """Return status, method, route and reason of a request; not the path, which may hold names."""
    match = getattr(request, "resolver_match", None)
    status = HTTPStatus(getattr(record, "status_code", None) or HTTPStatus.BAD_REQUEST)
    parts = [str(status.value), status.phrase, str(request.method), match.route if match else "?"]
    if record.name == "django.security.csrf" and record.args:
        reason = record.args[0] if isinstance(record.args, tuple) else ""
        parts.append(f"({str(reason).partition(' - ')[0]})")  # an address may follow
    elif record.name.startswith("django.security."):
        parts.append(f"({record.name.rpartition('.')[2]})")
    return " ".join(parts)


def _locations(traceback: TracebackType | None) -> list[str]:
    """Return the file, line and function of each step."""
    return [
        f"{_short(frame.f_code.co_filename)}:{line}:{frame.f_code.co_name}"
        for frame, line in walk_tb(traceback)
    ]


def _short(path: str) -> str:
    return next((path.removeprefix(root) for root in _ROOTS if path.startswith(root)), path)

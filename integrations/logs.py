"""What reaches the log: which class of error, where, and in which request; never what was in it.

A database's error quotes the row, a mail server's the address, and a path can be a key. So errors
are told without their messages, and requests by the name of their address.
"""

import copy
import logging
import re
import secrets
import sys
from contextvars import ContextVar
from http import HTTPStatus
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

from integrations.database import outage

request_id = ContextVar("request_id", default="")

_PROJECT = f"{Path(__file__).resolve().parent.parent}/"
_ROOTS = sorted((_PROJECT, *(f"{path}/" for path in sys.path if path)), key=len, reverse=True)

type _ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def new_request_id(proposed: str = "") -> str:
    """Return an id for a request: the one that a proxy gave it, if that is one, or a new one."""
    return proposed if re.fullmatch(r"[\w.:-]{8,64}", proposed, re.ASCII) else secrets.token_hex(8)


class Formatter(logging.Formatter):
    """Writes lines without values: no path, no message of an error, as they may name people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text; the record itself stays what it is, for others read it too."""
        redacted = copy.copy(record)
        request = getattr(record, "request", None)
        if request is not None and record.name.startswith("django."):
            redacted.msg = _request_text(record, request)
            redacted.args = ()
        if known := getattr(request, "log_id", "") or request_id.get():
            redacted.msg = f"{redacted.getMessage()} (request {known})"
            redacted.args = ()
        redacted.exc_text = redacted.stack_info = None
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

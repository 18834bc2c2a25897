"""The error page of `DEBUG=1`: class, message and places of an error, and none of the values around
it.

Django's own shows local variables, settings, cookies and what was posted. Whoever sends a picture
of that page to somebody sends keys and addresses along.
"""

from collections.abc import ItemsView
from smtplib import SMTPException
from types import FrameType, TracebackType
from typing import Any

from django.db import Error
from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

QUOTING = (Error, SMTPException)  # whose messages quote rows and addresses


class NoValues(SafeExceptionReporterFilter):
    """Knows neither settings nor variables."""

    def get_safe_settings(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """Return nothing."""
        return dict[str, Any]().items()


class Reporter(ExceptionReporter):
    """Knows nothing of the request, whose address can be a key."""

    def __init__(
        self,
        request: HttpRequest | None,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        super().__init__(None, exc_type, exc_value, tb, is_email)

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the page shows; of the errors behind an error, the classes."""
        data = super().get_traceback_data()
        if isinstance(self.exc_value, QUOTING):
            data["exception_value"] = ""
        for frame in data["frames"]:
            if cause := frame.get("exc_cause"):
                frame["exc_cause"] = type(cause).__name__
        return data

"""A fact in words, and what to do about it if it is not well."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.domain.durations import relative_time
from integrations.operations.state import State


class Severity(StrEnum):
    """How a line is: well, to be looked at, red, or not known. As the product's signs name it."""

    OK = "ok"
    ATTENTION = "attention"
    RED = "action_required"
    UNKNOWN = "unknown"

    @property
    def word(self) -> str:
        """Return it in words."""
        return {
            Severity.OK: _("OK"),
            Severity.ATTENTION: _("Needs attention"),
            Severity.RED: _("Action required"),
            Severity.UNKNOWN: pgettext("status", "Unknown"),
        }[self]


@dataclass(frozen=True, slots=True)
class Line:
    """One fact in words, and what to do about it unless it is well. `key` is for programs.

    `words` have `%(time)s` where `at` belongs, if there is an `at`.
    """

    key: str
    label: str
    words: str
    severity: Severity = Severity.OK
    advice: str = ""
    at: datetime | None = None

    def text(self, now: datetime) -> str:
        """Return the fact with how long ago it was."""
        return self.words % {"time": relative_time(self.at, now)} if self.at else self.words


@dataclass(frozen=True, slots=True)
class Section:
    """Lines about one thing."""

    key: str
    title: str
    lines: tuple[Line, ...]


def problem_of(state: State, keys: set[str], environment: str = "") -> tuple[str, str] | None:
    """Return what the banner says about one thing, and the advice."""
    for one in state.problems:
        if one.key in keys and one.environment == environment:
            return one.text, one.advice
    return None

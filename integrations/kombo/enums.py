"""Kombo's enumerations, open to members it adds later."""

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """Strings of which Kombo may send more than we know.

    An unknown one decodes to a member that is not listed, holds the string as it came and equals
    it; nothing remembers it. Only one that no label could be (empty, or longer than 64 characters)
    is refused.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not 0 < len(value) <= 64:
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Say whether this is one of the listed members."""
        return self._value_ in type(self).__members__


class Category(OpenEnum):
    """Which of Kombo's unified APIs an integration serves."""

    HRIS = "HRIS"
    ATS = "ATS"
    ASSESSMENT = "ASSESSMENT"
    LMS = "LMS"


class Status(OpenEnum):
    """INVALID: the credentials failed for days. INACTIVE: switched off by the vendor."""

    ACTIVE = "ACTIVE"
    INVALID = "INVALID"
    INACTIVE = "INACTIVE"


class SetupStatus(OpenEnum):
    """INCOMPLETE: steps are left. FINAL_SYNC_PENDING: no steps left, no data yet."""

    INCOMPLETE = "INCOMPLETE"
    FINAL_SYNC_PENDING = "FINAL_SYNC_PENDING"
    COMPLETED = "COMPLETED"


class CoverageStatus(OpenEnum):
    """NOT_IMPLEMENTED: the tool could, Kombo does not. UNKNOWN: Kombo has not looked yet."""

    SUPPORTED = "SUPPORTED"
    UNSUPPORTED = "UNSUPPORTED"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    UNKNOWN = "UNKNOWN"


class ScopeSetting(OpenEnum):
    """The vendor's choice for a datapoint; OPTIONAL leaves it to the customer."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    OPTIONAL = "OPTIONAL"

"""A card: one integration as templates show it to one person."""

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from integrations.domain import freshness
from integrations.domain.day_strip import Day
from integrations.domain.headline import Headline, Key, Severity
from integrations.workspace.repair_guides import RepairGuide

# What `card_details` adds; and what else changes although there is nothing new to see.
_DETAILS = {"days", "on_hold", "guide", "sync_again_at"}
_AGE = _DETAILS | {"checked_at", "checks", "is_due", "is_restless", "is_watched"}
_UNCHECKED = freshness.Checks()


@dataclass(frozen=True, slots=True)
class CardOutage:
    """A tool that is probably down itself, and since when: all that a customer is told of it."""

    tool: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class CardIssue:
    """What Kombo found wrong, to be shown: the message is HTML that is safe."""

    id: str
    type: str
    title: str
    message: SafeString
    since: datetime


class CardGroup(StrEnum):
    """Where a card stands in the list, in the order of the list."""

    RECENT = "recent"
    ATTENTION = "attention"
    LIMITED = "limited"
    PROGRESS = "progress"
    WORKING = "working"


_GROUPS = {
    Severity.ACTION_REQUIRED: CardGroup.ATTENTION,
    Severity.ATTENTION: CardGroup.LIMITED,
    Severity.UNKNOWN: CardGroup.LIMITED,
    Severity.WORKING: CardGroup.PROGRESS,
    Severity.OK: CardGroup.WORKING,
}


@dataclass(frozen=True)
class Card:
    """One integration as a template needs it. `None` for a moment means never. The subtitle is what
    a row says below the name: its category where all is well, else what is going on.
    """

    id: str
    tenant_id: str
    headline: Headline
    label: str
    pk: int = 0
    category: str = ""
    logo_key: str = ""
    beta: bool = False
    connected_at: datetime | None = None
    connected_by: str = ""
    checked_at: datetime | None = None
    since: datetime | None = None
    complete_at: datetime | None = None
    on_hold: tuple[str, ...] = ()
    days: tuple[Day, ...] = ()
    guide: RepairGuide | None = None
    synced_at: datetime | None = None
    sync_sentence: str = ""
    subtitle: str = ""
    data_changed_at: datetime | None = None
    issues: tuple[CardIssue, ...] = ()
    outage: CardOutage | None = None
    note: str = ""
    account_note: str = ""
    staff_note: str = ""
    is_stale: bool = False
    is_cold: bool = False
    is_recent: bool = False
    may_check: bool = False
    may_reconnect: bool = False
    may_set_up: bool = False
    may_change_sharing: bool = False
    may_sync: bool = False
    sync_again_at: datetime | None = None
    may_disconnect: bool = False
    may_extend: bool = False
    may_change_settings: bool = False
    has_no_settings: bool = False
    has_fields: bool = False
    may_resume: bool = False
    may_connect_again: bool = False
    asks_colleague: bool = False
    colleagues: tuple[str, ...] = ()
    may_ask: bool = False
    admin_id: int | None = None
    has_grid: bool = False
    coverage_digest: str = ""
    checks: freshness.Checks = _UNCHECKED
    is_due: bool = False
    is_restless: bool = False
    is_watched: bool = False

    @property
    def must_act(self) -> bool:
        return self.headline.customer_must_act

    @property
    def group(self) -> CardGroup:
        """Where it stands in the list."""
        if self.is_recent:
            return CardGroup.RECENT
        if self.headline.key is Key.PENDING:
            return CardGroup.PROGRESS
        return _GROUPS[self.headline.severity]

    @property
    def is_large(self) -> bool:
        """Whether it is more than a row in the list: it needs a person, or did a moment ago."""
        return self.group in {CardGroup.RECENT, CardGroup.ATTENTION}

    @property
    def is_calm(self) -> bool:
        """Whether all is well, and nothing else than that is told."""
        return self.group is CardGroup.WORKING and not (self.guide or self.on_hold)

    @property
    def may_connect(self) -> bool:
        """Whether a button leads this person into Kombo Connect."""
        return (
            self.may_reconnect
            or self.may_set_up
            or self.may_change_sharing
            or self.may_change_settings
        )

    @property
    def has_step(self) -> bool:
        """Whether there is a button for this person, or a note on who may press it."""
        return self.may_reconnect or self.may_set_up or self.may_resume or self.asks_colleague

    @property
    def repair_kind(self) -> str:
        """Return how loud its button is: while the tool is down, nobody is urged to press it."""
        return "quiet" if self.outage else "primary"

    @property
    def is_gone(self) -> bool:
        """Whether all that is left to do is to connect the tool anew."""
        return self.headline.key is Key.REMOVED

    @property
    def asks_vendor(self) -> bool:
        """Whether what is left to do is the vendor's."""
        return self.headline.key in {Key.REMOVED, Key.PAUSED, Key.UNRECOGNISED}

    @property
    def state(self) -> str:
        """Return what the page's banner depends on, as text: headline key and severity."""
        return f"{self.headline.key}-{self.headline.severity}"

    @property
    def poll(self) -> float:
        """Return the seconds after which a page looks at it again."""
        return self.look_after(timezone.now())

    def look_after(self, now: datetime) -> float:
        """As `poll`, from an instant on."""
        return freshness.next_look(self.checks, now)

    def but(self, **changes: Any) -> Self:
        """Return the card with other details, on which nothing depends that it has worked out, and
        so keeps: `replace` looks at each of its fifty fields.
        """
        if not changes.keys() <= _DETAILS:
            raise TypeError("More depends on what changes: it is to be made anew.")
        other = object.__new__(type(self))
        vars(other).update(vars(self), **changes)
        return other

    @cached_property
    def checked_text(self) -> str:
        """When it was checked, in the reader's time zone, as headers say it."""
        at = self.checked_at
        return timezone.localtime(at).isoformat(timespec="seconds") if at else ""

    @cached_property
    def version(self) -> str:
        """Names what is visible, so that a poll can say "unchanged"; it ends in the `state`.

        Age and poll delay are not part of it.
        """
        visible = [get_language(), *(getattr(self, name) for name in _VISIBLE)]
        text = _ENCODER.encode(visible)
        return f"{hashlib.blake2s(text.encode(), digest_size=8).hexdigest()}.{self.state}"


class _Encoder(DjangoJSONEncoder):
    """Writes structs as the list of their values."""

    def default(self, value: Any) -> Any:
        if is_dataclass(value):
            return [getattr(value, field.name) for field in fields(value)]
        return super().default(value)


_ENCODER = _Encoder()
_VISIBLE = [field.name for field in fields(Card) if field.name not in _AGE]


def state_in(version: str) -> str:
    """Return the state of a card of which a page has this version."""
    return version.partition(".")[2]

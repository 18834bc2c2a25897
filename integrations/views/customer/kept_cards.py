"""Cards that a process keeps: most looks are at rows that nobody has written since the last one.

A card is a function of one row, of what its reader may do, of the language and the time zone, and
of the time. A kept one is taken if the row that the database has now equals the one it was made of,
in each column that a card can read, for a reader with the same rights, before the next instant at
which time alone may change it. So the database is asked each time, and what differs in anything is
made anew.

What takes more than the row is never kept: who reconnected or disconnected it, whether its tool is
down, and who of the reader's colleagues may repair it.
"""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

from django.core.signals import setting_changed
from django.utils import timezone
from django.utils.translation import get_language

from integrations.access.grants import AccessGrant
from integrations.access.loading import Rows, columns_of
from integrations.domain import freshness
from integrations.domain.clock import turns_of_age
from integrations.models import Snapshot
from integrations.upstream.accounts import TOLD_FOR
from integrations.views.customer import cards
from integrations.views.customer.card import Card

MOST = 2_000  # cards of some KB that a process keeps
_NEVER = datetime.max.replace(tzinfo=UTC)


class _Kept(NamedTuple):
    """A card, what it was made of, and from when until when it is so."""

    columns: str
    since: datetime
    until: datetime
    card: Card


class KeptCards:
    """The latest card of each row, for each kind of reader."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, dict[int, _Kept]] = {}
        self._number = 0
        self._lock = Lock()

    def find(
        self, reader: Hashable, columns: Mapping[int, str], now: datetime
    ) -> tuple[list[Card], list[int]]:
        """Return what was kept of the rows with these columns and is still so, and the primary keys
        of the others.
        """
        kept = self._kept.get(reader, {})
        found, missing = [], []
        for pk, text in columns.items():
            one = kept.get(pk)
            if one and one.columns == text and one.since <= now < one.until:
                found.append(one.card)
            else:
                missing.append(pk)
        return found, missing

    def keep(self, reader: Hashable, pk: int, kept: _Kept) -> None:
        with self._lock:
            if pk not in self._kept.get(reader, {}):
                if self._number >= MOST:
                    self._forget()
                self._number += 1
            self._kept.setdefault(reader, {})[pk] = kept

    def clear(self, **_signal: object) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._kept.clear()
        self._number = 0


KEPT = KeptCards()
# Settings are the same for as long as a process lives, but for a test's.
setting_changed.connect(KEPT.clear)


def cards_of(grant: AccessGrant, rows: Rows) -> list[Card]:
    """Return cards as `cards.cards` does, in no order."""
    if not rows:
        return []
    now = timezone.now()
    # The day, as a date of this year is written without it.
    zone, day = timezone.get_current_timezone(), timezone.localdate(now)
    reader = (grant.rights, get_language(), zone, day)
    found, missing = KEPT.find(reader, rows.columns, now)
    if missing:
        integrations = rows.integrations(missing)
        made = cards.made(grant.rights, integrations)
        for integration, card in zip(integrations, made, strict=True):
            if cards.is_told_by_its_row(integration):
                until = changes_at(integration.snapshot, now)
                # Not what was found above: the row may have been written in between.
                kept = _Kept(columns_of(integration), now, until, card)
                KEPT.keep(reader, integration.pk, kept)
        found += made
    return cards.with_colleagues(grant, found)


def changes_at(snapshot: Snapshot, now: datetime) -> datetime:
    """Return the next instant at which a card may become another one though nobody writes its row,
    but for the day.
    """
    turns = [
        *freshness.turns(snapshot),
        *turns_of_age(snapshot.account_changed_at, TOLD_FOR),
    ]
    # What turns right now is so a moment later only.
    return min((turn for turn in turns if turn >= now), default=_NEVER)

"""Cards that a process keeps: most looks are at rows that nobody has written since the last one.

A card is a function of one row, of what its reader may do, of the language and the time zone, and
of the time. A kept one is taken if the row that the database has now equals the one it was made of,
column for column, for a reader with the same rights, before the next instant at which time alone
may change it. So the database is asked each time, and what differs in anything is made anew.

What takes more than the row is never kept: who reconnected or disconnected it, whether its tool is
down, and who of the reader's colleagues may repair it.
"""

from collections.abc import Hashable
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

from django.core.signals import setting_changed
from django.utils import timezone
from django.utils.translation import get_language

from integrations.access.grants import AccessGrant
from integrations.access.loading import Rows
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

    columns: tuple[Any, ...]
    since: datetime
    until: datetime
    card: Card


class KeptCards:
    """The latest card of each row, for each kind of reader."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}
        self._lock = Lock()

    def find(self, key: Hashable, columns: tuple[Any, ...], now: datetime) -> Card | None:
        """Return what was kept of a row with these columns, if it is still so."""
        kept = self._kept.get(key)
        if kept and kept.columns == columns and kept.since <= now < kept.until:
            return kept.card
        return None

    def keep(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            if len(self._kept) >= MOST and key not in self._kept:
                self._kept.clear()
            self._kept[key] = kept

    def clear(self, **_signal: object) -> None:
        with self._lock:
            self._kept.clear()


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
    found, missing = [], []
    for pk, columns in rows.columns.items():
        card = KEPT.find((pk, reader), columns, now)
        if card:
            found.append(card)
        else:
            missing.append(pk)
    if missing:
        integrations = rows.integrations(missing)
        made = cards.made(grant.rights, integrations)
        for integration, card in zip(integrations, made, strict=True):
            if cards.is_told_by_its_row(integration):
                until = changes_at(integration.snapshot, now)
                columns = rows.columns[integration.pk]
                KEPT.keep((integration.pk, reader), _Kept(columns, now, until, card))
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

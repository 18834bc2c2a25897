"""The last days of an integration, as pictures show them, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integrations.database.prepared import Prepared
from integrations.domain.day_strip import (
    DAYS,
    LIST_DAYS,
    Day,
    DayKind,
    days,
    keys_by_day,
    kind_of,
    tally,
)
from integrations.domain.durations import days_text
from integrations.domain.headline import Key, Severity
from integrations.domain.headline_text import BADGES, badge_text
from integrations.models import Entry, Integration, Kind

DAY_WORDS: Mapping[DayKind, Promise] = {
    Severity.ACTION_REQUIRED: gettext_lazy("Action required"),
    Severity.ATTENTION: BADGES[Key.DEGRADED],
    Severity.WORKING: gettext_lazy("In progress"),
    Severity.UNKNOWN: pgettext_lazy("status", "Unknown"),
    Key.PAUSED: BADGES[Key.PAUSED],
    Severity.OK: gettext_lazy("Operational"),
}


@dataclass(frozen=True, slots=True)
class DayStrip:
    """The last days, each with its word, and the same in words: (severity, its name, how many
    days).
    """

    days: list[tuple[Day, str]]
    legend: list[tuple[str, str, str]]


def day_strip(integration: Integration, now: datetime) -> DayStrip:
    """Return the last DAYS days of an integration, each in words, and how many of each kind."""
    states = states_since(integration, now - timedelta(days=DAYS))
    known = [(at, state_key(state)) for at, state in states]
    row = days([(at, kind_of(key)) for at, key in known], now=now)
    keys = keys_by_day(known, now=now)
    return DayStrip(
        [(day, _day_text(day, keys.get(day.date, []))) for day in row],
        [(kind or "", _day_word(kind), days_text(number)) for kind, number in tally(row)],
    )


def days_of_all(pks: Iterable[int], now: datetime) -> dict[int, tuple[Day, ...]]:
    """Return the last LIST_DAYS days of integrations, by their primary keys."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    states = states_of_all(pks, now - timedelta(days=LIST_DAYS))
    return {pk: _days(tuple(one), today) for pk, one in states.items()}


@lru_cache(maxsize=2_000)
def _days(states: tuple[tuple[datetime, str], ...], today: datetime) -> tuple[Day, ...]:
    kinds = [(at, kind_of(state_key(key))) for at, key in states]
    return tuple(days(kinds, now=today, number=LIST_DAYS))


def _day_text(day: Day, keys: list[Key]) -> str:
    """What a day was: the latest headline as grave as the day, by its badge, as cards have it."""
    named = [key for key in keys if kind_of(key) == day.severity]
    if not named or day.severity is Severity.OK:
        return _day_word(day.severity)
    return badge_text(named[-1])


def _day_word(kind: DayKind | None) -> str:
    return str(DAY_WORDS[kind]) if kind else _("No data")


def state_key(state: str) -> Key:
    """Return a stored state as a headline; UNRECOGNISED for one that only another version knows."""
    return Key(state) if state in Key else Key.UNRECOGNISED


def states_since(integration: Integration, start: datetime) -> list[tuple[datetime, str]]:
    """When which headline began, oldest first, with the one that held at `start`."""
    states = Entry.objects.filter(integration=integration, kind=Kind.STATE)
    rows = list(states.filter(at__gt=start).values_list("at", "what"))
    earlier = states.filter(at__lte=start).values_list("at", "what").first()
    return [*([earlier] if earlier else []), *reversed(rows)]


def states_of_all(pks: Iterable[int], start: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """As `states_since`, of many integrations by their primary keys, in one query."""
    found: dict[int, list[tuple[datetime, str]]] = {pk: [] for pk in pks}
    for pk, at, what in _states_of_all(list(found), start):
        found[pk].append((at, what))
    return found


@Prepared
def _states_of_all(pks: list[int], start: datetime) -> QuerySet[Any, Any]:
    states = Entry.objects.filter(kind=Kind.STATE)
    of_one = states.filter(integration=OuterRef("pk"), at__lte=start).order_by("-at", "-pk")
    earlier = Integration.objects.filter(pk__in=pks).annotate(
        latest=Subquery(of_one.values("pk")[:1])
    )
    wanted = states.filter(integration__in=pks, at__gt=start) | states.filter(
        pk__in=earlier.values("latest")
    )
    return wanted.order_by("at", "pk").values_list("integration_id", "at", "what")

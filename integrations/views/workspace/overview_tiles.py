"""The four numbers at the top of the overview: each with its line, what changed, and its list."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.domain import charts
from integrations.domain.charts import Spark
from integrations.domain.dates import decimal_text, month_day_text, number_text, percent_text
from integrations.domain.durations import duration
from integrations.domain.headline import Severity
from integrations.models import DailyCount
from integrations.workspace.overview import Overview

WEEK = timedelta(days=7)
_NUMBER = re.compile(r"(.*\d)(\D*)")  # and what follows it: " hours", "%"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a number: "up", "down" or neither, and whether that is good."""

    text: str
    way: str = ""
    is_good: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A number as it stands, and how it came to be."""

    key: str
    name: str
    value: str
    unit: str
    url: str
    change: Change | None
    spark: Spark | None
    sentence: str  # the line in words


def tiles(seen: Overview) -> list[Tile]:
    """Return the tiles in their order; none where there is nothing to count."""
    return [_working(seen), _waiting(seen), _repair(seen), _untold(seen)]


def _working(seen: Overview) -> Tile:
    share = seen.now[Severity.OK] / seen.now.total() if seen.now.total() else 0.0
    before = _share(seen.past[day]) if (day := seen.today - WEEK) in seen.past else None
    change = None
    if before is not None:
        points = round(100 * share, 1) - round(100 * before, 1)
        whole = int(abs(points))  # in French all below 2 is singular
        change = _change(
            points,
            more=ngettext(
                "%(n)s points more than a week ago", "%(n)s points more than a week ago", whole
            ),
            fewer=ngettext(
                "%(n)s points less than a week ago", "%(n)s points less than a week ago", whole
            ),
            facts={"n": decimal_text(abs(points))},
            good="up",
        )
    return _tile(
        seen,
        key="working",
        name=pgettext("integrations", "Working"),
        url=seen.state.query(group=Severity.OK),
        now=share,
        of=_share,
        text=percent_text,
        change=change,
    )


def _waiting(seen: Overview) -> Tile:
    number = seen.now[Severity.ACTION_REQUIRED]
    return _tile(
        seen,
        key="waiting",
        name=_("Waiting on customer"),
        url=seen.state.query(group=Severity.ACTION_REQUIRED),
        now=number,
        of=lambda row: row.action_required,
        text=_whole,
        change=_counted_change(seen, number, lambda row: row.action_required),
    )


def _untold(seen: Overview) -> Tile:
    return _tile(
        seen,
        key="untold",
        name=_("Customer not notified"),
        url=seen.state.query(untold="1"),
        now=seen.untold,
        of=lambda row: row.untold,
        text=_whole,
        change=_counted_change(seen, seen.untold, lambda row: row.untold),
    )


def _repair(seen: Overview) -> Tile:
    column = f"repair_{seen.days}"
    row = seen.past.get(seen.today - timedelta(days=seen.days))
    before: int | None = getattr(row, column) if row else None
    change = None
    if seen.repair is not None and before is not None:
        length = duration(timedelta(seconds=abs(seen.repair - before)))
        change = _change(
            seen.repair - before,
            more=_("%(length)s more than in the %(days)s days before"),
            fewer=_("%(length)s less than in the %(days)s days before"),
            facts={"length": length, "days": str(seen.days)},
            good="down",
        )
    return _tile(
        seen,
        key="repair",
        name=_("Median time to resolve"),
        url=seen.state.query(sort="since"),
        now=seen.repair,
        of=lambda row: getattr(row, column),
        text=lambda seconds: duration(timedelta(seconds=seconds)),
        change=change,
    )


def _tile(
    seen: Overview,
    *,
    key: str,
    name: str,
    url: str,
    now: float | None,
    of: Callable[[DailyCount], float | None],
    text: Callable[[float], str],
    change: Change | None,
) -> Tile:
    first = seen.today - timedelta(days=seen.days)
    known = [((row.day - first).days, of(row)) for row in seen.shown] + [(seen.days, now)]
    values = [(day, value) for day, value in known if value is not None]
    spark = charts.spark(values, seen.days)
    sentence = ""
    if spark:
        sentence = _("%(first)s on %(day)s, %(last)s today; lowest %(low)s, highest %(high)s") % {
            "first": text(values[0][1]),
            "day": month_day_text(first + timedelta(days=values[0][0])),
            "last": text(values[-1][1]),
            "low": text(min(value for _day, value in values)),
            "high": text(max(value for _day, value in values)),
        }
    whole = "–" if now is None else text(now)
    value, unit = match.groups() if (match := _NUMBER.fullmatch(whole)) else (whole, "")
    return Tile(key, name, value, unit, url, change, spark, sentence)


def _counted_change(seen: Overview, number: int, of: Callable[[DailyCount], int]) -> Change | None:
    if (day := seen.today - WEEK) not in seen.past:
        return None
    more = number - of(seen.past[day])
    return _change(
        more,
        more=ngettext("%(n)s more than a week ago", "%(n)s more than a week ago", abs(more)),
        fewer=ngettext("%(n)s fewer than a week ago", "%(n)s fewer than a week ago", abs(more)),
        facts={"n": number_text(abs(more))},
        good="down",
    )


def _change(by: float, *, more: str, fewer: str, facts: dict[str, str], good: str) -> Change:
    """Put a change into words; `good` is the way that is a good one."""
    if not round(by, 1):
        return Change(_("Unchanged"))
    way = "up" if by > 0 else "down"
    return Change((more if by > 0 else fewer) % facts, way, way == good)


def _share(row: DailyCount) -> float | None:
    total = sum(getattr(row, name) for name in Severity)
    return row.ok / total if total else None


def _whole(number: float) -> str:
    return number_text(int(number))

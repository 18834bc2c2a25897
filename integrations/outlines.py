"""Each distinct grid in short, and what the grids of many integrations say of one datapoint, asked of the database.

A standing is a `coverage.Reason`, or `Other`: not every integration has a grid that lists a datapoint.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, Max, Min, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from integrations import coverage
from integrations.coverage import Grid, Reason
from integrations.headline import Key
from integrations.models import Outline, Snapshot, Summary
from integrations.summaries import UNCONFIRMED

IS_DATAPOINT = re.compile(r"[A-Za-z_][A-Za-z0-9_:/-]*(\.[A-Za-z0-9_:/-]+)*", re.ASCII)
LONGEST = 200  # characters of a datapoint
BATCH = 50  # grids to read at once
SAMPLE = 500  # grids whose datapoints are offered; what only others list is found when it is named
COLUMNS = ("tenant_name", "tool", "headline", "tenant__public_id", "integration__public_id")


class Other(StrEnum):
    """Why nothing is said of a datapoint."""

    ABSENT = "absent"  # the grid does not list it
    PENDING = "pending"  # there is no grid yet
    HELD_BACK = "held_back"  # the mapping guard lets nothing be seen


def keep(digest: str, grid: Callable[[], Grid]) -> None:
    """Have the outline of a grid, which is asked for only if it is another one than all before."""
    if not Outline.objects.filter(pk=digest).exists():
        _make({digest: grid()})


def make_missing() -> list[str]:
    """Make outlines of grids that were stored before there were any. Answers their digests."""
    there = Outline.objects.filter(pk=OuterRef("coverage_digest"))
    bare = Snapshot.objects.filter(~Exists(there)).exclude(coverage_digest="").order_by()
    firsts = list(bare.values("coverage_digest").annotate(first=Min("pk")).values_list("first", flat=True)[:BATCH])
    stored = dict(Snapshot.objects.filter(pk__in=firsts).values_list("coverage_digest", "coverage"))
    _make({digest: coverage.read(text) for digest, text in stored.items() if digest})
    return list(stored)


def prune() -> int:
    """Forget outlines of grids that nobody has any more. Answers how many."""
    used = Snapshot.objects.filter(coverage_digest=OuterRef("pk"))
    return Outline.objects.filter(~Exists(used)).delete()[0]


def reasons(grid: Grid) -> dict[str, str]:
    """The reason of every model, action and field. What its model keeps back has the model's: whoever can change it."""
    found: dict[str, str] = {}
    for group in (*grid.write, *grid.read):
        rows = {group.id: group.reason}
        for field in group.fields:
            rows[field.id] = group.reason if field.reason is Reason.MODEL_UNAVAILABLE else field.reason
        for datapoint, reason in rows.items():
            if found.get(datapoint) != Reason.AVAILABLE:  # a model and an action may have the same id
                found[datapoint] = reason.value
    return found


def is_datapoint(text: str) -> bool:
    """It can be one, whether or not anybody has it."""
    return len(text) <= LONGEST and bool(IS_DATAPOINT.fullmatch(text))


def names() -> tuple[str, ...]:
    """The datapoints of the grids that are stored, or of some of them if there are many."""
    of = Outline.objects.aggregate(number=Count("pk"), first=Min("pk"), last=Max("pk"))
    return _names(of["number"], of["first"], of["last"])


def matching(query: str, known: Iterable[str], *, most: int) -> list[str]:
    """Those in which every word occurs, in the id or in what people call it."""
    words = query.casefold().split()
    found = (name for name in known if all(word in f"{name} {label(name)}".casefold() for word in words))
    return [name for name, _number in zip(found, range(most), strict=False)]


def strangers(datapoints: Sequence[str]) -> list[str]:
    """Those that no grid lists."""
    known = set(names())
    unsure = [one for one in datapoints if one not in known]
    return [one for one in unsure if not Outline.objects.filter(reasons__has_key=one).exists()]


def label(datapoint: str) -> str:
    """`hris_employees.cost_center` as people call it: "Employees: cost center"."""
    return coverage.humanise(re.sub(r"^(hris|ats|lms|assessment)_", "", datapoint))


def standings(rows: QuerySet[Summary], datapoints: Sequence[str]) -> QuerySet[Any]:
    """How each of these integrations that is still there stands to datapoints, in `at_0`, `at_1` and so on."""
    told = {f"at_{number}": _standing(datapoint) for number, datapoint in enumerate(datapoints)}
    there: QuerySet[Any] = rows.exclude(headline=Key.REMOVED.value).annotate(**told)
    return there.order_by("tenant_name", "tool", "pk").values(*COLUMNS, *told)


def tally(found: QuerySet[Any]) -> dict[str, int]:
    """How often each standing to the first datapoint occurs."""
    rows = found.order_by("at_0").values("at_0").annotate(number=Count("pk"))
    return {row["at_0"]: row["number"] for row in rows}


def tool_of(row: dict[str, Any]) -> str:
    """The tool's name; of what is held back, nothing is told."""
    return _("Connection") if row["headline"] == UNCONFIRMED or not row["tool"] else str(row["tool"])


def why(standing: str, tool: str) -> str:
    """The reason in words, for staff."""
    names = {"tool": tool, "vendor": settings.VENDOR_NAME}
    match standing:
        case Reason.AVAILABLE:
            return _("Available")
        case Reason.NOT_REQUESTED:
            return _("Not requested by %(vendor)s") % names
        case Reason.OPTED_OUT:
            return _("The customer opted out")
        case Reason.UNSUPPORTED:
            return _("%(tool)s does not offer this") % names
        case Reason.NOT_IMPLEMENTED:
            return _("Kombo does not read this from %(tool)s yet") % names
        case Reason.UNKNOWN:
            return _("Not known yet whether %(tool)s offers this") % names
        case Other.ABSENT:
            return _("Not among the data of %(tool)s") % names if tool else _("No connected tool gives this")
        case Other.PENDING:
            return _("Not read yet")
        case Other.HELD_BACK:
            return _("Held back until the mapping is confirmed")
    return _("Not available, and Kombo does not say why")


def who(standing: str, tool: str) -> str:
    """Who can change it, for staff; nothing if it is available. Without a `tool`, none of the customer's has it."""
    if standing == Other.ABSENT:
        return _("Nobody: this tool has no such data") if tool else _("The customer, by connecting a tool that has it")
    words: dict[str, str] = {
        Reason.AVAILABLE: "",
        Reason.NOT_REQUESTED: _("You, in the scope at Kombo"),
        Reason.OPTED_OUT: _("The customer, by reconnecting"),
        Reason.UNSUPPORTED: _("Nobody: the tool does not offer it"),
        Reason.NOT_IMPLEMENTED: _("Kombo, by building it"),
        Reason.UNKNOWN: _("Nobody yet: it will show by itself"),
        Other.PENDING: _("Nobody: the next check will tell"),
        Other.HELD_BACK: _("You, by confirming the mapping"),
    }
    return words.get(standing, _("Kombo can find out"))


def in_short(standing: str) -> str:
    """In a word or two."""
    words: dict[str, str] = {
        Reason.AVAILABLE: _("Available"),
        Reason.NOT_REQUESTED: _("Not requested"),
        Reason.OPTED_OUT: _("Opted out"),
        Reason.UNSUPPORTED: _("Not offered"),
        Reason.NOT_IMPLEMENTED: _("Not built yet"),
        Reason.UNKNOWN: _("Not known"),
        Other.ABSENT: _("Not listed"),
        Other.PENDING: _("Not read yet"),
        Other.HELD_BACK: _("Held back"),
    }
    return words.get(standing, _("Unclear"))


def sign(standing: str) -> str:
    """The icon, and with it the colour: what somebody can change stands out from what nobody can."""
    if standing == Reason.AVAILABLE:
        return "ok"
    if standing in {Reason.OPTED_OUT, Reason.NOT_REQUESTED, Other.HELD_BACK}:
        return "attention"
    return "none" if standing in {Reason.UNSUPPORTED, Reason.NOT_IMPLEMENTED, Other.ABSENT} else "unknown"


def _make(grids: dict[str, Grid]) -> None:
    made = [Outline(digest=digest, reasons=reasons(grid)) for digest, grid in grids.items()]
    Outline.objects.bulk_create(made, ignore_conflicts=True)  # somebody else may have met the same grid just now


@lru_cache(maxsize=4)
def _names(number: int, first: str, last: str) -> tuple[str, ...]:
    """A digest stands for what it is made of: between the same ends lie the same datapoints, as good as always."""
    found: set[str] = set()
    for told in Outline.objects.order_by("pk").values_list("reasons", flat=True)[:SAMPLE].iterator(chunk_size=50):
        found.update(name for name in told if is_datapoint(name))
    return tuple(sorted(found))


def _standing(datapoint: str) -> Case:
    said = Outline.objects.filter(pk=OuterRef("integration__snapshot__coverage_digest"))
    reason = Coalesce(KeyTextTransform(datapoint, "reasons"), Value(Other.ABSENT.value), output_field=TextField())
    return Case(
        When(headline=UNCONFIRMED, then=Value(Other.HELD_BACK.value)),
        default=Coalesce(Subquery(said.annotate(said=reason).values("said")), Value(Other.PENDING.value)),
        output_field=TextField(),
    )

"""Each distinct grid in short, and what the grids of many integrations say of one datapoint, asked
of the database.

A standing is a `coverage.Reason`, or `Other`: not every integration has a grid that lists a
datapoint.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.domain.bidi import isolate
from integrations.domain.coverage import Reason
from integrations.domain.field_names import datapoint_name
from integrations.domain.field_search import is_found, words_of
from integrations.domain.headline import UNCONFIRMED, Key
from integrations.models import CoverageProfile, Summary

IS_DATAPOINT = re.compile(r"[A-Za-z_][A-Za-z0-9_:/-]*(\.[A-Za-z0-9_:/-]+)*", re.ASCII)
LONGEST = 200  # characters of a datapoint
SAMPLE = 500  # grids whose datapoints are offered; what only others list is found when it is named
COLUMNS = (
    "tenant_name",
    "tool",
    "headline",
    "coverage_digest",
    "tenant__public_id",
    "integration__public_id",
)
ORDER = ("tenant_name", "tool", "pk")
CHUNK = 2000  # rows at a time of a file
_USUAL = ("hris_employees.manager_id", "ats_jobs.salary_amount", "lms_users.work_email")

type AvailabilityRow = dict[str, Any]


class NoReason(StrEnum):
    """Why nothing is said of a datapoint."""

    ABSENT = "absent"  # the grid does not list it
    PENDING = "pending"  # there is no grid yet
    HELD_BACK = "held_back"  # the mapping guard lets nothing be seen


def is_datapoint(text: str) -> bool:
    """Whether a text can be the id of a datapoint, whether or not any grid has it."""
    return len(text) <= LONGEST and bool(IS_DATAPOINT.fullmatch(text))


def known_datapoints() -> tuple[str, ...]:
    """The datapoints of the grids that are stored, or of some of them if there are many."""
    digests = CoverageProfile.objects.order_by("pk").values_list("pk", flat=True)[:SAMPLE]
    return _datapoints_of(tuple(digests))


def matching(query: str, known: Iterable[str], *, most: int) -> list[str]:
    """Return the datapoints in whose id or names, in any language, every word occurs."""
    words = words_of(query)
    names = (name for name in known if is_found(words, *_parts(name)))
    return [name for name, _number in zip(names, range(most), strict=False)]


def meant(typed: str) -> str:
    """The one datapoint that is called so; what was typed if it is an id, or may be several."""
    if not typed or "_" in typed:
        return typed
    matches = matching(typed, known_datapoints(), most=2)
    return matches[0] if len(matches) == 1 else typed


def unknown_datapoints(datapoints: Sequence[str]) -> list[str]:
    """Return those of the datapoints that no grid lists."""
    known = set(known_datapoints())
    unsure = [datapoint for datapoint in datapoints if datapoint not in known]
    return [
        datapoint
        for datapoint in unsure
        if not CoverageProfile.objects.filter(reasons__has_key=datapoint).exists()
    ]


def label(datapoint: str) -> str:
    """`hris_employees.cost_center` as people call it: "Employees (cost center)"."""
    return datapoint_name(datapoint)


def example(known: Sequence[str]) -> str:
    """What could be looked for among these, as people call it; "" if there is nothing."""
    usual = next((datapoint for datapoint in _USUAL if datapoint in known), "")
    return label(usual or known[0]) if known else ""


@dataclass(frozen=True)
class DatapointAvailability:
    """How integrations that are still there stand to some datapoints, by tenant and tool.

    Many share a grid: what each grid says is read once, and not with each integration.
    """

    rows: QuerySet[Summary]
    datapoints: Sequence[str]

    def __iter__(self) -> Iterator[AvailabilityRow]:
        return self._read().iterator(chunk_size=CHUNK)

    def keys(self) -> QuerySet[Summary, int]:
        """The primary keys of these, in order: the database counts its way through them alone."""
        return self._existing.order_by(*ORDER).values_list("pk", flat=True)

    def read(self, keys: Iterable[int]) -> list[AvailabilityRow]:
        """Some of these by their keys, joined with what a page shows of them."""
        return list(self._read().filter(pk__in=list(keys)))

    def of(self, row: AvailabilityRow) -> Sequence[str]:
        """Return the standing of an integration to each datapoint, in the order of `datapoints`."""
        if row["headline"] == UNCONFIRMED:
            return [NoReason.HELD_BACK] * len(self.datapoints)
        return self._said.get(row["coverage_digest"]) or [NoReason.PENDING] * len(self.datapoints)

    def only(self, wanted: Collection[str]) -> "DatapointAvailability":
        """Narrow it to the integrations with one of these standings to the first datapoint."""
        profiles = CoverageProfile.objects.annotate(reason=_reason_of(self.datapoints[0]))
        condition = Q(coverage_digest__in=profiles.filter(reason__in=wanted).values("pk"))
        if NoReason.PENDING in wanted:
            condition |= ~Q(coverage_digest__in=CoverageProfile.objects.values("pk"))
        condition &= ~Q(headline=UNCONFIRMED)
        if NoReason.HELD_BACK in wanted:
            condition |= Q(headline=UNCONFIRMED)
        return DatapointAvailability(self.rows.filter(condition), self.datapoints)

    def tally(self) -> Counter[str]:
        """How often each standing to the first datapoint occurs."""
        counted = Counter[str]()
        for row in (
            self._existing.order_by()
            .values("headline", "coverage_digest")
            .annotate(number=Count("*"))
        ):
            counted[self.of({**row})[0]] += row["number"]
        return counted

    @cached_property
    def _said(self) -> dict[str, list[str]]:
        profiles = CoverageProfile.objects.values_list("pk", *map(_reason_of, self.datapoints))
        return {digest: reasons for digest, *reasons in profiles.iterator()}

    @property
    def _existing(self) -> QuerySet[Summary]:
        return self.rows.exclude(headline=Key.REMOVED.value)

    def _read(self) -> QuerySet[Any, AvailabilityRow]:
        rows: QuerySet[Any, AvailabilityRow] = self._existing.order_by(*ORDER).values(*COLUMNS)
        return rows


def tool_name(row: AvailabilityRow) -> str:
    """The tool's name, or what stands for it until it is known."""
    return str(row["tool"]) or _("Connection")


def reason_text(standing: str, tool: str) -> str:
    """The reason in words, for staff."""
    names = {"tool": isolate(tool), "vendor": isolate(settings.VENDOR_NAME)}
    match standing:
        case Reason.AVAILABLE:
            return _("Available")
        case Reason.NOT_REQUESTED:
            return _("Not requested by %(vendor)s") % names
        case Reason.OPTED_OUT:
            return _("Customer opted out")
        case Reason.UNSUPPORTED:
            return _("Not supported by %(tool)s") % names
        case Reason.NOT_IMPLEMENTED:
            return _("Kombo doesn’t support this for %(tool)s yet") % names
        case Reason.UNKNOWN:
            return _("Not yet known whether %(tool)s supports this") % names
        case NoReason.ABSENT:
            return (
                _("Not listed for %(tool)s") % names
                if tool
                else _("Not provided by any connected tool")
            )
        case NoReason.PENDING:
            return _("Not checked yet")
        case NoReason.HELD_BACK:
            return _("Hidden until the mapping is confirmed")
    return _("Not available; Kombo gives no reason")


def who_can_change(standing: str, tool: str) -> str:
    """Who can change it, for staff; nothing if it is available. Without a `tool`, none of the
    customer's has it.
    """
    if standing == NoReason.ABSENT:
        return (
            _("No one: the tool doesn’t provide this data")
            if tool
            else _("The customer, by connecting a tool that has it")
        )
    words: dict[str, str] = {
        Reason.AVAILABLE: "",
        Reason.NOT_REQUESTED: _("You, in the Kombo scope config"),
        Reason.OPTED_OUT: _("The customer, by reconnecting"),
        Reason.UNSUPPORTED: _("No one: the tool doesn’t provide this data"),
        Reason.NOT_IMPLEMENTED: _("Kombo, by adding support"),
        Reason.UNKNOWN: _("No one: this resolves automatically"),
        NoReason.PENDING: _("No one: wait for the next check"),
        NoReason.HELD_BACK: _("You, by confirming the mapping"),
    }
    return words.get(standing, _("Contact Kombo support"))


def short_reason(standing: str) -> str:
    """Return a standing in a word or two."""
    words: dict[str, str] = {
        Reason.AVAILABLE: pgettext("data point", "Available"),
        Reason.NOT_REQUESTED: pgettext("data point", "Not requested"),
        Reason.OPTED_OUT: pgettext("data point", "Opted out"),
        Reason.UNSUPPORTED: pgettext("data point", "Not supported"),
        Reason.NOT_IMPLEMENTED: pgettext("data point", "Not implemented"),
        Reason.UNKNOWN: pgettext("data point", "Unknown"),
        NoReason.ABSENT: pgettext("data point", "Not listed"),
        NoReason.PENDING: _("Not checked yet"),
        NoReason.HELD_BACK: pgettext("data point", "Hidden"),
    }
    return words.get(standing, pgettext("data point", "Unclear"))


def severity_of(standing: str) -> str:
    """The icon, and with it the colour: what somebody can change stands out from what nobody
    can.
    """
    if standing == Reason.AVAILABLE:
        return "ok"
    if standing in {Reason.OPTED_OUT, Reason.NOT_REQUESTED, NoReason.HELD_BACK}:
        return "attention"
    return (
        "none"
        if standing in {Reason.UNSUPPORTED, Reason.NOT_IMPLEMENTED, NoReason.ABSENT}
        else "unknown"
    )


def _parts(datapoint: str) -> tuple[str, str]:
    model_id, _dot, field_id = datapoint.partition(".")
    return model_id, field_id


@lru_cache(maxsize=4)
def _datapoints_of(digests: tuple[str, ...]) -> tuple[str, ...]:
    """The datapoints of some profiles. A digest stands for what it is made of, so none is stale."""
    profiles = CoverageProfile.objects.filter(pk__in=digests).values_list("reasons", flat=True)
    names = {name for reasons in profiles.iterator(chunk_size=50) for name in reasons}
    return tuple(sorted(name for name in names if is_datapoint(name)))


def _reason_of(datapoint: str) -> Coalesce:
    return Coalesce(
        KeyTextTransform(datapoint, "reasons"),
        Value(NoReason.ABSENT.value),
        output_field=TextField(),
    )

"""What a tool would bring, and the one thing that would bring more of what is connected.

A tool that can be connected is judged by what it offers whatever is asked for. What is connected
is judged by its grid: a feature that doesn't work, or not fully, gets one step.

| step | when a datapoint is |
|---|---|
| `share` | opted out |
| `scope` | not requested, and the vendor has another scope config by now than the integration |
| `ask` | not requested otherwise, or missing for a reason that Kombo doesn't tell |
| `wait` | not known yet |
| `connect` | of a kind that no connected tool deals with |
| `nothing` | not offered by a tool that deals with its kind |

If a datapoint could come from several tools, the easiest way counts. A feature that works partly
gets the easiest step of all that it lacks, as each brings something; one that doesn't work gets
the hardest of those that it needs, as without that one the others bring nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import transaction

from integrations.access.mapping_guard import is_withheld
from integrations.domain import coverage
from integrations.domain.coverage import Reason
from integrations.domain.headline import CONNECTABLE, key_of
from integrations.models import CatalogueTool, CoverageProfile, Feature, Snapshot, Tenant
from integrations.upstream import coverage_profiles, repairs
from integrations.workspace.features import (
    BETTER,
    NEED,
    MissingDatapoint,
    ToolCoverage,
    Verdict,
    evaluate,
)

BATCH = 20  # tools in a transaction
ROUNDS = 20  # transactions in a row
AT_ONCE = 60  # so many tools are judged while whoever changed a feature waits


class Step(StrEnum):
    """What would change whether a feature works."""

    SHARE = "share"
    SCOPE = "scope"
    ASK = "ask"
    WAIT = "wait"
    CONNECT = "connect"
    NOTHING = "nothing"


# One datapoint that several tools may bring: what the customer can do, then what others do.
_EASIEST_WAY = (Step.SHARE, Step.SCOPE, Step.WAIT, Step.ASK, Step.CONNECT, Step.NOTHING)
_EASIEST = (Step.SHARE, Step.SCOPE, Step.ASK, Step.CONNECT, Step.WAIT, Step.NOTHING)
_HARDEST = (Step.NOTHING, Step.CONNECT, Step.ASK, Step.SCOPE, Step.SHARE, Step.WAIT)


@dataclass(frozen=True, slots=True)
class Gain:
    """The one thing that would change whether a feature works, and the datapoints that it would
    bring; `integration` is the public ID of the one to reconnect, empty if there is none or it
    can't be reconnected.
    """

    step: Step
    datapoints: tuple[str, ...] = ()
    tool: str = ""
    integration: str = ""


class Offer(NamedTuple):
    """What a connected tool says of datapoints, and whether reconnecting it is possible, and would
    bring another scope config.
    """

    tool: str
    reasons: Mapping[str, str]
    integration: str = ""
    is_scope_newer: bool = False


class ToolSummary(NamedTuple):
    """How many features a tool would bring, some of them partly, and of how many that is not
    known.
    """

    works: int
    partly: int
    fails: int
    unknown: int


@dataclass(frozen=True, slots=True)
class ToolVerdict:
    """Whether a feature would work with a tool, and the datapoints that decide it."""

    feature: Feature
    verdict: Verdict
    missing: tuple[str, ...] = ()


# Tools that can be connected


def public_features() -> list[Feature]:
    """Return the features that customers may know of, by name."""
    return list(Feature.objects.filter(is_public=True))


def summary_of(tool: CatalogueTool, features: Iterable[Feature]) -> ToolSummary:
    """Return how many of some features a tool would bring, by what was last worked out: what was
    not yet is unknown.
    """
    found = [said.verdict for said in known_verdicts(tool, features)]
    return ToolSummary(*map(found.count, Verdict))


def known_verdicts(tool: CatalogueTool, features: Iterable[Feature]) -> list[ToolVerdict]:
    """Return whether each of some features would work with a tool, by what was last worked out."""
    return [_stored(tool, feature) for feature in features]


def verdicts_of(tool: CatalogueTool, features: Iterable[Feature]) -> list[ToolVerdict]:
    """Return whether each of some features would work with a tool, worked out anew if it is due."""
    if not tool.verdicts_due:
        return known_verdicts(tool, features)
    reasons = _reasons(tool)
    return [_verdict(feature, reasons) for feature in features]


def mark_tools_stale() -> None:
    """Have all tools judged anew, because a feature changed."""
    CatalogueTool.objects.update(verdicts_due=True)


def judge_stale_tools() -> int:
    """Judge tools that are due, some at a time. Return how many."""
    judged = 0
    for _round in range(ROUNDS):
        number = _judge_some()
        judged += number
        if number < BATCH:
            break
    return judged


def judge_now() -> None:
    """Where there are few tools, whoever changed a feature sees at once what it means."""
    if CatalogueTool.objects.count() <= AT_ONCE:
        judge_stale_tools()


def _judge_some() -> int:
    due = CatalogueTool.objects.filter(verdicts_due=True).order_by("pk")
    if not due.exists():
        return 0
    with transaction.atomic():
        # Several workers share what is due. A feature that changes meanwhile waits, and makes them
        # due again afterwards.
        tools = list(due.select_for_update(skip_locked=True, no_key=True)[:BATCH])
        features = list(Feature.objects.all())
        for tool in tools:
            reasons = _reasons(tool) if features else {}
            tool.verdicts = {
                feature.public_id: _kept(_verdict(feature, reasons)) for feature in features
            }
            tool.verdicts_due = False
        CatalogueTool.objects.bulk_update(tools, ["verdicts", "verdicts_due"])
    return len(tools)


def _reasons(tool: CatalogueTool) -> dict[str, str]:
    return coverage_profiles.reasons_by_datapoint(coverage.read(tool.coverage))


def _verdict(feature: Feature, reasons: dict[str, str]) -> ToolVerdict:
    verdict, lacks = evaluate(feature, [ToolCoverage("", reasons)])
    kind = BETTER if verdict is Verdict.PARTLY else NEED
    return ToolVerdict(feature, verdict, tuple(one.datapoint for one in lacks if one.kind == kind))


def _kept(said: ToolVerdict) -> dict[str, Any]:
    return {"verdict": said.verdict, "missing": said.missing}


def _stored(tool: CatalogueTool, feature: Feature) -> ToolVerdict:
    kept = tool.verdicts.get(feature.public_id)
    if kept is None:
        return ToolVerdict(feature, Verdict.UNKNOWN)
    return ToolVerdict(feature, Verdict(kept["verdict"]), tuple(kept["missing"]))


# What is connected


def gains_of(
    tenant: Tenant, answers: Sequence[tuple[Feature, str, list[MissingDatapoint]]]
) -> list[Gain | None]:
    """Return for each answer of a tenant the one thing that would change it; None where all
    works.
    """
    if all(verdict == Verdict.WORKS for _feature, verdict, _lacks in answers):
        return [None] * len(answers)
    offers, is_connected = _offers_of(tenant, answers)
    return [
        gain(verdict, lacks, offers, is_connected=is_connected)
        for _feature, verdict, lacks in answers
    ]


def gain(
    verdict: str, lacks: Iterable[MissingDatapoint], offers: Sequence[Offer], *, is_connected: bool
) -> Gain | None:
    """Return the one thing that would change an answer, if it is not that all works."""
    if verdict == Verdict.WORKS:
        return None
    if not offers:
        return Gain(Step.WAIT if is_connected else Step.CONNECT)
    kind = BETTER if verdict == Verdict.PARTLY else NEED
    order = _EASIEST if verdict == Verdict.PARTLY else _HARDEST
    ways = [_way(lack.datapoint, offers) for lack in lacks if lack.kind == kind]
    chosen = min(ways, key=lambda way: order.index(way.step), default=None)
    if chosen is None:
        return None
    same = [way for way in ways if (way.step, way.integration) == (chosen.step, chosen.integration)]
    together = tuple(name for way in same for name in way.datapoints)
    return Gain(chosen.step, together, chosen.tool, chosen.integration)


def _way(datapoint: str, offers: Sequence[Offer]) -> Gain:
    """Return the easiest way to a datapoint that is missing."""
    ways = [
        Gain(_step(reason, offer), (datapoint,), offer.tool, offer.integration)
        for offer in offers
        if (reason := offer.reasons.get(datapoint))
    ]
    if ways:
        return min(ways, key=lambda way: _EASIEST_WAY.index(way.step))
    model = datapoint.partition(".")[0]
    is_known = any(model in offer.reasons for offer in offers)
    return Gain(Step.NOTHING if is_known else Step.CONNECT, (datapoint,))


def _step(reason: str, offer: Offer) -> Step:
    match reason:
        case Reason.OPTED_OUT:
            return Step.SHARE
        case Reason.NOT_REQUESTED:
            return Step.SCOPE if offer.is_scope_newer else Step.ASK
        case Reason.UNKNOWN:
            return Step.WAIT
        case Reason.UNSUPPORTED | Reason.NOT_IMPLEMENTED:
            return Step.NOTHING
    return Step.ASK


def _offers_of(
    tenant: Tenant, answers: Iterable[tuple[Feature, str, list[MissingDatapoint]]]
) -> tuple[list[Offer], bool]:
    """Return what each connected tool says of what is missing, and whether any is connected."""
    missing = {lack.datapoint for _feature, _verdict, lacks in answers for lack in lacks}
    wanted = missing | {datapoint.partition(".")[0] for datapoint in missing}
    here = Snapshot.objects.filter(integration__tenant=tenant, removed_at=None)
    rows = list(here.select_related("integration__tenant").without_grid().order_by("pk"))
    profiles = CoverageProfile.objects.in_bulk({row.coverage_digest for row in rows} - {""})
    offers = []
    for row in rows:
        profile = profiles.get(row.coverage_digest)
        if profile is None or is_withheld(row.integration, row):
            continue
        known = {name: profile.reasons[name] for name in wanted if name in profile.reasons}
        may_reconnect = key_of(row) in CONNECTABLE
        public_id = row.integration.public_id if may_reconnect else ""
        is_newer = bool(repairs.newer_scope(row.integration))
        offers.append(Offer(row.tool_label, known, public_id, is_newer))
    return offers, bool(rows)

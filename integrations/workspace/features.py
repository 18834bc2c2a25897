"""The vendor's features, and for which tenants they work: what each needs, what is there, and why not.

A datapoint is there if any integration of the tenant has it available. Integrations that were removed do not count,
nor what the mapping guard holds back. What is not there has the first of these reasons that any integration gives:

| reason | means | a need like this makes the answer |
|---|---|---|
| `unknown` | Kombo does not know yet | `unknown` |
| `opted_out` | the customer can change it | `not` |
| `not_requested` | the vendor can change it | `not` |
| `unclear` | Kombo does not say | `not` |
| `not_implemented` | Kombo can change it | `not` |
| `unsupported` | nobody can: the tool lacks it | `not` |
| `absent` | no grid lists it | `not` |

`not` wins over `unknown`. If every need is there: `partly` if anything is missing that it would be better with,
whatever the reason, else `works`. With no grid at all: `unknown`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.access.permissions import is_withheld
from integrations.domain import coverage
from integrations.domain.coverage import Field, Reason
from integrations.domain.events import MappingChanged, SnapshotChanged
from integrations.models import Answer, Feature, Outline, Snapshot, Tenant
from integrations.upstream import coverage_profiles, snapshots
from integrations.workspace import datapoints
from integrations.workspace.datapoints import Other

NEED, BETTER = "need", "better"
BATCH, ROUNDS = 50, 10  # tenants in a transaction, and transactions in a row
AT_ONCE = 200  # so many tenants are worked out while whoever changed a feature waits
_ORDER: list[str] = [
    *(Reason.UNKNOWN, Reason.OPTED_OUT, Reason.NOT_REQUESTED, Reason.UNCLEAR, Reason.MODEL_UNAVAILABLE),
    *(Reason.NOT_IMPLEMENTED, Reason.UNSUPPORTED, Other.ABSENT),
]


class Verdict(StrEnum):
    """Does a feature work for a tenant?"""

    WORKS = "works"
    PARTLY = "partly"
    NOT = "not"
    UNKNOWN = "unknown"


class Lack(NamedTuple):
    """A datapoint that is not there: what it is to the feature, why, and in which tool."""

    datapoint: str
    reason: str
    tool: str
    kind: str


class Told(NamedTuple):
    """An integration's tool, and the reasons of its grid."""

    tool: str
    reasons: dict[str, str]


class Missing(NamedTuple):
    """The same in words."""

    datapoint: str
    label: str
    is_needed: bool
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words."""

    name: str
    description: str
    verdict: str
    badge: str
    severity: str
    sentence: str
    missing: list[Missing]


def judge(feature: Feature, grids: Sequence[Told]) -> tuple[Verdict, list[Lack]]:
    """Whether a feature works with these grids of a tenant, and what it lacks."""
    if not grids:
        return Verdict.UNKNOWN, []
    wanted = [(NEED, one) for one in feature.needs] + [(BETTER, one) for one in feature.better_with]
    lacks = [lack for kind, datapoint in wanted if (lack := _lack(datapoint, kind, grids))]
    needed = {lack.reason for lack in lacks if lack.kind == NEED}
    if needed - {Reason.UNKNOWN}:
        return Verdict.NOT, lacks
    if needed:
        return Verdict.UNKNOWN, lacks
    return (Verdict.PARTLY if lacks else Verdict.WORKS), lacks


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Have the answers of a tenant worked out anew if what one of its integrations offers may be another."""
    if event.columns & {"coverage_digest", "removed_at", "origin_id"}:
        ask_again(integrations=event.snapshot.pk)


def on_mapping_changed(event: MappingChanged) -> None:
    """Have the answers of the tenants worked out anew that integrations came to, or left."""
    if event.moved_from:
        ask_again(pk__in=event.moved_from)
    for start in range(0, len(event.integration_ids), snapshots.BATCH):
        ask_again(integrations__in=event.integration_ids[start : start + snapshots.BATCH])


def ask_again(**of: Any) -> None:
    """The answers of some tenants, by any look-up of theirs, are to be worked out anew.

    Writes what is written already too: so it waits for whoever works them out now, from what was before.
    """
    Tenant.objects.filter(**of).update(answers_due=True)


def work_due() -> int:
    """Work out answers that are due, some at a time. Answers for how many tenants."""
    worked = 0
    for _round in range(ROUNDS):
        number = _work_some()
        worked += number
        if number < BATCH:
            break
    return worked


def work_at_once() -> None:
    """Where there are few tenants, whoever changed a feature sees at once what it means."""
    if Tenant.objects.count() <= AT_ONCE:
        work_due()


def catch_up() -> int:
    """Have the outlines of grids from before there were any. Answers how many."""
    made = coverage_profiles.make_missing()
    if made:
        ask_again(integrations__snapshot__coverage_digest__in=made)
    return len(made)


def answers(tenant: Tenant, *, for_customer: bool = False) -> list[Said]:
    """The answers of a tenant in words; to its own people those of public features, in words for them."""
    rows = Answer.objects.filter(tenant=tenant).select_related("feature").order_by("feature__name", "feature_id")
    if for_customer:
        rows = rows.filter(feature__is_public=True)
    found = list(rows.annotate(is_due=F("tenant__answers_due")))
    if any(row.is_due for row in found):  # it may tell of a tool that is somebody else's by now
        anew = _work_out([tenant.pk], [row.feature for row in found])
        return [_say(row.feature, *anew[tenant.pk, row.feature_id], for_customer) for row in found]
    return [_say(row.feature, row.verdict, [Lack(**one) for one in row.missing], for_customer) for row in found]


def verdict_name(verdict: str) -> str:
    """A verdict in words."""
    words: dict[str, str] = {
        Verdict.WORKS: _("Works"),
        Verdict.PARTLY: _("Works partly"),
        Verdict.NOT: _("Does not work"),
    }
    return words.get(verdict, _("Not known yet"))


def severity_of(verdict: str) -> str:
    """The badge of a verdict. Never that of something broken: it may have been like this all along."""
    signs: dict[str, str] = {Verdict.WORKS: "ok", Verdict.PARTLY: "working", Verdict.NOT: "attention"}
    return signs.get(verdict, "unknown")


def _work_some() -> int:
    due = Tenant.objects.filter(answers_due=True).order_by("pk")
    if not due.exists():
        return 0
    with transaction.atomic():
        # Several workers share what is due. A change that comes meanwhile waits, and is due again afterwards.
        mine = due.select_for_update(skip_locked=True, no_key=True)
        ids = list(mine.values_list("pk", flat=True)[:BATCH])
        Tenant.objects.filter(pk__in=ids).update(answers_due=False)
        _write(ids)
    return len(ids)


def _lack(datapoint: str, kind: str, grids: Iterable[Told]) -> Lack | None:
    said = [(told.reasons.get(datapoint, Other.ABSENT), told.tool) for told in grids]
    if any(reason == Reason.AVAILABLE for reason, _tool in said):
        return None
    reason, tool = min(said, key=lambda one: _ORDER.index(one[0]) if one[0] in _ORDER else _ORDER.index(Reason.UNCLEAR))
    return Lack(datapoint, str(reason), "" if reason == Other.ABSENT else tool, kind)


def _work_out(tenant_ids: Collection[int], features: list[Feature]) -> dict[tuple[int, int], tuple[str, list[Lack]]]:
    """The verdict of each feature for each tenant."""
    grids = _grids(tenant_ids, {one for feature in features for one in (*feature.needs, *feature.better_with)})
    return {(pk, feature.pk): judge(feature, grids[pk]) for pk in tenant_ids for feature in features}


def _grids(tenant_ids: Collection[int], wanted: set[str]) -> dict[int, list[Told]]:
    """What the grids of tenants say of some datapoints."""
    rows = Snapshot.objects.filter(integration__tenant__in=tenant_ids, removed_at=None).exclude(coverage_digest="")
    kept = Outline.objects.filter(pk__in=rows.values("coverage_digest")).iterator(chunk_size=50)
    known = {one.pk: {name: one.reasons[name] for name in wanted if name in one.reasons} for one in kept}
    columns = ("tool_label", "origin_id", "coverage_digest", "integration__confirmed_origin_id")
    rows = rows.select_related("integration__tenant").only(*columns, "integration__tenant__origin_id").order_by("pk")
    grids: dict[int, list[Told]] = {pk: [] for pk in tenant_ids}
    for row in rows:
        if row.coverage_digest in known and not is_withheld(row.integration, row):
            grids[row.integration.tenant_id].append(Told(row.tool_label, known[row.coverage_digest]))
    return grids


def _write(tenant_ids: list[int]) -> None:
    """Bring the stored answers of tenants to what they should be."""
    features = list(Feature.objects.all())
    known = {(row.tenant_id, row.feature_id): row for row in Answer.objects.filter(tenant__in=tenant_ids)}
    new, changed = [], []
    for (tenant_id, feature_id), (verdict, lacks) in _work_out(tenant_ids, features).items() if features else ():
        missing = [lack._asdict() for lack in lacks]
        row = known.get((tenant_id, feature_id))
        if row is None:
            new.append(Answer(tenant_id=tenant_id, feature_id=feature_id, verdict=verdict, missing=missing))
        elif (row.verdict, row.missing) != (verdict, missing):
            row.verdict, row.missing = verdict, missing
            changed.append(row)
    Answer.objects.bulk_create(new, batch_size=500)
    Answer.objects.bulk_update(changed, ["verdict", "missing"], batch_size=500)


def _say(feature: Feature, verdict: str, lacks: list[Lack], for_customer: bool) -> Said:
    missing = [_missing_of(lack, for_customer) for lack in lacks]
    return Said(
        name=feature.name,
        description=feature.description,
        verdict=str(verdict),
        badge=verdict_name(verdict),
        severity=severity_of(verdict),
        sentence=_sentence(verdict, missing, for_customer),
        missing=missing,
    )


def _sentence(verdict: str, missing: list[Missing], for_customer: bool) -> str:
    needed = sum(one.is_needed for one in missing)
    match verdict:
        case Verdict.WORKS:
            return _("Everything it needs is there.")
        case Verdict.PARTLY:
            said = ngettext(
                "It works, and would be better with %(n)s more.",
                "It works, and would be better with %(n)s more.",
                len(missing),
            )
            return said % {"n": len(missing)}
        case Verdict.NOT:
            said = ngettext("%(n)s thing that it needs is missing.", "%(n)s things that it needs are missing.", needed)
            return said % {"n": needed}
    if missing:
        return _("It is not known yet whether everything it needs is there.")
    return _("Nothing has been read yet.") if for_customer else _("No grid is known yet.")


def _missing_of(lack: Lack, for_customer: bool) -> Missing:
    why, who = (
        _for_customer(lack)
        if for_customer
        else (datapoints.why(lack.reason, lack.tool), datapoints.who(lack.reason, lack.tool))
    )
    return Missing(lack.datapoint, datapoints.label(lack.datapoint), lack.kind == NEED, why, who)


def _for_customer(lack: Lack) -> tuple[str, str]:
    """Why, and who can change it, as in the grid that the customer knows."""
    vendor = settings.VENDOR_NAME
    if lack.reason == Other.ABSENT:
        return _("No connected tool gives this"), ""
    reason = Reason(lack.reason) if lack.reason in list(Reason) else Reason.UNCLEAR
    field = Field(lack.datapoint, lack.datapoint, "", reason, optional=False, is_action=False)
    can_change = _("%(vendor)s can change this") % {"vendor": vendor} if reason is Reason.NOT_REQUESTED else ""
    return coverage.explain(field, tool=lack.tool or _("Your tool"), vendor=vendor), can_change

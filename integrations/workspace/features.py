"""The vendor's features, and for which tenants they work: what each needs, what is there, and why
not.

A datapoint is there if any integration of the tenant has it available. Integrations that were
removed do not count, nor what the mapping guard holds back. What is not there has the first of
these reasons that any integration gives:

| reason | means | a need like this makes the answer |
|---|---|---|
| `unknown` | Kombo does not know yet | `unknown` |
| `opted_out` | the customer can change it | `not` |
| `not_requested` | the vendor can change it | `not` |
| `unclear` | Kombo does not say | `not` |
| `not_implemented` | Kombo can change it | `not` |
| `unsupported` | nobody can: the tool lacks it | `not` |
| `absent` | no grid lists it | `not` |

`not` wins over `unknown`. If every need is there: `partly` if anything is missing that it would be
better with, whatever the reason, else `works`. With no grid at all: `unknown`.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import transaction

from integrations.access.mapping_guard import is_withheld
from integrations.domain.coverage import Reason
from integrations.domain.events import MappingChanged, SnapshotChanged
from integrations.models import (
    CoverageProfile,
    Feature,
    FeatureAnswer,
    Snapshot,
    Tenant,
)
from integrations.upstream import coverage_profiles, snapshots
from integrations.workspace.datapoints import NoReason

NEED = "need"
BETTER = "better"
# tenants in a transaction, and transactions in a row
BATCH = 50
ROUNDS = 10
AT_ONCE = 200  # so many tenants are worked out while whoever changed a feature waits
_ORDER: list[str] = [
    *(
        Reason.UNKNOWN,
        Reason.OPTED_OUT,
        Reason.NOT_REQUESTED,
        Reason.UNCLEAR,
        Reason.MODEL_UNAVAILABLE,
    ),
    *(Reason.NOT_IMPLEMENTED, Reason.UNSUPPORTED, NoReason.ABSENT),
]


class Verdict(StrEnum):
    """Does a feature work for a tenant?"""

    WORKS = "works"
    PARTLY = "partly"
    NOT = "not"
    UNKNOWN = "unknown"


class MissingDatapoint(NamedTuple):
    """A datapoint that is not there: what it is to the feature, why, and in which tool."""

    datapoint: str
    reason: str
    tool: str
    kind: str


class ToolCoverage(NamedTuple):
    """An integration's tool, and the reasons of its grid."""

    tool: str
    reasons: dict[str, str]


def evaluate(
    feature: Feature, grids: Sequence[ToolCoverage]
) -> tuple[Verdict, list[MissingDatapoint]]:
    """Return whether a feature works with these grids of a tenant, and the datapoints it lacks."""
    if not grids:
        return Verdict.UNKNOWN, []
    wanted = [(NEED, need) for need in feature.needs] + [
        (BETTER, datapoint) for datapoint in feature.better_with
    ]
    lacks = [lack for kind, datapoint in wanted if (lack := _missing(datapoint, kind, grids))]
    needed = {lack.reason for lack in lacks if lack.kind == NEED}
    if needed - {Reason.UNKNOWN}:
        return Verdict.NOT, lacks
    if needed:
        return Verdict.UNKNOWN, lacks
    return (Verdict.PARTLY if lacks else Verdict.WORKS), lacks


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Have the answers of a tenant worked out anew if what one of its integrations offers may be
    another.
    """
    if event.columns & {"coverage_digest", "removed_at", "origin_id"}:
        mark_stale(integrations=event.snapshot.pk)


def on_mapping_changed(event: MappingChanged) -> None:
    """Have the answers of the tenants worked out anew that integrations came to, or left: until
    then nothing is known of those that they left, whose answers name what was there.
    """
    if event.left:
        FeatureAnswer.objects.filter(tenant__in=event.left).update(
            verdict=Verdict.UNKNOWN, missing=[]
        )
        mark_stale(pk__in=event.left)
    for start in range(0, len(event.integration_ids), snapshots.BATCH):
        mark_stale(integrations__in=event.integration_ids[start : start + snapshots.BATCH])


def mark_stale(**lookups: Any) -> None:
    """Have the answers of tenants worked out anew: of those that `lookups` find, else of all.

    Writes rows that are marked already too: so it waits for whoever works their answers out now,
    from what was before.
    """
    Tenant.objects.filter(**lookups).update(answers_due=True)


def evaluate_stale() -> int:
    """Work out answers that are due, some at a time. Return for how many tenants."""
    worked = 0
    for _round in range(ROUNDS):
        number = _evaluate_some()
        worked += number
        if number < BATCH:
            break
    return worked


def evaluate_now() -> None:
    """Where there are few tenants, whoever changed a feature sees at once what it means."""
    if Tenant.objects.count() <= AT_ONCE:
        evaluate_stale()


def create_missing_profiles() -> int:
    """Have the coverage profiles of grids from before there were any. Return how many."""
    digests = coverage_profiles.create_missing()
    if digests:
        mark_stale(integrations__snapshot__coverage_digest__in=digests)
    return len(digests)


def _evaluate_some() -> int:
    due = Tenant.objects.filter(answers_due=True).order_by("pk")
    if not due.exists():
        return 0
    with transaction.atomic():
        # Several workers share what is due. A change that comes meanwhile waits, and is due again
        # afterwards.
        claimed = due.select_for_update(skip_locked=True, no_key=True)
        ids = list(claimed.values_list("pk", flat=True)[:BATCH])
        Tenant.objects.filter(pk__in=ids).update(answers_due=False)
        _write(ids)
    return len(ids)


def _missing(datapoint: str, kind: str, grids: Iterable[ToolCoverage]) -> MissingDatapoint | None:
    reasons = [(grid.reasons.get(datapoint, NoReason.ABSENT), grid.tool) for grid in grids]
    if any(reason == Reason.AVAILABLE for reason, _tool in reasons):
        return None
    reason, tool = min(
        reasons,
        key=lambda pair: (
            _ORDER.index(pair[0]) if pair[0] in _ORDER else _ORDER.index(Reason.UNCLEAR)
        ),
    )
    return MissingDatapoint(datapoint, str(reason), "" if reason == NoReason.ABSENT else tool, kind)


def evaluate_all(
    tenant_ids: Collection[int], features: list[Feature]
) -> dict[tuple[int, int], tuple[str, list[MissingDatapoint]]]:
    """The verdict of each feature for each tenant."""
    grids = _coverage_of(
        tenant_ids,
        {datapoint for feature in features for datapoint in (*feature.needs, *feature.better_with)},
    )
    return {
        (pk, feature.pk): evaluate(feature, grids[pk]) for pk in tenant_ids for feature in features
    }


def _coverage_of(tenant_ids: Collection[int], wanted: set[str]) -> dict[int, list[ToolCoverage]]:
    """Return the coverage of some datapoints in each of a tenant's tools, by its primary key."""
    rows = Snapshot.objects.filter(integration__tenant__in=tenant_ids, removed_at=None).exclude(
        coverage_digest=""
    )
    profiles = CoverageProfile.objects.filter(pk__in=rows.values("coverage_digest")).iterator(
        chunk_size=50
    )
    known = {
        profile.pk: {name: profile.reasons[name] for name in wanted if name in profile.reasons}
        for profile in profiles
    }
    columns = ("tool_label", "origin_id", "coverage_digest", "integration__confirmed_origin_id")
    rows = (
        rows.select_related("integration__tenant")
        .only(*columns, "integration__tenant__origin_id")
        .order_by("pk")
    )
    grids: dict[int, list[ToolCoverage]] = {pk: [] for pk in tenant_ids}
    for row in rows:
        if row.coverage_digest in known and not is_withheld(row.integration, row):
            grids[row.integration.tenant_id].append(
                ToolCoverage(row.tool_label, known[row.coverage_digest])
            )
    return grids


def _write(tenant_ids: list[int]) -> None:
    """Bring the stored answers of tenants to what they should be."""
    features = list(Feature.objects.all())
    known = {
        (row.tenant_id, row.feature_id): row
        for row in FeatureAnswer.objects.filter(tenant__in=tenant_ids)
    }
    new = []
    changed = []
    for (tenant_id, feature_id), (verdict, lacks) in (
        evaluate_all(tenant_ids, features).items() if features else ()
    ):
        missing = [lack._asdict() for lack in lacks]
        row = known.get((tenant_id, feature_id))
        if row is None:
            new.append(
                FeatureAnswer(
                    tenant_id=tenant_id, feature_id=feature_id, verdict=verdict, missing=missing
                )
            )
        elif (row.verdict, row.missing) != (verdict, missing):
            row.verdict = verdict
            row.missing = missing
            changed.append(row)
    FeatureAnswer.objects.bulk_create(new, batch_size=500)
    FeatureAnswer.objects.bulk_update(changed, ["verdict", "missing"], batch_size=500)

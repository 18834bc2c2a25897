"""Which of the vendor's features hang on one connection: what another tool that works has too holds
up none.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from integrations.domain.coverage import Reason
from integrations.domain.headline import Key
from integrations.models import CoverageProfile, FeatureAnswer, Integration, Summary, Tenant
from integrations.workspace.features import Verdict

_DELIVERING = [Key.CONNECTED, Key.UPDATING, Key.DEGRADED]


def on_hold(tenant: Tenant, digests: Collection[str]) -> dict[str, list[str]]:
    """Return the names of a tenant's public features that need data of these grids while nothing
    new comes in by them, by coverage digest.
    """
    return _needing(tenant, digests, _delivering(tenant)) if digests else {}


def carried_alone(integration: Integration) -> list[str]:
    """Return the names of the tenant's public features that need data of this integration which no
    other one has that works.
    """
    digest = integration.snapshot.coverage_digest
    if not digest:
        return []
    others = _delivering(integration.tenant).exclude(pk=integration.pk)
    return _needing(integration.tenant, [digest], others)[digest]


def _delivering(tenant: Tenant) -> QuerySet[Summary]:
    working = Summary.objects.filter(tenant=tenant, headline__in=_DELIVERING)
    return working.exclude(coverage_digest="")


def _needing(
    tenant: Tenant, digests: Collection[str], working: QuerySet[Summary]
) -> dict[str, list[str]]:
    """Return the names of the public features that need data of these grids and of none that
    works, by coverage digest.
    """
    elsewhere = set(working.values_list("coverage_digest", flat=True))
    reasons: dict[str, Any] = {
        profile.pk: profile.reasons
        for profile in CoverageProfile.objects.filter(pk__in={*digests, *elsewhere})
    }
    answers = FeatureAnswer.objects.filter(
        tenant=tenant, feature__is_public=True, verdict__in=[Verdict.WORKS, Verdict.PARTLY]
    )
    needs = {
        answer.feature.name: [
            need
            for need in answer.feature.needs
            if not any(_has(reasons.get(digest), need) for digest in elsewhere)
        ]
        for answer in answers.select_related("feature").order_by("feature__name")
    }
    return {
        digest: [
            name
            for name, needed in needs.items()
            if any(_has(reasons.get(digest), n) for n in needed)
        ]
        for digest in digests
    }


def _has(reasons: dict[str, str] | None, datapoint: str) -> bool:
    return reasons is not None and reasons.get(datapoint) == Reason.AVAILABLE

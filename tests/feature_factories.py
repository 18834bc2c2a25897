"""Tenants whose grids are made by hand, and features that need something of them."""

import hashlib
import json

from integrations.access.audit import COMMAND
from integrations.models import (
    CoverageProfile,
    Feature,
    FeatureAnswer,
    Integration,
    Snapshot,
    Tenant,
)
from integrations.tenants import mapping
from integrations.workspace import feature_editor, features, summaries
from integrations.workspace.feature_editor import FeatureDraft


def give(
    tenant: Tenant, reasons: dict[str, str] | None, *, tool: str = "Personio", **columns: object
) -> Integration:
    """Map an integration whose grid has these reasons; with None there is no grid yet."""
    made = mapping.create(tenant, f"personio:{Integration.objects.count()}")
    digest = (
        ""
        if reasons is None
        else hashlib.blake2s(json.dumps(reasons).encode(), digest_size=8).hexdigest()
    )
    if reasons is not None:
        CoverageProfile.objects.get_or_create(digest=digest, defaults={"reasons": reasons})
    told = {"tool_label": tool, "origin_id": tenant.origin_id, "coverage_digest": digest} | columns
    Snapshot.objects.filter(pk=made.pk).update(**told)
    summaries.recompute([made.pk])
    return made


def declare(
    needs: str = "hris_employees.manager_id",
    better_with: str = "",
    *,
    name: str = "Org chart",
    is_public: bool = False,
) -> Feature:
    """A feature that needs these datapoints, divided by spaces."""
    lines = "\n".join(needs.split()), "\n".join(better_with.split())
    return feature_editor.save(None, FeatureDraft(name, "", *lines, is_public), COMMAND)


def answer(tenant: Tenant) -> FeatureAnswer:
    """The only answer of a tenant, after all that is due was worked out."""
    while features.evaluate_stale():
        continue
    return FeatureAnswer.objects.get(tenant=tenant)

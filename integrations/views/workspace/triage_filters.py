"""The filters of the account managers' list: what each offers, and which are on."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.access import permissions
from integrations.models import Feature, Tenant
from integrations.views.customer import cards
from integrations.views.workspace.outages import may_release
from integrations.workspace import (
    feature_text,
    features,
    outages,
    staff_actions,
    triage,
    triage_counts,
)
from integrations.workspace.summaries import headline_name
from integrations.workspace.triage_filter import TriageFilter

MOST_TENANTS = 100  # that a field of choices offers
CATEGORIES = ("HRIS", "ATS", "ASSESSMENT", "LMS")


def choices(user: User, state: TriageFilter, counted: int | None) -> dict[str, Any]:
    """Return the template's context for what stands above the list: what filters offer, and the
    outages. `counted` is how many integrations there are, if they were counted.
    """
    open_outages = outages.open_outages()
    tenants = list(permissions.tenants_for_staff(user)[: MOST_TENANTS + 1])
    is_short = len(tenants) <= MOST_TENANTS
    sees_all = permissions.sees_every_tenant(user)
    owners = staff_actions.owners() if sees_all else ()
    environments = list(settings.KOMBO_ENVIRONMENTS)
    return {
        "headlines": [(key, headline_name(key)) for key in triage.ORDER],
        "tools": [(name, name) for name in triage.tools(user)],
        "categories": [(name, cards.category_name(name)) for name in CATEGORIES],
        "tenants": [(one.public_id, one.name) for one in tenants] if is_short else [],
        "tenant_id": next((one.public_id for one in tenants if _is_meant(one, state.tenant)), ""),
        "environments": [(name, name) for name in environments] if len(environments) > 1 else [],
        "owners": [(owner.username, staff_actions.name_of(owner)) for owner in owners],
        "verdicts": [(verdict, feature_text.verdict_name(verdict)) for verdict in features.Verdict],
        "outages": open_outages,
        "is_past_outage": state.outage not in {"", "any", *(one.id for one in open_outages)},
        "may_release": may_release(user),
        "scope_counts": triage_counts.scope_counts(user, counted) if sees_all else {},
    }


def _is_meant(tenant: Tenant, by: str) -> bool:
    return by in {tenant.public_id, tenant.origin_id}


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter that is on: its name, what it asks for, and the address of the list without it."""

    name: str
    value: str
    url: str


def active(user: User, state: TriageFilter, feature: Feature | None) -> list[ActiveFilter]:
    """Return the filters that are on, but for group and search, which show themselves."""
    texts = {
        "headline": (_("Status"), headline_name(state.headline)),
        "tool": (_("Tool"), state.tool),
        "category": (_("Category"), cards.category_name(state.category)),
        "tenant": (_("Customer"), _tenant_name(user, state.tenant)),
        "owner": (_("Account manager"), _owner_name(state.owner)),
        "environment": (_("Environment"), state.environment),
        "feature": (_("Feature"), feature.name if feature else state.feature),
        "answer": (_("Result"), feature_text.verdict_name(state.answer)),
        "untold": (_("Customer not notified"), ""),
        "snoozed": (_("Snoozed"), ""),
        "beta": (_("Beta"), ""),
        "outage": (_("Outage"), _outage_name(state.outage) if state.outage else ""),
    }
    return [
        ActiveFilter(name, value, state.query(**{field: ""} | _WITH.get(field, {})))
        for field, (name, value) in texts.items()
        if getattr(state, field)
    ]


_WITH = {"feature": {"answer": ""}}
"""What goes with a filter."""


def _tenant_name(user: User, tenant_id: str) -> str:
    """Return what a tenant is called; what was asked for, if there is none such."""
    if not tenant_id:
        return ""
    named = Q(public_id=tenant_id) | Q(origin_id=tenant_id)
    tenant = permissions.tenants_for_staff(user).filter(named).first()
    return tenant.name if tenant else tenant_id


def _outage_name(outage: str) -> str:
    """Return which outage is asked for, in words."""
    if outage == "any":
        return _("Any open outage")
    return next(
        (known.tool for known in outages.open_outages() if known.id == outage), _("A past outage")
    )


def _owner_name(username: str) -> str:
    """Return an account manager's name; what was asked for, if there is none such."""
    if username in {"", "nobody"}:
        return _("Unassigned") if username else ""
    owner = staff_actions.owners().filter(username=username).first()
    return staff_actions.name_of(owner) if owner else username

"""What a name leads to, wherever in the workspace somebody is: customers, integrations, tools."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from integrations.access import permissions
from integrations.models import Summary, Tenant
from integrations.workspace import summaries, triage
from integrations.workspace.triage_filter import TriageFilter

MOST_CUSTOMERS = 5
MOST_INTEGRATIONS = 8
MOST_TOOLS = 3
MOST_LOOKED_AT = 200  # customers: a word may be a tool's that all of them have


@dataclass(frozen=True, slots=True)
class Findings:
    """What somebody may see of what a text names, the most urgent integrations first."""

    customers: list[Tenant]
    integrations: list[Summary]
    tools: list[str]


def find(user: User, text: str) -> Findings:
    """Return what has words that begin like those of a text. Raises Http404."""
    words = summaries.search_words(text)[: triage.MOST_WORDS]
    if not words:
        return Findings([], [], [])
    rows = triage.search(permissions.summaries_for_staff(user), text)
    order = ("rank", "since", "pk")
    # Which they are first, of what may be many: an index has all that is compared.
    first = Summary.objects.filter(pk__in=rows.order_by(*order).values("pk")[:MOST_INTEGRATIONS])
    integrations = first.select_related("tenant", "integration").order_by(*order)
    tools = [tool for tool in triage.tools(user) if triage.has_words(tool, words)]
    return Findings(
        _customers(user, text, words),
        list(integrations),
        tools[:MOST_TOOLS],
    )


def _customers(user: User, text: str, words: list[str]) -> list[Tenant]:
    """Those that are called so, by name, with those that have no integration yet."""
    rows = triage.search(permissions.summaries_for_staff(user), text)
    tenants = permissions.tenants_for_staff(user).filter(pk__in=rows.values("tenant"))
    named = [
        tenant
        for tenant in tenants[:MOST_LOOKED_AT]
        if triage.has_words(f"{tenant.name} {tenant.origin_id}", words)
    ]
    bare = triage.without_integrations(user, TriageFilter(q=text))
    return sorted([*named, *bare], key=lambda tenant: tenant.name.casefold())[:MOST_CUSTOMERS]

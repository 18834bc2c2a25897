"""The account managers' list of customers, those of the worst status first, with those that have
nothing connected yet.

What it sorts by is in an index of the integrations' short rows; what it shows is read for the
customers of one page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.access import permissions
from integrations.models import NEVER, FeatureAnswer, Summary, Tenant
from integrations.tenants import attempts
from integrations.workspace import summaries, triage
from integrations.workspace.features import Verdict

PER_PAGE = 50
MOST_NAMED = 1000  # customers without integrations that a search finds
MOST_TOOLS = 6  # whose logos a row shows
SORTS = ("", "name")
_NOTHING = 9  # the rank of a customer without integrations: after all others


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What of the list somebody asked for; all of it stands in the page's address."""

    scope: str = ""  # "mine" or "all"; empty for whichever suits
    q: str = ""
    sort: str = ""  # one of SORTS; empty for the worst first

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "CustomerFilter":
        """Read an address; nothing asked for is endless."""
        sort = query.get("sort", "")
        return cls(
            scope=query.get("scope", ""),
            q=query.get("q", "").strip()[:100],
            sort=sort if sort in SORTS else "",
        )

    def query(self, **changes: str) -> str:
        """Return the same with some of it changed, as the query of an address."""
        changed = replace(self, **changes)
        pairs = {"scope": changed.scope, "q": changed.q, "sort": changed.sort}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@dataclass(frozen=True, slots=True)
class ToolCount:
    """A tool of a customer: how many integrations it has, and the key of its logo."""

    tool: str
    logo_key: str
    number: int


@dataclass(slots=True)
class Customer:
    """A customer as the list shows it; without integrations, `worst` is None."""

    tenant: Tenant
    worst: Summary | None
    tools: list[ToolCount] = field(default_factory=list)
    contacted_at: datetime | None = None
    failing_features: int = 0
    attempts: int = 0  # to connect something, of which nothing came yet


def scoped(user: User, state: CustomerFilter) -> tuple[CustomerFilter, QuerySet[Tenant]]:
    """Whose customers are listed: one's own, or with the permission all. Raises Http404."""
    tenants = permissions.tenants_for_staff(user)
    if not permissions.sees_every_tenant(user):
        return replace(state, scope="mine"), tenants
    if state.scope not in {"mine", "all"}:
        owns = tenants.filter(owner=user).exists()
        state = replace(state, scope="mine" if owns else "all")
    return state, tenants.filter(owner=user) if state.scope == "mine" else tenants


def keys(tenants: QuerySet[Tenant], state: CustomerFilter) -> QuerySet[Tenant, int]:
    """Return the primary keys of those that a search finds, in the list's order, to be paged."""
    if state.q:
        tenants = _search(tenants, state.q)
    if state.sort == "name":
        return tenants.order_by("name", "pk").values_list("pk", flat=True)
    of_tenant = Summary.objects.filter(tenant=OuterRef("pk")).order_by("rank")
    rank = Coalesce(Subquery(of_tenant.values("rank")[:1]), _NOTHING)
    return tenants.order_by(rank, "name", "pk").values_list("pk", flat=True)


def read(pks: list[int]) -> list[Customer]:
    """Return some customers by their primary keys, in their order, in as many queries for any
    number of integrations.
    """
    rows = Summary.objects.filter(tenant__in=pks)
    first = Summary.objects.filter(tenant=OuterRef("pk")).order_by("rank", "since", "pk")
    worst = Summary.objects.filter(
        pk__in=Tenant.objects.filter(pk__in=pks).values(first=Subquery(first.values("pk")[:1]))
    )
    worst_of = {row.tenant_id: row for row in worst}
    known = Tenant.objects.select_related("owner").in_bulk(pks)
    found = {pk: Customer(known[pk], worst_of.get(pk)) for pk in pks if pk in known}
    tools = rows.values("tenant", "tool", "integration__snapshot__logo")
    for tool in tools.annotate(number=Count("pk"), worst=Min("rank")).order_by("worst", "tool"):
        logo_key = str(tool["integration__snapshot__logo"] or "")
        found[tool["tenant"]].tools.append(ToolCount(tool["tool"], logo_key, tool["number"]))
    contacted = rows.order_by().values_list("tenant").annotate(Max("contacted_at"))
    for pk, at in contacted:
        found[pk].contacted_at = None if at == NEVER else at
    failing = FeatureAnswer.objects.filter(tenant__in=pks, verdict=Verdict.NOT)
    for pk, number in failing.order_by().values_list("tenant").annotate(Count("pk")):
        found[pk].failing_features = number
    begun = attempts.unfinished(timezone.now()).filter(tenant__in=pks).order_by()
    for pk, number in begun.values_list("tenant").annotate(Count("pk")):
        found[pk].attempts = number
    return list(found.values())


def _search(tenants: QuerySet[Tenant], text: str) -> QuerySet[Tenant]:
    """Those whose integrations a search of these finds, and by name or origin ID those that have
    none.
    """
    words = summaries.search_words(text)[: triage.MOST_WORDS]
    if not words:
        return tenants.none()
    listed = Summary.objects.filter(tenant=OuterRef("pk"))
    bare = tenants.filter(~Exists(listed)).values_list("pk", "name", "origin_id")
    named = [
        pk for pk, name, origin_id in bare.iterator() if _is_named(f"{name} {origin_id}", words)
    ][:MOST_NAMED]
    found = triage.search(Summary.objects.all(), text)
    return tenants.filter(Q(pk__in=found.values("tenant")) | Q(pk__in=named))


def _is_named(text: str, words: list[str]) -> bool:
    """Whether a text has words that begin like all of these."""
    known = summaries.search_words(text)
    return all(any(name.startswith(word) for name in known) for word in words)

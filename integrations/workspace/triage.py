"""The list of all integrations that account managers begin the day with: who is broken, since when,
who acts.

Everything it filters, sorts and counts by is in one narrow table, so that it stays quick however
many there are.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from django.contrib.auth.models import User
from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.access import permissions
from integrations.access.grants import Person
from integrations.database.prepared import Prepared
from integrations.domain.headline import UNCONFIRMED, Key, Severity, severity_of, staff_severity
from integrations.models import (
    Feature,
    FeatureAnswer,
    Integration,
    Logo,
    Summary,
    Tenant,
    Word,
)
from integrations.workspace import listed, outages, summaries
from integrations.workspace.listed import Listed
from integrations.workspace.triage_filter import BY_URGENCY, SORTS, TriageFilter

PER_PAGE = 50
MOST_AT_ONCE = 1000  # integrations that one bulk act takes
MOST_WORDS = 5  # of a search
MOST_BARE = 50  # tenants without integrations

URGENT = summaries.RANKS[Severity.ACTION_REQUIRED]
ORDER = [
    *(
        Key.RECONNECT_REQUIRED,
        Key.SIGN_IN_FAILING,
        Key.SETUP_INCOMPLETE,
        Key.REMOVED,
        Key.PAUSED,
        Key.DEGRADED,
    ),
    *(UNCONFIRMED, Key.UNRECOGNISED, Key.PENDING, Key.QUALITY_CHECK, Key.FIRST_SYNC, Key.UPDATING),
    Key.CONNECTED,
]
"""The headlines as the filter offers them, the broken first."""
_CUSTOMERS_TURN = [key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED]


def scoped(user: User, state: TriageFilter) -> tuple[TriageFilter, QuerySet[Summary]]:
    """Whose integrations are listed: one's own, or with the permission those of all. Raises
    Http404.
    """
    rows = permissions.summaries_for_staff(user)
    if not permissions.sees_every_tenant(user):
        return replace(state, scope="mine"), rows
    if state.scope not in {"mine", "all"}:
        owns = rows.filter(owner=user).exists()
        state = replace(state, scope="mine" if owns else "all")
    return state, rows.filter(owner=user) if state.scope == "mine" else rows


def narrow(
    rows: QuerySet[Summary], state: TriageFilter, *, in_turn: bool = False
) -> QuerySet[Summary]:
    """Keep what every filter but those by headline and group leaves.

    `in_turn` asks of each row whether it has the words of a search and its tenant the answer of a
    feature, instead of looking up which rows do: sooner, where a page of many is wanted.
    """
    exact = {"tool": state.tool, "category": state.category, "environment": state.environment}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if state.tenant:
        rows = rows.filter(Q(tenant__public_id=state.tenant) | Q(tenant__origin_id=state.tenant))
    if state.owner:
        rows = rows.filter(
            _is_nobodys() if state.owner == "nobody" else Q(owner__username=state.owner)
        )
    if state.beta:
        rows = rows.filter(beta=True)
    if state.untold:
        waiting = rows.filter(rank__in=[URGENT, summaries.SNOOZED], headline__in=_CUSTOMERS_TURN)
        rows = waiting.filter(contacted_at__lt=F("since"))
    if state.snoozed:
        rows = rows.filter(snoozed_until__gt=timezone.now())
    if state.outage:
        rows = rows.filter(pk__in=outages.affected(state.outage).values("integration"))
    if state.feature:
        answers = FeatureAnswer.objects.filter(feature__public_id=state.feature)
        if state.answer:
            answers = answers.filter(verdict=state.answer)
        here = Exists(answers.filter(tenant=OuterRef("tenant")))
        rows = rows.filter(here if in_turn else Q(tenant__in=answers.values("tenant")))
    return search(rows, state.q, in_turn=in_turn) if state.q else rows


def _is_nobodys() -> Q:
    """Return the condition for rows without an account manager, or with one who has left."""
    gone = User.objects.filter(
        Q(is_active=False) | Q(is_staff=False), pk__in=Tenant.objects.values("owner")
    )
    return Q(owner=None) | Q(owner__in=list(gone.values_list("pk", flat=True)))


def search(rows: QuerySet[Summary], text: str, *, in_turn: bool = False) -> QuerySet[Summary]:
    """Those that have words which begin like those of a text.

    The longest, which few have, is looked up, or with `in_turn` asked for; the rest is compared.
    """
    words = summaries.search_words(text)[:MOST_WORDS]
    if not words:
        return rows.none()
    for number, word in enumerate(sorted(words, key=len, reverse=True)):
        if number:
            rows = rows.filter(words__contains=f" {word}")
        else:
            first = word.encode()
            matches = Word.objects.filter(word__gte=first, word__lt=first + b"\xff")
            here = Exists(matches.filter(summary=OuterRef("pk")))
            rows = rows.filter(here if in_turn else Q(pk__in=matches.values("summary")))
    return rows


def ordered(rows: QuerySet[Summary], state: TriageFilter) -> QuerySet[Summary]:
    """The list under the chosen headline and group, in the chosen order."""
    if state.headline:
        rows = rows.filter(headline=state.headline)
    if state.group:
        rows = _of_group(rows, Severity(state.group))
    return _as_shown(rows, state.sort or "since")


def _of_group(rows: QuerySet[Summary], severity: Severity) -> QuerySet[Summary]:
    """Those of a severity, by rank, which the indices begin with; only what is snoozed has to be
    told apart by its headline.
    """
    rank = summaries.RANKS[severity]
    if rank > summaries.SNOOZED:
        return rows.filter(rank=rank)
    headlines = [key for key in ORDER if staff_severity(key) is severity]
    return rows.filter(rank__in=[rank, summaries.SNOOZED], headline__in=headlines)


def _as_shown(rows: QuerySet[Summary], by: str) -> QuerySet[Summary]:
    sort = SORTS[by]
    order: tuple[str | OrderBy, ...] = ("rank", sort) if by in BY_URGENCY else (sort,)
    if by == "check":  # not in the narrow row, which each check would write then
        rows = rows.filter(integration__snapshot__isnull=False)  # all, joined from either side
        order = (F(sort).asc(nulls_first=True),)
    return rows.order_by(*order, "pk")


def page(rows: QuerySet[Summary], state: TriageFilter) -> list[Listed]:
    """One page of an ordered list."""
    start = (state.number - 1) * PER_PAGE
    # Which they are first: else a database may join all of a filter before it takes a page.
    ids = list(rows.values_list("pk", flat=True)[start : start + PER_PAGE])
    return listed.read(_ROWS[state.sort or "since"](ids))


# The rows of a page by their primary keys, for each order.
_ROWS = {
    by: Prepared(
        lambda ids, by=by: listed.columns_of(_as_shown(Summary.objects.filter(pk__in=ids), by))
    )
    for by in SORTS
}


def without_integrations(user: User, state: TriageFilter) -> list[Tenant]:
    """The tenants that have none, by name, as far as scope, owner and search find them: whoever
    asks for anything else asks for integrations. Raises Http404.
    """
    other_filters = replace(state, scope="", sort="", page="", q="", tenant="", owner="")
    if other_filters != TriageFilter() or state.number > 1:
        return []
    integrations = Integration.objects.filter(tenant=OuterRef("pk"))
    tenants = permissions.tenants_for_staff(user).filter(~Exists(integrations))
    if state.scope == "mine":
        tenants = tenants.filter(owner=user)
    if state.tenant:
        tenants = tenants.filter(Q(public_id=state.tenant) | Q(origin_id=state.tenant))
    if state.owner:
        tenants = tenants.filter(
            _is_nobodys() if state.owner == "nobody" else Q(owner__username=state.owner)
        )
    if not state.q:
        return list(tenants[:MOST_BARE])
    words = summaries.search_words(state.q)[:MOST_WORDS]
    named = (
        tenant
        for tenant in tenants.iterator()
        if words and has_words(f"{tenant.name} {tenant.origin_id}", words)
    )
    return list(islice(named, MOST_BARE))


def has_words(text: str, beginnings: list[str]) -> bool:
    """Whether a text has words that begin like all of these."""
    known = summaries.search_words(text)
    return all(any(word.startswith(beginning) for word in known) for beginning in beginnings)


def selected(user: Person, public_ids: list[str]) -> list[Integration]:
    """The integrations that somebody ticked, as far as they are theirs. Raises Http404."""
    named = permissions.summaries_for_staff(user).filter(
        integration__public_id__in=public_ids[:MOST_AT_ONCE]
    )
    return _integrations(named)


def matching(user: User, state: TriageFilter) -> list[Integration]:
    """The integrations that a whole list has, up to a bound. Raises Http404."""
    state, rows = scoped(user, state)
    return _integrations(ordered(narrow(rows, state), state)[:MOST_AT_ONCE])


def _integrations(rows: QuerySet[Summary]) -> list[Integration]:
    wanted = Integration.objects.filter(pk__in=[row.pk for row in rows])
    return list(wanted.select_related("tenant", "snapshot").without_grid())


def rows_of(user: User, state: TriageFilter) -> Iterator[Listed]:
    """A whole list, row by row as the database gives them. Raises Http404."""
    state, rows = scoped(user, state)
    found = listed.columns_of(ordered(narrow(rows, state), state))
    return map(Listed._make, found.iterator(chunk_size=500))


# --- What the filters offer ---


def tools(user: User) -> list[str]:
    """The names of the tools that somebody's customers have.

    Whoever sees all is told of every one ever seen.
    """
    if permissions.sees_every_tenant(user):
        labels = set(Logo.objects.values_list("label", flat=True))  # far fewer rows
    else:
        labels = set(
            permissions.summaries_for_staff(user)
            .values_list("tool", flat=True)
            .distinct()
            .order_by()
        )
    return sorted(labels - {""}, key=str.casefold)


def answers(rows: list[Listed], feature: Feature) -> dict[int, FeatureAnswer]:
    """Return a feature's answers for the tenants of some rows, by the tenant's primary key."""
    matches = FeatureAnswer.objects.filter(
        feature=feature, tenant__in={row.tenant_pk for row in rows}
    )
    return {answer.tenant_id: answer for answer in matches}


def verdicts(feature_id: str) -> dict[int, str]:
    """Return a feature's verdicts by the tenant's primary key."""
    answers = FeatureAnswer.objects.filter(feature__public_id=feature_id)
    return dict(answers.values_list("tenant", "verdict"))


def features() -> list[Feature]:
    """The vendor's features, by name."""
    return _features()


@Prepared
def _features() -> QuerySet[Feature]:
    return Feature.objects.all()

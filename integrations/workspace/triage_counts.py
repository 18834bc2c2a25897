"""How many integrations the account managers' list has, by headline, group and rank."""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet

from integrations.access import permissions
from integrations.domain.headline import Key, Severity, staff_severity
from integrations.models import Summary
from integrations.workspace import summaries, triage
from integrations.workspace.triage_filter import TriageFilter

MANY = 5000  # found by a feature or a search


@dataclass(frozen=True, slots=True)
class TriageCounts:
    """How many integrations a list has under each headline and rank."""

    by_state: Counter[tuple[str, int]]

    @property
    def total(self) -> int:
        return self.by_state.total()

    @property
    def broken(self) -> int:
        """How many are broken and awake."""
        return sum(n for (_key, rank), n in self.by_state.items() if rank in summaries.BROKEN)

    def by_group(self) -> Counter[str]:
        """How many there are of each severity."""
        counts = Counter[str]()
        for (headline, _rank), number in self.by_state.items():
            counts[staff_severity(headline)] += number
        return counts

    def by_rank(self, state: TriageFilter) -> Counter[int]:
        """How many of each rank headline and group leave."""
        counts = Counter[int]()
        for (headline, rank), number in self.by_state.items():
            if shows(state, headline):
                counts[rank] += number
        return counts


def count(rows: QuerySet[Summary]) -> TriageCounts:
    """Count a list, in one query."""
    found = rows.values_list("headline", "rank").annotate(number=Count("*")).order_by()
    return TriageCounts(Counter({(key, rank): number for key, rank, number in found}))


def narrowed(
    rows: QuerySet[Summary], state: TriageFilter
) -> tuple[QuerySet[Summary], TriageCounts]:
    """Return what all filters but those by headline and group leave, to take a page of, and its
    counts. All there are, and those by a feature, are counted in two queries.
    """
    found = triage.narrow(rows, state)
    if state.counts_all:
        return found, _count_most(found, found.count())
    number = found.count() if state.feature else 0
    counts = count(found) if number <= MANY else None
    if counts and counts.total <= MANY:
        return found, counts
    in_turn = triage.narrow(rows, state, in_turn=True) if state.feature or state.q else found
    return in_turn, counts or _count_most(in_turn, number)


def _count_most(rows: QuerySet[Summary], number: int) -> TriageCounts:
    """Count a list of so many, of which most are well: those are what the others leave."""
    well = summaries.RANKS[Severity.OK]
    others = count(rows.filter(rank__lt=well)).by_state
    left = max(number - others.total(), 0)  # somebody may have written in between
    return TriageCounts(others + Counter({(Key.CONNECTED.value, well): left}))


def shows(state: TriageFilter, headline: str) -> bool:
    """Whether headline and group, as far as they are asked for, are this one's."""
    return state.headline in {"", headline} and state.group in {"", staff_severity(headline)}


def scope_counts(user: User, counted: int | None) -> dict[str, int]:
    """Return how many integrations are one's own, and how many there are, unless they were counted.
    Raises Http404.
    """
    rows = permissions.summaries_for_staff(user)
    mine = rows.filter(owner=user).count()
    return {"mine": mine, "all": rows.count() if counted is None else counted}

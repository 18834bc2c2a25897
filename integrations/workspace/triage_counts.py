"""How many integrations the account managers' list has, by headline, group and rank."""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet

from integrations.access import permissions
from integrations.domain.headline import staff_severity
from integrations.models import Summary
from integrations.workspace import summaries
from integrations.workspace.triage_filter import TriageFilter


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


def shows(state: TriageFilter, headline: str) -> bool:
    """Whether headline and group, as far as they are asked for, are this one's."""
    return state.headline in {"", headline} and state.group in {"", staff_severity(headline)}


def scope_counts(user: User) -> dict[str, int]:
    """Return how many integrations are one's own, and how many there are. Raises Http404."""
    rows = permissions.summaries_for_staff(user)
    return {"mine": rows.filter(owner=user).count(), "all": rows.count()}

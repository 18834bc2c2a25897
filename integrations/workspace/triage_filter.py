"""What of the list of integrations somebody asked for, as it stands in the address of the page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from integrations.domain.headline import Severity

LAST_PAGE = 2000  # whoever pages on for longer should filter
LONGEST = 200  # characters of a value in an address
BY_URGENCY = {"since": "since", "news": "-since"}
"""Orders within each urgency: whoever must be seen first comes first."""
SORTS = {
    **BY_URGENCY,
    "tenant": "tenant_name",
    "tool": "tool",
    "sync": "synced_at",
    "check": "integration__snapshot__fetched_at",
    "contact": "contacted_at",
}


@dataclass(frozen=True, slots=True)
class TriageFilter:
    """What of the list somebody asked for; all of it stands in the page's address."""

    scope: str = ""  # "mine" or "all"; empty for whichever suits
    headline: str = ""
    group: str = ""  # a severity: the headlines of this one
    tool: str = ""
    category: str = ""
    tenant: str = ""  # its origin id or public id
    owner: str = ""  # a user name, or "nobody"
    environment: str = ""
    beta: str = ""
    untold: str = ""
    snoozed: str = ""
    outage: str = ""  # its public id, or "any" that is open
    feature: str = ""
    answer: str = ""
    q: str = ""
    sort: str = ""  # one of SORTS; empty for "since"
    page: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "TriageFilter":
        """Read an address.

        No text of a database's holds a NUL, and nothing asked for is endless.
        """
        known = {field.name: query.get(field.name, "").strip()[:LONGEST] for field in fields(cls)}
        state = cls(**known)
        if not state.feature:
            state = replace(state, answer="")
        if state.group not in Severity:
            state = replace(state, group="")
        return state if state.sort in SORTS else replace(state, sort="")

    @property
    def number(self) -> int:
        """Return the number of the page, from 1 on."""
        digits = self.page if self.page.isascii() and self.page.isdigit() else "1"
        return min(max(int(digits[:6]), 1), LAST_PAGE)

    @property
    def is_by_urgency(self) -> bool:
        """Whether those that must be seen first come first."""
        return (self.sort or "since") in BY_URGENCY

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside scope, order and page is asked for."""
        return replace(self, scope="", sort="", page="") != TriageFilter()

    @property
    def counts_all(self) -> bool:
        """Whether the counts under each headline and group are those of all integrations."""
        return self.scope == "all" and not replace(self, headline="", group="").is_narrowed

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What was asked for, by name."""
        named = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, value) for name, value in named if value]

    def query(self, **changes: str) -> str:
        """The same with some of it changed, as the query of an address; the first page, unless one
        is named.
        """
        return "?" + urlencode(replace(self, **{"page": "", **changes}).pairs)

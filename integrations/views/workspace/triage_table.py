"""The account managers' list as a table: its groups, its columns, and what each row says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.domain import durations
from integrations.domain.bidi import isolate
from integrations.domain.day_strip import Day
from integrations.domain.headline import NextActor, Severity, staff_severity
from integrations.models import NEVER, Feature, FeatureAnswer
from integrations.views.customer import cards
from integrations.workspace import feature_text
from integrations.workspace.listed import Listed
from integrations.workspace.summaries import RANKS, SNOOZED, headline_name
from integrations.workspace.triage_counts import TriageCounts
from integrations.workspace.triage_filter import SORTS, TriageFilter

GROUPS = sorted(RANKS, key=RANKS.__getitem__)
"""The severities, that which must be seen first at the front."""
COMPANY = "Kombo"  # acts where neither the customer nor the vendor can


class TriageRow:
    """One integration as the list shows it; what a hidden column would say is not worked out."""

    def __init__(
        self,
        listed: Listed,
        now: datetime,
        answer: FeatureAnswer | None = None,
        days: Sequence[Day] = (),
    ) -> None:
        self.listed = listed
        self.now, self.days, self._answer = now, days, answer
        self.id, self.tenant_id = listed.id, listed.tenant_id
        self.tool = listed.tool or _("Connection")
        self.logo_key = listed.logo or ""
        self.severity = staff_severity(listed.headline)
        self.owner = listed.owner
        is_asleep = listed.snoozed_until and listed.snoozed_until > now
        self.snoozed_until = listed.snoozed_until if is_asleep else None

    @property
    def category(self) -> str:
        """Return the category's name."""
        return cards.category_name(self.listed.category)

    @property
    def badge(self) -> str:
        """Return the status in a word or two."""
        return headline_name(self.listed.headline)

    @property
    def lasts(self) -> str:
        """Return how long it has been so."""
        return durations.duration(self.now - self.listed.since)

    @property
    def lasts_short(self) -> str:
        """Return the same in little room."""
        return durations.short_duration(self.now - self.listed.since)

    @property
    def next_actor(self) -> str:
        """Return who must act."""
        return next_actor_name(self.listed.next_actor)

    @property
    def waiting_on(self) -> str:
        """Return whom the next step waits on."""
        contact = self.listed.contact_email or self.listed.creator_email or ""
        return _waiting_on(self.listed.next_actor, self.severity, contact, self.owner)

    @property
    def synced_at(self) -> datetime | None:
        """Return when the latest sync ended; None for never."""
        return _known(self.listed.synced_at)

    @property
    def checked_at(self) -> datetime | None:
        """Return when Kombo last answered; None for never."""
        return self.listed.fetched_at

    @property
    def contacted_at(self) -> datetime | None:
        """Return when the customer was last notified; None for never."""
        return _known(self.listed.contacted_at)

    @property
    def told_ago(self) -> str:
        """Return how long ago the customer was notified; an empty text for never."""
        return durations.relative_time(at, self.now) if (at := self.contacted_at) else ""

    @property
    def is_untold(self) -> bool:
        """Whether the customer must act and was not notified of it."""
        must_act = self.severity is Severity.ACTION_REQUIRED
        return must_act and self.listed.contacted_at < self.listed.since

    @property
    def answer(self) -> str:
        """Return a feature's verdict in words; an empty text for none."""
        return feature_text.verdict_name(self._answer.verdict) if self._answer else ""

    @property
    def answer_severity(self) -> str:
        """Return how grave that is."""
        return feature_text.severity_of(self._answer.verdict) if self._answer else ""


def _known(moment: datetime) -> datetime | None:
    return None if moment == NEVER else moment


def next_actor_name(next_actor: str) -> str:
    """Return the name of who must act; the value itself if it is unknown."""
    names: dict[str, str] = {
        NextActor.CUSTOMER: pgettext("waiting on", "Customer"),
        NextActor.VENDOR: settings.VENDOR_NAME,
        NextActor.NOBODY: pgettext("waiting on", "No one"),
    }
    return names.get(next_actor, next_actor)


def _waiting_on(next_actor: str, severity: Severity, contact: str, owner: str) -> str:
    """Return whom the next step waits on, as exactly as is known; empty where all is well."""
    if severity is Severity.OK:
        return ""
    match next_actor:
        case NextActor.CUSTOMER:
            return contact or _("No contact")
        case NextActor.VENDOR:
            return owner or settings.VENDOR_NAME
    return COMPANY


def group_name(severity: Severity) -> str:
    """Return what integrations of a severity have in common: whose step is next."""
    names = {
        Severity.ACTION_REQUIRED: _("Waiting on customer"),
        Severity.ATTENTION: _("Waiting on %(vendor)s") % {"vendor": isolate(settings.VENDOR_NAME)},
        Severity.UNKNOWN: pgettext("status", "Unknown"),
        Severity.WORKING: _("In progress"),
        Severity.OK: pgettext("integrations", "Working"),
    }
    return names[severity]


@dataclass(frozen=True, slots=True)
class GroupLink:
    """A group of the list: its name, how many are in it, and the address of these alone, or of all
    where it is these.
    """

    severity: Severity
    name: str
    count: int
    url: str
    is_on: bool


def group_links(state: TriageFilter, counts: TriageCounts) -> list[GroupLink]:
    """Return the groups that the other filters leave something of, and the chosen one."""
    by_group = counts.by_group()
    return [
        GroupLink(
            severity,
            group_name(severity),
            by_group[severity],
            state.query(headline="", group="" if is_on else severity),
            is_on,
        )
        for severity in GROUPS
        if (is_on := state.group == severity) or by_group[severity]
    ]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under one heading; without a name, under none."""

    severity: str
    name: str
    count: int
    rows: list[TriageRow]


def row_groups(
    rows: Sequence[TriageRow], state: TriageFilter, counts: TriageCounts
) -> Iterator[RowGroup]:
    """Divide a page of rows by urgency, if that is what they are ordered by."""
    if not state.is_by_urgency:
        yield RowGroup("", "", len(rows), list(rows))
        return
    by_rank = counts.by_rank(state)
    severities = {rank: severity for severity, rank in RANKS.items()}
    for rank, found in groupby(rows, key=lambda row: row.listed.rank):
        if rank == SNOOZED:
            name, severity = _("Snoozed"), "paused"
        else:
            severity = severities[rank]
            name = group_name(severities[rank])
        yield RowGroup(severity, name, by_rank[rank], list(found))


@dataclass(frozen=True, slots=True)
class Order:
    """What the list can be ordered by: its name, and the address that does."""

    label: str
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, its label, what it can be ordered by, and the direction if it is."""

    key: str
    label: str
    orders: list[Order]
    way: str


def column_labels() -> dict[str, str]:
    """Return the label of each column that can be hidden, by its key."""
    return {
        "waiting": _("Waiting on"),
        "since": _("Duration"),
        "sync": _("Last sync"),
        "check": _("Last checked"),
        "contact": _("Last notified"),
        "owner": _("Account manager"),
        "days": _("Last 30 days"),
    }


def column_choices(wanted: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Return each column that can be hidden: its key, its label, and whether it is wanted."""
    return [(key, label, key in wanted) for key, label in column_labels().items()]


def columns(state: TriageFilter, wanted: Sequence[str], feature: Feature | None) -> list[Column]:
    """Return the columns to show: who, status, what is wanted, and what the list is ordered by."""
    keys = [key for key in column_labels() if key in wanted or key == state.sort]
    labels = column_labels() | {"status": _("Status"), "answer": feature.name if feature else ""}
    who = [_order(state, "tenant", _("Customer")), _order(state, "tool", _("Tool"))]
    return [
        Column("who", _("Customer and tool"), who, _way(state, who)),
        *(
            Column(key, labels[key], orders, _way(state, orders))
            for key in ("status", *(["answer"] if feature else []), *keys)
            for orders in [[_order(state, key, labels[key])] if key in SORTS else []]
        ),
    ]


def _order(state: TriageFilter, key: str, label: str) -> Order:
    """Return an order; by duration it goes either way."""
    by = state.sort or "since"
    is_on = key == by or (key, by) == ("since", "news")
    return Order(label, state.query(sort="news" if key == by == "since" else key), is_on)


def _way(state: TriageFilter, orders: Sequence[Order]) -> str:
    if not any(order.is_on for order in orders):
        return ""
    return "descending" if (state.sort or "since") == "since" else "ascending"

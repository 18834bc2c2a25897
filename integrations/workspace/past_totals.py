"""How many integrations had which severity when a day began, worked out from the history, and how
many customers were not notified.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from integrations.domain.headline import UNCONFIRMED, Key, Severity, severity_of, staff_severity
from integrations.models import Entry, Kind, Mail, MailKind, Reminder, Summary

type Owner = int | None
"""An account manager's primary key; None for all customers, whosever they are."""
type Totals = dict[Owner, Counter[Severity]]
"""How many integrations have which severity, for all and for each account manager."""
type Whose = dict[int, tuple[Owner, str]]
"""Whose an integration is, and its tool's name, by its primary key."""
_CUSTOMERS_TURN = [key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED]


def whose_now() -> Whose:
    """Return whose each integration is, and its tool."""
    rows = Summary.objects.order_by().values_list("pk", "owner", "tool")
    return {pk: (owner, tool) for pk, owner, tool in rows.iterator(chunk_size=5000)}


def totals_now() -> Totals:
    """Return how it is, as the list counts it."""
    totals: Totals = {}
    rows = Summary.objects.values_list("owner", "headline").annotate(number=Count("*")).order_by()
    for owner, headline, number in rows:
        _add(totals, owner, staff_severity(headline), number)
    return totals


def before(totals: Totals, start: datetime, end: datetime) -> Totals:
    """Return how it was at `start`, from how it was at `end`."""
    earlier: Totals = {owner: counts.copy() for owner, counts in totals.items()}
    for owner, was, became in _changes(start, end):
        _add(earlier, owner, became, -1)
        if was is not None:
            _add(earlier, owner, was, 1)
    return earlier


def _changes(start: datetime, end: datetime) -> Iterable[tuple[Owner, Severity | None, Severity]]:
    """What each integration was before and after what happened within a time; it was None before
    it was there. What the mapping guard holds back was never anything but that.
    """
    states = Entry.objects.filter(kind=Kind.STATE)
    within = states.filter(at__gte=start, at__lt=end, integration__summary__isnull=False)
    earlier = states.filter(integration=OuterRef("integration"), at__lt=start)
    owner = F("integration__summary__owner")
    entries = within.exclude(integration__summary__headline=UNCONFIRMED).annotate(
        owner=owner, created_at=F("integration__created_at"), had_any=Exists(earlier)
    )
    columns = ("integration", "owner", "created_at", "had_any", "data", "what")
    spans: dict[int, tuple[Owner, Severity | None, Severity]] = {}
    for pk, of, created_at, had_any, data, what in entries.order_by("at", "pk").values_list(
        *columns
    ):
        if pk in spans:
            was = spans[pk][1]
        else:
            # History that is older than our row of it tells when it began.
            is_new = created_at >= start and not had_any
            was = None if is_new else _severity(data.get("from", Key.PENDING))
        spans[pk] = (of, was, _severity(what))
    yield from spans.values()
    made = Summary.objects.filter(integration__created_at__gte=start)
    made = made.filter(integration__created_at__lt=end).exclude(
        Exists(states.filter(integration=OuterRef("pk"), at__lt=end)) & ~Q(headline=UNCONFIRMED)
    )
    for of, headline in made.values_list("owner", "headline"):
        key = headline if headline == UNCONFIRMED else Key.PENDING
        yield of, None, staff_severity(key)


def _severity(key: str) -> Severity:
    return severity_of(Key(key) if key in Key else Key.UNRECOGNISED)


def _add(totals: Totals, owner: Owner, severity: Severity, number: int) -> None:
    """Count for all, and for whose they are."""
    for whose in {None, owner}:
        totals.setdefault(whose, Counter())[severity] += number


def untold_now() -> Counter[Owner]:
    """Return how many wait for a customer who was not notified, as the list counts them."""
    waiting = Summary.objects.filter(headline__in=_CUSTOMERS_TURN, contacted_at__lt=F("since"))
    return _by_owner(waiting.values_list("owner").annotate(number=Count("*")).order_by())


def untold_at(end: datetime) -> Counter[Owner]:
    """Of a time that nobody counted in, by the reminders: who waited and had none by then."""
    told = Mail.objects.filter(reminder=OuterRef("pk"), kind=MailKind.REMINDER, created_at__lt=end)
    open_then = Reminder.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=end),
        ~Exists(told),
        opened_at__lt=end,
        integration__summary__isnull=False,
    )
    owner = "integration__summary__owner"
    return _by_owner(open_then.values_list(owner).annotate(number=Count("*")).order_by())


def _by_owner(rows: Iterable[tuple[Owner, int]]) -> Counter[Owner]:
    counts: Counter[Owner] = Counter()
    for owner, number in rows:
        for whose in {None, owner}:
            counts[whose] += number
    return counts

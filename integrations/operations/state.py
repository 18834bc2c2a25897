"""The state of the installation in numbers: some twenty queries, however much there is.

Each counts within an index, or the few rows that wait. A page, a command and `/metrics` read it
here, and none of them asks anything of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone

from integrations.database import facts, outage, schema
from integrations.database.facts import Disk
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import Integration, Mail, Snapshot, Tenant, Upstream
from integrations.upstream import gateway, rate_limiter
from integrations.version import VERSION
from integrations.webhooks import inbox
from integrations.workspace import installation

MOST_WORKERS = 20  # that are told of
MAILS_SINCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What is known of the database; `problem` is one of `integrations.database.outage`."""

    problem: str = ""
    kind: str = ""
    size: int | None = None
    pending: tuple[str, ...] = ()

    @property
    def is_away(self) -> bool:
        """Whether nothing else can be told, as it does not answer."""
        return self.problem == outage.AWAY


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """How it goes with one environment of Kombo's. `budget_used` is from 0 to 1."""

    name: str
    has_key: bool
    calls_per_second: int
    expects_webhooks: bool
    called_at: datetime | None = None
    refused_since: datetime | None = None
    is_open: bool = False
    paused_until: datetime | None = None
    budget_used: float = 0.0
    heard_at: datetime | None = None
    oldest_check: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of a worker's, and when it last noted that it is at work."""

    version: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: how much, and since when the oldest of it has."""

    number: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """Integrations by how their checks go: all that Kombo has, those never checked, those whose
    latest check is older than `old_after`, and those that are due.
    """

    total: int = 0
    never: int = 0
    old: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """All of it, as of `at`. Without a database that answers, everything but `disk` is empty.

    `workers` are those that are at work; `worker_seen_at` is when the latest was, perhaps long ago.
    """

    at: datetime
    version: str
    database: DatabaseState
    disk: Disk
    environments: tuple[EnvironmentState, ...] = ()
    workers: tuple[Worker, ...] = ()
    worker_seen_at: datetime | None = None
    checks: Checks = field(default_factory=Checks)
    events: Waiting = field(default_factory=Waiting)
    mails: Waiting = field(default_factory=Waiting)
    mails_by_state: dict[MailStatus, int] = field(default_factory=dict)
    answers: int = 0
    problems: tuple[installation.Problem, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether the tables could be read."""
        return self.database.problem not in {outage.AWAY, outage.BEHIND}


def old_after() -> timedelta:
    """Return after how long a check is old: by then the worker is several rounds behind."""
    return max(4 * timedelta(seconds=settings.WORKER_MAX_AGE), timedelta(hours=1))


def read() -> State:
    """Read it. Whatever ails the database is a part of the answer, and no error."""
    now = timezone.now()
    disk = facts.disk(connection)
    try:
        database = _database()
        if database.pending:  # this code can't read what older tables have
            return State(now, VERSION, database, disk)
        return _complete(now, database, disk)
    except Error:
        return State(now, VERSION, DatabaseState(outage.AWAY), disk)


def _database() -> DatabaseState:
    pending = tuple(schema.pending(connection))
    problem = outage.BEHIND if pending else ""
    return DatabaseState(problem, facts.kind(connection), facts.size(connection), pending)


def _complete(now: datetime, database: DatabaseState, disk: Disk) -> State:
    upstreams = installation.upstreams()
    workers = installation.latest_workers(MOST_WORKERS)
    known = outage.present()  # of an earlier request of this process, such as a full disk
    problems = (
        *installation.worker_problems(workers),
        *installation.environment_problems(upstreams),
    )
    written = Mail.objects.filter(created_at__gt=now - MAILS_SINCE)
    by_state = {one.value: Count("pk", filter=_mails(one, now)) for one in MailStatus}
    return State(
        now,
        VERSION,
        DatabaseState(known.what, database.kind, database.size) if known else database,
        disk,
        tuple(_environment(name, upstreams.get(name), now) for name in settings.KOMBO_ENVIRONMENTS),
        tuple(
            Worker(one.version, one.at)
            for one in workers
            if now - one.at <= installation.WORKER_GONE_AFTER
        ),
        workers[0].at if workers else None,
        _checks(now),
        Waiting(**inbox.unhandled().aggregate(number=Count("pk"), since=Min("received_at"))),
        _waiting_mails(now),
        {MailStatus(name): number for name, number in written.aggregate(**by_state).items()},
        Tenant.objects.filter(answers_due=True).count(),
        problems,
    )


def _mails(state: MailStatus, now: datetime) -> Q:
    return mail_status.with_status(state, now)


def _environment(name: str, state: Upstream | None, now: datetime) -> EnvironmentState:
    config = settings.KOMBO_ENVIRONMENTS[name]
    known = {
        "name": name,
        "has_key": bool(config["API_KEY"]),
        "calls_per_second": config["CALLS_PER_SECOND"],
        "expects_webhooks": bool(config["WEBHOOK_SECRETS"]),
        "oldest_check": _oldest_check(name),
    }
    if state is None:
        return EnvironmentState(**known)
    return EnvironmentState(
        **known,
        called_at=rate_limiter.latest_call(state),
        refused_since=state.refused_since,
        is_open=state.silent_until is not None,
        paused_until=gateway.paused_until(state, now),
        budget_used=rate_limiter.budget_used(state, now),
        heard_at=state.heard_at,  # type: ignore[attr-defined]
    )


def _oldest_check(environment: str) -> datetime | None:
    """Return when the latest check was of the integration whose latest check is the oldest."""
    # Not by a join: for that, SQLite reads and sorts all of the environment.
    here = Integration.objects.filter(pk=OuterRef("pk"), environment=environment)
    checked = Snapshot.objects.filter(Exists(here), removed_at=None, fetched_at__isnull=False)
    return checked.order_by("fetched_at").values_list("fetched_at", flat=True).first()


def _checks(now: datetime) -> Checks:
    numbers = Snapshot.objects.filter(removed_at=None).aggregate(
        total=Count("fetched_at"),
        old=Count("fetched_at", filter=Q(fetched_at__lt=now - old_after())),
    )
    never = Snapshot.objects.filter(removed_at=None, fetched_at=None).count()
    due = Snapshot.objects.filter(check_at__lte=now).count()
    return Checks(numbers["total"] + never, never, numbers["old"], due)


def _waiting_mails(now: datetime) -> Waiting:
    """Return the emails that are to be sent, and since when the one due the longest is."""
    numbers = Mail.objects.filter(due_at__isnull=False, sent_at=None).aggregate(
        number=Count("pk"), since=Min("due_at", filter=Q(due_at__lte=now))
    )
    return Waiting(**numbers)


def age_counts(bounds: tuple[float, ...], now: datetime) -> list[int]:
    """Return how many integrations had their latest check at most so many seconds ago, of those
    that were checked, for each bound; all of them at last.
    """
    counts = {
        f"within_{number}": Count(
            "fetched_at", filter=Q(fetched_at__gte=now - timedelta(seconds=bound))
        )
        for number, bound in enumerate(bounds)
    }
    checked = Snapshot.objects.filter(removed_at=None)
    numbers = checked.aggregate(**counts, total=Count("fetched_at"))
    return [*(numbers[name] for name in counts), numbers["total"]]


def leases(now: datetime) -> int:
    """Return how many checks are under way."""
    return Snapshot.objects.filter(lease_until__gt=now).count()

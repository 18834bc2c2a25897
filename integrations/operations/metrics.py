"""The state and the counters as Prometheus reads them.

Gauges are read from the database when somebody asks, in as many queries however much there is;
counters are those of `integrations.counters`. No label holds a name, an id or an address.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from integrations import counters
from integrations.access import embed_sessions
from integrations.counters import ABOVE, SUM, Counter
from integrations.operations import state as states
from integrations.operations.state import EnvironmentState, State

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
PREFIX = "kombo_dashboard_"
AGES = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 43_200.0, 86_400.0)

type Samples = Iterable[tuple[list[str], float]]


def scrape() -> bytes:
    """Return all metrics as text. What the database can't tell now is left out."""
    registry = CollectorRegistry()
    registry.register(_Collector())
    return generate_latest(registry)


class _Collector(Collector):
    """Reads the state once for all metrics."""

    def describe(self) -> Iterable[Metric]:
        """Return nothing: then nobody asks the database before it is to be read."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the metrics as they are now."""
        counters.flush()  # else this process's own would come a little later
        state = states.read()
        yield from _installation(state)
        if state.is_complete:
            yield from _environments(state)
            yield from _checks(state)
            yield from _waiting(state)
            yield from _counted()


def _gauge(name: str, text: str, samples: Samples, labels: Iterable[str] = ()) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=list(labels))
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _number(name: str, text: str, value: float) -> Metric:
    return _gauge(name, text, [([], value)])


def _installation(state: State) -> Iterator[Metric]:
    yield _gauge("info", "The version of the site", [([state.version], 1.0)], ["version"])
    answers = float(not state.database.problem)
    yield _number("database_up", "1 if the database answers and can be written", answers)
    yield _number("disk_free_bytes", "Free space of the disk", state.disk.free)
    yield _number("disk_total_bytes", "Size of the disk", state.disk.total)
    if state.database.is_away:
        return
    pending = len(state.database.pending)
    yield _number("migrations_pending", "Migrations that have not run yet", pending)
    yield _number("database_size_bytes", "Size of the database", state.database.size or 0)


def _environments(state: State) -> Iterator[Metric]:
    def each(name: str, text: str, values: dict[EnvironmentState, float | None]) -> Metric:
        known = [([one.name], value) for one, value in values.items() if value is not None]
        return _gauge(name, text, known, ["environment"])

    every = state.environments
    yield each(
        "kombo_key_refused",
        "1 while Kombo rejects the API key",
        {one: float(one.refused_since is not None) for one in every},
    )
    yield each(
        "kombo_circuit_open",
        "1 while calls are stopped because Kombo does not respond",
        {one: float(one.is_open) for one in every},
    )
    yield each(
        "kombo_paused_seconds",
        "How long nobody calls Kombo from now on",
        {one: -(_age(one.paused_until, state.at) or 0.0) for one in every},
    )
    yield each(
        "kombo_budget_used_ratio",
        "Share of the budget of calls that was used in the last minute",
        {one: one.budget_used for one in every},
    )
    yield each(
        "kombo_budget_calls_per_second",
        "The budget of calls",
        {one: float(one.calls_per_second) for one in every},
    )
    yield each(
        "webhook_age_seconds",
        "How long ago the latest webhook came, where webhooks are expected",
        {one: _age(one.heard_at, state.at) for one in every if one.expects_webhooks},
    )
    yield each(
        "snapshot_oldest_seconds",
        "How long ago the oldest of the latest checks was",
        {one: _age(one.oldest_check, state.at) for one in every},
    )


def _checks(state: State) -> Iterator[Metric]:
    ages = HistogramMetricFamily(
        f"{PREFIX}snapshot_age_seconds",
        "How long ago integrations had their latest check: how many there are now, no counter",
    )
    bounds = [*(f"{bound:g}" for bound in AGES), ABOVE]
    counts = states.age_counts(AGES, state.at)
    ages.add_metric([], list(zip(bounds, map(float, counts), strict=True)), sum_value=None)
    yield ages
    never = state.checks.never
    yield _number("snapshots_never_checked", "Integrations that were never checked", never)
    yield _number("checks_due", "Integrations whose next check is due", state.checks.due)
    yield _number("leases_held", "Checks under way", states.leases(state.at))
    alive = [one.version for one in state.workers]
    if (age := _age(state.worker_seen_at, state.at)) is not None:
        yield _number("worker_heartbeat_age_seconds", "How long ago a worker was active", age)
    versions = [([version], float(alive.count(version))) for version in sorted(set(alive))]
    yield _gauge("workers", "Workers that were active lately", versions, ["version"])


def _waiting(state: State) -> Iterator[Metric]:
    yield _number("webhook_events_waiting", "Webhooks not processed yet", state.events.number)
    yield _number(
        "webhook_events_waiting_seconds",
        "For how long the oldest of them has waited",
        _age(state.events.since, state.at) or 0.0,
    )
    yield _number("mails_waiting", "Emails to be sent, now or later", state.mails.number)
    yield _number(
        "mails_waiting_seconds",
        "For how long the one that is due the longest has been",
        _age(state.mails.since, state.at) or 0.0,
    )
    yield _gauge(
        "mails",
        "Emails of the last 24 hours, by what became of them",
        [([name.value], float(number)) for name, number in state.mails_by_state.items()],
        ["state"],
    )
    yield _number("answers_waiting", "Customers whose features are to be evaluated", state.answers)
    sessions = embed_sessions.count_open(state.at)
    yield _number("embed_sessions_open", "Embedded sessions that have not ended", sessions)


def _counted() -> Iterator[Metric]:
    found = counters.read()
    for counter in counters.all_counters():
        samples = found.get(counter.name, [])
        yield _counter(counter, samples) if counter.buckets is None else _times(counter, samples)


def _counter(counter: Counter, samples: Samples) -> Metric:
    family = CounterMetricFamily(PREFIX + counter.name, counter.text, labels=list(counter.labels))
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _times(counter: Counter, samples: Samples) -> Metric:
    """Return how long something took: a histogram, or sum and number alone."""
    name, labels = PREFIX + counter.name, list(counter.labels)
    by_labels: dict[tuple[str, ...], dict[str, float]] = {}
    for (*values, part), value in samples:
        by_labels.setdefault(tuple(values), {})[part] = value
    if not counter.buckets:
        summary = SummaryMetricFamily(name, counter.text, labels=labels)
        for of, parts in by_labels.items():
            summary.add_metric(of, int(parts.get(ABOVE, 0)), parts.get(SUM, 0.0))
        return summary
    histogram = HistogramMetricFamily(name, counter.text, labels=labels)
    for of, parts in by_labels.items():
        histogram.add_metric(of, _cumulated(counter.buckets, parts), parts.get(SUM, 0.0))
    return histogram


def _cumulated(bounds: tuple[float, ...], parts: dict[str, float]) -> list[tuple[str, float]]:
    """Return how many took at most so long, for each bound."""
    total, cumulated = 0.0, []
    for bound in (*(f"{bound:g}" for bound in bounds), ABOVE):
        total += parts.get(bound, 0.0)
        cumulated.append((bound, total))
    return cumulated


def _age(at: datetime | None, now: datetime) -> float | None:
    """Return how many seconds ago something was; None if it never was."""
    return (now - at) / timedelta(seconds=1) if at else None

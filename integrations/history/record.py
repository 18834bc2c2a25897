"""What happened to an integration, kept: entries to read, and incidents from first sign to
recovery.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from integrations.domain.events import MappingChanged
from integrations.domain.headline import UNCONFIRMED, Key, key_of
from integrations.models import (
    Entry,
    Incident,
    Integration,
    Issue,
    Kind,
    RepairAct,
    RepairOutcome,
    Snapshot,
    Source,
    Summary,
)

# What is broken, the gravest last; what is neither broken nor well leaves an incident as it is.
BROKEN = [Key.DEGRADED, Key.SIGN_IN_FAILING, Key.RECONNECT_REQUIRED]
WELL = {Key.CONNECTED, Key.FIRST_SYNC, Key.UPDATING, Key.SETUP_INCOMPLETE, Key.QUALITY_CHECK}
FLAPPING = timedelta(hours=1)  # back so soon, it is the same incident
MARKED_FOR = timedelta(days=30)  # how long a change of the grid is pointed out
MOST_DATAPOINTS = 500  # that one entry names
REPAIR_LASTS = timedelta(hours=2)  # a link lives one hour, and people take their time


def add_entry(integration_id: int, kind: Kind, what: str, source: Source, **more: Any) -> Entry:
    """Add an entry, once for a `reference`.

    `at`, `actor`, `reference` and `data` as in the model.
    """
    more.setdefault("at", timezone.now())
    fields = {"integration_id": integration_id, "kind": kind}
    rest = {"what": what, "source": source, **more}
    if reference := rest.pop("reference", ""):
        return Entry.objects.get_or_create(**fields, reference=reference, defaults=rest)[0]
    return Entry.objects.create(**fields, **rest)


def observe(snapshot: Snapshot, before: Key, *, at: datetime, source: Source) -> datetime | None:
    """Note that the headline is another one now, if it is. `at` is when it came to be, as far as we
    know.

    Return from when on it holds in the record.
    """
    key = key_of(snapshot)
    if key is before:
        return None
    states = Entry.objects.filter(integration_id=snapshot.pk, kind=Kind.STATE)
    latest = states.values_list("at", flat=True).first()
    # The record runs forward: what we learn late begins when the entry before it ends, at the
    # earliest.
    at = min(max(at, latest or at), timezone.now())
    add_entry(snapshot.pk, Kind.STATE, key, source, at=at, data={"from": str(before)})
    _update_incident(snapshot.pk, key, at, source)
    return at


def _update_incident(integration_id: int, key: Key, at: datetime, source: Source) -> None:
    """Open, go on with, or close the integration's incident."""
    latest = Incident.objects.filter(integration_id=integration_id).first()
    is_open = latest is not None and latest.closed_at is None
    if key in BROKEN:
        if latest and (is_open or (latest.closed_at and at - latest.closed_at < FLAPPING)):
            _continue_incident(latest, key)
        else:
            Incident.objects.create(
                integration_id=integration_id,
                opened_at=at,
                first_key=key,
                key=key,
                detected_by=source,
            )
    elif latest and is_open and (key in WELL or key is Key.REMOVED):
        _finish_incident(latest, key, at)


def _continue_incident(incident: Incident, key: Key) -> None:
    if incident.closed_at is not None:
        incident.relapses += 1
        incident.closed_at = None
        incident.ended_by = ""
        incident.repaired_by = None
    incident.key = max(incident.key, key, key=lambda one: BROKEN.index(Key(one)))
    incident.save(update_fields=["closed_at", "ended_by", "repaired_by", "relapses", "key"])


def _finish_incident(incident: Incident, key: Key, at: datetime) -> None:
    incident.closed_at = at
    # A repair whose end we did not see counts: without JavaScript, or by a window closed too early.
    repairs = Entry.objects.filter(integration_id=incident.integration_id, kind=Kind.REPAIR)
    repairs = repairs.exclude(data__outcome=RepairOutcome.FAILED)
    if key is Key.REMOVED:
        incident.ended_by = "removed"
    elif repair := repairs.filter(at__gte=incident.opened_at).first():
        incident.ended_by = repair.what
        incident.repaired_by = repair.actor
    incident.save(update_fields=["closed_at", "ended_by", "repaired_by"])


def begin_repair(integration: Integration, what: str, user: User | None) -> None:
    """Somebody set out to repair: `what` is "reconnect" or "setup"."""
    add_entry(
        integration.pk,
        Kind.REPAIR,
        what,
        Source.PERSON,
        actor=user,
        data={"outcome": RepairOutcome.STARTED},
    )


def has_repair_under_way(integration: Integration) -> bool:
    """Return whether a link was made by which one may be ending now, whoever has told of it."""
    since = timezone.now() - REPAIR_LASTS
    return Entry.objects.filter(
        integration=integration,
        kind=Kind.REPAIR,
        what__in=[RepairAct.RECONNECT, RepairAct.SETUP],
        at__gt=since,
    ).exists()


def finish_repair(
    integration: Integration, outcome: str, user: User | None = None, *, at: datetime | None = None
) -> None:
    """How the latest repair under way ended: "done", "unconfirmed" or "failed"; a new entry if none
    is known of.
    """
    at = at or timezone.now()
    begun = Entry.objects.filter(
        integration=integration, kind=Kind.REPAIR, data__outcome=RepairOutcome.STARTED
    )
    if user:
        begun = begun.filter(actor=user)
    latest = begun.filter(at__gt=at - REPAIR_LASTS).first()
    if latest is None:
        source = Source.PERSON if user else Source.STATE
        add_entry(
            integration.pk,
            Kind.REPAIR,
            RepairAct.RECONNECT,
            source,
            at=at,
            actor=user,
            data={"outcome": outcome},
        )
    else:
        latest.data = {**latest.data, "outcome": outcome}
        latest.save(update_fields=["data"])


def record_coverage(integration_id: int, changes: dict[str, list[str]], at: datetime) -> None:
    """Keep what became of which datapoints (see `coverage.changes`)."""
    counts = {reason: len(datapoints) for reason, datapoints in changes.items()}
    left = MOST_DATAPOINTS
    named = {}
    for reason, datapoints in changes.items():
        named[reason] = datapoints[:left]
        left -= len(named[reason])
    data = {"counts": counts, "datapoints": named}
    add_entry(integration_id, Kind.COVERAGE, "changed", Source.CHECK, at=at, data=data)


def changed_datapoints(integration: Integration, now: datetime) -> dict[str, datetime]:
    """Which datapoints changed of late, and when last."""
    changed = integration.snapshot.coverage_changed_at
    if changed is None or now - changed > MARKED_FOR:
        return {}
    entries = Entry.objects.filter(
        integration=integration, kind=Kind.COVERAGE, at__gt=now - MARKED_FOR
    )
    return {
        datapoint: entry.at
        for entry in reversed(entries)
        for datapoints in entry.data["datapoints"].values()
        for datapoint in datapoints
    }


def coverage_changes(rows: QuerySet[Summary], since: datetime) -> QuerySet[Entry]:
    """What became of the data of these integrations, newest first; nothing of those whose mapping
    is in doubt.
    """
    theirs = rows.exclude(headline=UNCONFIRMED).values("pk")
    found = Entry.objects.filter(kind=Kind.COVERAGE, at__gte=since, integration__in=theirs)
    return found.select_related("integration__tenant", "integration__summary")


def entries(integration: Integration, kind: str = "") -> QuerySet[Entry]:
    """The integration's history, newest first, perhaps of one kind."""
    found = Entry.objects.filter(integration=integration).select_related("actor")
    return found.filter(kind=kind) if kind else found


def incidents(integration: Integration) -> QuerySet[Incident]:
    """The integration's incidents, newest first."""
    return Incident.objects.filter(integration=integration).select_related("repaired_by")


def states_since(integration: Integration, start: datetime) -> list[tuple[datetime, str]]:
    """When which headline began, oldest first, with the one that held at `start`."""
    states = Entry.objects.filter(integration=integration, kind=Kind.STATE)
    rows = list(states.filter(at__gt=start).values_list("at", "what"))
    earlier = states.filter(at__lte=start).values_list("at", "what").first()
    return [*([earlier] if earlier else []), *reversed(rows)]


def on_mapping_changed(event: MappingChanged) -> None:
    """Forget who did what at integrations that are another tenant's now: it need not know the old
    one's people.
    """
    if event.moved_from:
        Entry.objects.filter(integration__in=event.integration_ids, actor__isnull=False).update(
            actor=None
        )
        repaired = Incident.objects.filter(
            integration__in=event.integration_ids, repaired_by__isnull=False
        )
        repaired.update(repaired_by=None)


def prune(before: datetime) -> int:
    """Forget what is older, except the latest state and what is still open.

    Return how many rows went.
    """
    latest = Entry.objects.filter(integration=OuterRef("integration"), kind=Kind.STATE)
    old = Entry.objects.filter(at__lt=before).exclude(
        kind=Kind.STATE, pk=Subquery(latest.values("pk")[:1])
    )
    gone = old.delete()[0] + Incident.objects.filter(closed_at__lt=before).delete()[0]
    # One that was raised again is open, and its latest raising is later than its resolution.
    return (
        gone
        + Issue.objects.filter(resolved_at__lt=before, raised_at__lte=F("resolved_at")).delete()[0]
    )

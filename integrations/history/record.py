"""What happened to an integration, kept: entries to read, and incidents from first sign to
recovery.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from integrations.domain.headline import UNCONFIRMED, Key, key_of
from integrations.history import disconnections, incident_record
from integrations.history.incident_record import REPAIR_LASTS
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

MARKED_FOR = timedelta(days=30)  # how long a change of the grid is pointed out
MOST_DATAPOINTS = 500  # that one entry names
_REPAIRS = [RepairAct.RECONNECT, RepairAct.SETUP]


def add_entry(integration_id: int, kind: Kind, what: str, source: Source, **more: Any) -> Entry:
    """Add an entry, once for a `reference`.

    `at`, `actor`, `reference` and `data` as in the model.
    """
    more.setdefault("at", timezone.now())
    fields = {"integration_id": integration_id, "kind": kind}
    values = {"what": what, "source": source, **more}
    if reference := values.pop("reference", ""):
        return Entry.objects.get_or_create(**fields, reference=reference, defaults=values)[0]
    return Entry.objects.create(**fields, **values)


def observe(
    snapshot: Snapshot,
    before: Key,
    *,
    at: datetime,
    source: Source,
    checked_at: datetime | None = None,
) -> datetime | None:
    """Note that the headline is another one now, if it is, and in the row since when it is in
    trouble. `at` is when it came to be, as far as we know, and `checked_at` the check before this
    one. The caller saves.

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
    if key is Key.REMOVED:
        disconnections.confirm(snapshot.pk, checked_at)
    elif before is Key.REMOVED:
        disconnections.undo(snapshot.pk)
    incident = incident_record.update(snapshot.pk, key, at, source)
    if incident:
        incident_record.note_failure(incident, snapshot, before, at, source, checked_at)
    snapshot.trouble_since = incident.opened_at if incident else None
    return at


def begin_repair(
    integration: Integration, act: str, user: User | None, *, is_change: bool = False
) -> str:
    """Note that somebody set out to repair, or to change what works: `act` is "reconnect" or
    "setup".

    Return the name of this attempt, which `finish_repair` takes.
    """
    begun = add_entry(
        integration.pk,
        Kind.REPAIR,
        act,
        Source.PERSON,
        actor=user,
        reference=secrets.token_urlsafe(12),
        data={"outcome": RepairOutcome.STARTED} | ({"change": True} if is_change else {}),
    )
    return begun.reference


def note_connected(integration: Integration, user: User | None, *, replaces: bool) -> None:
    """Note that the tool was connected, by somebody of a name or by nobody knows whom; perhaps to
    take the place of another connection.
    """
    add_entry(
        integration.pk,
        Kind.REPAIR,
        RepairAct.CONNECT,
        Source.PERSON,
        actor=user,
        reference=RepairAct.CONNECT,
        data={"outcome": RepairOutcome.DONE} | ({"replaces": True} if replaces else {}),
    )


def has_repair_under_way(integration: Integration) -> bool:
    """Return whether a link was made by which one may be ending now, whoever has told of it."""
    since = timezone.now() - REPAIR_LASTS
    return Entry.objects.filter(
        integration=integration,
        kind=Kind.REPAIR,
        what__in=_REPAIRS,
        at__gt=since,
    ).exists()


def finish_repair(
    integration: Integration,
    outcome: str,
    user: User | None = None,
    *,
    attempt: str = "",
    at: datetime | None = None,
) -> None:
    """Note how an attempt ended: "done", "unconfirmed" or "failed"; as one of its own if none is
    known of.

    Without its name it is the latest that its user has under way. Where nobody is named either, as
    Kombo names nobody, it is the latest of all, which keeps what is known of its end.
    """
    at = at or timezone.now()
    known = Entry.objects.filter(integration=integration, kind=Kind.REPAIR, what__in=_REPAIRS)
    recent = known.filter(at__gt=at - REPAIR_LASTS, at__lte=at)
    if attempt:
        entry = known.filter(reference=attempt).first()
    elif user:
        entry = recent.filter(actor=user, data__outcome=RepairOutcome.STARTED).first()
    else:
        entry = recent.first()
    if entry is None:
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
    elif _may_become(entry.data.get("outcome", ""), outcome, is_named=bool(attempt or user)):
        seconds = {"seconds": int((at - entry.at).total_seconds())}
        ended = seconds if outcome == RepairOutcome.DONE else {}
        entry.data = {**entry.data, **ended, "outcome": outcome}
        entry.save(update_fields=["data"])


def repair_times(since: datetime) -> Iterable[tuple[str, str, float]]:
    """Return the act, the tool and the seconds of each repair that somebody began since an instant
    and was done.
    """
    done = Entry.objects.filter(
        kind=Kind.REPAIR, at__gt=since, what__in=_REPAIRS, data__seconds__isnull=False
    )
    for what, tool_id, data in done.values_list(
        "what", "integration__snapshot__tool_id", "data"
    ).iterator():
        yield what, tool_id or "", data["seconds"]


def _may_become(known: str, outcome: str, *, is_named: bool) -> bool:
    """What a browser says of its own attempt is the later word, but what was done stays done.

    Whoever mistypes a password may go on, so one that Kombo called failed may still succeed.
    """
    return known != RepairOutcome.DONE and (is_named or known == RepairOutcome.STARTED)


def reconnections(integrations: Iterable[Integration], since: datetime) -> dict[int, Entry]:
    """Return the latest confirmed reconnection after an instant, by the integration's primary
    key.
    """
    confirmed = Entry.objects.filter(
        integration__in=integrations,
        kind=Kind.REPAIR,
        what=RepairAct.RECONNECT,
        data__outcome=RepairOutcome.DONE,
        at__gt=since,
    )
    entries = confirmed.select_related("actor").order_by("at", "pk")
    return {entry.integration_id: entry for entry in entries}


def record_coverage(integration_id: int, changes: dict[str, list[str]], at: datetime) -> None:
    """Keep what became of which datapoints (see `coverage_changes`)."""
    counts = {reason: len(datapoints) for reason, datapoints in changes.items()}
    left = MOST_DATAPOINTS
    named = {}
    for reason, datapoints in changes.items():
        named[reason] = datapoints[:left]
        left -= len(named[reason])
    data = {"counts": counts, "datapoints": named}
    add_entry(integration_id, Kind.COVERAGE, "changed", Source.CHECK, at=at, data=data)


def changed_datapoints(integration: Integration, now: datetime) -> dict[str, datetime]:
    """Return when each datapoint that changed within MARKED_FOR did so last."""
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
    integrations = rows.exclude(headline=UNCONFIRMED).values("pk")
    entries_of_coverage = Entry.objects.filter(
        kind=Kind.COVERAGE, at__gte=since, integration__in=integrations
    )
    return entries_of_coverage.select_related("integration__tenant", "integration__summary")


def entries(integration: Integration, kind: str = "") -> QuerySet[Entry]:
    """The integration's history, newest first, perhaps of one kind."""
    rows = Entry.objects.filter(integration=integration).select_related("actor")
    return rows.filter(kind=kind) if kind else rows


def incidents(integration: Integration) -> QuerySet[Incident]:
    """The integration's incidents, newest first."""
    return Incident.objects.filter(integration=integration).select_related("repaired_by")


def prune(before: datetime) -> int:
    """Forget what is older, except the latest state and what is still open.

    Return how many rows went.
    """
    latest = Entry.objects.filter(integration=OuterRef("integration"), kind=Kind.STATE)
    old = Entry.objects.filter(at__lt=before).exclude(
        kind=Kind.STATE, pk=Subquery(latest.values("pk")[:1])
    )
    deleted = old.delete()[0] + Incident.objects.filter(closed_at__lt=before).delete()[0]
    # One that was raised again is open, and its latest raising is later than its resolution.
    return (
        deleted
        + Issue.objects.filter(resolved_at__lt=before, raised_at__lte=F("resolved_at")).delete()[0]
    )

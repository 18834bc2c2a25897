"""Broken spells, kept: when one begins, goes on and ends, and whether the tool may be to blame."""

from datetime import datetime, timedelta

from django.conf import settings

from integrations.domain import outages
from integrations.domain.headline import TROUBLES, Key
from integrations.models import Entry, Incident, Kind, RepairOutcome, Snapshot, Source

# What is neither a trouble nor well leaves an incident as it is.
WELL = {Key.CONNECTED, Key.FIRST_SYNC, Key.UPDATING, Key.QUALITY_CHECK}
FLAPPING = timedelta(hours=1)  # back so soon, it is the same incident
REPAIR_LASTS = timedelta(hours=2)  # a link lives one hour, and people take their time


def update(integration_id: int, key: Key, at: datetime, source: Source) -> Incident | None:
    """Open, go on with, or close the integration's incident. Return what this headline is part
    of.
    """
    latest = Incident.objects.filter(integration_id=integration_id).first()
    is_open = latest is not None and latest.closed_at is None
    if key in TROUBLES:
        if latest and (is_open or (latest.closed_at and at - latest.closed_at < FLAPPING)):
            _continue(latest, key)
            return latest
        return Incident.objects.create(
            integration_id=integration_id,
            opened_at=at,
            first_key=key,
            key=key,
            detected_by=source,
        )
    if latest and is_open and (key in WELL or key is Key.REMOVED):
        _finish(latest, key, at)
    return None


def note_failure(
    incident: Incident,
    snapshot: Snapshot,
    before: Key,
    at: datetime,
    source: Source,
    checked_at: datetime | None,
) -> None:
    """Note that a connection which worked failed at an instant in a way that its tool may be to
    blame for.

    What a check finds after a long time without any, as when the worker was gone, may have failed
    at any time.
    """
    longest = timedelta(seconds=2 * settings.WORKER_MAX_AGE)
    is_news = source is not Source.CHECK or (checked_at is not None and at - checked_at <= longest)
    if is_news and snapshot.tool_id and outages.has_failed(before, snapshot):
        incident.tool = snapshot.tool_id
        incident.failed_at = at
        incident.save(update_fields=["tool", "failed_at"])


def _continue(incident: Incident, key: Key) -> None:
    if incident.closed_at is not None:
        incident.relapses += 1
        incident.closed_at = None
        incident.ended_by = ""
        incident.repaired_by = None
    incident.key = max(incident.key, key, key=lambda trouble: TROUBLES.index(Key(trouble)))
    incident.save(update_fields=["closed_at", "ended_by", "repaired_by", "relapses", "key"])


def _finish(incident: Incident, key: Key, at: datetime) -> None:
    incident.closed_at = at
    # A repair whose end we did not see counts: without JavaScript, or by a window closed too early.
    repairs = Entry.objects.filter(integration_id=incident.integration_id, kind=Kind.REPAIR)
    repairs = repairs.filter(at__gte=incident.opened_at).exclude(data__outcome=RepairOutcome.FAILED)
    # One that was seen to end comes before what somebody began beside it and left.
    ended = repairs.exclude(data__outcome=RepairOutcome.STARTED).filter(at__gt=at - REPAIR_LASTS)
    if key is Key.REMOVED:
        incident.ended_by = "removed"
    elif repair := ended.first() or repairs.first():
        incident.ended_by = repair.what
        incident.repaired_by = repair.actor
    incident.save(update_fields=["closed_at", "ended_by", "repaired_by"])

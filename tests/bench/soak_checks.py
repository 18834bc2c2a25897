"""What `tests.bench.soak` looks for when all is over: lost, done twice, or stuck."""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.bench.soak_load import Told
from tests.smtp_server import PostOffice

if TYPE_CHECKING:
    from integrations.models import Integration

RECOVERY = 420  # seconds: a circuit may sleep for five minutes


def settle(since: datetime) -> float:
    """Wait until everything was asked for again, every webhook had its effect and no mail waits.

    Answers the seconds it took.
    """
    from integrations.models import Event, Mail, PasswordResetRequest, Snapshot

    began = time.monotonic()
    while time.monotonic() - began < RECOVERY:
        waiting = Snapshot.objects.exclude(fetched_at__gt=since).exists()
        waiting = waiting or Event.objects.filter(worked_at=None).exists()
        waiting = waiting or PasswordResetRequest.objects.exists()
        if not waiting and not Mail.objects.filter(due_at__isnull=False).exists():
            break
        time.sleep(0.5)
    return time.monotonic() - began


def problems(told: Told, office: PostOffice, since: datetime) -> list[str]:
    """What was lost, done twice, or is stuck."""
    from integrations.models import Entry, Event, Integration, Kind, Snapshot

    kept = set(Event.objects.values_list("type", "event_id"))
    flows = Event.objects.filter(type="connection-flow-failed").count()
    syncs = Event.objects.filter(type="sync-finished", payload__contains='"FAILED"').count()
    counts = {
        "webhooks taken and not kept": (0, len(set(told.taken) - kept)),
        "webhooks without effect": (0, Event.objects.filter(worked_at=None).count()),
        # What fails again within two hours belongs to the same attempt.
        "attempts that failed": (min(flows, 1), Entry.objects.filter(kind=Kind.REPAIR).count()),
        "effects of failed syncs": (syncs, Entry.objects.filter(kind=Kind.SYNC).count()),
        "snapshots not asked for since": (
            0,
            Snapshot.objects.exclude(fetched_at__gt=since).count(),
        ),
    }
    found = [
        f"{what}: {seen}, not {right}" for what, (right, seen) in counts.items() if seen != right
    ]
    found += [*_mails(told, office), *_sessions(told)]
    for integration in Integration.objects.select_related("snapshot"):
        found += _broken_record(integration)
    return found


def _mails(told: Told, office: PostOffice) -> Iterator[str]:
    """Each that was asked for is written once; what the server took is taken once, and known."""
    from integrations.models import Mail, MailKind

    written = Mail.objects.filter(kind=MailKind.PASSWORD_RESET)
    addresses = sorted(written.values_list("to", flat=True))
    if addresses != sorted(told.asked):
        yield f"{len(told.asked)} emails asked for, {len(addresses)} written"
    twice = sum(times > 1 for times in office.taken.values())
    if twice:
        yield f"{twice} emails taken more than once by the mail server"
    sent = Mail.objects.filter(sent_at__isnull=False).count()
    unknown = Mail.objects.filter(sent_at=None, handed_at__isnull=False).count()
    if not sent <= len(office.taken) <= sent + unknown:
        yield f"{sent} emails sent, {unknown} unknown, and the mail server took {len(office.taken)}"
    stuck = Mail.objects.filter(sent_at=None, handed_at=None, due_at__isnull=False).count()
    if stuck:
        yield f"{stuck} emails wait"


def _sessions(told: Told) -> Iterator[str]:
    """A token buys one session, however often it is shown."""
    twice = sum(times > 1 for times in told.sessions.values())
    if twice:
        yield f"{twice} embed tokens bought more than one session"
    if not told.sessions:
        yield "no embed token bought a session"


def _broken_record(integration: "Integration") -> list[str]:
    """Each state must follow from the one before; the last must be what holds, and an incident open
    if it is broken.
    """
    from integrations.domain.headline import TROUBLES, key_of
    from integrations.history.incident_record import WELL
    from integrations.models import Entry, Incident, Kind

    states = Entry.objects.filter(integration=integration, kind=Kind.STATE).order_by("at", "pk")
    found = [
        f"{integration}: {later.what} follows {earlier.what}, not {later.data['from']}"
        for earlier, later in pairwise(states)
        if earlier.what != later.data["from"]
    ]
    key, latest = key_of(integration.snapshot), states.last()
    if latest is None or latest.what != key:
        found.append(f"{integration}: is {key}, and the latest entry is {latest}")
    is_open = Incident.objects.filter(integration=integration, closed_at=None).exists()
    if (key in TROUBLES and not is_open) or (key in WELL and is_open):
        found.append(
            f"{integration}: is {key}, and its incident is {'open' if is_open else 'closed'}"
        )
    return found

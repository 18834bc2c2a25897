"""What holds whatever dies, hangs or lies: nothing is mapped twice, to another tenant, or lost, and
nothing waits for ever.
"""

from collections import Counter
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import worker
from integrations.history import disconnections
from integrations.models import (
    Event,
    FieldMapping,
    Integration,
    Snapshot,
    Tenant,
    ToolCatalogue,
)
from integrations.simulator import payloads
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, unmapped
from integrations.upstream import field_mappings, snapshots
from integrations.webhooks import inbox
from tests.views.browsing import page_at
from tests.webhook_payloads import encoded


def tell_created(kombo: Simulator, *, times: int = 2) -> None:
    """Let Kombo tell of every integration it has, more than once, as it may."""
    for known in kombo.world.overview():
        event = encoded(payloads.created(known, event_id=f"created {known['id']}"))
        for _time in range(times):
            inbox.receive("production", event)
    assert not Event.objects.filter(worked_at=None).exists()


def tell_deleted(kombo: Simulator) -> None:
    """Let Kombo tell of every integration that is gone."""
    for known in kombo.world.overview():
        if known["deleted"]:
            at = f"{timezone.now():%Y-%m-%dT%H:%M:%S.000Z}"
            event = payloads.deleted(known, at=at, event_id=f"deleted {known['id']}")
            inbox.receive("production", encoded(event))


def pass_of_the_worker() -> None:
    """Let the worker do what is due of it: checks, one after the other, events and fields."""
    for integration in worker.due("production"):
        known = Integration.objects.select_related("snapshot", "tenant").get(pk=integration.pk)
        if lease := snapshots.take_lease(known.snapshot):
            snapshots.fetch(known, lease)
    inbox.retry_due()
    field_mappings.refresh_due()


def at_kombo(kombo: Simulator) -> dict[str, str]:
    """Return the origin ID of each integration that Kombo has, by its ID."""
    there = [known for known in kombo.world.overview() if not known["deleted"]]
    return {known["id"]: known["end_user"]["origin_id"] for known in there}


def lost(kombo: Simulator) -> list[str]:
    """Return what is wrong with the mappings: what Kombo has is mapped once, to whom it belongs, or
    waits for staff.
    """
    rows = Integration.objects.values_list("integration_id", "tenant__origin_id")
    owners, waiting = list(rows), set(unmapped.waiting().values_list("integration_id", flat=True))
    problems = [f"{one} is mapped {n} times" for one, n in Counter(owners).items() if n > 1]
    mapped = dict(owners)
    for name, origin_id in at_kombo(kombo).items():
        if name not in mapped and name not in waiting:
            problems.append(f"{name} of {origin_id} is lost")
        elif mapped.get(name, origin_id) != origin_id:
            problems.append(f"{name} of {origin_id} is mapped to {mapped[name]}")
    return problems


def stuck(now: datetime) -> list[str]:
    """Return what still waits for something that will not come, at an instant long after all else
    has ended.
    """
    leased = Q(lease_until__gt=now)
    problems = [
        f"a lease of {model.__name__}"
        for model in (Snapshot, FieldMapping, ToolCatalogue)
        if model._default_manager.filter(leased).exists()
    ]
    problems += [
        f"disconnecting {one.pk}"
        for one in Snapshot.objects.filter(removed_at=None)
        if disconnections.under_way(one)
    ]
    problems += [
        f"{attempts.status_of(one, now)} attempt"
        for one in attempts.unfinished(now)
        if not attempts.may_continue(one, now)
    ]
    if inbox.unhandled().exists():
        problems.append("an event")
    return problems


def attempts_on(tenant: Tenant, user: User) -> list[str]:
    """Return how far each unfinished attempt is, as the customer's page says to a member."""
    client = Client()
    client.force_login(user)
    page = page_at(client, reverse("tenant", args=[tenant.public_id]))
    return [one["data-attempt-status"] for one in page.all("", "data-attempt-status")]


def tell_state(kombo: Simulator) -> None:
    """Let Kombo tell how each integration is by now."""
    at = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    for known in kombo.world.overview():
        if not known["deleted"]:
            inbox.receive("production", encoded(payloads.state_changed(known, at=at)))

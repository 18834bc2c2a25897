"""The short row of each integration, kept true: whoever changes what it tells of has it worked out
anew.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access.mapping_guard import is_withheld
from integrations.domain import search
from integrations.domain.events import MappingChanged, SnapshotChanged
from integrations.domain.headline import (
    UNCONFIRMED,
    Key,
    NextActor,
    Severity,
    key_of,
    next_actor_of,
    severity_of,
)
from integrations.domain.headline_text import badge_text
from integrations.models import NEVER, Entry, Integration, Kind, Snapshot, Summary, Tenant, Word
from integrations.upstream import snapshot_locks
from integrations.workspace import daily_counts

# Who must be seen first; whatever is broken and snoozed comes after all that is broken and is not.
RANKS = {
    Severity.ACTION_REQUIRED: 0,
    Severity.ATTENTION: 1,
    Severity.UNKNOWN: 2,
    Severity.WORKING: 4,
    Severity.OK: 5,
}
BROKEN = {RANKS[Severity.ACTION_REQUIRED], RANKS[Severity.ATTENTION]}
SNOOZED = 3
BATCH = 500
LONGEST_WORD = 40  # characters


def search_words(text: str) -> list[str]:
    """The words of a text as a search compares them."""
    return [word[:LONGEST_WORD] for word in search.words(text)]


def headline_name(headline: str) -> str:
    """A headline in one or two words, as staff know it; another version's is an unknown one."""
    if headline == UNCONFIRMED:
        return _("Unconfirmed")
    return badge_text(Key(headline) if headline in Key else Key.UNRECOGNISED)


def columns(snapshot: Snapshot, integration: Integration) -> dict[str, Any]:
    """Return the columns of a summary that follow from other tables, by name."""
    tenant = integration.tenant
    if is_withheld(integration, snapshot):
        headline = UNCONFIRMED
        severity = Severity.ATTENTION
        next_actor = NextActor.VENDOR
    else:
        key = key_of(snapshot)
        headline = str(key)
        severity = severity_of(key)
        next_actor = next_actor_of(snapshot)
    texts = [tenant.name, tenant.origin_id, snapshot.tool_label, snapshot.creator_email]
    return {
        "tenant_id": tenant.pk,
        "owner_id": tenant.owner_id,
        "tenant_name": tenant.name,
        "environment": integration.environment,
        "headline": headline,
        "rank": RANKS[severity],
        "next_actor": str(next_actor),
        "tool": snapshot.tool_label[:200],
        "category": snapshot.category[:40],
        "beta": snapshot.beta,
        "synced_at": snapshot.synced_at or NEVER,
        "coverage_digest": snapshot.coverage_digest,
        "words": "".join(f" {word}" for word in sorted(set(search_words(" ".join(texts))))),
    }


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Bring the summary in line with a snapshot that changed."""
    snapshot = event.snapshot
    since = snapshot.trouble_since or event.headline_since
    known = Summary.objects.select_related("integration__tenant").filter(pk=snapshot.pk).first()
    if known is None:
        recompute([snapshot.pk])
    elif changed := _change(known, columns(snapshot, known.integration), since or timezone.now()):
        known.save(update_fields=changed)
        if "words" in changed:
            _write_words([known])


def on_mapping_changed(event: MappingChanged) -> None:
    """Work out the summaries of integrations that are another's, or whose tenant is called
    otherwise.
    """
    recompute(event.integration_ids)


def recompute(integration_ids: Collection[int]) -> None:
    """Work out the summaries of integrations anew, and make those that are not there."""
    ids = sorted(integration_ids)
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            _recompute(ids[start : start + BATCH])


def recompute_tenants(tenants: Iterable[Tenant]) -> None:
    """Work out the summaries of all integrations of tenants anew."""
    recompute(snapshot_locks.integrations_of(tenants))


def snooze(integration_ids: Collection[int], until: datetime) -> None:
    """Let broken integrations step back until an instant, or until their headline is another
    one.
    """
    broken = Summary.objects.filter(pk__in=integration_ids, rank__lt=RANKS[Severity.WORKING])
    broken.update(snoozed_until=until, rank=SNOOZED)


def wake(integration_ids: Collection[int], **lookups: Any) -> None:
    """End the snooze of integrations; with `lookups` only of those that match them under the lock,
    as somebody may have snoozed them anew.
    """
    with transaction.atomic():
        snapshot_locks.lock(integration_ids)
        asleep = Summary.objects.filter(pk__in=integration_ids, snoozed_until__isnull=False)
        asleep.filter(**lookups).update(snoozed_until=None)
        recompute(integration_ids)


def create_missing() -> int:
    """Make the summaries that nobody made, as after an upgrade. Return how many."""
    missing = list(
        Integration.objects.filter(summary__isnull=True, snapshot__isnull=False).values_list(
            "pk", flat=True
        )[:BATCH]
    )
    recompute(missing)
    return len(missing)


def wake_due() -> int:
    """End the snoozes whose time has come. Return how many."""
    is_over = {"snoozed_until__lte": timezone.now()}
    due = list(Summary.objects.filter(**is_over).values_list("pk", flat=True)[:BATCH])
    if due:
        wake(due, **is_over)
    return len(due)


def mark_contacted(integration_ids: Collection[int], at: datetime) -> None:
    """Somebody wrote to the customer about these integrations."""
    Summary.objects.filter(pk__in=integration_ids, contacted_at__lt=at).update(contacted_at=at)


def _recompute(ids: list[int]) -> None:
    # Under the lock that `snapshots.amend` takes, so that neither writes what the other has just
    # made untrue.
    snapshot_locks.lock(ids)
    snapshots = Snapshot.objects.without_grid().in_bulk(ids)
    states = Entry.objects.filter(integration=OuterRef("pk"), kind=Kind.STATE).values("at")[:1]
    rows: QuerySet[Any] = Integration.objects.filter(pk__in=snapshots).select_related("tenant")
    rows = rows.annotate(began=Subquery(states))
    known = Summary.objects.select_for_update().order_by("pk").in_bulk(ids)
    new = []
    changed = []
    names = set[str]()
    owners = set[int]()
    for row in rows:
        values = columns(snapshots[row.pk], row)
        began = snapshots[row.pk].trouble_since or row.began
        if row.pk not in known:
            new.append(Summary(integration_id=row.pk, since=began or row.created_at, **values))
            continue
        owner = known[row.pk].owner_id
        if columns_changed := _change(known[row.pk], values, began or timezone.now()):
            changed.append(known[row.pk])
            names.update(columns_changed)
        if owner != values["owner_id"]:
            owners.update(pk for pk in (owner, values["owner_id"]) if pk)
    Summary.objects.bulk_create(new)
    if owners:
        daily_counts.count_anew(owners)
    if changed:
        Summary.objects.bulk_update(changed, sorted(names))
    _write_words(new + changed if "words" in names else new)


def _change(summary: Summary, values: dict[str, Any], since: datetime) -> list[str]:
    """Bring a summary to what it should tell.

    Return the names of the columns that changed. The caller saves.
    """
    if summary.headline != values["headline"]:
        values |= {"since": since, "snoozed_until": None}
    elif (
        values.get("snoozed_until", summary.snoozed_until)
        and values["rank"] < RANKS[Severity.WORKING]
    ):
        values["rank"] = SNOOZED
    changed = [name for name, value in values.items() if getattr(summary, name) != value]
    for name in changed:
        setattr(summary, name, values[name])
    return changed


def _write_words(summaries: list[Summary]) -> None:
    Word.objects.filter(summary__in=summaries).delete()
    words = [
        Word(summary=summary, word=word.encode())
        for summary in summaries
        for word in summary.words.split()
    ]
    Word.objects.bulk_create(words, batch_size=1000)

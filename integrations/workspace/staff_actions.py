"""What account managers do about their customers: write notes, snooze, say that the customer was
told, assign.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.domain.bidi import isolate
from integrations.domain.headline import UNCONFIRMED, Severity
from integrations.models import Entry, Integration, Kind, Note, Summary, Tenant
from integrations.upstream import snapshot_locks
from integrations.workspace import summaries
from integrations.workspace.summaries import RANKS

LONGEST_SNOOZE = timedelta(days=90)
SNOOZES = (1, 3, 7)  # days that one click chooses
LATEST = 10  # changes of what is shared, on a customer's page


def account_managers(*, tenant: Tenant | None = None) -> QuerySet[User]:
    """Return the staff who can take care of customers, by name; with `tenant` also its account
    manager, who may have left.
    """
    eligible = Q(is_staff=True, is_active=True) | Q(pk=tenant.owner_id if tenant else None)
    return User.objects.filter(eligible).order_by("username")


def owners() -> QuerySet[User]:
    """The same, with those of the staff who have left and are down as somebody's still."""
    owns = Exists(Tenant.objects.filter(owner=OuterRef("pk")))
    return User.objects.filter(Q(is_active=True) | owns, is_staff=True).order_by("username")


def name_of(user: User) -> str:
    """Return an account manager's name, marked as inactive if they are one no more."""
    name = user.get_full_name() or user.get_username()
    return name if _is_manager(user) else _("%(name)s (inactive)") % {"name": isolate(name)}


def assign(tenants: Collection[Tenant], owner: User | None, by: Actor) -> dict[int, int | None]:
    """Give tenants to an account manager, or to nobody.

    Return whose those were that changed, by the tenant's primary key. Raises ValueError for who
    can't be one, and has not been.
    """
    if owner and not _is_manager(owner) and any(tenant.owner_id != owner.pk for tenant in tenants):
        raise ValueError(f"{owner.pk} is no account manager")
    with transaction.atomic():
        return _give(tenants, owner, by)


def _give(tenants: Collection[Tenant], owner: User | None, by: Actor) -> dict[int, int | None]:
    snapshot_locks.lock_tenants(tenants)
    changed = [tenant for tenant in tenants if tenant.owner_id != (owner.pk if owner else None)]
    stored = Tenant.objects.filter(pk__in=[tenant.pk for tenant in changed])
    before = {tenant.pk: tenant for tenant in stored.select_related("owner")}
    name = owner.get_username() if owner else ""
    stored.update(owner=owner)
    for tenant in changed:
        tenant.owner = owner
        earlier = before[tenant.pk].owner
        became = {"owner": [earlier.get_username() if earlier else "", name]}
        audit.record(by, Act.ASSIGNED, tenant=tenant, changes=became)
    summaries.recompute_tenants(changed)
    hand_offs.revoke_orphans(of_tenant__in=[tenant.pk for tenant in changed])
    return {pk: tenant.owner_id for pk, tenant in before.items()}


def give_back(before: Mapping[int, int | None], owner_id: int | None, by: Actor) -> int:
    """Undo `assign`: give the tenants that are still this owner's to whose they were, even if these
    have left since, but not if they were deleted. Return how many.
    """
    owners = User.objects.in_bulk({pk for pk in before.values() if pk is not None})
    with transaction.atomic():
        tenants = list(Tenant.objects.filter(pk__in=before, owner=owner_id))
        snapshot_locks.lock_tenants(tenants)
        number = 0
        for earlier in set(before.values()):
            theirs = [tenant for tenant in tenants if before[tenant.pk] == earlier]
            if earlier is None or earlier in owners:
                number += len(_give(theirs, owners.get(earlier or 0), by))
    return number


def is_broken(summary: Summary) -> bool:
    """Whether somebody has to act, so that it can be snoozed."""
    return summary.rank < RANKS[Severity.WORKING]


def snooze(
    integrations: Collection[Integration], until: datetime, by: Actor
) -> dict[int, datetime | None]:
    """Let what is broken step back until an instant, at most `LONGEST_SNOOZE` from now. Raises
    ValueError.

    The integrations come with tenant and snapshot; those that are not broken stay as they are.
    Return until when those that were snoozed had been so before, by primary key.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST_SNOOZE:
        raise ValueError(f"{until} is no instant to snooze until")
    with transaction.atomic():
        broken = _locked(integrations, rank__lt=RANKS[Severity.WORKING])
        ids = [integration.pk for integration in broken]
        before = Summary.objects.filter(pk__in=ids).values_list("pk", "snoozed_until")
        snoozed = dict(before)
        summaries.snooze(ids, until)
        for integration in broken:
            audit.record(
                by, Act.SNOOZED, integration=integration, until=until.isoformat(timespec="minutes")
            )
    return snoozed


def unsnooze(before: Mapping[int, datetime | None], until: datetime, by: Actor) -> int:
    """Undo `snooze`: let those that are still snoozed until then be as they were. Return how
    many.
    """
    now = timezone.now()
    known = Integration.objects.filter(pk__in=before).select_related("tenant", "snapshot")
    with transaction.atomic():
        same = _locked(list(known.without_grid()), snoozed_until=until)
        for integration in same:
            earlier = before[integration.pk]
            if earlier and earlier > now:
                summaries.snooze([integration.pk], earlier)
                text = earlier.isoformat(timespec="minutes")
                audit.record(by, Act.SNOOZED, integration=integration, until=text)
        wake([one for one in same if not ((earlier := before[one.pk]) and earlier > now)], by)
    return len(same)


def wake(integrations: Collection[Integration], by: Actor) -> None:
    """End the snooze of those that are snoozed."""
    with transaction.atomic():
        if snoozed := _locked(integrations, snoozed_until__isnull=False):
            summaries.wake([integration.pk for integration in snoozed])
            for integration in snoozed:
                audit.record(by, Act.WOKEN, integration=integration)


def mark_contacted(integration: Integration, by: Actor) -> None:
    """Record that staff told the customer by other means than a mail of ours."""
    with transaction.atomic():
        summaries.mark_contacted([integration.pk], timezone.now())
        audit.record(by, Act.ANNOUNCED, integration=integration)


def write_note(
    text: str,
    by: Actor,
    *,
    tenant: Tenant,
    integration: Integration | None = None,
    at: datetime | None = None,
) -> Note:
    """Write a note about a tenant, or about one of its integrations."""
    at = at or timezone.now()
    with transaction.atomic():
        note = Note.objects.create(
            tenant=tenant, integration=integration, author=by.user, at=at, text=text
        )
        audit.record(by, Act.NOTED, tenant=tenant, integration=integration, at=at)
    return note


def notes(tenant: Tenant, integration: Integration | None = None) -> QuerySet[Note]:
    """The notes about one integration of a tenant, or all about the tenant and its integrations,
    the latest first.
    """
    rows = Note.objects.filter(tenant=tenant).select_related("author", "integration__snapshot")
    rows = rows.defer("integration__snapshot__coverage")
    return rows.filter(integration=integration) if integration else rows


def _is_manager(user: User) -> bool:
    return user.is_staff and user.is_active


def recent_changes(tenant: Tenant) -> QuerySet[Entry]:
    """What changed of late in what a tenant shares, without what the mapping guard holds back."""
    entries = Entry.objects.filter(integration__tenant=tenant, kind=Kind.COVERAGE)
    entries = entries.exclude(integration__summary__headline=UNCONFIRMED)
    return entries.select_related("integration__snapshot").defer("integration__snapshot__coverage")[
        :LATEST
    ]


def summary_of(integration: Integration) -> Summary:
    """The short row of an integration, made if it is not there yet."""
    if not hasattr(integration, "summary"):
        summaries.recompute([integration.pk])
        integration.summary = Summary.objects.get(pk=integration.pk)
    return integration.summary


def _locked(integrations: Collection[Integration], **state: object) -> list[Integration]:
    """Return the integrations whose summary is in this state, under the locks of both rows."""
    snapshot_locks.lock([integration.pk for integration in integrations])
    rows = Summary.objects.select_for_update().filter(
        pk__in=[integration.pk for integration in integrations], **state
    )
    ids = set(rows.values_list("pk", flat=True))
    return [integration for integration in integrations if integration.pk in ids]

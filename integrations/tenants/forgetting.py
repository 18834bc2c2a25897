"""Forgetting a tenant or a person for good, wherever they are stored, with one line on record.

What is theirs is deleted; where others' texts name them, the name is taken out. Kombo's copy, the
logs and the backups are not ours to change: docs/privacy.md.
"""

import json
import re
from collections import Counter
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote_plus

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from integrations.access import account_sessions, audit, audit_retention
from integrations.access.audit import Act, Actor
from integrations.models import (
    AccountInvitation,
    AuditEntry,
    DisconnectRequest,
    Entry,
    Event,
    HandOff,
    Integration,
    Issue,
    Kind,
    Mail,
    MailKind,
    Note,
    SavedView,
    Tenant,
)
from integrations.tenants import belongings, mapping
from integrations.upstream import snapshot_locks, snapshots

REDACTED = "…"
# In this order; the database removes what else belongs to a tenant along with it.
DELETED = ("mails", "webhooks", "unmapped_integrations", "accounts", "tenant")
# What is about others and may name somebody: texts of ours, and of Kombo's.
TEXTS: dict[type[Model], tuple[str, ...]] = {
    Note: ("text",),
    DisconnectRequest: ("reason",),
    Issue: ("title", "message"),
    Event: ("payload",),
    SavedView: ("name", "query"),
    LogEntry: ("object_repr", "change_message"),
    Mail: ("text",),
    AuditEntry: ("details",),
    HandOff: ("message",),
}
# A shorter word, or a mere number, would be found in what is about something else.
SHORTEST = 4  # characters


class StaffAccount(Exception):
    """The account is one of the vendor's staff's, who are still at work."""


type Mentions = dict[type[Model], dict[int, dict[str, Any]]]
"""Rows that name somebody, by primary key, with their texts without the names."""


def forget_tenant(tenant: Tenant, by: Actor, *, dry_run: bool = False) -> Counter[str]:
    """Delete a tenant with all that is stored of it. Return how many rows of what."""
    parts = belongings.of_tenant(tenant)
    counts = Counter({name: rows.count() for name, rows in parts.items()})
    if dry_run:
        return counts
    accounts = [(user.pk, user.get_username()) for user in parts["accounts"]]
    audit_ids = list(parts["audit"].values_list("pk", flat=True))
    mentions = _mentions(_names_of(tenant, parts))  # all reading before the locks
    with transaction.atomic():
        snapshot_locks.lock_tenants([tenant])
        belongings.log_entries_of(parts.values()).delete()
        account_sessions.end_all([pk for pk, _name in accounts])
        for name in DELETED:
            parts[name].delete()
        audit_retention.erase(audit_ids)
        for pk, name in accounts:
            _forget_actor(pk, name)
        _take_out(mentions)
        _reset_foreign_snapshots(tenant.origin_id)
        # An address as an id is personal data too.
        origin_id = REDACTED if "@" in tenant.origin_id else tenant.origin_id
        audit.record(by, Act.TENANT_FORGOTTEN, origin_id=origin_id)
    return counts


def forget_person(email: str, by: Actor, *, dry_run: bool = False) -> Counter[str]:
    """Delete the accounts of an address, and the address wherever it is stored.

    Return how many rows of what; if there are none, nothing is recorded. Raises StaffAccount.
    """
    users = list(User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email)))
    if any(user.is_staff and user.is_active for user in users):
        raise StaffAccount
    mails = Mail.objects.filter(to__iexact=email)
    contacts = Tenant.objects.filter(contact_email__iexact=email)
    hand_offs = HandOff.objects.filter(sent_to__iexact=email)
    invited = AccountInvitation.objects.filter(email__iexact=email)
    integrations = snapshots.naming(email)
    mentions = _mentions([email])
    counts = Counter(
        accounts=len(users),
        mails=mails.count(),
        contacts=contacts.count(),
        hand_offs=hand_offs.count(),
        invitations=invited.count(),
        integrations=len(integrations),
        texts=sum(map(len, mentions.values())),
    )
    if dry_run or not counts.total():
        return counts
    with transaction.atomic():
        pattern = _pattern([email])
        snapshots.forget(integrations, lambda text: pattern.sub("", text))
        mails.delete()
        contacts.update(contact_email="")
        alive = hand_offs.filter(used_at__isnull=True, revoked_at__isnull=True)
        alive.update(revoked_at=timezone.now())
        hand_offs.update(sent_to="", message="")
        account_sessions.end_all([user.pk for user in users])
        invited.delete()
        accounts = User.objects.filter(pk__in=[user.pk for user in users])
        belongings.log_entries_of([accounts]).delete()
        accounts.delete()
        for user in users:
            _forget_actor(user.pk, user.get_username())
        _take_out(mentions)
        audit.record(by, Act.PERSON_FORGOTTEN)
    return counts


def _names_of(tenant: Tenant, parts: dict[str, Any]) -> set[str]:
    """All by which a tenant and its people can be named in a text, and nobody else."""
    names = {tenant.name, " ".join(tenant.name.split()), tenant.public_id, tenant.contact_email}
    if len(tenant.origin_id) >= SHORTEST and not tenant.origin_id.isdecimal():
        names.add(tenant.origin_id)
    for table, column in (
        ("integrations", "integration_id"),
        ("integrations", "public_id"),
        ("snapshots", "creator_email"),
        ("hand_offs", "sent_to"),
        ("invitations", "email"),
        ("accounts", "email"),
        ("mails", "to"),
    ):
        names.update(parts[table].values_list(column, flat=True))
    others = User.objects.exclude(pk__in=list(parts["accounts"].values_list("pk", flat=True)))
    return names - set(others.values_list("email", flat=True)) - {""}


def _pattern(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of the names as whole words, also as they are written in JSON."""
    written = {
        text
        for name in names
        for text in (name, json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1])
    }
    longest_first = "|".join(re.escape(text) for text in sorted(written, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)


def _mentions(names: Collection[str]) -> Mentions:
    """Return, by model and primary key, the columns of other rows that hold one of these names,
    with the names taken out.
    """
    pattern = _pattern(names)
    mentions: Mentions = {kind: {} for kind in TEXTS}
    for kind, columns in TEXTS.items():
        rows = kind._default_manager.order_by("pk").values_list("pk", *columns)
        for pk, *texts in rows.iterator():
            # A saved view keeps what was searched for as an address does.
            if any(pattern.search(text) or pattern.search(unquote_plus(text)) for text in texts):
                redacted = [pattern.sub(REDACTED, text) for text in texts]
                mentions[kind][pk] = dict(zip(columns, redacted, strict=True))
    issues = Entry.objects.filter(kind=Kind.ISSUE).order_by("pk").values_list("pk", "data")
    mentions[Entry] = {
        pk: {"data": data | {"title": pattern.sub(REDACTED, data["title"])}}
        for pk, data in issues.iterator()
        if pattern.search(data.get("title", ""))
    }
    return mentions


def _take_out(mentions: Mentions) -> None:
    """Leave what is about others without the names."""
    changed: tuple[type[Model], ...] = (Note, DisconnectRequest, Issue, Event, Entry)
    for kind in changed:
        for pk, redacted in mentions[kind].items():
            kind._default_manager.filter(pk=pk).update(**redacted)
    SavedView.objects.filter(pk__in=mentions[SavedView]).delete()
    LogEntry.objects.filter(pk__in=mentions[LogEntry]).delete()
    for pk in mentions[Mail]:
        digest = Mail.objects.filter(pk=pk, kind=MailKind.DIGEST)
        # One that waits is written anew; one that was sent would be sent again.
        digest.filter(sent_at__isnull=True, handed_at__isnull=True).delete()
        digest.update(text="", html="")
    for pk, redacted in mentions[AuditEntry].items():
        audit_retention.erase([pk], **redacted)


def _forget_actor(user_id: int, name: str) -> None:
    """Leave what somebody did on record, and not who it was."""
    # Memberships that ended, and what was changed on a tenant's page.
    member = f"{name} · "
    in_log = Q(object_repr__startswith=member) | Q(
        change_message__contains=json.dumps(member)[1:-1]
    )
    LogEntry.objects.filter(in_log).delete()
    acts = AuditEntry.objects.filter(actor_id=user_id).values_list("pk", flat=True)
    audit_retention.erase(acts, actor=audit.FORGOTTEN, actor_id=None, address="")
    # As a value of its own, such as an account's name, or the first of a membership's.
    written = json.dumps(name, ensure_ascii=False)[:-1]
    about = Q(details__contains=f'{written}"') | Q(details__contains=f"{written} · ")
    named = re.compile(rf'{re.escape(written)}(?="| · )')
    for pk, details in AuditEntry.objects.filter(about).values_list("pk", "details"):
        audit_retention.erase([pk], details=named.sub(f'"{REDACTED}', details))


def _reset_foreign_snapshots(origin_id: str) -> None:
    """Forget what Kombo told of the tenant by integrations that are mapped to another."""
    named = Integration.objects.filter(snapshot__origin_id=origin_id)
    for integration in named.exclude(confirmed_origin_id=origin_id):
        mapping.announce(integration, left=integration.tenant)

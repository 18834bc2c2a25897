"""Links by which a customer's colleague repairs one integration, or connects one tool, without an
account.

A link is signed rather than stored: whoever reads the database can't make one, and staff can be
shown it again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, hand_off_tokens
from integrations.access.audit import Act, Actor
from integrations.access.hand_off_lists import Subject, named
from integrations.domain.events import SnapshotChanged
from integrations.domain.headline import Facts, Key, key_of
from integrations.models import (
    ConnectionAttempt,
    HandOff,
    Integration,
    Membership,
    RepairAct,
    Role,
    Summary,
    Tenant,
)

LIVES = timedelta(days=3)
LONGEST_LIFE = timedelta(days=7)
# Of its beginning: Kombo's link lives one hour, and people take their time.
ENDS_WITHIN = timedelta(hours=2)
_BACKEND = "django.contrib.auth.backends.ModelBackend"  # whose permissions are in the database

# What an act is for, and the headlines that can only hold once it is done.
_WORKS = {Key.QUALITY_CHECK, Key.FIRST_SYNC, Key.UPDATING, Key.DEGRADED, Key.CONNECTED}
_NEEDS = {
    RepairAct.RECONNECT: {Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING},
    RepairAct.SETUP: {Key.SETUP_INCOMPLETE},
}
_DONE = {RepairAct.RECONNECT: _WORKS | {Key.SETUP_INCOMPLETE}, RepairAct.SETUP: _WORKS}


class HandOffStatus(StrEnum):
    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


def act_for(facts: Facts) -> str:
    """What a link would be for as things are: "reconnect", "setup", or an empty text if the
    customer need not act.
    """
    key = key_of(facts)
    return next((act for act, keys in _NEEDS.items() if key in keys), "")


def status_of(hand_off: HandOff, now: datetime) -> HandOffStatus:
    """Whether a link works, and if not, why."""
    if hand_off.used_at:
        return HandOffStatus.USED
    if hand_off.revoked_at:
        return HandOffStatus.REVOKED
    return HandOffStatus.OPEN if hand_off.expires_at > now else HandOffStatus.EXPIRED


def is_in_time(hand_off: HandOff) -> bool:
    """Whether nobody has revoked a link, and it has not expired."""
    return hand_off.revoked_at is None and hand_off.expires_at > timezone.now()


def create(
    subject: Subject,
    act: str,
    *,
    by: Actor,
    lives: timedelta = LIVES,
    sent_to: str = "",
    message: str = "",
    by_guest: bool = False,
    at: datetime | None = None,
) -> HandOff:
    """Make a link for one act, "reconnect", "setup" or "connect".

    `sent_to` is an address, if it goes by mail; `message` is what its maker adds in own words;
    `by_guest` is for one made in an embedded view.
    """
    now = at or timezone.now()
    with transaction.atomic():
        hand_off = HandOff.objects.create(
            **named(subject),
            act=act,
            created_at=now,
            created_by=by.user,
            by_person=by.user is not None,
            by_guest=by_guest,
            expires_at=now + min(lives, LONGEST_LIFE),
            sent_to=sent_to,
            message=message,
        )
        record(by, Act.HAND_OFF_CREATED, hand_off, at=now, to=sent_to)
    return hand_off


def record(
    by: Actor, act: Act, hand_off: HandOff, *, at: datetime | None = None, to: str = ""
) -> None:
    """Add to the audit record what somebody did with a link; `to` is where it is to go by mail."""
    match hand_off.subject:
        case ConnectionAttempt() as attempt:
            audit.record(by, act, tenant=attempt.tenant, at=at, tool=attempt.tool_id, to=to)
        case integration:
            audit.record(by, act, integration=integration, at=at, to=to)


def token_of(hand_off: HandOff) -> str:
    """What stands in the link's address: a random id and our signature of it."""
    return hand_off_tokens.sign(hand_off.public_id)


def draft(
    subject: Subject, act: str, *, by: Actor, lives: timedelta = LIVES, message: str = ""
) -> HandOff:
    """Return what `create` would make, to be looked at: nothing is stored, and there is no link."""
    return HandOff(
        **named(with_tenant(subject) if isinstance(subject, Integration) else subject),
        act=act,
        created_by=by.user,
        by_person=by.user is not None,
        expires_at=timezone.now() + min(lives, LONGEST_LIFE),
        message=message,
    )


def with_tenant(integration: Integration) -> Integration:
    """Return an integration anew with all of its tenant, as what is written to people needs it."""
    known = Integration.objects.select_related("tenant", "snapshot").without_grid()
    return known.get(pk=integration.pk)


def url_of(hand_off: HandOff) -> str:
    """Return the whole address of the link, which is a key."""
    return settings.SITE_URL + reverse(
        "hand_off", args=[token_of(hand_off)], urlconf=settings.ROOT_URLCONF
    )


def headline_since(integration: Integration) -> datetime | None:
    """Return since when its headline holds, as its summary has it; None without a summary."""
    return Summary.objects.filter(pk=integration.pk).values_list("since", flat=True).first()


def find(token: str) -> HandOff | None:
    """The hand-off of a link that we signed, dead or alive, with what it is for and its tenant."""
    public_id = hand_off_tokens.public_id_in(token)
    link = _known().filter(public_id=public_id).first() if public_id else None
    if link and revoke_orphans(pk=link.pk):
        link.revoked_at = timezone.now()
    return link


def reload(hand_off: HandOff) -> HandOff:
    """Return a hand-off anew, with what it is for and its tenant selected along."""
    return _known().get(pk=hand_off.pk)


def mark_opened(hand_off: HandOff, by: Actor, at: datetime | None = None) -> None:
    """Somebody pressed its button, if for the first time: scanners of mails look at its page too,
    and press nothing.
    """
    now = at or timezone.now()
    with transaction.atomic():
        if HandOff.objects.filter(pk=hand_off.pk, opened_at__isnull=True).update(opened_at=now):
            record(by, Act.HAND_OFF_OPENED, hand_off, at=now)


def mark_begun(hand_off: HandOff) -> bool:
    """A way into Kombo Connect was made.

    Return whether it may still be gone: the link may have ended meanwhile.
    """
    return bool(HandOff.objects.filter(_alive(), pk=hand_off.pk).update(begun_at=timezone.now()))


def may_finish(hand_off: HandOff) -> bool:
    """What was begun by it a while ago may end now, even if the link expired or was found to be
    used meanwhile.
    """
    begun = hand_off.begun_at
    return (
        begun is not None and hand_off.revoked_at is None and timezone.now() < begun + ENDS_WITHIN
    )


def mark_used(hand_off: HandOff) -> None:
    """Use up a hand-off whose repair was done: its link leads nowhere any more."""
    _begun().filter(pk=hand_off.pk).update(used_at=timezone.now())


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Use up what was begun by a link, and by the new headline can only have been done; end the
    links to what is gone.
    """
    if event.headline_since is None:
        return
    key = key_of(event.snapshot)
    if key is Key.REMOVED:
        links = HandOff.objects.filter(_alive(), integration=event.snapshot.pk)
        links.update(revoked_at=timezone.now())
    if acts := [act for act, keys in _DONE.items() if key in keys]:
        _begun().filter(integration=event.snapshot.pk, act__in=acts).update(used_at=timezone.now())


def mark_all_used(attempt: ConnectionAttempt) -> None:
    """The tool is connected: no link to the attempt is good for anything any more."""
    links = HandOff.objects.filter(_alive() | Q(begun_at__isnull=False), attempt=attempt)
    links.filter(used_at=None, revoked_at=None).update(used_at=timezone.now())


def revoke_all(attempt: ConnectionAttempt) -> None:
    """Nobody means to go on with the attempt: let no link to it lead anywhere, not even to the end
    of what was begun by it.
    """
    links = HandOff.objects.filter(attempt=attempt, used_at=None, revoked_at=None)
    links.update(revoked_at=timezone.now())


def revoke(hand_off: HandOff, by: Actor) -> None:
    """Let the link lead nowhere from now on."""
    with transaction.atomic():
        if HandOff.objects.filter(_alive(), pk=hand_off.pk).update(revoked_at=timezone.now()):
            record(by, Act.HAND_OFF_REVOKED, hand_off)


def revoke_orphans(**lookups: Any) -> int:
    """End the links, all or those of some look-up, whose makers may not make them there any more:
    they left, were deleted, or lost the right. Return how many.

    A look-up may name the link's `of_tenant`, by primary key. Those that reminders made have no
    maker, and stay.
    """
    maker = {"user": OuterRef("created_by"), "tenant": OuterRef("of_tenant")}
    members = Membership.objects.filter(**maker, user__is_active=True, role=Role.MEMBER)
    staff = User.objects.filter(pk=OuterRef("created_by"), is_active=True, is_staff=True)
    sees_all = User.objects.with_perm("integrations.view_tenant", backend=_BACKEND)
    takes_care = Q(pk=OuterRef("of_owner")) | Q(pk__in=sees_all.values("pk"))
    links = HandOff.objects.annotate(of_tenant=_either("tenant"), of_owner=_either("tenant__owner"))
    left = links.filter(
        _alive(), ~Exists(members), ~Exists(staff.filter(takes_care)), by_person=True, **lookups
    )
    return left.update(revoked_at=timezone.now())


def revoke_of_guests(tenant: Tenant | None = None) -> None:
    """End the links that were made in embedded views, of all tenants or of one."""
    made = HandOff.objects.filter(_alive(), by_guest=True)
    if tenant:
        made = made.filter(Q(integration__tenant=tenant) | Q(attempt__tenant=tenant))
    made.update(revoked_at=timezone.now())


def prune(before: datetime) -> int:
    """Forget links that ended before an instant. Return how many."""
    return HandOff.objects.filter(expires_at__lt=before).delete()[0]


def _alive() -> Q:
    return Q(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())


def _begun() -> QuerySet[HandOff]:
    return HandOff.objects.filter(
        begun_at__isnull=False, used_at__isnull=True, revoked_at__isnull=True
    )


def _known() -> QuerySet[HandOff]:
    known = HandOff.objects.select_related(
        *("created_by", "integration__tenant", "integration__snapshot"),
        *("attempt__tenant", "attempt__integration__tenant", "attempt__integration__snapshot"),
    )
    return known.defer(
        "integration__snapshot__coverage", "attempt__integration__snapshot__coverage"
    )


def _either(path: str) -> Coalesce:
    """Return a number that is found by a path from what a link is for, whichever it is."""
    ways = f"integration__{path}", f"attempt__{path}"
    return Coalesce(*ways, output_field=BigIntegerField())

"""Mails to account managers: what is broken, once a day, and at once for those who ask."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from integrations import audit, letters, summaries
from integrations.access import sees_every_tenant
from integrations.audit import Act, Actor
from integrations.headline import Key
from integrations.limits import Limit
from integrations.models import Integration, Mail, Preferences, Reminder, Snapshot, Summary, Tenant
from integrations.wording import badge_of

MOST_ROWS = 50
# Counts one digest of everybody's a day, over all workers; longer than a day, so that no zone's day is counted twice.
ONCE_A_DAY = Limit("digest", times=1, seconds=int(timedelta(hours=50).total_seconds()))


@dataclass(frozen=True, slots=True)
class Row:
    """One integration that is broken."""

    tenant: str
    tool: str
    badge: str
    since: datetime
    url: str


def work_due() -> int:
    """Write today's digests if it is time and nobody has. Answers how many."""
    here = timezone.localtime()
    if not letters.can_send() or here.hour < settings.DIGEST_HOUR:
        return 0
    with transaction.atomic():  # whoever is killed has not counted either
        if ONCE_A_DAY.spend(here.date().isoformat()):
            return 0
        return sum(_write(user, here.date()) for user in _reachable(_readers()))


def alert(reminder: Reminder, integration: Integration, snapshot: Snapshot) -> None:
    """Tell those who want to know at once, and whose customer it is, that the customer must act. Once for each."""
    for user in _reachable(_at_once()):
        if not _takes_care(user, integration.tenant):
            continue
        context = letters.about(integration, snapshot, language=settings.LANGUAGE_CODE)
        letters.write(
            f"alert {reminder.pk} {user.pk}",
            kind="alert",
            to=letters.address(user.email),
            context=context | {"since": reminder.opened_at, "url": _url(integration)},
            tenant=integration.tenant,
            integration=integration,
            reminder=reminder,
        )


def is_wanted(mail: Mail) -> bool:
    """A digest or an alert still goes to one of the staff who wants it, and takes care of what it tells of."""
    named = re.fullmatch(r"(?:digest|alert [0-9]+) ([0-9]{1,18})(?: .*)?", mail.key)
    wanting = _at_once() if mail.kind == "alert" else _readers()
    user = wanting.filter(pk=named[1]).first() if named else None
    if user is None or letters.address(user.email) != mail.to:
        return False
    if mail.kind == "alert":
        return mail.tenant is not None and _takes_care(user, mail.tenant)
    return _owns_some(user) or sees_every_tenant(user)


def preferences_of(user: User) -> Preferences:
    """Which mails somebody wants; as a new one would, until they chose."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def prefer(preferences: Preferences, by: Actor) -> None:
    """Keep which mails somebody wants."""
    with transaction.atomic():
        preferences.save()
        audit.record(by, Act.REMINDERS_CHANGED, detail=f"own mails: {preferences}")


def _staff() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True).exclude(email="").order_by("pk")


def _readers() -> QuerySet[User]:
    """Who gets a digest: everybody who did not say no."""
    return _staff().exclude(pk__in=Preferences.objects.filter(digest=False).values("user"))


def _at_once() -> QuerySet[User]:
    return _staff().filter(pk__in=Preferences.objects.filter(at_once=True).values("user"))


def _reachable(users: QuerySet[User]) -> list[User]:
    return [user for user in users if letters.address(user.email)]


def _owns_some(user: User) -> bool:
    return Tenant.objects.filter(owner=user).exists()


def _takes_care(user: User, tenant: Tenant) -> bool:
    """It is their customer; whoever has none of their own, and may see all, takes care of all."""
    return tenant.owner_id == user.pk or (not _owns_some(user) and sees_every_tenant(user))


def _broken(user: User) -> QuerySet[Summary]:
    """What is broken and not snoozed of their customers, who must be seen first at the top."""
    found = Summary.objects.filter(place__in=summaries.BROKEN).order_by("place", "since", "pk")
    if _owns_some(user):
        return found.filter(owner=user)
    return found if sees_every_tenant(user) else found.none()


def _write(user: User, day: date) -> int:
    """Write somebody's digest, if anything is broken. Answers how many."""
    broken = _broken(user)
    number = broken.count()
    if not number:
        return 0
    rows = broken.select_related("tenant", "integration__tenant")[:MOST_ROWS]
    with translation.override(settings.LANGUAGE_CODE):
        groups = [
            (title, found)
            for place, title in enumerate(_titles())
            if (found := [_row(one) for one in rows if one.place == place])
        ]
    letters.write(
        f"digest {user.pk} {day.isoformat()}",
        kind="digest",
        to=letters.address(user.email),
        context={"groups": groups, "number": number, "more": number - MOST_ROWS, "day": day, "url": _all()},
    )
    return 1


def _titles() -> list[str]:
    """The kinds of broken, by place."""
    return [_("The customer must act"), _("Needs attention")]


def _row(summary: Summary) -> Row:
    known = summary.headline in list(Key)
    return Row(
        tenant=letters.plain(summary.tenant_name),
        tool=letters.plain(summary.tool) or "?",
        badge=badge_of(Key(summary.headline)) if known else _("Mapping not confirmed"),
        since=summary.since,
        url=_url(summary.integration),
    )


def _url(integration: Integration) -> str:
    ids = [integration.tenant.public_id, integration.public_id]
    return settings.SITE_URL + reverse("workbench", args=ids, urlconf=settings.ROOT_URLCONF)


def _all() -> str:
    return settings.SITE_URL + reverse("triage", urlconf=settings.ROOT_URLCONF)

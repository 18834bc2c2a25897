"""Mails to account managers: what is broken, once a day, and at once for those who ask."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from integrations.access.permissions import sees_every_tenant
from integrations.access.rate_limits import Limit
from integrations.domain import durations
from integrations.domain.bidi import isolate
from integrations.domain.headline import Severity
from integrations.mail import compose
from integrations.models import (
    Integration,
    Mail,
    MailKind,
    Preferences,
    Reminder,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.workspace import installation, outages, summaries
from integrations.workspace.triage_filter import TriageFilter

MOST_ROWS = 50
# Of a tenant, or of a summary: whoever took care of it left, if there was anybody.
IN_NOBODYS_CARE = Q(owner=None) | Q(owner__is_active=False) | Q(owner__is_staff=False)
# Counts one digest of everybody's a day, over all workers; longer than a day, so that no zone's day
# is counted twice.
ONCE_A_DAY = Limit("digest", times=1, seconds=int(timedelta(hours=50).total_seconds()))


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One integration that is broken."""

    tenant: str
    tool: str
    badge: str
    since: datetime
    more: list[str]
    url: str


def write_due(*, at_any_hour: bool = False) -> int:
    """Write today's digests if it is time and nobody has. Return how many."""
    here = timezone.localtime()
    if not compose.can_send() or (here.hour < settings.DIGEST_HOUR and not at_any_hour):
        return 0
    with transaction.atomic():  # whoever is killed has not counted either
        if ONCE_A_DAY.spend(here.date().isoformat()):
            return 0
        return sum(_write(user, here.date()) for user in _reachable(_readers()))


def write_alerts(reminder: Reminder, integration: Integration, snapshot: Snapshot) -> None:
    """Tell those who want to know at once, and whose customer it is, that the customer must act.

    Once for each.
    """
    for user in _reachable(_alert_readers()):
        if not _takes_care(user, integration.tenant):
            continue
        since = reminder.opened_at
        language = settings.LANGUAGE_CODE
        context = compose.context_about(integration, snapshot, since=since, language=language)
        compose.write_mail(
            f"alert {reminder.pk} {user.pk}",
            kind=MailKind.ALERT,
            to=compose.address(user.email),
            reader=user,
            context=context | {"url": _url(integration)},
            tenant=integration.tenant,
            integration=integration,
            reminder=reminder,
        )


def is_wanted(mail: Mail) -> bool:
    """A digest or an alert still goes to one of the staff who wants it, and takes care of what it
    tells of.
    """
    readers = _alert_readers() if mail.kind == MailKind.ALERT else _readers()
    user = readers.filter(pk=mail.reader_id or 0).first()
    if user is None or compose.address(user.email) != mail.to:
        return False
    if mail.kind == MailKind.ALERT:
        return mail.tenant is not None and _takes_care(user, mail.tenant)
    return _owns_some(user) or sees_every_tenant(user)


def _staff() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True).exclude(email="").order_by("pk")


def _readers() -> QuerySet[User]:
    """Who gets a digest: everybody who did not say no."""
    return _staff().exclude(pk__in=Preferences.objects.filter(digest=False).values("user"))


def _alert_readers() -> QuerySet[User]:
    return _staff().filter(pk__in=Preferences.objects.filter(at_once=True).values("user"))


def _reachable(users: QuerySet[User]) -> list[User]:
    return [user for user in users if compose.address(user.email)]


def _owns_some(user: User) -> bool:
    return Tenant.objects.filter(owner=user).exists()


def _takes_care(user: User, tenant: Tenant) -> bool:
    """It is their customer.

    Who may see all has those in nobody's care too, and with none of their own, all.
    """
    if tenant.owner_id == user.pk or not sees_every_tenant(user):
        return tenant.owner_id == user.pk
    return not _owns_some(user) or Tenant.objects.filter(IN_NOBODYS_CARE, pk=tenant.pk).exists()


def _broken(user: User) -> QuerySet[Summary]:
    """What is broken and not snoozed of their customers, who must be seen first at the top; what an
    outage is to blame for too.
    """
    broken = Summary.objects.filter(rank__in=summaries.BROKEN).order_by("rank", "since", "pk")
    if not sees_every_tenant(user):
        return broken.filter(owner=user)
    return broken.filter(Q(owner=user) | IN_NOBODYS_CARE) if _owns_some(user) else broken


def _write(user: User, day: date) -> int:
    """Write somebody's digest, if anything is broken, be it the installation. Return how many."""
    all_broken = _broken(user)
    down = outages.affecting(all_broken)
    broken = all_broken.exclude(pk__in=outages.waiting_integrations()) if down else all_broken
    number = broken.count()
    with translation.override(settings.LANGUAGE_CODE):
        problems = [problem.text for problem in installation.environment_problems()]
    if not number and not down and not (problems and (_owns_some(user) or sees_every_tenant(user))):
        return 0
    rows = broken.select_related("owner", "integration__tenant")[:MOST_ROWS]
    now = timezone.now()
    with translation.override(settings.LANGUAGE_CODE):
        groups = [
            (title, entries)
            for rank, title in enumerate(_titles())
            if (entries := [_row(row, user, now) for row in rows if row.rank == rank])
        ]
    compose.write_mail(
        f"digest {user.pk} {day.isoformat()}",
        kind=MailKind.DIGEST,
        to=compose.address(user.email),
        reader=user,
        context={
            "groups": groups,
            "problems": problems,
            "outages": [
                {
                    "tool": isolate(compose.one_line(outage.tool_label)),
                    "started_at": outage.started_at,
                    "number": affected,
                    "url": _list_url() + TriageFilter(scope="all", outage=outage.public_id).query(),
                }
                for outage, affected in down
            ],
            "number": number,
            "more": number - MOST_ROWS,
            "day": day,
            "url": _list_url(),
        },
    )
    return 1


def _titles() -> list[str]:
    """The kinds of broken, by place: whose step is next, as the list of integrations has it."""
    vendor = {"vendor": isolate(settings.VENDOR_NAME)}
    return [_("Waiting on customer"), _("Waiting on %(vendor)s") % vendor]


def _row(summary: Summary, reader: User, now: datetime) -> DigestRow:
    more = [durations.duration(now - summary.since)]
    owner = summary.owner
    if (
        summary.rank == summaries.RANKS[Severity.ACTION_REQUIRED]
        and summary.contacted_at < summary.since
    ):
        more.append(_("Customer not notified"))
    if owner != reader:
        is_there = owner and owner.is_active and owner.is_staff
        name = (
            compose.one_line(owner.get_full_name() or owner.get_username())
            if owner and is_there
            else _("Unassigned")
        )
        more.append(_("Account manager: %(name)s") % {"name": isolate(name)})
    return DigestRow(
        tenant=isolate(compose.one_line(summary.tenant_name)),
        tool=isolate(compose.one_line(summary.tool) or "?"),
        badge=summaries.headline_name(summary.headline),
        since=summary.since,
        more=more,
        url=_url(summary.integration),
    )


def _url(integration: Integration) -> str:
    ids = [integration.tenant.public_id, integration.public_id]
    return settings.SITE_URL + reverse(
        "workspace_integration", args=ids, urlconf=settings.ROOT_URLCONF
    )


def _list_url() -> str:
    return settings.SITE_URL + reverse("triage", urlconf=settings.ROOT_URLCONF)

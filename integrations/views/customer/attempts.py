"""What was begun to be connected, and is not yet, in words for the customer."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import colleagues
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.models import ConnectionAttempt, Tenant
from integrations.tenants import connecting
from integrations.tenants.connecting import AttemptStatus

MOST = 10  # that a page shows


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt: what is true of it since when, and what to do next."""

    id: str
    label: str
    logo_key: str
    status: str
    severity: str
    badge: str
    sentence: str
    at: datetime
    url: str
    may_continue: bool
    who: str = ""


def rows_of(grant: AccessGrant) -> list[AttemptRow]:
    """Return the unfinished attempts of a tenant, the latest first."""
    now = timezone.now()
    found = connecting.unfinished(now).filter(tenant=grant.tenant)[:MOST]
    return [_row(attempt, now, may_continue=grant.may_repair) for attempt in found]


def rows_for_staff(tenant: Tenant) -> list[AttemptRow]:
    """Return the same for staff, each with who set out to."""
    now = timezone.now()
    found = connecting.unfinished(now).filter(tenant=tenant)[:MOST]
    return [
        replace(
            _row(attempt, now, may_continue=True),
            who=colleagues.name_of(attempt.created_by) if attempt.created_by else "",
        )
        for attempt in found
    ]


def _row(attempt: ConnectionAttempt, now: datetime, *, may_continue: bool) -> AttemptRow:
    status = connecting.status_of(attempt, now)
    severity, badge, sentence = _words(status)
    ids = attempt.tenant.public_id, attempt.category.lower(), attempt.tool_id
    return AttemptRow(
        id=attempt.public_id,
        label=attempt.tool_label,
        logo_key=attempt.logo_id or "",
        status=status,
        severity=severity,
        badge=badge,
        sentence=sentence % {"tool": isolate(attempt.tool_label)},
        at=attempt.failed_at or attempt.finished_at or attempt.begun_at or attempt.created_at,
        url=reverse("connect_tool", args=ids),
        may_continue=may_continue and connecting.may_continue(attempt, now),
    )


def _words(status: AttemptStatus) -> tuple[str, str, str]:
    """Return the sign, the badge and the sentence of an attempt."""
    match status:
        case AttemptStatus.FAILED:
            return (
                "action_required",
                _("Not connected"),
                _("%(tool)s refused the sign-in. Check the account and its rights, and try again."),
            )
        case AttemptStatus.LEFT:
            return (
                "attention",
                _("Not finished"),
                _("The window was closed before %(tool)s was connected."),
            )
        case AttemptStatus.UNCONFIRMED:
            return (
                "working",
                _("Being confirmed"),
                _("%(tool)s was connected and appears here as soon as that is confirmed."),
            )
        case AttemptStatus.INVITED:
            return "working", _("Invited"), _("A colleague was asked to connect %(tool)s.")
    return "working", _("Being connected"), _("Someone is connecting %(tool)s right now.")

"""What was begun to be connected, and is not yet, in words for the customer."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import colleagues
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.models import CatalogueTool, ConnectionAttempt, Tenant
from integrations.tenants import attempts
from integrations.tenants.attempts import AttemptStatus


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
    tenant: Tenant
    who: str = ""


def rows_of(grant: AccessGrant) -> list[AttemptRow]:
    """Return the unfinished attempts of a tenant, the latest first."""
    now = timezone.now()
    found = attempts.unfinished_of(grant.tenant.pk, now)
    return [_row(attempt, now, may_continue=grant.may_repair) for attempt in found]


def row_of_tool(grant: AccessGrant, tool: CatalogueTool) -> AttemptRow | None:
    """Return the unfinished attempt to connect one tool to a tenant, if somebody has begun it."""
    now = timezone.now()
    found = attempts.unfinished(now).filter(
        tenant=grant.tenant,
        environment=tool.catalogue.environment,
        category=tool.catalogue.category,
        tool_id=tool.tool_id,
    )
    attempt = found.exclude(begun_at=None).first()
    return _row(attempt, now, may_continue=grant.may_repair) if attempt else None


def rows_for_staff(tenant: Tenant) -> list[AttemptRow]:
    """Return the same for staff, each with who set out to."""
    now = timezone.now()
    return [row_for_staff(attempt, now) for attempt in attempts.unfinished_of(tenant.pk, now)]


def row_for_staff(attempt: ConnectionAttempt, now: datetime) -> AttemptRow:
    """Return one attempt for staff, with who set out to."""
    return replace(
        _row(attempt, now, may_continue=True),
        who=colleagues.name_of(attempt.created_by) if attempt.created_by else "",
    )


def _row(attempt: ConnectionAttempt, now: datetime, *, may_continue: bool) -> AttemptRow:
    status = attempts.status_of(attempt, now)
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
        at=_latest(attempt),
        url=reverse("connect_tool", args=ids),
        may_continue=may_continue and attempts.may_continue(attempt, now),
        tenant=attempt.tenant,
    )


def _latest(attempt: ConnectionAttempt) -> datetime:
    """Return since when an attempt is as it is."""
    ended_at = attempt.failed_at or attempt.finished_at or attempt.left_at
    return ended_at or attempt.begun_at or attempt.created_at


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
        case AttemptStatus.UNKNOWN:
            return (
                "attention",
                _("Not confirmed"),
                _(
                    "We couldn’t confirm that %(tool)s was connected. If it isn’t listed here, try "
                    "again."
                ),
            )
        case AttemptStatus.INVITED:
            return "working", _("Invited"), _("A colleague was asked to connect %(tool)s.")
    # Of a window that was closed without a word, nobody knows.
    begun = _("Someone started connecting %(tool)s and hasn’t finished yet.")
    return "working", _("Being connected"), begun

"""The timeline of one integration in words, day by day: what happened, notes, emails, links."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.domain.bidi import isolate
from integrations.history import text as history_text
from integrations.mail import status as mail_status
from integrations.models import Integration, Kind, Note
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.workspace import staff_actions, timeline
from integrations.workspace.timeline import EventKind, Show, TimelineEvent

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One event. `severity` gives it a sign, else `icon` has the name of its icon; a note has
    neither, but its record. `names` are data points, of which there are `more`.
    """

    kind: str
    at: datetime
    title: str
    detail: str = ""
    severity: str = ""
    icon: str = ""
    url: str = ""
    note: Note | None = None
    names: tuple[str, ...] = ()
    more: int = 0


def panel(request: Request, integration: Integration) -> dict[str, Any]:
    """Return the template's context for the timeline. Its filter, `show`, and its page, `page`, are
    in the URL.
    """
    requested = request.GET.get("show", "")
    show = Show(requested) if requested in list(Show) else Show.EVERYTHING
    paged = page_of(request, timeline.keys(integration, show), PER_PAGE)
    tool = integration.snapshot.tool_label
    links_emails = request.user.has_perm("integrations.view_mail")
    lines = [_line(event, tool, links_emails=links_emails) for event in timeline.read(paged)]
    names = {
        Show.EVERYTHING: _("Everything"),
        Show.NOTES: _("Notes"),
        Show.STATUS: _("Status"),
        Show.EMAILS: _("Emails"),
    }
    here = reverse(
        "workspace_integration", args=[integration.tenant.public_id, integration.public_id]
    )
    addresses = {one: f"{here}?show={one}" if one else here for one in Show}
    return {
        "show": show,
        "segments": [(addresses[one], names[one], one is show) for one in Show],
        "days": _by_day(lines),
        "today": timezone.localdate(),
        "paged": paged,
        "page_url": addresses[show],
    }


def _by_day(lines: list[TimelineLine]) -> list[tuple[date, list[TimelineLine]]]:
    days = groupby(lines, key=lambda line: timezone.localdate(line.at))
    return [(day, list(those)) for day, those in days]


def _line(event: TimelineEvent, tool: str, *, links_emails: bool) -> TimelineLine:
    record = event.record
    match event.kind:
        case EventKind.ENTRY:
            [told] = history_text.entry_texts([record], tool=tool)
            is_change = told.kind in {Kind.COVERAGE, Kind.SETTINGS}
            return TimelineLine(
                told.kind,
                event.at,
                told.title,
                told.detail,
                "" if is_change else told.severity,  # what is shared is neither good nor bad
                icon="changes",
                names=told.names,
                more=told.more,
            )
        case EventKind.NOTE:
            author = staff_actions.name_of(record.author) if record.author else _("Deleted user")
            return TimelineLine(event.kind, event.at, author, note=record)
        case EventKind.EMAIL:
            return _email(event, links_emails=links_emails)
        case EventKind.LINK_CREATED:
            by = record.created_by
            who = isolate(by.get_full_name() or by.get_username()) if by else ""
            title = _("%(who)s created a guest link") if who else _("A guest link was created")
            return TimelineLine(event.kind, event.at, title % {"who": who}, icon="link")
    to = _("To: %(to)s") % {"to": isolate(record.sent_to)} if record.sent_to else ""
    return TimelineLine(event.kind, event.at, _("The guest link was opened"), to, icon="open")


def _email(event: TimelineEvent, *, links_emails: bool) -> TimelineLine:
    mail = event.record
    state = mail_status.status_of(mail, timezone.now())
    words = {"to": isolate(mail.to), "status": mail_status.status_name(state)}
    is_wrong = mail_status.severity_of(state) in {"attention", "action_required"}
    return TimelineLine(
        event.kind,
        event.at,
        mail_status.kind_name(mail.kind),
        pgettext("email", "To: %(to)s · %(status)s") % words,
        mail_status.severity_of(state) if is_wrong else "",
        icon="email",
        url=reverse("email", args=[mail.pk]) if links_emails else "",
    )

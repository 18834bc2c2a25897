"""The mails that were written: what they say, whether they were sent, and which of them everybody
wants.
"""

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from integrations.access import permissions
from integrations.mail import compose, delivery, preferences
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import Mail, MailKind
from integrations.views.actors import actor_of
from integrations.views.pager import page_of
from integrations.views.types import Request

PER_PAGE = 50
PERMISSION = "integrations.view_mail"
# A mail is written by us, but names come from elsewhere; opened by itself, it must be able to do
# nothing.
_INERT = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)


@require_safe
def page(request: Request) -> HttpResponse:
    """The mails, the newest first; filters and page live in the URL."""
    mails = _mails(request)
    now = timezone.now()
    kind = request.GET.get("kind", "")
    state = request.GET.get("state", "")
    kind = kind if kind in MailKind else ""
    state = state if state in list(MailStatus) else ""
    if kind:
        mails = mails.filter(kind=kind)
    if state:
        mails = mails.filter(mail_status.with_status(MailStatus(state), now))
    paged = page_of(request, mails.select_related("tenant").defer("text", "html"), PER_PAGE)
    context = {
        "rows": [_row(mail) for mail in paged],
        "paged": paged,
        "page_url": f"{request.path}?{urlencode({'kind': kind, 'state': state})}",
        "kind": kind,
        "state": state,
        "kinds": [(mail_kind, mail_status.kind_name(mail_kind)) for mail_kind in MailKind],
        "states": [
            (str(mail_state), mail_status.status_name(mail_state)) for mail_state in MailStatus
        ],
        "can_send": compose.can_send(),
    }
    return render(request, "workspace/email_log.html", context)


@require_safe
def mail(request: Request, mail_id: int) -> HttpResponse:
    """One mail, as text."""
    return _mail(request, _find(request, mail_id))


@require_safe
def html(request: Request, mail_id: int) -> HttpResponse:
    """One mail, as a mail program would show it, with a link that leads nowhere."""
    _text, body = compose.with_link(_find(request, mail_id), "#")
    body = compose.LOGO.sub(lambda named: reverse("vendor_picture", args=[named[1]]), body)
    return HttpResponse(body, headers={"Content-Security-Policy": _INERT})


@require_http_methods(["GET", "POST"])
def again(request: Request, mail_id: int) -> HttpResponse:
    """Send a mail again that failed, or that may not have arrived."""
    if request.method == "GET":
        return redirect("email", mail_id)
    permissions.require_staff(request.user, "integrations.change_mail")
    mail = _find(request, mail_id)
    if not delivery.resend(mail, by=actor_of(request)):
        return _mail(
            request,
            mail,
            problem=_("This email doesn’t need to be resent. Check its status."),
        )
    return redirect("email", mail_id)


@require_http_methods(["GET", "POST"])
def email_preferences(request: Request) -> HttpResponse:
    """Which mails somebody of the staff gets."""
    user = permissions.require_staff(request.user)
    known = preferences.of_user(user)
    if request.method == "POST":
        known.digest = "digest" in request.POST
        known.at_once = "at_once" in request.POST
        preferences.save(known, by=actor_of(request))
        return redirect("email_preferences")
    context = {
        "preferences": known,
        "email": compose.address(user.email),
        "unmailable": compose.unmailable(user.email),
        "can_send": compose.can_send(),
    }
    return render(request, "workspace/preferences.html", context)


def _mails(request: Request) -> QuerySet[Mail]:
    permissions.require_staff(request.user, PERMISSION)
    return permissions.mails_for_staff(request.user)


def _find(request: Request, mail_id: int) -> Mail:
    for mail in (
        _mails(request)
        .filter(pk=mail_id)
        .select_related("tenant", "integration__snapshot", "reminder")
    ):
        return mail
    raise Http404


def _row(mail: Mail) -> dict[str, object]:
    state = mail_status.status_of(mail, timezone.now())
    return {
        "mail": mail,
        "kind": mail_status.kind_name(mail.kind),
        "state": state,
        "severity": mail_status.severity_of(state),
        "said": mail_status.status_name(state),
        "problem": mail_status.problem_of(mail.error) if mail.error else "",
    }


def _mail(request: Request, mail: Mail, *, problem: str = "") -> HttpResponse:
    row = _row(mail)
    text, _html = compose.with_link(mail, _("[guest link hidden]"))
    is_stuck = row["state"] in {MailStatus.FAILED, MailStatus.UNCLEAR}
    may_resend = is_stuck and request.user.has_perm("integrations.change_mail")
    context = {**row, "text": text, "may_resend": may_resend, "refusal": problem}
    return render(request, "workspace/email.html", context, status=409 if problem else 200)

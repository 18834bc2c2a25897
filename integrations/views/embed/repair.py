"""Out of the frame: a page of its own, where one integration is repaired by whoever was handed the
way here.

A host's page could lay anything over a frame; here the browser shows whose page it is, and only a
POST does anything.
"""

from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from integrations.access import permissions, rate_limits, repair_handles
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.models import ConnectionAttempt, Integration, RepairHandle
from integrations.tenants import attempts
from integrations.tenants.attempts import AttemptStatus
from integrations.upstream.connect_links import ConnectLink
from integrations.views.actors import actor_of
from integrations.views.customer import cards, connect_dialog, connecting
from integrations.views.customer.card import Card
from integrations.views.customer.pages import opens_connect
from integrations.views.customer.repair import RepairNotBegun, begin, finish, problem, start_connect
from integrations.views.errors import too_many
from integrations.views.guesses import refuse_guess
from integrations.views.language import in_asked_language
from integrations.views.types import Request

# How often a window looks whether its frame was answered, a second apart.
_LOOKS = {str(number) for number in range(20)}


@login_not_required
@in_asked_language
@opens_connect
@require_http_methods(["GET", "POST"])
def page(request: Request, handle: str) -> HttpResponse:
    """Say whose tool it is about; a POST mints the link and opens Kombo Connect with it, once."""
    looks = request.GET.get("wait", "")
    if request.method == "GET" and looks in _LOOKS and repair_handles.may_come(handle):
        return _wait(request, int(looks) + 1)
    if to_connect := permissions.to_connect_by_handle(handle):
        return _connect(request, handle, *to_connect)
    entered = permissions.by_repair_handle(handle)
    if entered is None:
        return refuse_guess(request, "link") or _expired(request)
    repair_handle, grant, integration = entered
    card = cards.card(grant, integration)
    context = {
        "grant": grant,
        "card": card,
        "act": repair_handle.act,
        "press": reverse("embed_repair", args=[handle]),
    }
    if request.method == "GET":
        return quiet(render(request, "embed/repair.html", context))
    if wait := rate_limits.REPAIR.spend(grant.user.pk, integration.pk):
        return quiet(too_many(request, wait))
    if not repair_handles.use(repair_handle):
        return _expired(request)
    try:
        return quiet(
            start_connect(request, grant, card, _begin(request, repair_handle, integration))
        )
    except RepairNotBegun as error:
        if not error.is_final:
            repair_handles.renew(repair_handle)
        return quiet(problem(request, grant, card, str(error)))


def _connect(
    request: Request,
    handle: str,
    repair_handle: RepairHandle,
    grant: AccessGrant,
    attempt: ConnectionAttempt,
) -> HttpResponse:
    """Say which tool is to be connected; a POST opens Kombo Connect, once it has an address that
    Kombo asks for.
    """
    here = reverse("embed_repair", args=[handle])
    is_connected = attempt.connected_at is not None  # in another window
    if over := settled(request, grant, attempt, is_connected=is_connected, back=here):
        return over
    email = connecting.email_of(request) if request.method == "POST" else ""
    if not email:
        card = {"label": attempt.tool_label, "logo_key": attempt.logo_id or ""}
        context = {"grant": grant, "attempt": attempt, "card": card, "press": here}
        return quiet(render(request, "embed/connect.html", context))
    if wait := rate_limits.REPAIR.spend(grant.user.pk, attempt.pk):
        return quiet(too_many(request, wait))
    if not repair_handles.use(repair_handle):
        return _expired(request)
    response = connecting.open_connect(request, grant, attempt, email=email, back=here)
    if response.has_header("HX-Retarget"):  # it did not open
        repair_handles.renew(repair_handle)
    return quiet(response)


@login_not_required
@in_asked_language
@require_POST
def completed(request: Request, handle: str) -> HttpResponse:
    """Kombo Connect reported success in the window."""
    if to_connect := permissions.to_connect_by_handle(handle, used=True):
        return _connected(request, handle, *to_connect[1:])
    entered = permissions.by_repair_handle(handle, used=True)
    if entered is None:
        return refuse_guess(request, "link") or _expired(request)
    _handle, grant, integration = entered
    if wait := rate_limits.REPAIR.spend(grant.user.pk, integration.pk):
        return quiet(too_many(request, wait))
    finish(request, integration, by=actor_of(request))
    message = _("You can close this window. The previous page updates automatically.")
    return done(request, _("Done"), message)


def _connected(
    request: Request, handle: str, grant: AccessGrant, attempt: ConnectionAttempt
) -> HttpResponse:
    """Map what was connected, and say that the window can go."""
    action = reverse("embed_repair_completed", args=[handle])
    ended = connecting.finish(request, grant, attempt, action=action)
    if isinstance(ended, HttpResponse):
        return quiet(ended)
    message = _("You can close this window. The previous page updates automatically.")
    return done(request, _("Done"), message)


def settled(
    request: Request,
    grant: AccessGrant,
    attempt: ConnectionAttempt,
    *,
    is_connected: bool,
    back: str,
) -> HttpResponse | None:
    """Say that nothing is left to do about an attempt to connect a tool, or not now; None if
    something is. `back` is where it began.
    """
    names = {"tool": isolate(attempt.tool_label)}
    if is_connected:
        title = _("%(tool)s is already connected") % names
        words = _("You don’t need to do anything. Thank you.")
    elif attempts.status_of(attempt, timezone.now()) is AttemptStatus.UNCONFIRMED:
        title = _("Checking the connection")
        words = (
            _("%(tool)s was connected. As soon as that is confirmed, there’s nothing left to do.")
            % names
        )
    else:
        return None
    if request.htmx:
        subject = replace(connecting.subject_of(attempt, back=back), title=title)
        return quiet(connect_dialog.show_problem(request, grant, subject, words, is_open=True))
    return expired(request, title, words, 200, press=back, is_well=is_connected)


def _begin(request: Request, handle: RepairHandle, integration: Integration) -> ConnectLink:
    by = actor_of(request)
    return begin(integration, handle.act, by=by, with_scope=handle.with_scope)


def done(
    request: Request, title: str, message: str, *, card: Card | dict[str, str] | None = None
) -> HttpResponse:
    """The end of a repair on a page of its own; one that succeeded shows what is connected."""
    template = "embed/done.html#main" if request.htmx else "embed/done.html"
    context = {"title": title, "message": message, "card": card}
    return quiet(render(request, template, context))


def expired(
    request: HttpRequest,
    title: str,
    message: str,
    status: int,
    *,
    press: str = "",
    is_well: bool = False,
) -> HttpResponse:
    """An address that leads nowhere, or no more, perhaps as all is well; another language can be
    chosen if it is named.
    """
    context = {"title": title, "message": message, "press": press, "is_well": is_well}
    return quiet(render(request, "embed/expired.html", context, status=status))


def quiet[R: HttpResponseBase](response: R) -> R:
    """The address is a key: no page it leads to may learn of it, nor any search engine."""
    response["Referrer-Policy"] = (
        "strict-origin"  # not "no-referrer": a form's Origin would be null
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _wait(request: Request, looks: int) -> HttpResponse:
    """Return a page that looks again in a second: the frame that opened it was not answered yet.

    The frame can't lead its window on: where the host's page has a Cross-Origin-Opener-Policy, it
    is given none.
    """
    again = QueryDict(mutable=True)
    again.update({"lang": get_language() or "en", "wait": str(looks)})
    response = render(request, "embed/wait.html")
    response["Refresh"] = f"1; url=?{again.urlencode()}"
    return quiet(response)


def _expired(request: HttpRequest) -> HttpResponse:
    message = _(
        "It works once and expires after 10 minutes. Go back to the previous page and select "
        "the button again."
    )
    return expired(request, _("This link has expired"), message, 404)

"""Out of the frame: a page of its own, where one integration is repaired by whoever was handed the way here.

A host's page could lay anything over a frame; here the browser shows whose page it is, and only a POST does anything.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from integrations.access import embed_sessions, permissions, rate_limits
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.customer.pages import opens_connect
from integrations.views.customer.repair import NotBegun, begin, end, problem, way_in
from integrations.views.errors import too_many
from integrations.views.language import in_asked_language
from integrations.views.types import Request


@login_not_required
@in_asked_language
@opens_connect
@require_http_methods(["GET", "POST"])
def page(request: Request, handle: str) -> HttpResponse:
    """Say whose tool it is about; a POST mints the link and opens Kombo Connect with it, once."""
    entered = permissions.by_handle(handle)
    if entered is None:
        return _over(request)
    way, place, found = entered
    card = cards.card(place, found)
    context = {"place": place, "card": card, "press": reverse("go", args=[handle])}
    if request.method == "GET":
        return quiet(render(request, "embed/repair.html", context))
    if wait := rate_limits.REPAIR.spend(f"{place.user.pk}/{found.pk}"):
        return quiet(too_many(request, wait))
    if not embed_sessions.use_handle(way):
        return _over(request)
    try:
        return quiet(way_in(request, place, card, begin(found, way.act, by=actor_of(request))))
    except NotBegun as error:
        if not error.is_final:
            embed_sessions.renew_handle(way)
        return quiet(problem(request, place, card, str(error)))


@login_not_required
@in_asked_language
@require_POST
def completed(request: Request, handle: str) -> HttpResponse:
    """Kombo Connect reported success in the window."""
    entered = permissions.by_handle(handle, used=True)
    if entered is None:
        return _over(request)
    _way, place, found = entered
    if wait := rate_limits.REPAIR.spend(f"{place.user.pk}/{found.pk}"):
        return quiet(too_many(request, wait))
    end(request, found, by=actor_of(request))
    message = _("You can close this window. The page you came from shows the new state by itself.")
    return done(request, _("Done"), message)


def done(request: Request, title: str, message: str) -> HttpResponse:
    """The end of a repair on a page of its own."""
    template = "embed/done.html#main" if request.htmx else "embed/done.html"
    return quiet(render(request, template, {"title": title, "message": message}))


def over(request: HttpRequest, title: str, message: str, status: int, *, press: str = "") -> HttpResponse:
    """An address that leads nowhere, or no more; another language can be chosen if it is named."""
    context = {"title": title, "message": message, "press": press}
    return quiet(render(request, "embed/expired.html", context, status=status))


def quiet(response: HttpResponse) -> HttpResponse:
    """The address is a key: no page it leads to may learn of it, nor any search engine."""
    response["Referrer-Policy"] = "strict-origin"  # not "no-referrer": a form's Origin would be null
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _over(request: HttpRequest) -> HttpResponse:
    message = _("It works once, for ten minutes. Go back to the page you came from and press the button again.")
    return over(request, _("This way is closed"), message, 404)

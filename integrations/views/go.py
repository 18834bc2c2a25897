"""Out of the frame: a page of its own, where one integration is repaired by whoever was handed the way here.

A host's page could lay anything over a frame; here the browser shows whose page it is, and only a POST does anything.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from integrations import access, cards, embedding, limits, repair
from integrations.kombo.errors import KomboError
from integrations.views.customer import opens_connect
from integrations.views.errors import too_many
from integrations.views.language import in_asked_language
from integrations.views.repair import MAX_TOKEN, problem
from integrations.views.types import Request


@login_not_required
@in_asked_language
@opens_connect
@require_http_methods(["GET", "POST"])
def page(request: Request, handle: str) -> HttpResponse:
    """Say whose tool it is about; a POST mints the link and opens Kombo Connect with it, once."""
    entered = access.by_handle(handle)
    if entered is None:
        return _over(request)
    way, place, found = entered
    card = cards.card(place, found)
    context = {"handle": handle, "place": place, "card": card, "act": way.act}
    if request.method == "GET":
        return _quiet(render(request, "embed/go.html", context))
    if wait := limits.REPAIR.spend(f"{place.user.pk}/{found.pk}"):
        return _quiet(too_many(request, wait))
    if not embedding.use_handle(way):
        return _over(request)
    mint = repair.reconnect_link if way.act == "reconnect" else repair.setup_link
    try:
        link = mint(found, language=get_language() or "en", by=None)
    except repair.NothingToSetUp:
        return _quiet(problem(request, place, card, _("There is nothing left to set up.")))
    except (repair.LinkRefused, KomboError):
        embedding.renew_handle(way)
        again = _("The connection could not be started just now.") + " " + _("Please try again in a moment.")
        return _quiet(problem(request, place, card, again))
    template = "integrations/connect.html"
    shown = {"place": place, "card": card, "link": link}
    return _quiet(render(request, f"{template}#dialog" if request.htmx else template, shown))


@login_not_required
@in_asked_language
@require_POST
def completed(request: Request, handle: str) -> HttpResponse:
    """Kombo Connect reported success in the window."""
    entered = access.by_handle(handle, used=True)
    if entered is None:
        return _over(request)
    _way, place, found = entered
    if wait := limits.REPAIR.spend(f"{place.user.pk}/{found.pk}"):
        return _quiet(too_many(request, wait))
    token = request.POST.get("token", "")
    if token and len(token) <= MAX_TOKEN:
        repair.completed(found, token, by=None)
    return _quiet(render(request, "embed/done.html#main" if request.htmx else "embed/done.html", {"place": place}))


def _over(request: HttpRequest) -> HttpResponse:
    return _quiet(render(request, "embed/over.html", status=404))


def _quiet(response: HttpResponse) -> HttpResponse:
    """The address is a key: no page it leads to may learn of it."""
    response["Referrer-Policy"] = "strict-origin"  # not "no-referrer": a form's Origin would be null
    return response

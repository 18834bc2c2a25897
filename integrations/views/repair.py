"""What a person can do about an integration: check now, reconnect, continue the setup, resume.

Each asks Kombo once at most, so that no request waits longer than one call may take; the card then looks for itself.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations import access, cards, limits, repair, snapshots
from integrations.access import Visit
from integrations.cards import Card
from integrations.kombo.errors import KomboError
from integrations.limits import Limit
from integrations.models import Integration
from integrations.views.customer import card_response, opens_connect
from integrations.views.errors import too_many
from integrations.views.types import Request, View

MAX_TOKEN = 4096  # characters of an activation token


def act[**P](view: View[P]) -> View[P]:
    """Something that only a POST does. Whoever gets here by a GET, as after signing in anew, is shown the page."""

    @wraps(view)
    @require_http_methods(["GET", "POST"])
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "GET":
            return redirect(reverse("integration", kwargs=kwargs))
        return view(request, *args, **kwargs)

    return wrapped


@act
def check(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Ask Kombo now."""
    place, found = _enter(request, tenant_id, integration_id)
    if wait := _spend(limits.CHECK_NOW, request, found):
        return too_many(request, wait)
    found.snapshot = snapshots.revalidate(found, by_person=True)
    return _back(request, place, found)


@act
@opens_connect
def reconnect(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Mint a reconnection link and open Kombo Connect with it."""
    return _connect(request, tenant_id, integration_id, repair.reconnect_link)


@act
@opens_connect
def set_up(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Mint a setup link and open Kombo Connect with it."""
    return _connect(request, tenant_id, integration_id, repair.setup_link)


@act
def completed(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Kombo Connect reported success in the reader's browser."""
    place, found = _enter(request, tenant_id, integration_id, to_repair=True)
    if wait := _spend(limits.REPAIR, request, found):
        return too_many(request, wait)
    token = request.POST.get("token", "")
    if token and len(token) <= MAX_TOKEN:
        repair.completed(found, token, by=_user(request))
    return _back(request, place, found)


@act
def resume(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a paused integration continue."""
    place, found = _enter(request, tenant_id, integration_id)
    if not place.may_resume:
        raise Http404
    if wait := _spend(limits.REPAIR, request, found):
        return too_many(request, wait)
    try:
        repair.resume(found, by=_user(request))
    except KomboError:
        return problem(
            request,
            place,
            cards.card(place, found),
            _("The connection could not be resumed just now.") + _again(),
        )
    return _back(request, place, found)


def _connect(
    request: Request, tenant_id: str, integration_id: str, mint: Callable[..., repair.ConnectLink]
) -> HttpResponse:
    place, found = _enter(request, tenant_id, integration_id, to_repair=True)
    if wait := _spend(limits.REPAIR, request, found):
        return too_many(request, wait)
    card = cards.card(place, found)
    try:
        link = mint(found, language=get_language() or "en", by=_user(request))
    except repair.NothingToSetUp:
        return problem(request, place, card, _("There is nothing left to set up."))
    except repair.LinkRefused:
        return problem(
            request,
            place,
            card,
            _("We received a link that we do not trust, and did not open it. Please tell %(vendor)s.")
            % {"vendor": settings.VENDOR_NAME},
        )
    except KomboError:
        return problem(request, place, card, _("The connection could not be started just now.") + _again())
    template = "integrations/connect.html"
    context = {"place": place, "card": card, "link": link}
    return render(request, f"{template}#dialog" if request.htmx else template, context)


def _again() -> str:
    return " " + _("Please try again in a moment.")


def problem(request: Request, place: Visit, card: Card, message: str) -> HttpResponse:
    """Say in words what did not work; nothing was changed."""
    template = "integrations/connect.html"
    context = {"place": place, "card": card, "problem": message, "VENDOR_NAME": settings.VENDOR_NAME}
    response = render(request, f"{template}#dialog" if request.htmx else template, context)
    # Whatever the button meant to replace stays; the words open in a dialog.
    response["HX-Retarget"], response["HX-Reswap"] = "#connect", "innerHTML"
    return response


def _enter(
    request: Request, tenant_id: str, integration_id: str, *, to_repair: bool = False
) -> tuple[Visit, Integration]:
    place, found = access.integration(request.user, tenant_id, integration_id)
    if access.is_withheld(found) or (to_repair and not place.may_repair):
        raise Http404
    return place, found


def _user(request: Request) -> User | None:
    """Whom the history names; a guest has no name here."""
    return request.user if isinstance(request.user, User) else None


def _spend(limit: Limit, request: Request, found: Integration) -> int:
    return limit.spend(f"{request.user.pk}/{found.pk}")


def _back(request: Request, place: Visit, found: Integration) -> HttpResponse:
    """The card for htmx, else the page it is on."""
    if request.htmx:
        return card_response(request, place, found)
    return redirect("integration", place.tenant.public_id, found.public_id)

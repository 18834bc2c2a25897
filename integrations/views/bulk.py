"""What account managers do to many integrations at once: check, assign, snooze."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations import access, desk, limits, triage
from integrations.models import Integration
from integrations.triage import State
from integrations.views.account import actor_of
from integrations.views.acts import leads_back
from integrations.views.errors import too_many
from integrations.views.types import Request

SNOOZES = {"1": timedelta(days=1), "3": timedelta(days=3), "7": timedelta(days=7)}


@leads_back("triage")
def act(request: Request) -> HttpResponse:
    """Do one thing to the integrations that were ticked, or to all that the list has."""
    user, state = access.staff(request.user), State.of(request.POST)
    back = reverse("triage") + state.query(page=state.page)
    found = triage.matching(user, state) if "everything" in request.POST else _ticked(request)
    if not found:
        return _refused(request, _("Tick at least one integration first."), back)
    match request.POST.get("act", ""):
        case "check":
            if wait := limits.BULK_CHECK.spend(str(user.pk)):
                return too_many(request, wait)
            made = triage.check(user, found)
            return redirect(f"{back}&check={made.public_id}")
        case "snooze" if request.POST.get("days") in SNOOZES:
            desk.snooze(found, timezone.now() + SNOOZES[request.POST["days"]], actor_of(request))
        case "assign":
            return _assign(request, found, back)
        case _:
            return _refused(request, _("Choose what to do first."), back)
    return redirect(back)


@require_safe
def progress(request: Request, check_id: str) -> HttpResponse:
    """How far a check is: for htmx the line itself, else the list it stands above."""
    found = triage.progress(access.staff(request.user), check_id)
    if found is None:
        raise Http404
    if request.htmx:
        return render(request, "accounts/triage.html#progress", {"check": found})
    return redirect(f"{reverse('triage')}?check={found.id}")


def _assign(request: Request, found: list[Integration], back: str) -> HttpResponse:
    access.staff(request.user, "integrations.assign_tenant")
    name = request.POST.get("owner", "").replace("\0", "")
    owner = desk.managers().filter(username=name).first()
    if owner is None and name != "nobody":
        return _refused(request, _("Choose an account manager first."), back)
    desk.assign({one.tenant_id: one.tenant for one in found}.values(), owner, actor_of(request))
    return redirect(back)


def _ticked(request: Request) -> list[Integration]:
    return triage.chosen(request.user, [name.replace("\0", "") for name in request.POST.getlist("integration")])


def _refused(request: Request, message: str, back: str) -> HttpResponse:
    return render(request, "accounts/refused.html", {"message": message, "back": back}, status=409)

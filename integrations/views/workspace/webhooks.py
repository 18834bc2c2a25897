"""What the vendor's staff see of Kombo's webhooks: do they arrive, what failed, and which
integrations are nobody's.
"""

from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import audit, permissions
from integrations.access.audit import Act
from integrations.models import Tenant, UnmappedIntegration
from integrations.models.ids import why_no_id
from integrations.tenants import unmapped
from integrations.upstream import gateway
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.webhooks import inbox

MOST_FAILED = 100
MOST_UNMAPPED = 200
MOST_TENANTS = 500  # that the field of choices offers; any other can be typed


@require_safe
def page(request: Request) -> HttpResponse:
    """The environments, the events that failed, and the unmapped integrations."""
    permissions.require_staff(request.user, "integrations.view_event")
    return _page(request)


@redirect_get_to("webhook_log")
def replay(request: Request) -> HttpResponse:
    """Work an event that failed, once more and now."""
    permissions.require_staff(request.user, "integrations.change_event")
    event = inbox.unhandled().filter(pk=_number(request, "event")).first()
    if event is None:  # it was worked meanwhile
        return redirect("webhook_log")
    audit.record(actor_of(request), Act.REPLAYED, kind=event.type, event=event.event_id)
    if inbox.replay(event):
        return redirect("webhook_log")
    return _page(request, problem=_("It failed again. It will be retried automatically."))


@redirect_get_to("webhook_log")
def assign(request: Request) -> HttpResponse:
    """Give an unmapped integration to the tenant that was named, or else to a new one, as Kombo
    names it.
    """
    permissions.require_staff(request.user, "integrations.add_integration")
    tenants = permissions.tenants_for_staff(request.user)
    unmapped_integration = _named(request, tenants)
    if unmapped_integration is None:
        return _page(request, problem=_too_late())
    named = request.POST.get("tenant", "").strip()
    try:
        if named:
            unmapped.assign(unmapped_integration, named, actor_of(request), among=tenants)
        elif not permissions.may_add_tenants(request.user):
            raise Http404
        else:
            unmapped.assign_to_new(unmapped_integration, actor_of(request))
    except unmapped.UnknownTenant:
        problem = _("No customer has the origin ID “%(id)s”.") % {"id": named}
        return _page(request, problem=why_no_id(named) or problem)
    except ValueError:
        return _page(
            request, problem=_("Kombo returned no origin ID, so a customer can’t be created.")
        )
    except IntegrityError:  # mapped a moment ago, by an import or a colleague
        return _page(request, problem=_too_late())
    return redirect("webhook_log")


@redirect_get_to("webhook_log")
def dismiss(request: Request) -> HttpResponse:
    """Take an unmapped integration off the list: it is nobody's, and that is right."""
    permissions.require_staff(request.user, "integrations.add_integration")
    if row := _named(request, permissions.tenants_for_staff(request.user)):
        unmapped.dismiss(row, actor_of(request))
    return redirect("webhook_log")


def _named(request: Request, tenants: QuerySet[Tenant]) -> UnmappedIntegration | None:
    """The unmapped integration that a form names, if it still waits."""
    return unmapped.waiting(tenants).filter(pk=_number(request, "unmapped")).first()


def _page(request: Request, *, problem: str = "") -> HttpResponse:
    user = request.user
    tenants = permissions.tenants_for_staff(user)
    waiting = list(unmapped.waiting(tenants)[:MOST_UNMAPPED])
    may_assign = user.has_perm("integrations.add_integration")
    context = {
        "problem": problem,
        "standings": gateway.environment_statuses(inbox.latest_by_environment(), timezone.now()),
        "failed": inbox.unhandled()[:MOST_FAILED],
        "may_replay": user.has_perm("integrations.change_event"),
        "unmapped_integrations": unmapped.with_named_tenants(waiting, tenants),
        "tenants": tenants[:MOST_TENANTS] if may_assign and waiting else [],
        "may_assign": may_assign,
        "may_create": permissions.may_add_tenants(user),
    }
    return render(request, "workspace/webhooks.html", context, status=409 if problem else 200)


def _too_late() -> str:
    return _("Someone else has already handled this integration.")


def _number(request: Request, name: str) -> int:
    """Return the primary key that a form of ours names. Raises Http404 for anything else."""
    value = request.POST.get(name, "")
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise Http404
    return int(value)

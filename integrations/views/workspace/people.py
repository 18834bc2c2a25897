"""The vendor's people: who is among them, in which role, and who is invited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import invitations, permissions, rate_limits, roles
from integrations.access.colleagues import name_of
from integrations.access.roles import StaffRole
from integrations.mail import account_invitations
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to, require_recent
from integrations.views.errors import too_many
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.views.workspace.forms import StaffInvitationForm
from integrations.views.workspace.integration_acts import CONFLICT, UNPROCESSABLE

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff as the page shows them; `may_change` is whether who looks may take away
    what they have, and `is_offered` whether they may also give the role that there is.
    """

    user: User
    name: str
    role: str
    role_name: str
    is_offered: bool
    sees_all: bool
    last_login: datetime | None
    is_self: bool
    may_change: bool


@require_safe
def page(request: Request) -> HttpResponse:
    """Everybody of the staff, and who is invited."""
    return _page(request, permissions.require_staff(request.user, roles.MANAGE))


@redirect_get_to("people")
@require_recent
def invite(request: Request) -> HttpResponse:
    """Invite somebody to the staff by mail."""
    user = permissions.require_staff(request.user, roles.MANAGE)
    if not account_invitations.can_invite():
        raise Http404
    form = StaffInvitationForm(_roles_of(user), request.POST)
    if not form.is_valid():
        return _page(request, user, form=form, status=UNPROCESSABLE)
    if wait := rate_limits.INVITE.spend(user.pk):
        return too_many(request, wait)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        account_invitations.invite(email, role, actor_of(request))
    except invitations.KnownAddress:
        form.add_error("email", _("There’s already an account with this address."))
        return _page(request, user, form=form, status=UNPROCESSABLE)
    messages.success(request, _("Invitation sent."))
    return redirect("people")


@redirect_get_to("people")
def revoke(request: Request) -> HttpResponse:
    """Let an invitation lead nowhere any more."""
    user = permissions.require_staff(request.user, roles.MANAGE)
    if not invitations.revoke(request.POST.get("invitation", ""), actor_of(request)):
        return _page(request, user, problem=_("This invitation has ended."), status=CONFLICT)
    messages.success(request, _("Invitation revoked."))
    return redirect("people")


@redirect_get_to("people")
@require_recent
def role(request: Request) -> HttpResponse:
    """Give somebody a role, or none."""
    user = permissions.require_staff(request.user, roles.MANAGE)
    person = roles.person(request.POST.get("person", ""))
    wanted = request.POST.get("role", "")
    if wanted and wanted not in set(StaffRole):
        raise Http404
    try:
        roles.change_role(person, StaffRole(wanted) if wanted else None, actor_of(request))
    except roles.Refused as error:
        return _page(request, user, problem=_refusal(error), status=CONFLICT)
    messages.success(request, _("Role saved."))
    return redirect("people")


@redirect_get_to("people")
@require_recent
def status(request: Request) -> HttpResponse:
    """Deactivate somebody's account, or activate it again."""
    user = permissions.require_staff(request.user, roles.MANAGE)
    person = roles.person(request.POST.get("person", ""))
    is_active = request.POST.get("active") == "1"
    try:
        roles.set_active(person, actor_of(request), is_active=is_active)
    except roles.Refused as error:
        return _page(request, user, problem=_refusal(error), status=CONFLICT)
    words = _("Account activated.") if is_active else _("Account deactivated. All sessions ended.")
    messages.success(request, words)
    return redirect("people")


def _page(request: Request, user: User, *, status: int = 200, **more: Any) -> HttpResponse:
    paged = page_of(request, roles.staff(), PER_PAGE)
    offered = _roles_of(user)
    context = {
        "people": [_person(one, user, offered) for one in paged],
        "paged": paged,
        "page_url": request.path,
        "roles": offered,
        "changed_roles": [roles.name_of(one) for one in sorted(roles.changed_by_hand())],
        "invitations": [
            (one, roles.name_of(one.role)) for one in invitations.open_ones().order_by("email")
        ],
        "form": StaffInvitationForm(offered),
        "is_provided": settings.SSO_ONLY,
        "can_send": account_invitations.can_invite(),
    }
    return render(request, "workspace/people.html", context | more, status=status)


def _person(one: User, by: User, offered: list[tuple[str, str]]) -> Person:
    role = roles.role_of(one) or ""
    return Person(
        user=one,
        name=name_of(one),
        role=role,
        role_name=roles.name_of(role),
        is_offered=not role or role in dict(offered),
        sees_all=roles.sees_every_tenant(one),
        last_login=one.last_login,
        is_self=one.pk == by.pk,
        may_change=roles.may_change(by, one),
    )


def _roles_of(user: User) -> list[tuple[str, str]]:
    """Return the roles that somebody may give, each with its name."""
    return [(str(one), roles.name_of(one)) for one in roles.to_give(user)]


def _refusal(error: roles.Refused) -> str:
    match error:
        case roles.OwnAccount():
            return _("You can’t change your own access. Ask another administrator.")
        case roles.LastAdministrator():
            return _("Someone must be left who can manage people.")
    return _("You can’t give or take away permissions that you don’t have yourself.")

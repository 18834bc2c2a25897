"""A customer's people: who is invited, and inviting them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from integrations.access import invitations, permissions, rate_limits
from integrations.mail import account_invitations
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.views.workspace import tenant as pages
from integrations.views.workspace.forms import MemberInvitationForm
from integrations.views.workspace.integration_acts import CONFLICT, UNPROCESSABLE


@redirect_get_to("workspace_tenant")
def invite(request: Request, tenant_id: str) -> HttpResponse:
    """Invite somebody to a customer by mail."""
    user = permissions.require_staff(request.user, invitations.INVITE_MEMBERS)
    tenant = permissions.tenant_for_staff(user, tenant_id)
    if not account_invitations.can_invite():
        raise Http404
    form = MemberInvitationForm(request.POST)
    if not form.is_valid():
        return pages.show(request, tenant, invite_form=form, status=UNPROCESSABLE)
    if wait := rate_limits.INVITE.spend(user.pk):
        return too_many(request, wait)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        account_invitations.invite(email, role, actor_of(request), tenant=tenant)
    except invitations.KnownAddress:
        form.add_error("email", _("There’s already an account with this address."))
        return pages.show(request, tenant, invite_form=form, status=UNPROCESSABLE)
    messages.success(request, _("Invitation sent."))
    return redirect("workspace_tenant", tenant.public_id)


@redirect_get_to("workspace_tenant")
def revoke(request: Request, tenant_id: str) -> HttpResponse:
    """Let an invitation lead nowhere any more."""
    user = permissions.require_staff(request.user, invitations.INVITE_MEMBERS)
    tenant = permissions.tenant_for_staff(user, tenant_id)
    public_id = request.POST.get("invitation", "")
    if not invitations.revoke(public_id, actor_of(request), tenant=tenant):
        words = _("This invitation has ended.")
        return pages.show(request, tenant, problem=words, status=CONFLICT)
    messages.success(request, _("Invitation revoked."))
    return redirect("workspace_tenant", tenant.public_id)

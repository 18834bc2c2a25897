"""The page behind an invitation: a first password, or one press for who has an account already."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from integrations.access import invitations
from integrations.access.invitations import KnownAddress, NotOpen
from integrations.models import AccountInvitation
from integrations.views.actors import client_address
from integrations.views.guesses import refuse_guess
from integrations.views.public import second_step

BACKEND = "django.contrib.auth.backends.ModelBackend"


class FirstPasswordForm(SetPasswordForm[User]):
    """A name, which colleagues see, and a password under the same rules as any."""

    field_order = ("first_name", "last_name", "new_password1", "new_password2")

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(user, *args, label_suffix="")
        for name in ("first_name", "last_name"):
            field = User._meta.get_field(name).formfield()  # type: ignore[union-attr]
            self.fields[name] = cast("Any", field)
        self.order_fields(self.field_order)

    def account(self) -> User:
        """Return the account to be stored, with its name and its password."""
        self.user.first_name = self.cleaned_data["first_name"]
        self.user.last_name = self.cleaned_data["last_name"]
        self.user.set_password(self.cleaned_data["new_password1"])
        return self.user


@login_not_required
@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody is invited to; a POST accepts it and leads there, signed in."""
    invitation = invitations.find(token)
    if invitation is None:
        refusal = refuse_guess(request, "invitation")
        return refusal or render(request, "public/joining_ended.html", status=404)
    if invitations.has_account(invitation):
        return _with_account(request, invitation)
    if settings.SSO_ONLY:  # accounts are the identity provider's to give
        return render(request, "public/joining_ended.html", status=404)
    draft = invitations.draft(invitation)
    form = FirstPasswordForm(draft, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"invitation": invitation, "form": form, "username": draft.username}
        return render(request, "public/joining.html", context, status=422 if form.errors else 200)
    try:
        account = form.account()
        invitations.accept(invitation, account, client_address(request))
    except (KnownAddress, NotOpen):  # somebody was quicker
        return redirect("join", token)
    account.backend = BACKEND  # as a form's user has it
    return second_step.sign_in(request, account, reverse("home"))


def _with_account(request: HttpRequest, invitation: AccountInvitation) -> HttpResponse:
    """Let somebody in to another customer with the account that they are signed in to."""
    if invitation.tenant is None:  # of the staff is who has no other account
        return render(request, "public/joining_ended.html", status=404)
    user = request.user if isinstance(request.user, User) else None
    if user is None or not invitations.is_for(invitation, user):
        return render(request, "public/joining_account.html", {"invitation": invitation})
    if request.method != "POST":
        context = {"invitation": invitation, "is_theirs": True}
        return render(request, "public/joining_account.html", context)
    try:
        invitations.accept(invitation, user, client_address(request))
    except NotOpen:
        return render(request, "public/joining_ended.html", status=404)
    return redirect("home")

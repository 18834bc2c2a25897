"""Signing in and passwords: Django's own views, with rate limits, and on record."""

import unicodedata
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integrations import counters
from integrations.access import audit, permissions, rate_limits
from integrations.access.audit import Act, Actor
from integrations.mail import password_resets
from integrations.views.actors import actor_of, client_address
from integrations.views.errors import too_many
from integrations.views.guesses import refuse_guess
from integrations.views.public import second_step
from integrations.views.types import Request


class PlainLabels:
    """Labels end without a colon, as everywhere here."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "label_suffix": ""}  # type: ignore[misc]


class ByPassword:
    """A page that is about passwords: not there where nobody may sign in with one."""

    @method_decorator(login_not_required)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.SSO_ONLY:
            raise Http404
        response: HttpResponseBase = super().dispatch(*args, **kwargs)  # type: ignore[misc]
        return response


class SignIn(PlainLabels, auth.LoginView):
    """Only attempts that fail count in the end."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        doors = {"sso": settings.SSO, "takes_password": not settings.SSO_ONLY}
        return {**super().get_context_data(**kwargs), **doors}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if settings.SSO_ONLY:
            raise Http404
        self.name = _typed(request, "username")
        if wait := spend_attempt(self.name, client_address(request)):
            counters.SIGN_INS_REFUSED.add("too_many")
            return too_many(request, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        refund_attempt(self.name, client_address(self.request))
        return second_step.sign_in(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Keep that it failed, and for which account."""
        counters.SIGN_INS_REFUSED.add("password")
        by = actor_of(self.request, otherwise=audit.STRANGER)
        account = audit.account_named(form.cleaned_data.get("username", ""))
        audit.record(by, Act.SIGN_IN_FAILED, account=account)
        return super().form_invalid(form)


class SignOut(auth.LogoutView):
    """Django's, on record."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            audit.record(actor_of(request), Act.SIGNED_OUT)
        return super().post(request, *args, **kwargs)


def _typed(request: HttpRequest, field: str) -> str:
    """A name as Django's form will read it: "alice " and full-width letters are alice too."""
    return unicodedata.normalize("NFKC", request.POST.get(field, "").strip()).casefold()


def spend_attempt(name: str, address: str) -> int:
    """Count a password that is tried. Return 0 if it may be, else the seconds to wait."""
    wait = rate_limits.GUESS.spend("password", address)
    wait = wait or rate_limits.SIGN_IN_BY_NAME.spend(name, address)
    if wait or rate_limits.SIGN_IN_KNOWN.is_begun(name, address):
        return wait
    return rate_limits.SIGN_IN_SLOWLY.spend(name)


def refund_attempt(name: str, address: str) -> None:
    """It was the right one: it does not count, and here nobody's tries delay this name."""
    rate_limits.GUESS.refund("password", address)
    rate_limits.SIGN_IN_BY_NAME.refund(name, address)
    rate_limits.SIGN_IN_SLOWLY.forget(name)
    rate_limits.SIGN_IN_KNOWN.spend(name, address)


@login_not_required
def administration_sign_in(request: HttpRequest) -> HttpResponse:
    """The administration has no sign-in of its own, which would know none of our limits: the site's
    leads there.
    """
    target = request.GET.get("next", reverse("admin:index"))
    if not request.user.is_authenticated:
        return redirect_to_login(target)
    permissions.require_staff(request.user)
    return redirect("admin:index")


class AddressForm(PasswordResetForm):
    """Django's, with our own word for the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email address")


class PasswordReset(ByPassword, PlainLabels, auth.PasswordResetView):
    """Has a link mailed; how often from one address, and to one, is bounded.

    Whether there is an account is for the worker to see: here it would show in the time that the
    answer takes. Not there where no mail can be sent.
    """

    form_class = AddressForm

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.EMAIL_HOST_NAME:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        wait = rate_limits.PASSWORD_RESET.spend(client_address(request))
        if wait:
            return too_many(request, wait)
        # Whose it would be is not kept: most that is typed here is nobody's account.
        audit.record(actor_of(request, otherwise=audit.STRANGER), Act.RESET_ASKED)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        if wait := rate_limits.PASSWORD_RESET_TO.spend(_typed(self.request, "email")):
            return too_many(self.request, wait)
        password_resets.ask(form.cleaned_data["email"], language=get_language() or "")
        return redirect(self.get_success_url())


class ResetSent(ByPassword, auth.PasswordResetDoneView):
    pass


class NewPassword(ByPassword, PlainLabels, auth.PasswordResetConfirmView):
    """Reached by the link that was mailed."""

    def render_to_response(self, context: dict[str, Any], **more: Any) -> HttpResponse:
        refusal = None if self.validlink else refuse_guess(self.request, "reset link")
        return refusal or super().render_to_response(context, **more)

    @transaction.atomic
    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        by = Actor(form.user, form.user.get_username(), client_address(self.request))
        audit.record(by, Act.PASSWORD_CHANGED, way="link")
        return super().form_valid(form)


class PasswordChanged(ByPassword, auth.PasswordResetCompleteView):
    pass


def own_password(request: Request) -> HttpResponseBase:
    """The administration's page, on which its people change their own.

    It asks for the old one, so it is limited as the sign-in is.
    """
    user = permissions.require_staff(request.user)
    if settings.SSO_ONLY:
        raise Http404
    name, address, before = user.get_username().casefold(), client_address(request), user.password
    if request.method == "POST" and (wait := spend_attempt(name, address)):
        return too_many(request, wait)
    with transaction.atomic():
        response = admin.site.admin_view(admin.site.password_change)(request)
        is_changed = permissions.require_staff(request.user).password != before
        if response.status_code == 302 and is_changed:
            refund_attempt(name, address)
            audit.record(actor_of(request), Act.PASSWORD_CHANGED)
    return response

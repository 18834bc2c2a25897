"""Signing in and passwords: Django's own views, with rate limits, and on record."""

import unicodedata

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from integrations.access import audit, permissions, rate_limits
from integrations.access.audit import Act, Actor
from integrations.views.actors import actor_of, client_address
from integrations.views.errors import too_many
from integrations.views.types import Request


class SignIn(auth.LoginView):
    """Only attempts that fail count in the end."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        address = client_address(request)
        # As Django's form will read it: "alice " and full-width letters are alice too.
        name = unicodedata.normalize("NFKC", request.POST.get("username", "").strip()).casefold()
        self.name = name
        wait = rate_limits.SIGN_IN_BY_ADDRESS.spend(address) or rate_limits.SIGN_IN_BY_NAME.spend(
            name, address
        )
        return too_many(request, wait) if wait else super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        rate_limits.SIGN_IN_BY_ADDRESS.refund(client_address(self.request))
        rate_limits.SIGN_IN_BY_NAME.refund(self.name, client_address(self.request))
        return super().form_valid(form)


@login_not_required
def administration_sign_in(request: HttpRequest) -> HttpResponse:
    """The administration has no sign-in of its own, which would know none of our limits: the site's
    leads there.
    """
    there = request.GET.get("next", reverse("admin:index"))
    if not request.user.is_authenticated:
        return redirect_to_login(there)
    permissions.require_staff(request.user)
    return redirect("admin:index")


class PasswordReset(auth.PasswordResetView):
    """Mails a link; how often from one address is bounded. Not there where no mail can be sent."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.EMAIL_HOST_NAME:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        wait = rate_limits.PASSWORD_RESET.spend(client_address(request))
        return too_many(request, wait) if wait else super().post(request, *args, **kwargs)


class NewPassword(auth.PasswordResetConfirmView):
    """Reached by the link that was mailed."""

    @transaction.atomic
    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        by = Actor(form.user, form.user.get_username(), client_address(self.request))
        audit.record(by, Act.PASSWORD_CHANGED, detail="by a mailed link")
        return super().form_valid(form)


@transaction.atomic
def own_password(request: Request) -> HttpResponseBase:
    """The administration's page, on which its people change their own."""
    before = permissions.require_staff(request.user).password
    response = admin.site.admin_view(admin.site.password_change)(request)
    if response.status_code == 302 and permissions.require_staff(request.user).password != before:
        audit.record(actor_of(request), Act.PASSWORD_CHANGED)
    return response

"""Signing in and password resets: Django's own views, with rate limits."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse

from integrations import limits
from integrations.views.errors import too_many


def client_address(request: HttpRequest) -> str:
    """The address next to the proxies we trust, counted from the right: what is further left is hearsay."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


class SignIn(auth.LoginView):
    """Only attempts that fail count in the end."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        address = client_address(request)
        self.name = f"{request.POST.get('username', '').casefold()}\0{address}"
        wait = limits.SIGN_IN_BY_ADDRESS.spend(address) or limits.SIGN_IN_BY_NAME.spend(self.name)
        return too_many(request, wait) if wait else super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        limits.SIGN_IN_BY_ADDRESS.refund(client_address(self.request))
        limits.SIGN_IN_BY_NAME.refund(self.name)
        return super().form_valid(form)


class PasswordReset(auth.PasswordResetView):
    """Mails a link; how often from one address is bounded."""

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        wait = limits.PASSWORD_RESET.spend(client_address(request))
        return too_many(request, wait) if wait else super().post(request, *args, **kwargs)

"""Signing in by other means than a password, which needs the packages of the extra `sso`."""

from django.urls import path

from integrations.views.public import second_factor, security, single_sign_on

urlpatterns = [
    path("sso/", single_sign_on.begin, name="single_sign_on"),
    path("sso/callback/", single_sign_on.callback, name="single_sign_on_callback"),
    path("second-factor/", second_factor.page, name="second_factor"),
    path("security/", security.page, name="security"),
    path("security/app/", security.app, name="security_app"),
    path("security/passkey/", security.passkey, name="security_passkey"),
    path("security/codes/", security.codes, name="security_codes"),
    path("security/remove/", security.remove, name="security_remove"),
]

"""Who is served where. Only random public ids ever stand in an address."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from integrations.views import (
    account,
    coverage,
    customer,
    embed,
    go,
    hand_offs,
    handed,
    health,
    history,
    logos,
    repair,
    webhooks,
)

_integration = [
    path("", customer.integration, name="integration"),
    path("card/", customer.card, name="card"),
    path("coverage/", coverage.fields, name="coverage_fields"),
    path("coverage.csv", coverage.csv, name="coverage_csv"),
    path("history/", history.page, name="history"),
    path("check/", repair.check, name="check"),
    path("reconnect/", repair.reconnect, name="reconnect"),
    path("setup/", repair.set_up, name="set_up"),
    path("completed/", repair.completed, name="completed"),
    path("resume/", repair.resume, name="resume"),
    path("hand-off/", hand_offs.offer, name="hand_off_offer"),
]

_account = [
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/reset/", account.PasswordReset.as_view(), name="password_reset"),
    path("password/reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", account.NewPassword.as_view(), name="password_reset_confirm"),
    path("password/reset/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]

urlpatterns = [
    path("", customer.home, name="home"),
    path("t/<slug:tenant_id>/", customer.tenant, name="tenant"),
    path("t/<slug:tenant_id>/banner/", customer.banner, name="banner"),
    path("t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    path("accounts/", include("integrations.accounts_urls")),
    path("embed.js", embed.loader, name="embed_loader"),
    path("go/<slug:handle>/", go.page, name="go"),
    path("go/<slug:handle>/completed/", go.completed, name="go_completed"),
    path("hand-off/<slug:token>/", handed.page, name="hand_off"),
    path("hand-off/<slug:token>/completed/", handed.completed, name="hand_off_completed"),
    path("webhooks/kombo/<slug:environment>/", webhooks.receive, name="webhooks"),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("account/", include(_account)),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", account.administration_sign_in, name="administration_sign_in"),
    path("admin/password_change/", account.own_password, name="own_password"),
    path("admin/", admin.site.urls),
]

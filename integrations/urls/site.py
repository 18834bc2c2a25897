"""Who is served where. Only random public ids ever stand in an address."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from integrations.views.customer import coverage, hand_offs, history, pages, repair
from integrations.views.embed import frame
from integrations.views.embed import repair as embed_repair
from integrations.views.public import auth, hand_off, health, logos, webhooks

_integration = [
    path("", pages.integration, name="integration"),
    path("card/", pages.card, name="card"),
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
    path("login/", auth.SignIn.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/reset/", auth.PasswordReset.as_view(), name="password_reset"),
    path("password/reset/sent/", auth_views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", auth.NewPassword.as_view(), name="password_reset_confirm"),
    path("password/reset/done/", auth_views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]

urlpatterns = [
    path("", pages.home, name="home"),
    path("t/<slug:tenant_id>/", pages.tenant, name="tenant"),
    path("t/<slug:tenant_id>/banner/", pages.banner, name="banner"),
    path("t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    path("accounts/", include("integrations.urls.workspace")),
    path("embed.js", frame.loader, name="embed_loader"),
    path("go/<slug:handle>/", embed_repair.page, name="go"),
    path("go/<slug:handle>/completed/", embed_repair.completed, name="go_completed"),
    path("hand-off/<slug:token>/", hand_off.page, name="hand_off"),
    path("hand-off/<slug:token>/completed/", hand_off.completed, name="hand_off_completed"),
    path("webhooks/kombo/<slug:environment>/", webhooks.receive, name="webhooks"),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("account/", include(_account)),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", auth.administration_sign_in, name="administration_sign_in"),
    path("admin/password_change/", auth.own_password, name="own_password"),
    path("admin/", admin.site.urls),
]

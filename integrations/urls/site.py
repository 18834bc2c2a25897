"""Who is served where. Only random public ids ever stand in an address."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from integrations.urls.customer import customer_patterns
from integrations.views.customer import (
    asking,
    connect_invite,
    connecting,
    disconnecting,
    hand_offs,
    pages,
    repair,
    syncing,
)
from integrations.views.customer.staff_visits import noted
from integrations.views.embed import frame
from integrations.views.embed import repair as embed_repair
from integrations.views.public import (
    auth,
    confirm,
    hand_off,
    health,
    identity,
    joining,
    logos,
    metrics,
    security_txt,
    sessions,
    webhooks,
    works_with,
)

_ACTS = {
    "check": repair.check,
    "reconnect": repair.reconnect,
    "set_up": repair.set_up,
    "completed": repair.completed,
    "resume": repair.resume,
    "hand_off_offer": hand_offs.offer,
    "ask": asking.ask,
    "connect_start": connecting.start,
    "connect_completed": connecting.completed,
    "connect_dismiss": connecting.dismiss,
    "sync_now": syncing.sync,
    "disconnect": disconnecting.page,
    "connect_attempt_invite": connect_invite.of_attempt,
    "connect_invite": connect_invite.of_tool,
}

_account: list[URLPattern | URLResolver] = [
    path("login/", auth.SignIn.as_view(), name="login"),
    path("logout/", auth.SignOut.as_view(), name="logout"),
    path("sessions/", sessions.page, name="sessions"),
    path("sessions/end/", sessions.end, name="session_end"),
    path("sessions/end-others/", sessions.end_others, name="sessions_end_others"),
    path("invitation/<slug:token>/", joining.page, name="join"),
    path("confirm/", confirm.page, name="confirm"),
    path("password/reset/", auth.PasswordReset.as_view(), name="password_reset"),
    path(
        "password/reset/sent/",
        auth.ResetSent.as_view(),
        name="password_reset_done",
    ),
    path(
        "password/reset/<uidb64>/<token>/",
        auth.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "password/reset/done/",
        auth.PasswordChanged.as_view(),
        name="password_reset_complete",
    ),
]

if settings.USES_ALLAUTH:
    _account.append(path("", include("integrations.urls.sign_in")))

urlpatterns = [
    path("", pages.home, name="home"),
    path("t/<slug:tenant_id>/", include(customer_patterns(noted, acts=_ACTS))),
    path("workspace/", include("integrations.urls.workspace")),
    path("embed.js", frame.loader, name="embed_loader"),
    path("go/<slug:handle>/", embed_repair.page, name="embed_repair"),
    path("go/<slug:handle>/completed/", embed_repair.completed, name="embed_repair_completed"),
    path("hand-off/<slug:token>/", hand_off.page, name="hand_off"),
    path("hand-off/<slug:token>/completed/", hand_off.completed, name="hand_off_completed"),
    # Without the last slash too: what follows no redirect would be lost in silence.
    path("webhooks/kombo/<slug:environment>", webhooks.receive, name="webhooks_bare"),
    path("webhooks/kombo/<slug:environment>/", webhooks.receive, name="webhooks"),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("theme/<slug:name>.css", identity.theme, name="theme"),
    path("identity/<slug:key>/", identity.picture, name="vendor_picture"),
    path("works-with/", works_with.page, name="works_with"),
    path(".well-known/security.txt", security_txt.page, name="security_txt"),
    path("account/", include(_account)),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/", health.healthz, name="healthz_slash"),
    path("readyz", health.readyz, name="readyz"),
    path("readyz/", health.readyz, name="readyz_slash"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/login/", auth.administration_sign_in, name="administration_sign_in"),
    path("admin/password_change/", auth.own_password, name="own_password"),
    path("admin/", admin.site.urls),
]

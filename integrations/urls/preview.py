"""The addresses below /accounts/as-customer/: the customer's pages under the names they always have, to be looked at.

`integrations.middleware.as_customer` chooses these, so every link in a template stays among them.
"""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from integrations.views.customer import coverage, history, pages
from integrations.views.public import auth, logos
from integrations.views.workspace import integration, preview, tenant, triage
from integrations.views.workspace.preview import looking, refuse

_integration = [
    path("", looking(pages.integration), name="integration"),
    path("card/", looking(pages.card), name="card"),
    path("coverage/", looking(coverage.fields), name="coverage_fields"),
    path("coverage.csv", looking(coverage.csv), name="coverage_csv"),
    path("history/", looking(history.page), name="history"),
    path("check/", refuse, name="check"),
    path("reconnect/", refuse, name="reconnect"),
    path("setup/", refuse, name="set_up"),
    path("completed/", refuse, name="completed"),
    path("resume/", refuse, name="resume"),
    path("hand-off/", refuse, name="hand_off_offer"),
]

urlpatterns = [
    path("accounts/as-customer/t/<slug:tenant_id>/", preview.tenant, name="tenant"),
    path("accounts/as-customer/t/<slug:tenant_id>/banner/", looking(pages.banner), name="banner"),
    path("accounts/as-customer/t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    # Never served here, but named by what is.
    path("", pages.home, name="home"),
    path("accounts/", triage.page, name="triage"),
    path("accounts/t/<slug:tenant_id>/", tenant.page, name="account"),
    path("accounts/t/<slug:tenant_id>/i/<slug:integration_id>/", integration.page, name="workbench"),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("account/login/", auth.SignIn.as_view(), name="login"),
    path("account/logout/", auth_views.LogoutView.as_view(), name="logout"),
]

handler500 = "integrations.views.errors.server_error"

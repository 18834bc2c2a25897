"""The addresses below /accounts/as-customer/: the customer's pages under the names they always have, to be looked at.

`integrations.middleware.as_customer` chooses these, so every link in a template stays among them.
"""

from django.contrib.auth import views as auth
from django.urls import include, path

from integrations.views import account, as_customer, coverage, customer, history, logos, tenants, triage, workbench
from integrations.views.as_customer import looking, refuse

_integration = [
    path("", looking(customer.integration), name="integration"),
    path("card/", looking(customer.card), name="card"),
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
    path("accounts/as-customer/t/<slug:tenant_id>/", as_customer.tenant, name="tenant"),
    path("accounts/as-customer/t/<slug:tenant_id>/banner/", looking(customer.banner), name="banner"),
    path("accounts/as-customer/t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    # Never served here, but named by what is.
    path("", customer.home, name="home"),
    path("accounts/", triage.page, name="triage"),
    path("accounts/t/<slug:tenant_id>/", tenants.page, name="account"),
    path("accounts/t/<slug:tenant_id>/i/<slug:integration_id>/", workbench.page, name="workbench"),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("account/login/", account.SignIn.as_view(), name="login"),
    path("account/logout/", auth.LogoutView.as_view(), name="logout"),
]

handler500 = "integrations.views.errors.server_error"

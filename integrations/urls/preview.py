"""The addresses below /workspace/preview/: the customer's pages under the names they always
have, to be looked at.

`middleware.preview` chooses these, so every link in a template stays among them.
"""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from integrations.urls.customer import ACTS, CONNECT_ACTS, customer_patterns
from integrations.views.customer import pages
from integrations.views.public import auth, identity, logos
from integrations.views.workspace import integration, tenant, triage
from integrations.views.workspace.preview import for_preview, refuse

_ACTS = dict.fromkeys([*ACTS, *CONNECT_ACTS], refuse)  # nothing can be pressed

urlpatterns = [
    path(
        "workspace/preview/t/<slug:tenant_id>/",
        include(customer_patterns(for_preview, acts=_ACTS)),
    ),
    # Never served here, but named by what is.
    path("", pages.home, name="home"),
    path("workspace/", triage.page, name="triage"),
    path("workspace/t/<slug:tenant_id>/", tenant.page, name="workspace_tenant"),
    path(
        "workspace/t/<slug:tenant_id>/i/<slug:integration_id>/",
        integration.page,
        name="workspace_integration",
    ),
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("theme/<slug:name>.css", identity.theme, name="theme"),
    path("identity/<slug:key>/", identity.picture, name="vendor_picture"),
    path("account/login/", auth.SignIn.as_view(), name="login"),
    path("account/logout/", auth_views.LogoutView.as_view(), name="logout"),
]

handler500 = "integrations.views.errors.server_error"

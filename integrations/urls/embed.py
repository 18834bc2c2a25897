"""The addresses below /embed/: the customer's pages under the names they always have, for guests with a session's key.

`integrations.middleware.in_a_frame` chooses these, so every link in a template stays within the frame.
"""

from django.urls import include, path

from integrations.views.customer import coverage, history, pages, repair
from integrations.views.embed import frame
from integrations.views.public import logos

_integration = [
    path("", frame.guest(pages.integration), name="integration"),
    path("card/", frame.guest(pages.card), name="card"),
    path("coverage/", frame.guest(coverage.fields), name="coverage_fields"),
    path("coverage.csv", frame.guest(coverage.csv), name="coverage_csv"),
    path("history/", frame.guest(history.page), name="history"),
    path("check/", frame.guest(repair.check), name="check"),
    path("reconnect/", frame.guest(frame.leave), {"act": "reconnect"}, name="reconnect"),
    path("setup/", frame.guest(frame.leave), {"act": "setup"}, name="set_up"),
]

urlpatterns = [
    path("embed/", frame.shell, name="embed"),
    path("embed/session", frame.session, name="embed_session"),
    path("embed/t/<slug:tenant_id>/", frame.guest(pages.tenant), name="tenant"),
    path("embed/t/<slug:tenant_id>/banner/", frame.guest(pages.banner), name="banner"),
    path("embed/t/<slug:tenant_id>/badge/", frame.guest(frame.badge), name="badge"),
    path("embed/t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    # Never served here, but named by what is.
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("go/<slug:handle>/", frame.shell, name="go"),
    path("", frame.shell, name="home"),
]

handler500 = "integrations.views.errors.server_error"

"""The addresses below /embed/: the customer's pages under the names they always have, for guests with a session's key.

`integrations.middleware.in_a_frame` chooses these, so every link in a template stays within the frame.
"""

from django.urls import include, path

from integrations.views import coverage, customer, embed, history, logos, repair

_integration = [
    path("", embed.guest(customer.integration), name="integration"),
    path("card/", embed.guest(customer.card), name="card"),
    path("coverage/", embed.guest(coverage.fields), name="coverage_fields"),
    path("coverage.csv", embed.guest(coverage.csv), name="coverage_csv"),
    path("history/", embed.guest(history.page), name="history"),
    path("check/", embed.guest(repair.check), name="check"),
    path("reconnect/", embed.guest(embed.leave), {"act": "reconnect"}, name="reconnect"),
    path("setup/", embed.guest(embed.leave), {"act": "setup"}, name="set_up"),
]

urlpatterns = [
    path("embed/", embed.shell, name="embed"),
    path("embed/session", embed.session, name="embed_session"),
    path("embed/t/<slug:tenant_id>/", embed.guest(customer.tenant), name="tenant"),
    path("embed/t/<slug:tenant_id>/banner/", embed.guest(customer.banner), name="banner"),
    path("embed/t/<slug:tenant_id>/badge/", embed.guest(embed.badge), name="badge"),
    path("embed/t/<slug:tenant_id>/i/<slug:integration_id>/", include(_integration)),
    # Never served here, but named by what is.
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("go/<slug:handle>/", embed.shell, name="go"),
    path("", embed.shell, name="home"),
]

handler500 = "integrations.views.errors.server_error"

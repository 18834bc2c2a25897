"""The addresses below /embed/: the customer's pages under the names they always have, for guests
with a session's key.

`middleware.embed_frame` chooses these, so every link in a template stays within the frame.
"""

from django.urls import include, path

from integrations.urls.customer import AnyView, customer_patterns
from integrations.views.customer import connect_invite, connecting, hand_offs, repair, syncing
from integrations.views.embed import frame, leaving
from integrations.views.public import identity, logos

# A repair leaves the frame; what is not here needs an account.
_ACTS: dict[str, AnyView] = {
    "check": frame.guest(repair.check),
    "reconnect": frame.guest(leaving.leave_to_reconnect),
    "set_up": frame.guest(leaving.leave_to_set_up),
    "hand_off_offer": frame.guest(hand_offs.offer),
    "connect_start": frame.guest(leaving.leave_to_connect),
    "connect_dismiss": frame.guest(connecting.dismiss),
    "connect_invite": frame.guest(connect_invite.of_tool),
    "connect_attempt_invite": frame.guest(connect_invite.of_attempt),
    "sync_now": frame.guest(syncing.sync),
}

urlpatterns = [
    path("embed/", frame.shell, name="embed"),
    path("embed/session", frame.session, name="embed_session"),
    path(
        "embed/t/<slug:tenant_id>/connect/attempts/<slug:attempt_id>/",
        frame.guest(leaving.connect_progress),
        name="connect_progress",
    ),
    path("embed/t/<slug:tenant_id>/", include(customer_patterns(frame.guest, acts=_ACTS))),
    path("embed/t/<slug:tenant_id>/badge/", frame.guest(frame.badge), name="badge"),
    # Never served here, but named by what is.
    path("logos/<slug:key>/", logos.logo, name="logo"),
    path("theme/<slug:name>.css", identity.theme, name="theme"),
    path("identity/<slug:key>/", identity.picture, name="vendor_picture"),
    path("go/<slug:handle>/", frame.shell, name="embed_repair"),
    path("", frame.shell, name="home"),
]

handler500 = "integrations.views.errors.server_error"

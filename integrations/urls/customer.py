"""The customer's pages below a tenant, for the site, frames in host pages, and the preview."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from integrations.views.customer import (
    connect_list,
    connecting,
    coverage,
    fields,
    history,
    pages,
    polling,
    statement,
)

# What a person can press on them, each with its address.
ACTS = {
    "check": "check/",
    "reconnect": "reconnect/",
    "set_up": "setup/",
    "completed": "completed/",
    "resume": "resume/",
    "hand_off_offer": "hand-off/",
    "ask": "ask/",
    "sync_now": "sync/",
    "disconnect": "disconnect/",
}

# The same, of what is about no integration yet.
CONNECT_ACTS = {
    "connect_start": "connect/<slug:category>/<str:tool_id>/start/",
    "connect_completed": "connect/completed/",
    "connect_dismiss": "connect/attempts/<slug:attempt_id>/dismiss/",
    "connect_attempt_invite": "connect/attempts/<slug:attempt_id>/invite/",
    "connect_invite": "connect/<slug:category>/<str:tool_id>/invite/",
}

type AnyView = Callable[..., Any]


def customer_patterns(
    wrap: Callable[[AnyView], AnyView], *, acts: Mapping[str, AnyView]
) -> list[URLPattern | URLResolver]:
    """Return the addresses of a tenant's pages, to be included below its public id.

    `wrap` lets people in to each view; `acts` are the views of what can be pressed, by name. An act
    that is not among them has no address there.
    """
    integration = [
        path("", wrap(pages.integration), name="integration"),
        path("coverage/", wrap(coverage.fields), name="coverage_fields"),
        path("coverage.csv", wrap(coverage.csv), name="coverage_csv"),
        path("history/", wrap(history.page), name="history"),
        path("fields/", wrap(fields.page), name="fields"),
        path("statement/", wrap(statement.page), name="statement"),
        path("statement.csv", wrap(statement.csv), name="statement_csv"),
        path("statement.json", wrap(statement.json), name="statement_json"),
        *(path(ACTS[name], view, name=name) for name, view in acts.items() if name in ACTS),
    ]
    return [
        path("", wrap(pages.tenant), name="tenant"),
        path("banner/", wrap(pages.banner), name="banner"),
        path("poll/", wrap(polling.poll), name="poll"),
        path("connect/", wrap(connect_list.page), name="connect"),
        path("connect/tools/", wrap(connect_list.tools), name="connect_tools"),
        *(
            path(address, acts[name], name=name)
            for name, address in CONNECT_ACTS.items()
            if name in acts
        ),
        path("connect/<slug:category>/<str:tool_id>/", wrap(connecting.tool), name="connect_tool"),
        path("i/<slug:integration_id>/", include(integration)),
    ]

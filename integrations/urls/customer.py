"""The customer's pages below a tenant, for the site, frames in host pages, and the preview."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from integrations.views.customer import coverage, history, pages, polling, statement

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
        path("statement/", wrap(statement.page), name="statement"),
        path("statement.csv", wrap(statement.csv), name="statement_csv"),
        path("statement.json", wrap(statement.json), name="statement_json"),
        *(path(ACTS[name], view, name=name) for name, view in acts.items()),
    ]
    return [
        path("", wrap(pages.tenant), name="tenant"),
        path("banner/", wrap(pages.banner), name="banner"),
        path("poll/", wrap(polling.poll), name="poll"),
        path("i/<slug:integration_id>/", include(integration)),
    ]

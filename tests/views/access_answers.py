"""What an answer tells, for the tests of who gets what."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse

from integrations.models import Integration
from integrations.simulator.app import Simulator
from tests.views.browsing import ACTS

TENANT_URLS = ("tenant", "banner", "poll")
STATEMENT_URLS = ("statement", "statement_csv", "statement_json")
INTEGRATION_URLS = (
    "integration",
    "coverage_fields",
    "coverage_csv",
    "history",
    "fields",
    *STATEMENT_URLS,
    *ACTS,
)

# What staff have of a tenant, of one integration, and of one hand-off of it.
ACCOUNT_URLS = (
    *("workspace_tenant", "tenant_assign", "tenant_note", "tenant_reminders", "preview"),
    *("member_invite", "member_revoke"),
)
WORKBENCH_URLS = (
    *(
        "workspace_integration",
        "workspace_data",
        "workspace_fields",
        "workspace_history",
        "workspace_technical",
        "pause",
        "workspace_resume",
        "sync",
        "workspace_disconnect",
        "disconnect_approve",
        "disconnect_withdraw",
        "workspace_check",
        "snooze",
        "wake",
        "note",
        "mark_contacted",
    ),
    "hand_off_create",
)
HAND_OFF_URLS = ("hand_off_show", "hand_off_revoke")
NOWHERE = "AAAAAAAAAAAAAAAA"


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or f"unnamed {pattern.pattern}"
        elif isinstance(pattern, URLResolver) and pattern.namespace:
            yield f"{pattern.namespace}:index"
        else:
            yield from names(pattern.url_patterns)


def outcome(response: Any) -> str:
    to_login = response.status_code == 302 and response["Location"].startswith(reverse("login"))
    return "login" if to_login else str(response.status_code)


@contextmanager
def undone(kombo: Simulator, integration: Integration) -> Iterator[None]:
    """Take back whatever happens within to the database, and to an integration at Kombo."""
    details = kombo.details(integration.integration_id)
    assert details
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    kombo.reset()
    kombo.add(details)


def answer(
    client: Client, method: str, url: str, **headers: str
) -> tuple[int, bytes, dict[str, str], int]:
    """All there is to tell two answers apart: status, body, headers but the request's own name,
    and the number of queries they took.
    """
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, url, headers=headers)
    shown = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return response.status_code, response.content, shown, len(queries)

"""An answer of every address of the site, of a frame and of the preview, and of what goes wrong."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from unittest.mock import Mock

from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.templatetags.static import static
from django.test import Client
from django.urls import get_resolver, reverse

from integrations.database import outage
from integrations.models import Integration
from tests.embed import URLS, Frame
from tests.views import to_connect
from tests.views.access_answers import names
from tests.words.walking import patterns

PREVIEW = "integrations.urls.preview"
ADMIN = ("index", "integrations_integration_changelist", "integrations_tenant_add")


def answers(
    roots: Client, frame: Frame, address: Callable[[str], str], made: Integration
) -> Iterator[tuple[str, Any]]:
    """Yield an answer of every address, by a name for it, to somebody whom nothing is denied; of
    each kind of refusal, one.
    """
    for name in names(get_resolver().url_patterns):
        for method in ("GET", "POST"):
            yield f"{method} {name}", _ask(roots, method, address(name))
    for name in ADMIN:
        yield f"admin {name}", roots.get(reverse(f"admin:{name}"), secure=True)
    stranger = Client(enforce_csrf_checks=True)
    yield "nowhere", stranger.get("/nowhere/", secure=True)
    yield "bad host", stranger.get("/", headers={"Host": "evil.example"}, secure=True)
    yield "sign in", stranger.get(address("triage"), secure=True)
    yield "refused form", stranger.post(address("login"), secure=True)
    yield "no key", stranger.get(f"/embed/t/{made.tenant.public_id}/", secure=True)
    yield "too large", stranger.post("/", CONTENT_LENGTH="99999999", secure=True)
    yield from _broken(address("tenant"))
    yield from _below(URLS, "embed/", frame.client, frame.key, made)
    yield from _below(PREVIEW, "workspace/preview/", roots, "", made)
    yield from _files(Client())


def _broken(at: str) -> Iterator[tuple[str, Any]]:
    """Yield what comes of a bug, and of a database that is away."""
    client = Client(raise_request_exception=False)
    client.cookies["__Host-session"] = "a" * 32
    for kind, error in (("bug", RuntimeError()), ("away", outage.DatabaseAway("unavailable"))):
        with connection.execute_wrapper(Mock(side_effect=error)):
            yield kind, client.get(at, secure=True)


def _ask(client: Client, method: str, at: str, headers: Any = None) -> Any:
    """Return an answer, and take back what it did."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, at, headers=headers, secure=True)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def _below(
    urlconf: str, path: str, client: Client, key: str, made: Integration
) -> Iterator[tuple[str, Any]]:
    attempt = to_connect.planned(made.tenant)
    values = {
        "tenant_id": made.tenant.public_id,
        "integration_id": made.public_id,
        "category": "hris",
        "tool_id": "workday",
        "attempt_id": attempt.public_id,
    }
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for name, (arguments, route) in patterns(urlconf).items():
        if route.startswith(path):
            at = reverse(name, kwargs={one: values[one] for one in arguments}, urlconf=urlconf)
            for method in ("GET", "POST"):
                yield f"{method} {path}{name}", _ask(client, method, at, headers)


def _files(client: Client) -> Iterator[tuple[str, Any]]:
    """Yield one file of each kind, and one that is not there."""
    for name in ("css/dashboard.css", "js/dashboard.js", "img/favicon.svg", "js/embed/loader.js"):
        assert finders.find(name)
        yield f"static {name}", client.get(static(name), secure=True)
    yield "static nothing", client.get("/static/nothing.js", secure=True)

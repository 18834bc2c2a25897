"""Error pages: in the same look, with the same headers, knowing nothing of who asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client, RequestFactory
from django.test.signals import template_rendered

from integrations.access import rate_limits
from integrations.models import Integration, Tenant
from integrations.views import errors
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import Element, read, tenant_url, url_of
from tests.views.conftest import Browser
from tests.views.outages import no_database


def broken(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """A bug in our own code, wherever it first asks for an integration."""
    if "integrations_integration" in sql:
        raise RuntimeError("secret details")
    return execute(sql, *rest)


def bad_request(client: Client, _made: Integration) -> Any:
    return client.get("/", headers={"Host": "evil.example"})


def refused_form(client: Client, made: Integration) -> Any:
    client.handler.enforce_csrf_checks = True
    return client.post(url_of("check", made))


def not_found(client: Client, _made: Integration) -> Any:
    return client.get("/nowhere/")


def too_many(client: Client, made: Integration) -> Any:
    answers = [client.post(url_of("check", made)) for _ in range(rate_limits.CHECK_NOW.times + 1)]
    return answers[-1]


def page_of(client: Client, made: Integration) -> Any:
    client.raise_request_exception = False
    return client.get(tenant_url(made))


ERRORS: dict[str, tuple[Callable[[Client, Integration], Any], int, str]] = {
    "bad request": (bad_request, 400, copy.INVALID_REQUEST),
    "refused form": (refused_form, 403, copy.THIS_PAGE_HAS_EXPIRED),
    "not found": (not_found, 404, copy.PAGE_NOT_FOUND),
    "too many": (too_many, 429, copy.TOO_MANY_REQUESTS),
}


def check(response: Any, status: int, heading: str) -> Element:
    """It is a page of ours that knows nothing of its reader."""
    page = read(response)
    assert response.status_code == status
    assert page.one("h1").text == heading
    assert page.one("html")["lang"] == "en"
    assert page.one("span", "class", "brand").text == "Northwind"
    assert "alice" not in response.content.decode()
    assert "Acme" not in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    return page


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_is_a_page_of_ours(
    alices: Client, acme: Tenant, connect: Connect, kind: str
) -> None:
    make, status, heading = ERRORS[kind]
    check(make(alices, connect(acme)), status, heading)


def test_a_bug_is_a_page_of_ours_that_says_nothing_of_it(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    with connection.execute_wrapper(broken):
        response = page_of(alices, made)
    check(response, 500, copy.SOMETHING_WENT_WRONG)
    assert "secret details" not in response.content.decode()


def test_without_a_database_the_error_page_still_comes(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    with connection.execute_wrapper(no_database):
        response = page_of(alices, made)
    check(response, 503, copy.WE_WILL_BE_BACK)
    assert response["Retry-After"] == "5"


def test_an_error_page_asks_the_database_for_no_identity(rf: RequestFactory, settings: Any) -> None:
    """Whatever a template shows of it; a test without `db` fails with the first query."""
    settings.SUPPORT_EMAIL = "help@northwind.example"
    shown: list[str] = []

    def noted(sender: object, context: Any, **_more: object) -> None:
        shown.append(context["identity"].support_email)

    template_rendered.connect(noted)
    request: Any = rf.get("/")
    request.user = AnonymousUser()
    for answer in (errors.server_error, errors.unavailable):
        answer(request)
    template_rendered.disconnect(noted)
    assert set(shown) == {"help@northwind.example"}


def test_a_404_is_the_same_for_everyone(browser: Browser, bolt: Tenant) -> None:
    answers = {
        browser(person).get("/nowhere/").content
        for person in ("nobody", "alice", "bob", "mia", "root")
    }
    assert len(answers) == 1


def test_errors_speak_the_readers_language(client: Client, db: None) -> None:
    assert (
        read(client.get("/nowhere/", headers={"Accept-Language": "de"})).one("html")["lang"] == "de"
    )

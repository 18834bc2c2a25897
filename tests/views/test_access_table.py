"""Who gets what at every address, and that what is not yours is not there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrations import embedding
from integrations.demo.simulator import Simulator
from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.embed import turn_on
from tests.views.browsing import ACTS, HTMX
from tests.views.conftest import PEOPLE, Browser

# Everything belongs to acme. `login` is a redirect to the sign-in page.
# An act that is got instead of posted leads to the page, which has rules of its own.
TABLE = """
url                      method  nobody  alice  vic  bob  mia  root
home                     GET     login   302    302  302  200  200
home                     POST    login   405    405  405  405  405
tenant                   GET     login   200    200  404  200  200
tenant                   POST    login   405    405  405  405  405
banner                   GET     login   200    200  404  200  200
banner                   POST    login   405    405  405  405  405
integration              GET     login   200    200  404  200  200
integration              POST    login   405    405  405  405  405
card                     GET     login   200    200  404  200  200
card                     POST    login   405    405  405  405  405
coverage_fields          GET     login   200    200  404  200  200
coverage_fields          POST    login   405    405  405  405  405
coverage_csv             GET     login   200    200  404  200  200
coverage_csv             POST    login   405    405  405  405  405
history                  GET     login   200    200  404  200  200
history                  POST    login   405    405  405  405  405
check                    GET     login   302    302  302  302  302
check                    POST    login   302    302  404  302  302
reconnect                GET     login   302    302  302  302  302
reconnect                POST    login   200    404  404  404  404
set_up                   GET     login   302    302  302  302  302
set_up                   POST    login   200    404  404  404  404
completed                GET     login   302    302  302  302  302
completed                POST    login   302    404  404  404  404
resume                   GET     login   302    302  302  302  302
resume                   POST    login   404    404  404  302  302
inbox                    GET     login   404    404  404  404  200
inbox                    POST    login   405    405  405  405  405
replay                   GET     login   302    302  302  302  302
replay                   POST    login   404    404  404  404  404
assign                   GET     login   302    302  302  302  302
assign                   POST    login   404    404  404  404  404
dismiss                  GET     login   302    302  302  302  302
dismiss                  POST    login   404    404  404  404  404
embed_loader             GET     200     200    200  200  200  200
embed_loader             POST    405     405    405  405  405  405
go                       GET     200     200    200  200  200  200
go                       POST    200     200    200  200  200  200
go_completed             GET     405     405    405  405  405  405
go_completed             POST    404     404    404  404  404  404
webhooks                 GET     405     405    405  405  405  405
webhooks                 POST    401     401    401  401  401  401
logo                     GET     200     200    200  200  200  200
logo                     POST    405     405    405  405  405  405
login                    GET     200     302    302  302  302  302
login                    POST    200     302    302  302  302  302
logout                   GET     login   405    405  405  405  405
logout                   POST    login   login  login  login  login  login
password_reset           GET     200     200    200  200  200  200
password_reset           POST    200     200    200  200  200  200
password_reset_done      GET     200     200    200  200  200  200
password_reset_done      POST    405     405    405  405  405  405
password_reset_confirm   GET     200     200    200  200  200  200
password_reset_confirm   POST    200     200    200  200  200  200
password_reset_complete  GET     200     200    200  200  200  200
password_reset_complete  POST    405     405    405  405  405  405
set_language             GET     405     405    405  405  405  405
set_language             POST    302     302    302  302  302  302
healthz                  GET     200     200    200  200  200  200
healthz                  POST    405     405    405  405  405  405
readyz                   GET     200     200    200  200  200  200
readyz                   POST    405     405    405  405  405  405
admin:index              GET     302     302    302  302  200  200
admin:index              POST    302     302    302  302  200  200
"""
HEADING, *LINES = [line.split() for line in TABLE.strip().splitlines()]
ROWS = {(name, method): dict(zip(PEOPLE, cells, strict=True)) for name, method, *cells in LINES}

TENANT_URLS = ("tenant", "banner")
INTEGRATION_URLS = ("integration", "card", "coverage_fields", "coverage_csv", "history", *ACTS)
NOWHERE = "AAAAAAAAAAAAAAAA"


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or f"unnamed {pattern.pattern}"
        elif isinstance(pattern, URLResolver) and pattern.namespace:
            yield f"{pattern.namespace}:index"
        else:
            yield from names(pattern.url_patterns)


@pytest.fixture
def theirs(acme: Tenant, connect: Connect) -> Integration:
    """Acme's integration, which waits for a reconnection."""
    return connect(acme, state="invalid")


@pytest.fixture
def address(theirs: Integration, settings: Any) -> Callable[[str], str]:
    turn_on(settings)
    arguments: dict[str, list[str | None]] = {
        "logo": [theirs.snapshot.logo_id],
        "password_reset_confirm": ["MQ", "x"],
        "webhooks": ["production"],
        **{name: [theirs.tenant.public_id] for name in TENANT_URLS},
        **{name: [theirs.tenant.public_id, theirs.public_id] for name in INTEGRATION_URLS},
    }

    def address(name: str) -> str:
        if name.startswith("go"):  # whoever was handed the way: a new one for everybody
            return reverse(name, args=[embedding.make_handle(theirs, "reconnect")])
        query = "?group=hris_employees" if name == "coverage_fields" else ""
        return reverse(name, args=arguments.get(name, [])) + query

    return address


def outcome(response: Any) -> str:
    to_login = response.status_code == 302 and response["Location"].startswith(reverse("login"))
    return "login" if to_login else str(response.status_code)


def test_every_address_has_a_row_for_each_method() -> None:
    assert ["url", "method", *PEOPLE] == HEADING
    known = set(names(get_resolver().url_patterns))
    assert set(ROWS) == {(name, method) for name in known for method in ("GET", "POST")}


@pytest.mark.parametrize(("name", "method"), ROWS)
def test_everyone_gets_what_the_table_says(
    name: str, method: str, browser: Browser, address: Callable[[str], str], bolt: Tenant
) -> None:
    got = {
        person: outcome(browser(person).generic(method, address(name), REMOTE_ADDR=f"192.0.2.{number}"))
        for number, person in enumerate(PEOPLE)  # each from an address of their own, for the rate limits
    }
    assert got == ROWS[name, method]


@pytest.mark.parametrize(("name", "method"), ROWS)
def test_no_other_sites_page_may_frame_it(
    name: str, method: str, browser: Browser, address: Callable[[str], str]
) -> None:
    for person in ("nobody", "alice", "root"):
        response = browser(person).generic(method, address(name))
        assert response["X-Frame-Options"] == "DENY"
        if (name, method) != ("logo", "GET"):  # a picture has a stricter policy of its own
            assert "frame-ancestors 'none'" in response["Content-Security-Policy"].split("; ")


def method_of(name: str) -> str:
    return "POST" if name in ACTS else "GET"


def answer(client: Client, method: str, url: str, **headers: str) -> tuple[int, bytes, dict[str, str], int]:
    """All there is to tell two answers apart: status, body, headers, and the number of queries they took."""
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, url, headers=headers)
    return response.status_code, response.content, dict(response.headers), len(queries)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", INTEGRATION_URLS)
def test_somebody_elses_ids_answer_as_if_they_were_not_there(
    name: str, headers: dict[str, str], browser: Browser, theirs: Integration, bolt: Tenant, connect: Connect
) -> None:
    bob, method = browser("bob"), method_of(name)
    connect(bolt)

    def look(tenant_id: str, integration_id: str) -> tuple[int, bytes, dict[str, str], int]:
        return answer(bob, method, reverse(name, args=[tenant_id, integration_id]), **headers)

    acme_id = theirs.tenant.public_id
    other_tenant = look(acme_id, theirs.public_id)
    own_tenant = look(bolt.public_id, theirs.public_id)
    assert other_tenant == look(NOWHERE, NOWHERE) == look(acme_id, NOWHERE) == look(NOWHERE, theirs.public_id)
    assert own_tenant == look(bolt.public_id, NOWHERE)
    assert own_tenant[:3] == other_tenant[:3]
    assert own_tenant[0] == 404
    assert bolt.name not in own_tenant[1].decode()


@pytest.mark.parametrize("name", TENANT_URLS)
def test_somebody_elses_tenant_answers_as_if_it_was_not_there(name: str, browser: Browser, theirs: Integration) -> None:
    bob = browser("bob")
    there, nowhere = (answer(bob, "GET", reverse(name, args=[key])) for key in (theirs.tenant.public_id, NOWHERE))
    assert there == nowhere
    assert there[0] == 404


def test_banner_of_somebody_elses_integration_is_as_of_one_that_is_not_there(
    browser: Browser, theirs: Integration, bolt: Tenant
) -> None:
    bob, url = browser("bob"), reverse("banner", args=[bolt.public_id])
    there, nowhere = (answer(bob, "GET", f"{url}?only={key}") for key in (theirs.public_id, NOWHERE))
    assert (there[0], there[3]) == (nowhere[0], nowhere[3])
    assert there[1].replace(theirs.public_id.encode(), NOWHERE.encode()) == nowhere[1]


@pytest.mark.parametrize("name", [*TENANT_URLS, *INTEGRATION_URLS])
def test_without_a_session_what_exists_looks_like_what_does_not(
    name: str, browser: Browser, address: Callable[[str], str], theirs: Integration
) -> None:
    nobody, method = browser("nobody"), method_of(name)
    there = address(name)
    nowhere = there.replace(theirs.tenant.public_id, NOWHERE).replace(theirs.public_id, NOWHERE)
    for headers in ({}, HTMX):
        known, unknown = (answer(nobody, method, url, **headers) for url in (there, nowhere))
        known[2].pop("Location", None)
        unknown[2].pop("Location", None)
        assert known == unknown
        assert known[3] == 0


@pytest.mark.parametrize("name", [*TENANT_URLS, *INTEGRATION_URLS])
def test_a_fragment_without_a_session_is_told_so_and_not_redirected(
    name: str, browser: Browser, address: Callable[[str], str]
) -> None:
    response = browser("nobody").generic(method_of(name), address(name), headers=HTMX)
    assert (response.status_code, response.content) == (401, b"")
    assert "Location" not in response


def test_nothing_of_another_tenant_costs_a_call_to_kombo(
    browser: Browser, address: Callable[[str], str], kombo: Simulator
) -> None:
    bob, before = browser("bob"), kombo.calls
    for name in INTEGRATION_URLS:
        bob.generic(method_of(name), address(name))
    assert kombo.calls == before


def test_membership_ends_access_at_once(alices: Client, theirs: Integration) -> None:
    url = reverse("tenant", args=[theirs.tenant.public_id])
    assert alices.get(url).status_code == 200
    theirs.tenant.memberships.all().delete()
    assert alices.get(url).status_code == 404


def test_staff_without_the_permission_see_no_tenant(browser: Browser, mia: User, theirs: Integration) -> None:
    mia.user_permissions.clear()
    assert browser("mia").get(reverse("tenant", args=[theirs.tenant.public_id])).status_code == 404


def test_the_permission_without_being_staff_shows_no_tenant(browser: Browser, mia: User, theirs: Integration) -> None:
    mia.is_staff = False
    mia.save(update_fields=["is_staff"])
    assert browser("mia").get(reverse("tenant", args=[theirs.tenant.public_id])).status_code == 404

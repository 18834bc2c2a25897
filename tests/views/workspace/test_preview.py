"""Staff look at what a customer sees: the same, in the customer's language, on record, and nothing
can be changed.
"""

import re
from itertools import cycle, product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.models import AuditEntry, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.views.types import PREVIEW_URLCONF
from integrations.workspace import staff_actions
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import HTMX, Element, make_stale, tenant_url, url_of
from tests.views.conftest import Browser
from tests.views.secrets import leaks, secrets_of
from tests.views.workspace.preview_pages import look, there

PREFIX = "/workspace/preview/"
PAGES = (
    *("integration", "history", "fields"),
    *("coverage_csv", "statement", "statement_csv", "statement_json"),
)
FRAGMENTS = ("poll", "coverage_fields", "banner")
REFUSED = (
    *("check", "reconnect", "set_up", "completed", "resume", "hand_off_offer", "ask"),
    *("sync_now", "disconnect"),
)


def seen() -> list[tuple[str, str]]:
    """Who looked, and at which tool if at one."""
    found = AuditEntry.objects.filter(what="viewed_as_customer").order_by("pk")
    return list(found.values_list("actor", "tool"))


def names_in(patterns: list[Any], under: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in patterns:
        route = under + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= names_in(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found[str(pattern.name)] = route
    return found


NAMES = names_in(get_resolver(PREVIEW_URLCONF).url_patterns)
BELOW = {name for name, route in NAMES.items() if f"/{route}".startswith(PREFIX)}
# What is about no integration yet is in the access table.
SERVED = {name for name in BELOW if not name.startswith("connect")}


def test_every_address_is_known_here() -> None:
    assert {"tenant", *PAGES, *FRAGMENTS, *REFUSED} == SERVED


@pytest.mark.parametrize("name", sorted(NAMES.keys() - BELOW))
def test_every_other_name_leads_where_it_always_does(name: str) -> None:
    ids = {
        "logo": ["x"],
        "theme": ["x"],
        "vendor_picture": ["x"],
        "workspace_tenant": ["t"],
        "workspace_integration": ["t", "i"],
    }.get(name, [])
    assert reverse(name, args=ids, urlconf=PREVIEW_URLCONF) == reverse(name, args=ids)


def test_only_who_takes_care_of_the_customer_gets_fragments(
    browser: Browser, amy: User, ned: User, alice: User, broken: Integration
) -> None:
    """Who gets the same by a plain request is in the access table."""
    outcomes = {"ned": 404, "alice": 404, "vic": 404, "bob": 404, "nobody": 401}
    clients, customers = {who: browser(who) for who in outcomes}, cycle(("alice", "vic", "bob"))
    for name, method in product(sorted(SERVED), ("GET", "POST")):
        for who in ("ned", next(customers), *["nobody"] * (method == "GET")):
            got = clients[who].generic(method, there(name, broken), headers=HTMX)
            assert got.status_code == outcomes[who], (name, who, method)
    assert seen() == []


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("name", sorted(SERVED - {"tenant", "banner"}))
def test_another_tenants_integration_is_not_there(
    amys: Client, bolt: Tenant, broken: Integration, connect: Connect, name: str
) -> None:
    other = connect(bolt)
    for headers in ({}, HTMX):
        for address in (
            there(name, other),
            there(name, other).replace(bolt.public_id, broken.tenant.public_id),
            there(name, broken).replace(broken.tenant.public_id, bolt.public_id),
        ):
            assert amys.get(address, headers=headers).status_code == 404


# --- The same as the customer sees


def told(page: Element) -> list[tuple[str, ...]]:
    """Headlines, cards, words and buttons of a page, without the bar."""
    cards = [
        (one["data-integration"], one["data-headline"], one["data-severity"], one.text)
        for one in page.all("article")
    ]
    rest = [
        tuple(one.text for one in page.one("main").all(tag))
        for tag in ("h1", "h2", "h3", "details", "dl", "ol")
    ]
    return [*cards, *rest]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("name", ["tenant", "integration", "history"])
def test_it_is_what_a_member_sees(
    browser: Browser,
    amys: Client,
    every_state: list[Integration],
    time_machine: TimeMachineFixture,
    name: str,
) -> None:
    time_machine.move_to(timezone.now(), tick=False)  # both are told the same ages
    without = {"tenant": every_state[1:], "history": every_state[-1:]}.get(name, [])
    for made in [one for one in every_state if one not in without]:  # one page has them all
        own = tenant_url(made) if name == "tenant" else url_of(name, made)
        assert told(look(amys, there(name, made))) == told(look(browser("alice"), own))


def test_every_link_and_form_stays_there_but_the_ways_back(
    amys: Client, broken: Integration
) -> None:
    for name in ("tenant", "integration", "history"):
        page = look(amys, there(name, broken))
        main = page.one("main")
        leading = {one["href"] for one in main.all("a") if not one["href"].startswith(("#", "?"))}
        leading |= {form["action"] for form in main.all("form")}
        leading |= {one["hx-get"] for one in main.all("", "hx-get")} | {
            one["hx-post"] for one in main.all("", "hx-post")
        }
        out = {one for one in leading if not one.startswith(PREFIX)}
        back = (
            reverse("workspace_tenant", args=[broken.tenant.public_id])
            if name == "tenant"
            else url_of("workspace_integration", broken)
        )
        assert {one for one in out if not one.startswith(reverse("login"))} == {back}


def test_every_button_that_does_something_is_disabled(
    browser: Browser, amys: Client, every_state: list[Integration]
) -> None:
    page, own = (
        look(amys, there("tenant", every_state[0])),
        look(browser("alice"), tenant_url(every_state[0])),
    )

    def pressed(page: Element) -> list[Element]:
        forms = [form for form in page.one("main").all("form") if form["method"] == "post"]
        return [button for form in forms for button in form.all("button")]

    assert [one.text for one in pressed(page)] == [one.text for one in pressed(own)]
    assert {"disabled" in one.attributes for one in pressed(page)} == {True}
    assert {"disabled" in one.attributes for one in pressed(own)} == {False}


def test_it_says_so_and_leads_back(amys: Client, broken: Integration) -> None:
    for name in ("tenant", "integration", "history"):
        page = look(amys, there(name, broken))
        bar = page.one("section", "aria-label", copy.CUSTOMER_VIEW_2)
        assert bar.text.startswith("You’re viewing this page as Acme GmbH. Changes are disabled")
        assert page.all("title")[0].text.endswith("Acme GmbH · customer view")
    assert (
        look(amys, there("banner", broken), **HTMX)
        .one("title")
        .text.endswith("Acme GmbH · customer view")
    )


def test_nothing_that_only_staff_may_know_is_there(
    amys: Client, broken: Integration, amy: User, kombo: Simulator
) -> None:
    kombo.set_fault("server_error", broken.integration_id)
    snapshots.revalidate(broken, by_person=True)
    Snapshot.objects.filter(pk=broken.pk).update(
        internal_label="Internal Label 7f3", scope_name="Scopes Nobody Shows"
    )
    staff_actions.write_note(
        "They do not pay", acting(amy), tenant=broken.tenant, integration=broken
    )
    shown = "".join(
        amys.get(url_of(name, broken)).content.decode()
        for name in ("workspace_integration", "workspace_technical", "integration")
    )
    canaries = (
        "They do not pay",
        "Internal Label 7f3",
        "Scopes Nobody Shows",
        "Kombo returned a server error",
        'data-for="staff"',
    )
    assert all(one in shown for one in canaries)
    for name in ("tenant", *PAGES, *FRAGMENTS):
        for headers in ({}, HTMX):
            response = amys.get(there(name, broken), headers=headers)
            assert response.status_code == 200
            text = response.content.decode()
            assert not [one for one in (*canaries, "/admin/") if one in text], name
            assert not leaks(response, secrets_of([broken]))


# --- Nothing can be changed


def test_no_post_does_anything(
    browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    states = ("invalid", "inactive", "setup_incomplete")
    roots, made = browser("root"), [connect(acme, state=state) for state in states]

    def all_there_is() -> tuple[object, ...]:
        rows = list(Snapshot.objects.order_by("pk").values())
        return kombo.calls, rows, AuditEntry.objects.count()

    before, wrong = all_there_is(), []
    for name, one, headers in product(sorted(SERVED), made, ({}, HTMX)):
        answer = roots.post(there(name, one), {"token": "x", "do": "make"}, headers=headers)
        is_said = copy.YOU_ARE_VIEWING_AS
        wanted = (403, True) if name in REFUSED else (405, False)
        if (answer.status_code, is_said in answer.content.decode()) != wanted:
            wrong.append((name, one.snapshot.status, headers, str(answer.status_code)))
        if all_there_is() != before:
            wrong.append((name, one.snapshot.status, headers, "something changed"))
    assert wrong == []


def test_what_is_got_instead_of_posted_leads_to_the_page(amys: Client, broken: Integration) -> None:
    for name in REFUSED:
        led = amys.get(there(name, broken)).headers.get("Location")
        assert led == there("integration", broken), name


def test_the_forms_token_is_asked_for_here_too(amy: User, broken: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    assert copy.THIS_PAGE_HAS_EXPIRED in strict.post(there("check", broken)).content.decode()


def test_a_card_is_kept_current_as_for_anybody(
    amys: Client, broken: Integration, kombo: Simulator
) -> None:
    address = there("poll", broken)
    address += look(amys, there("tenant", broken)).one("article")["data-version"]
    assert amys.get(address, headers=HTMX).status_code == 204
    kombo.set_state(broken.integration_id, "connected")
    make_stale(broken)
    card = look(amys, address, **HTMX)
    assert card.one("article")["data-headline"] == "connected"
    assert {"disabled" in one.attributes for one in card.all("button")} == {True}


# --- On record, and two tabs


def test_each_page_is_on_record_and_what_keeps_it_current_is_not(
    amys: Client, broken: Integration
) -> None:
    for name in ("tenant", *PAGES):
        amys.get(there(name, broken))
    assert seen() == [("amy", ""), *[("amy", "Personio")] * len(PAGES)]
    for name in FRAGMENTS:
        amys.get(there(name, broken), headers=HTMX)
    assert len(seen()) == 1 + len(PAGES)


def test_nobody_looks_without_a_trace_by_asking_a_fragment(
    amys: Client, broken: Integration
) -> None:
    for number, name in enumerate(("tenant", *PAGES)):
        headers = HTMX | ({"HX-Boosted": "true"} if name == "integration" else {})
        assert amys.get(there(name, broken), headers=headers).status_code == 200
        assert seen()[number:] == [("amy", "" if name == "tenant" else "Personio")], name


def test_a_fragment_of_no_page_speaks_the_customers_language(
    amys: Client, broken: Integration
) -> None:
    for around in ("http://[bad", "http://[bad?language=de", "", "\udcff", "//[", "?language=xx"):
        card = amys.get(
            there("poll", broken),
            headers=HTMX | {"HX-Current-URL": around.encode(errors="replace").decode()},
        )
        assert (card.status_code, card["Content-Language"]) == (200, "en"), around


def test_who_looks_does_not_load_the_grid_to_be_let_in(amys: Client, broken: Integration) -> None:
    with CaptureQueriesContext(connection) as queries:
        look(amys, there("history", broken))
    assert not [one for one in queries if '"coverage",' in one["sql"]]


def test_what_is_not_there_is_not_on_record(amys: Client, acme: Tenant, connect: Connect) -> None:
    doubtful = connect(acme, origin_id="somebody else")
    assert amys.get(there("history", doubtful)).status_code == 404
    assert seen() == []
    assert copy.NOT_CONFIRMED_YET in look(amys, there("integration", doubtful)).one("article").text


def test_two_tabs_do_not_mix(
    browser: Browser, root: User, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    client, one, other = browser("root"), connect(acme), connect(bolt, state="invalid")
    first, second = look(client, there("tenant", one)), look(client, there("tenant", other))
    for page, made in ((first, one), (second, other), (first, one)):
        assert (
            look(client, f"{page.one('', 'id', 'poll')['hx-get']}?seen={made.public_id}.").one(
                "article"
            )["data-integration"]
            == made.public_id
        )
    assert client.get(url_of("workspace_integration", one)).status_code == 200
    own = look(client, tenant_url(one))
    assert not re.search("workspace/preview", str([a["href"] for a in own.all("a")]))
    assert own.one("span", "class", "who")["data-initials"] == "R"

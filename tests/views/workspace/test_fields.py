"""The vendor's fields on the pages of an integration: to look at, and for some of the staff to
change.
"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, FieldMapping, Integration
from integrations.simulator.app import Simulator
from integrations.upstream import field_mappings
from tests.conftest import Connect, allow
from tests.views.browsing import HTMX, Element, page_at, read, url_of
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_fields(personio: Integration, settings: Any) -> Integration:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"ENABLE_FIELD_MAPPING": True}
    field_mappings.want(field_mappings.of_integration(personio))
    field_mappings.refresh_due()
    return personio


@pytest.fixture
def mapper(browser: Browser, mia: User) -> Client:
    """Somebody of the staff who may change mappings."""
    allow(mia, "map_fields")
    return browser("mia")


def here(name: str, integration: Integration) -> str:
    return reverse(name, args=[integration.tenant.public_id, integration.public_id])


def form_of(client: Client, integration: Integration) -> Element:
    """The form for the first field, reached from the page that lists all."""
    rows = page_at(client, here("workspace_data", integration)).all("li", "data-field")
    return page_at(client, rows[0].one("a")["href"])


def chosen(form: Element, number: int = 0) -> dict[str, str]:
    names = {
        one["name"]: one["value"]
        for one in form.one("form", "data-mapping").all("input", "type", "hidden")
        if one["name"] != "csrfmiddlewaretoken"
    }
    return names | {"source": form.all("button", "name", "source")[number]["value"]}


def sources(client: Client, integration: Integration) -> list[str]:
    rows = page_at(client, here("workspace_data", integration)).all("li", "data-field")
    return [row["data-source"] for row in rows]


def test_customers_see_their_fields(alices: Client, with_fields: Integration) -> None:
    page = page_at(alices, url_of("integration", with_fields))
    address = here("fields", with_fields)
    assert address in [one["href"] for one in page.one("nav", "class", "tabs").all("a")]
    page = page_at(alices, address)
    assert len(page.all("li", "data-field")) == 3
    assert not page.one("div", "id", "fields").all("a")


def test_where_nothing_can_be_mapped_there_is_no_tab(alices: Client, personio: Integration) -> None:
    page = page_at(alices, url_of("integration", personio))
    assert here("fields", personio) not in [one["href"] for one in page.all("a")]


def test_a_page_waits_for_what_is_on_its_way(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    calls = sum(kombo.world.calls.values())
    place = page_at(alices, here("fields", personio)).one("div", "id", "fields")
    assert place["hx-get"] == here("fields", personio)
    assert sum(kombo.world.calls.values()) == calls, "a page view asks nobody"
    field_mappings.refresh_due()
    part = read(alices.get(place["hx-get"], headers=HTMX))
    assert part.one("div", "id", "fields")["hx-get"] == ""
    assert part.all("li", "data-field")


def test_while_kombo_fails_nobody_waits(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    page_at(alices, here("fields", personio))
    kombo.set_fault("server_error")
    field_mappings.refresh_due()
    place = page_at(alices, here("fields", personio)).one("div", "id", "fields")
    assert (place["hx-get"], bool(place.all("p", "role", "status"))) == ("", True)


def test_the_preview_has_nothing_asked_for(browser: Browser, personio: Integration) -> None:
    address = here("fields", personio).replace("/t/", "/workspace/preview/t/", 1)
    assert browser("mia").get(address).status_code == 200
    assert not FieldMapping.objects.exists()


def test_what_is_held_back_has_no_fields(
    alices: Client, browser: Browser, connect: Connect, with_fields: Integration
) -> None:
    held = connect(with_fields.tenant, origin_id="somebody else")
    assert alices.get(here("fields", held)).status_code == 404
    assert browser("root").get(here("workspace_fields", held)).status_code == 404
    assert not page_at(browser("root"), here("workspace_data", held)).all("li", "data-field")


def test_a_mapping_is_changed(mapper: Client, with_fields: Integration) -> None:
    form = form_of(mapper, with_fields)
    key = form.all("li", "data-choice")[0]["data-choice"]
    answer = mapper.post(here("workspace_fields", with_fields), chosen(form))
    assert answer.status_code == 302
    assert sources(mapper, with_fields)[0] == key
    assert AuditEntry.objects.latest("pk").actor == "mia"
    last = form_of(mapper, with_fields)
    mapper.post(here("workspace_fields", with_fields), chosen(last, -1))
    assert sources(mapper, with_fields)[0] == ""


def test_the_tools_fields_are_found(mapper: Client, with_fields: Integration) -> None:
    rows = page_at(mapper, here("workspace_data", with_fields)).all("li", "data-field")
    address = rows[0].one("a")["href"]
    found = page_at(mapper, f"{address}&q=DATE+birth").all("li", "data-choice")
    assert [one["data-choice"] for one in found] == ["date_of_birth"]
    assert not page_at(mapper, f"{address}&q=nothing+at+all").all("li", "data-choice")


def test_two_tabs_do_not_undo_each_other(mapper: Client, with_fields: Integration) -> None:
    one, other = form_of(mapper, with_fields), form_of(mapper, with_fields)
    mapper.post(here("workspace_fields", with_fields), chosen(one))
    answer = mapper.post(here("workspace_fields", with_fields), chosen(other, 1))
    assert answer.status_code == 409
    page = read(answer)
    key = one.all("li", "data-choice")[0]["data-choice"]
    assert page.one("p", "data-source")["data-source"] == key
    assert sources(mapper, with_fields)[0] == key


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "rate_limited", "reset", "html", "key_revoked"])
def test_a_failure_says_what_is_true(
    fault: str, mapper: Client, with_fields: Integration, kombo: Simulator
) -> None:
    form = form_of(mapper, with_fields)
    kombo.set_fault(fault)
    answer = mapper.post(here("workspace_fields", with_fields), chosen(form))
    assert answer.status_code == 409
    assert read(answer).one("p", "data-problem").text  # and not twice


def test_who_may_not_change_it_may_look(browser: Browser, with_fields: Integration) -> None:
    mia = browser("mia")
    assert len(sources(mia, with_fields)) == 3
    page = page_at(mia, here("workspace_data", with_fields))
    assert not page.one("section", "id", "fields").all("a")
    assert mia.get(here("workspace_fields", with_fields)).status_code == 404
    assert mia.post(here("workspace_fields", with_fields)).status_code == 404


@pytest.mark.parametrize("field", ["", "nothing"])
def test_no_field_is_no_page(field: str, mapper: Client, with_fields: Integration) -> None:
    address = here("workspace_fields", with_fields)
    assert mapper.get(address, {"field": field}).status_code == 404
    assert mapper.post(address, {"field": field}).status_code == 409

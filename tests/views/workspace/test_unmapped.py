"""Integrations that nobody has mapped, on the staff's page: whose each may be, and what becomes of
it there.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.models import Event, Integration, Snapshot, Tenant, UnmappedIntegration
from integrations.simulator.hostile import NASTY
from integrations.tenants import mapping, unmapped
from tests import copy
from tests.conftest import NOW, acting
from tests.views import markup
from tests.views.browsing import Element, page_at, problem, read
from tests.views.conftest import Browser
from tests.webhook_payloads import tell

pytestmark = pytest.mark.usefixtures("clock")


PAGE = "/workspace/webhooks/"


def arrive(integration_id: str = "hibob:1", **told: Any) -> UnmappedIntegration:
    """Let an integration wait that Kombo says is Acme's."""
    usual = {
        "organization_name": "Acme, Inc.",
        "tool_id": "hibob",
        "category": "HRIS",
        "origin_id": "acme",
    }
    fields = {"environment": "production", "seen_at": NOW} | usual | told
    return UnmappedIntegration.objects.create(integration_id=integration_id, **fields)


def look(client: Client, language: str = "en") -> Element:
    return page_at(client, PAGE, headers={"Accept-Language": language})


def rows(page: Element) -> list[Element]:
    return page.all("li", "data-arrival")


def buttons(page: Element) -> dict[str, Element]:
    """The forms of the only row, each by what its button says."""
    [row] = rows(page)
    return {form.one("button").text: form for form in row.all("form")}


def press(client: Client, button: str, **typed: str) -> Any:
    """Send the form of this button as the page has it, with what is typed into it."""
    form = buttons(look(client))[button]
    hidden = {one["name"]: one["value"] for one in form.all("input", "type", "hidden")}
    return client.post(form["action"], hidden | typed)


def leads_back(response: Any) -> bool:
    return (response.status_code, response.headers.get("Location")) == (302, PAGE)


def says_too_late(response: Any) -> bool:
    return copy.SOMEONE_ELSE_HAS_ALREADY_HANDLED in problem(response)


def owners() -> dict[str, str]:
    return {
        f"{one.environment} {one.integration_id}": one.tenant.origin_id
        for one in Integration.objects.all()
    }


# --- The list


def test_what_waits_is_listed_with_whose_it_may_be(
    roots: Client, clock: TimeMachineFixture
) -> None:
    arrive(environment="us", seen_at=NOW - timedelta(hours=2))
    [row] = rows(look(roots))
    assert "Acme, Inc. · hibob (HRIS)" in row.text
    assert copy.N_HOURS_AGO(n=copy.ORIGIN_ID_ID(id="acme · us · 2")) in row.text


def test_what_kombo_told_of_is_listed(roots: Client) -> None:
    tell("integration-created")
    [row], unmapped_integration = rows(look(roots)), UnmappedIntegration.objects.get()
    assert row["data-arrival"] == str(unmapped_integration.pk)
    assert unmapped_integration.organization_name in row.text
    assert f"personio (HRIS) Origin ID {unmapped_integration.origin_id} · production" in row.text


def test_what_kombo_does_not_say_has_a_sign_in_its_place(roots: Client) -> None:
    arrive(organization_name="", origin_id="")
    [row] = rows(look(roots))
    assert row.one("strong").text == "?"
    assert copy.ORIGIN_ID_ID(id="– · production") in row.text
    assert list(buttons(look(roots))) == [copy.MAP, copy.DISMISS]


def test_the_latest_is_first_and_what_waits_no_more_is_not_there(
    roots: Client, acme: Tenant
) -> None:
    for number, hours in ((1, 3), (2, 1), (3, 2)):
        arrive(
            f"hibob:{number}",
            organization_name=f"no. {number}",
            seen_at=NOW - timedelta(hours=hours),
        )
    arrive("hibob:4", dismissed_at=NOW)
    arrive("hibob:5", removed_at=NOW)
    arrive("hibob:6")
    arrive("hibob:6", environment="us", organization_name="of us", seen_at=NOW - timedelta(hours=4))
    mapping.create(acme, "hibob:6")
    assert [row.one("strong").text for row in rows(look(roots))] == [
        "no. 2",
        "no. 3",
        "no. 1",
        "of us",
    ]


def test_that_nothing_waits_is_said(roots: Client) -> None:
    page = look(roots)
    assert not rows(page)
    assert copy.ALL_INTEGRATIONS_REPORTED_BY_KOMBO in page.text


def test_the_field_offers_every_tenant(roots: Client, acme: Tenant, bolt: Tenant) -> None:
    arrive()
    page = look(roots)
    offered = page.one("datalist", "id", "tenants").all("option")
    assert {one["value"]: one.text for one in offered} == {
        "acme": "Acme GmbH",
        "bolt": "Bolt & Sons",
    }
    assert page.one("input", "list", "tenants")["name"] == "tenant"


# --- Assigning


def test_one_click_gives_it_to_the_tenant_that_kombo_names(
    roots: Client, acme: Tenant, bolt: Tenant
) -> None:
    arrive(environment="us")
    assert list(buttons(look(roots))) == [
        copy.MAP_TO_NAME(name="Acme GmbH"),
        copy.MAP,
        copy.DISMISS,
    ]
    assert leads_back(press(roots, copy.MAP_TO_NAME(name="Acme GmbH")))
    assert owners() == {"us hibob:1": "acme"}
    assert Snapshot.objects.get().integration.tenant == acme
    assert not UnmappedIntegration.objects.exists()
    assert not rows(look(roots))


def test_one_click_makes_the_tenant_that_kombo_names(roots: Client, bolt: Tenant) -> None:
    arrive(organization_name=" Acme, Inc. ")
    assert list(buttons(look(roots))) == [copy.CREATE_CUSTOMER, copy.MAP, copy.DISMISS]
    assert leads_back(press(roots, copy.CREATE_CUSTOMER))
    assert (Tenant.objects.get(origin_id="acme").name, owners()) == (
        "Acme, Inc.",
        {"production hibob:1": "acme"},
    )
    assert Tenant.objects.count() == 2


def test_a_tenant_without_a_name_is_called_by_its_origin_id(roots: Client) -> None:
    arrive(organization_name="  ")
    assert leads_back(press(roots, copy.CREATE_CUSTOMER))
    assert Tenant.objects.get().name == "acme"


def test_it_can_be_given_to_another_tenant(roots: Client, acme: Tenant, bolt: Tenant) -> None:
    arrive()
    assert leads_back(press(roots, copy.MAP, tenant=" bolt "))
    assert owners() == {"production hibob:1": "bolt"}


def test_an_unknown_origin_id_is_said_to_be_unknown(
    roots: Client, acme: Tenant, bolt: Tenant
) -> None:
    arrive()
    for typed in ("nobody", "Acme", "Bolt & Sons", "<img src=x onerror=alert(1)>", "x" * 5000):
        response = press(roots, "Map", tenant=typed)
        assert problem(response) == copy.NO_CUSTOMER_HAS_THE_ORIGIN(id=typed)
        assert len(rows(read(response))) == 1
    assert not Integration.objects.exists()


@pytest.mark.parametrize("origin_id", ["", "x" * 201])
def test_no_tenant_is_made_without_an_origin_id_that_fits(roots: Client, origin_id: str) -> None:
    unmapped_integration = arrive(origin_id=origin_id)
    for typed in ("", "   "):
        response = roots.post(
            reverse("unmapped_assign"), {"unmapped": unmapped_integration.pk, "tenant": typed}
        )
        assert problem(response) == copy.KOMBO_RETURNED_NO_ORIGIN_ID
    assert not Tenant.objects.exists()
    assert UnmappedIntegration.objects.exists()


def test_a_long_name_is_cut_to_what_a_tenant_can_be_called(roots: Client) -> None:
    arrive(organization_name="x" * 5000)
    press(roots, copy.CREATE_CUSTOMER)
    assert Tenant.objects.get().name == "x" * 200


def test_what_somebody_else_mapped_meanwhile_stays_theirs(
    roots: Client, root: User, acme: Tenant, bolt: Tenant
) -> None:
    form = {"unmapped": arrive().pk, "tenant": "acme"}
    unmapped.assign(
        UnmappedIntegration.objects.get(), "bolt", acting(root), among=Tenant.objects.all()
    )
    assert says_too_late(roots.post(reverse("unmapped_assign"), form))
    assert owners() == {"production hibob:1": "bolt"}


@pytest.mark.parametrize("typed", ["acme", ""])
def test_what_is_mapped_meanwhile_stays_as_it_was_mapped(
    roots: Client, bolt: Tenant, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import maps it between our look at what waits and our mapping."""
    unmapped_integration = arrive()
    if typed:
        Tenant.objects.create(name="Acme", origin_id="acme")
    mapping.create(bolt, unmapped_integration.integration_id)
    before = set(Tenant.objects.all())
    with monkeypatch.context() as patch:
        patch.setattr(unmapped, "waiting", lambda _among: UnmappedIntegration.objects.all())
        assert says_too_late(
            roots.post(
                reverse("unmapped_assign"), {"unmapped": unmapped_integration.pk, "tenant": typed}
            )
        )
    assert owners() == {"production hibob:1": "bolt"}
    assert set(Tenant.objects.all()) == before
    assert not rows(look(roots))


@pytest.mark.parametrize("state", [{"dismissed_at": NOW}, {"removed_at": NOW}])
def test_what_waits_no_more_is_not_assigned(
    roots: Client, acme: Tenant, state: dict[str, Any]
) -> None:
    unmapped_integration = arrive(**state)
    assert says_too_late(
        roots.post(
            reverse("unmapped_assign"), {"unmapped": unmapped_integration.pk, "tenant": "acme"}
        )
    )
    assert not Integration.objects.exists()


# --- Dismissing


def test_what_is_dismissed_is_gone_for_good(roots: Client, acme: Tenant) -> None:
    tell("integration-state-changed")
    arrive()
    dismissed = UnmappedIntegration.objects.get(tool_id="personio")
    assert leads_back(roots.post(reverse("unmapped_dismiss"), {"unmapped": dismissed.pk}))
    assert [row.one("strong").text for row in rows(look(roots))] == ["Acme, Inc."]
    tell("integration-state-changed")
    assert len(rows(look(roots))) == 1


def test_the_button_dismisses_its_own_row(roots: Client) -> None:
    unmapped_integration = arrive()
    assert leads_back(press(roots, copy.DISMISS))
    unmapped_integration.refresh_from_db()
    assert unmapped_integration.dismissed_at
    assert leads_back(
        roots.post(reverse("unmapped_dismiss"), {"unmapped": unmapped_integration.pk + 1})
    )


# --- Who may


def test_who_may_map_but_make_no_tenant_is_offered_what_they_may(
    browser: Browser, mia: User, acme: Tenant
) -> None:
    theirs = Permission.objects.filter(
        codename__in=["view_event", "view_tenant", "add_integration"]
    )
    mia.user_permissions.set(theirs)
    client, unmapped_integration = browser("mia"), arrive(origin_id="new")
    assert list(buttons(look(client))) == [copy.MAP, copy.DISMISS]
    assert (
        client.post(reverse("unmapped_assign"), {"unmapped": unmapped_integration.pk}).status_code
        == 404
    )
    assert not Tenant.objects.filter(origin_id="new").exists()
    assert leads_back(press(client, copy.MAP, tenant="acme"))
    assert owners() == {"production hibob:1": "acme"}


# --- For everyone


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("text", NASTY)
def test_no_string_is_anything_but_text(roots: Client, text: str) -> None:
    def fill(text: str) -> Element:
        ids = {"environment": "us", "event_id": text[:200], "type": text[:100]}
        Event.objects.create(**ids, error=text, received_at=NOW, due_at=NOW)
        Tenant.objects.create(name=text[:200], origin_id=text[:200])
        names = dict.fromkeys(("organization_name", "tool_id", "category", "origin_id"), text[:200])
        arrive(text[:200], environment=text[:50], **names)
        return look(roots)

    def shapes(page: Element) -> set[tuple[str, str]]:
        return {(one.tag, attribute) for one in page for attribute in ("", *one.attributes)}

    usual = shapes(fill("harmless"))
    for rows_of in (Event.objects, Tenant.objects, UnmappedIntegration.objects):
        rows_of.all().delete()
    page, plain = fill(text), " ".join(text[:200].split())
    assert shapes(page) - {("bdi", "")} == usual
    [row] = rows(page)
    assert row.one("strong").text == plain
    assert copy.MAP_TO_NAME(name=plain) in buttons(page)
    assert row.all("input", "name", "tenant")[0]["value"] == text[:200]
    for rule in (
        *(markup.inline_code, markup.repeated_ids, markup.forms_without_token),
        *(
            markup.inputs_without_label,
            markup.dangling_references,
            markup.buttons_and_links_without_name,
        ),
    ):
        assert not list(rule(page)), rule.__name__


def test_it_speaks_the_readers_language(roots: Client, acme: Tenant) -> None:
    arrive()
    page = look(roots, language="de")
    assert page.one("html")["lang"] == "de"
    assert list(buttons(page)) == ["Dem Kunden Acme GmbH zuordnen", "Zuordnen", "Verwerfen"]
    for word in ("Environments", "Unmapped", "Every event", copy.ORIGIN_ID):
        assert word not in page.text

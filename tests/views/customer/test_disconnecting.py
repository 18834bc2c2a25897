"""A member ends a connection: after a page that says what that means, and by typing its name."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.models import AuditEntry, Entry, Integration, Kind, Membership, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import disconnecting
from integrations.workspace import features
from tests.conftest import Connect, acting
from tests.embed import enter, turn_on
from tests.feature_factories import declare
from tests.views.browsing import Element, page_at, read, url_of
from tests.views.conftest import Browser

DELETE = ("DELETE", "/v1/integrations/{integration_id}")


def send(client: Client, made: Integration, typed: str = "Personio") -> Any:
    return client.post(url_of("disconnect", made), {"confirmation": typed})


def look(client: Client, made: Integration) -> Element:
    return page_at(client, url_of("disconnect", made))


def effects(page: Element) -> dict[str, Element]:
    return {one["data-effect"]: one for one in page.all("li", "data-effect")}


def test_it_leads_from_the_page_to_the_end(
    alices: Client, alice: User, personio: Integration, kombo: Simulator
) -> None:
    alice.first_name, alice.last_name = "Alice", "Meier"
    alice.save()
    page = page_at(alices, url_of("integration", personio))
    assert page.one("section", "id", "disconnect").one("a")["href"] == url_of(
        "disconnect", personio
    )
    form = next(form for form in look(alices, personio).one("main").all("form"))
    assert form.one("input", "name", "confirmation")["value"] == ""
    answer = send(alices, personio, " personio ")
    assert answer["Location"] == url_of("integration", personio)
    assert kombo.calls[DELETE] == 1
    page = page_at(alices, answer["Location"])
    card = page.one("article", "data-headline", "removed")
    assert "Alice Meier" in card.text
    assert not page.all("section", "id", "disconnect")
    forms = {form["action"].rstrip("/").rpartition("/")[2] for form in card.all("form")}
    assert forms == {"check"}, "what else could be done is gone"
    history = page_at(alices, url_of("history", personio))
    assert "Alice Meier" in history.one("li", "data-entry", "disconnect").text


def test_the_page_says_what_happens(
    alices: Client, personio: Integration, settings: Any, acme: Tenant, connect: Connect
) -> None:
    settings.PRIVACY_URL = "https://vendor.example/privacy"
    declare("hris_employees.first_name", name="Directory", is_public=True)
    declare("hris_employees.first_name", name="Secret")
    while features.evaluate_stale():
        continue
    page = look(alices, personio)
    found = effects(page)
    assert list(found) == ["data", "features", "kombo", "vendor", "final"]
    assert [one["data-feature"] for one in found["features"].all("li", "data-feature")] == [
        "Directory"
    ]
    assert found["vendor"].one("a")["href"] == "https://vendor.example/privacy"
    connect(acme)  # another one of the same grid
    while features.evaluate_stale():
        continue
    assert "features" not in effects(look(alices, personio))


def test_what_must_be_reconnected_can_be_reconnected_instead(
    alices: Client, invalid: Integration, personio: Integration
) -> None:
    def links(made: Integration) -> list[Element]:
        found = look(alices, made).one("section", "aria-labelledby", "instead-title")
        return found.all("a", "href", url_of("integration", made))

    assert links(invalid)
    assert not links(personio)


def test_another_name_ends_nothing(
    alices: Client, personio: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for typed in ["", "Person", "personio!", "yes"]:
        with subtests.test(typed=typed):
            answer = send(alices, personio, typed)
            assert answer.status_code == 422
            field = read(answer).one("input", "name", "confirmation")
            assert (field["value"], field["aria-invalid"]) == (typed, "true")
            assert "autofocus" in field.attributes
            assert kombo.calls[DELETE] == 0
            assert not AuditEntry.objects.filter(what__startswith="disconnect").exists()


def test_two_tabs_end_it_once(
    alices: Client, personio: Integration, kombo: Simulator, bob: User, browser: Browser
) -> None:
    Membership.objects.create(user=bob, tenant=personio.tenant)
    there = url_of("integration", personio)
    assert send(alices, personio)["Location"] == there
    for client in (alices, browser("bob")):
        assert send(client, personio)["Location"] == there
        assert client.get(url_of("disconnect", personio))["Location"] == there
    assert kombo.calls[DELETE] == 1
    assert "alice" in page_at(browser("bob"), there).one("article").text


@pytest.mark.parametrize("fault", ["key_revoked", "rate_limited"])
def test_what_kombo_declines_is_said(
    alices: Client, personio: Integration, kombo: Simulator, fault: str
) -> None:
    kombo.set_fault(fault)
    answer = send(alices, personio)
    assert answer.status_code == 409
    assert read(answer).one("p", "data-problem")
    assert page_at(alices, url_of("integration", personio)).one("article")["data-headline"] == (
        "connected"
    )


@pytest.mark.parametrize("fault", ["server_error", "truncated"])
def test_what_nobody_confirmed_is_said_and_not_sent_again(
    alices: Client, personio: Integration, kombo: Simulator, fault: str
) -> None:
    kombo.set_fault(fault)
    answer = send(alices, personio)
    assert answer["Location"] == url_of("disconnect", personio)
    kombo.set_fault("none")
    response = alices.get(answer["Location"])
    page = read(response)
    assert page.one("section", "data-attempt", "unconfirmed")
    assert response["Refresh"]
    assert not page.all("input", "name", "confirmation")
    assert send(alices, personio)["Location"] == url_of("disconnect", personio)
    assert kombo.calls[DELETE] == 1
    assert "repaired" not in read(alices.get(url_of("integration", personio))).text
    assert Snapshot.objects.get(pk=personio.pk).repaired_at is None
    [check] = [form for form in page.all("form") if form["action"] == url_of("check", personio)]
    alices.post(check["action"])
    gone = fault == "truncated"
    headline = page_at(alices, url_of("integration", personio)).one("article")["data-headline"]
    assert headline == ("removed" if gone else "connected")


def test_what_is_gone_already_is_said(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    assert send(alices, personio)["Location"] == url_of("integration", personio)
    card = page_at(alices, url_of("integration", personio)).one(
        "article", "data-headline", "removed"
    )
    assert "alice" not in card.text
    assert page_at(alices, url_of("history", personio)).one("li", "data-entry", "disconnect")


def test_a_staff_members_act_reads_as_the_vendors(
    alices: Client, personio: Integration, root: User, settings: Any
) -> None:
    root.first_name = "Ruth"
    root.save()
    disconnecting.disconnect(personio, by=acting(root))
    card = page_at(alices, url_of("integration", personio)).one("article")
    assert settings.VENDOR_NAME in card.text
    assert "Ruth" not in card.text


def test_nobody_else_may(
    browser: Browser, personio: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for person in ["vic", "bob", "amy", "mia", "root"]:
        for method in ["get", "post"]:
            with subtests.test(person=person, method=method):
                there = url_of("disconnect", personio)
                answer = getattr(browser(person), method)(there, {"confirmation": "Personio"})
                assert answer.status_code == 404
                assert kombo.calls[DELETE] == 0
                if person == "vic":
                    page = page_at(browser("vic"), url_of("integration", personio))
                    assert not page.all("section", "id", "disconnect")


def test_neither_a_frame_nor_a_guest_link_leads_there(
    invalid: Integration, alice: User, settings: Any, kombo: Simulator
) -> None:
    turn_on(settings)
    frame = enter(Client(), view="integration", integration=invalid.integration_id)
    there = url_of("disconnect", invalid)
    page = read(frame.get(frame.on("integration", invalid.public_id)))
    assert not page.all("section", "id", "disconnect")
    for address in (f"/embed{there}", there):
        answer = frame.do("POST", address)
        assert answer.status_code in {302, 404}
        assert answer.get("Location", "/account/login/").startswith("/account/login/")
    link = hand_offs.token_of(hand_offs.create(invalid, "reconnect", by=acting(alice)))
    guest = Client()
    assert guest.get(reverse("hand_off", args=[link])).status_code == 200
    assert guest.post(there, {"confirmation": "Personio"}).status_code == 302
    assert kombo.calls[DELETE] == 0


def test_a_guest_link_of_it_leads_nowhere_after(
    alices: Client, invalid: Integration, alice: User, kombo: Simulator
) -> None:
    link = hand_offs.token_of(hand_offs.create(invalid, "reconnect", by=acting(alice)))
    send(alices, invalid)
    assert Client().get(reverse("hand_off", args=[link])).status_code == 410


def test_the_vendor_can_turn_it_off(
    alices: Client, personio: Integration, settings: Any, kombo: Simulator
) -> None:
    settings.CUSTOMER_DISCONNECT = False
    page = page_at(alices, url_of("integration", personio))
    assert not page.all("section", "id", "disconnect")
    assert alices.get(url_of("disconnect", personio)).status_code == 404
    assert send(alices, personio).status_code == 404
    assert kombo.calls[DELETE] == 0


def test_what_is_withheld_or_was_never_read_has_no_such_page(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    for made in (connect(acme, origin_id="bolt"), connect(acme, fetched=False)):
        assert alices.get(url_of("disconnect", made)).status_code == 404
        page = page_at(alices, url_of("integration", made))
        assert not page.all("section", "id", "disconnect")


def test_it_needs_the_form(alice: User, personio: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert send(strict, personio).status_code == 403
    assert not Entry.objects.filter(kind=Kind.DISCONNECT).exists()

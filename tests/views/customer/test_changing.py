"""Changing a connection that works, on its page: who is offered what, and where it leads."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from integrations.models import AuditEntry, Integration, RepairHandle, Snapshot
from integrations.simulator.app import Simulator
from tests import copy
from tests.embed import enter, turn_on
from tests.views.browsing import HTMX, page_at, read, url_of
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def with_steps(kombo: Simulator, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {
        "ENABLE_FIELD_MAPPING": True,
        "SCOPE_CONFIG_ID": "newer",
    }


def offered(client: Client, integration: Integration) -> list[str]:
    page = page_at(client, url_of("integration", integration))
    return [one["data-change"] for one in page.all("li", "data-change")]


def links(kombo: Simulator) -> Iterator[dict[str, Any]]:
    return iter(kombo.world.store.links.values())


@pytest.mark.parametrize(
    ("person", "changes"),
    [("alice", ["scope", "settings", "sign-in"]), ("vic", []), ("amy", []), ("root", [])],
)
def test_whoever_may_repair_may_change(
    person: str, changes: list[str], browser: Browser, personio: Integration
) -> None:
    assert offered(browser(person), personio) == changes


def test_what_is_broken_is_repaired_first(
    alices: Client, invalid: Integration, personio: Integration
) -> None:
    assert offered(alices, invalid) == ["scope"]


@pytest.mark.parametrize(
    ("columns", "changes"),
    [
        ({"scope_id": "newer"}, ["settings", "sign-in"]),
        ({"scope_id": ""}, ["settings", "sign-in"]),
        ({"status": "INACTIVE"}, []),
        ({"setup_status": "INCOMPLETE"}, []),
    ],
)
def test_only_what_is_possible_is_offered(
    columns: dict[str, str], changes: list[str], alices: Client, personio: Integration
) -> None:
    Snapshot.objects.filter(pk=personio.pk).update(**columns)
    assert offered(alices, personio) == changes


def test_without_a_step_there_are_no_settings(
    alices: Client, personio: Integration, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"ENABLE_FIELD_MAPPING": False}
    assert "settings" not in offered(alices, personio)


def test_the_settings_open_in_the_dialog(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    kombo.world.set_steps(personio.integration_id, True)
    answer = read(alices.post(url_of("set_up", personio), headers=HTMX))
    assert answer.one("iframe")["src"].startswith(f"{kombo.public_url}/connect/v1/setup?token=")


def test_that_there_are_none_is_said_and_the_button_goes(
    alices: Client, personio: Integration
) -> None:
    answer = read(alices.post(url_of("set_up", personio), headers=HTMX))
    assert answer.one("dialog")["class"] == "problem"
    panel = answer.one("section", "hx-swap-oob")
    assert panel["id"] == "change"
    page = page_at(alices, url_of("integration", personio))
    for place in (panel, page):
        settings = place.one("li", "data-change", "settings")
        assert (settings.all("form"), settings.all("button")) == ([], [])
        assert settings.one("p", "class", "muted").text


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "foreign_link", "reset", "html", "key_revoked"])
def test_while_kombo_fails_nothing_is_said_to_be_missing(
    fault: str, alices: Client, personio: Integration, kombo: Simulator
) -> None:
    kombo.world.set_steps(personio.integration_id, True)
    kombo.set_fault(fault)
    answer = alices.post(url_of("set_up", personio), headers=HTMX)
    assert answer.status_code == 200
    assert read(answer).one("dialog")["class"] == "problem"
    assert not Snapshot.objects.get(pk=personio.pk).has_no_settings
    assert "settings" in offered(alices, personio)


@pytest.mark.parametrize(("asked", "sent"), [("new", "newer"), ("", None)])
def test_what_is_requested_by_now_is_reviewed_on_request(
    asked: str, sent: str | None, alices: Client, personio: Integration, kombo: Simulator
) -> None:
    alices.post(url_of("reconnect", personio), {"scope": asked}, headers=HTMX)
    assert next(links(kombo))["scope_config_id"] == sent
    assert AuditEntry.objects.latest("pk").told == ({"purpose": "scope"} if sent else {})


def test_out_of_a_frame_it_is_reviewed_all_the_same(
    personio: Integration, kombo: Simulator, settings: Any
) -> None:
    turn_on(settings)
    frame = enter()
    page = read(frame.get(frame.on("integration", personio.public_id)))
    form = page.one("li", "data-change", "scope").one("form")
    frame.post(form["action"], {"scope": form.one("input", "name", "scope")["value"]})
    assert RepairHandle.objects.get().with_scope
    way = read(frame.post(form["action"], {"scope": "new"})).one("section")["data-leave"]
    assert Client().get(way).status_code == 200
    Client().post(way)
    assert next(links(kombo))["scope_config_id"] == "newer"


def test_a_setup_that_is_not_over_may_have_nothing_left(
    alices: Client, personio: Integration
) -> None:
    Snapshot.objects.filter(pk=personio.pk).update(setup_status="INCOMPLETE")
    said = read(alices.post(url_of("set_up", personio), headers=HTMX))
    assert copy.THERE_IS_NOTHING_LEFT in said.one("dialog").text
    assert not said.all("section", "hx-swap-oob")

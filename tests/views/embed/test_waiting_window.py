"""A window that a frame opened at the click, and that comes before what it was opened for."""

import re
from typing import Any

import pytest
from django.test import Client

from integrations.access import repair_handles
from integrations.models import Integration, RepairHandle, Tenant
from tests.conftest import Connect
from tests.embed import Frame, enter, turn_on
from tests.views.browsing import read

pytestmark = pytest.mark.django_db

HANDLE = "Zm9yLW9uZS1yZXBhaXItb25seS0x-_aZ"


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    turn_on(settings)


@pytest.fixture
def invalid(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


def leave(frame: Frame, integration: Integration, handle: str) -> str:
    """Press the button; the handle that the frame is answered."""
    answer = frame.post(frame.on("reconnect", integration.public_id), {"handle": handle})
    found = re.match(r"/go/([\w-]{32})/", read(answer).one("section")["data-leave"])
    assert found
    return found[1]


def test_it_waits_and_then_shows_the_repair(client: Client, invalid: Integration) -> None:
    address = f"/go/{HANDLE}/?lang=de&wait=3"
    early = client.get(address)
    assert early.status_code == 200
    assert early["Refresh"] == "1; url=?lang=de&wait=4"
    assert early["Referrer-Policy"] == "strict-origin"
    assert "no-store" in early["Cache-Control"]
    assert read(early).one("html")["lang"] == "de"
    assert leave(enter(), invalid, HANDLE) == HANDLE
    late = client.get(address)
    assert "Refresh" not in late
    assert "Personio" in read(late).one("h1").text


def test_it_does_not_wait_without_end(client: Client, subtests: pytest.Subtests) -> None:
    for wait in ["20", "-1", "", "x", "1" * 5000, "²"]:
        with subtests.test(wait=wait):
            response = client.get(f"/go/{HANDLE}/", {"wait": wait})
            assert response.status_code == 404
            assert "Refresh" not in response


@pytest.mark.parametrize("handle", ["x", HANDLE[:-1], HANDLE + "a"])
def test_nothing_waits_for_what_is_no_handle(client: Client, handle: str) -> None:
    assert client.get(f"/go/{handle}/?wait=0").status_code == 404


def test_a_used_handle_is_over_and_not_awaited(client: Client, invalid: Integration) -> None:
    leave(enter(), invalid, HANDLE)
    assert client.post(f"/go/{HANDLE}/").status_code == 200
    assert client.get(f"/go/{HANDLE}/?wait=0").status_code == 404


def test_it_is_not_over_while_it_is_made(
    client: Client, invalid: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame may be answered at any moment, so also between the two looks of one request."""
    may_come = repair_handles.may_come

    def overtaken(handle: str) -> bool:
        found = may_come(handle)
        leave(enter(), invalid, handle)
        return found

    monkeypatch.setattr(repair_handles, "may_come", overtaken)
    address = f"/go/{HANDLE}/?wait=0"
    assert client.get(address)["Refresh"]
    assert "Personio" in read(client.get(address)).one("h1").text


def test_nothing_waits_where_embedding_is_off(client: Client, settings: Any) -> None:
    settings.EMBED_SECRETS = {}
    assert client.get(f"/go/{HANDLE}/?wait=0").status_code == 404


def test_what_is_no_handle_is_replaced(invalid: Integration, subtests: pytest.Subtests) -> None:
    for proposed in ["", "x", HANDLE + "a", HANDLE[:-1] + "/", HANDLE[:-1] + "\n"]:
        with subtests.test(proposed=proposed):
            assert leave(enter(), invalid, proposed) != proposed


def test_nobody_is_given_a_handle_of_somebody_else(
    client: Client, invalid: Integration, connect: Connect
) -> None:
    bolt = Tenant.objects.create(name="Bolt", origin_id="bolt")
    theirs = connect(bolt, tool_id="workday", state="invalid")
    assert leave(enter(), invalid, HANDLE) == HANDLE
    assert leave(enter(sub="bolt"), theirs, HANDLE) != HANDLE
    assert leave(enter(), invalid, HANDLE) != HANDLE
    assert RepairHandle.objects.count() == 3
    assert "Personio" in read(client.get(f"/go/{HANDLE}/")).one("h1").text

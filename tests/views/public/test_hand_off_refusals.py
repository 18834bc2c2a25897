"""When the link of a hand-off opens nothing: forged, expired, revoked, used, withheld, or not
needed.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import hand_off_tokens, hand_offs
from integrations.access.audit import COMMAND
from integrations.models import HandOff, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, read, url_of
from tests.views.hand_off_pages import handed, refused


def every_way(client: Client, way: str, status: int, *words: str) -> bool:
    """Refused by look, press and report alike."""
    answers = client.get(way), client.post(way), client.post(f"{way}completed/", {"token": "x"})
    return all(refused(response, status, *words) for response in answers)


# Of whichever sign is another one; CI changes each.
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_forged_one_leads_nowhere(
    client: Client, way: str, invalid: Integration, kombo: Simulator, step: int
) -> None:
    token, before = way.split("/")[2], kombo.calls
    flipped = [
        token[:at] + ("A" if one != "A" else "B") + token[at + 1 :] for at, one in enumerate(token)
    ]
    other = handed(invalid).split("/")[2]
    swapped = token[: -hand_off_tokens.SIGNATURE] + other[-hand_off_tokens.SIGNATURE :]
    shapes = [
        token[:-1],
        token[1:],
        token + "0",
        token.swapcase(),
        swapped,
        "x",
        "A" * 40,
        "a" * 10_000,
        "completed",
    ]
    for forged in (*flipped[::step], flipped[-1], *shapes):
        assert refused(client.get(f"/hand-off/{forged}/"), 404, copy.THIS_LINK_IS_NOT_VALID)
    for forged in shapes:
        assert every_way(
            client,
            f"/hand-off/{forged}/",
            404,
            copy.THIS_LINK_IS_NOT_VALID,
            "ask the person who sent it",
        )
    for shapeless in ("%00", f"{token}%00", f"{token[:-1]}%0a", "é", "..%2f"):
        assert client.get(f"/hand-off/{shapeless}/").status_code in {301, 404}
    assert kombo.calls == before
    assert not HandOff.objects.filter(opened_at__isnull=False).exists()


def test_an_expired_one_says_until_when_and_whom_to_ask(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    before = kombo.calls
    time_machine.move_to(HandOff.objects.get().expires_at)
    words = (
        copy.THIS_LINK_HAS_EXPIRED,
        "It expired on",
        "ask the person who sent it, or Northwind, for a new one",
    )
    assert every_way(client, way, 410, *words)
    assert kombo.calls == before


def test_a_revoked_one_says_so(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    before = kombo.calls
    hand_offs.revoke(HandOff.objects.get(), COMMAND)
    assert every_way(client, way, 410, copy.THIS_LINK_WAS_REVOKED, "ask the person who sent it")
    assert kombo.calls == before


def test_a_used_one_says_so(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    HandOff.objects.update(used_at=timezone.now(), begun_at=timezone.now() - timedelta(hours=3))
    before = kombo.calls
    assert every_way(client, way, 410, copy.THIS_LINK_HAS_ALREADY_BEEN_USED)
    assert kombo.calls == before


def test_revoked_between_look_and_press(client: Client, way: str, kombo: Simulator) -> None:
    assert client.get(way).status_code == 200
    hand_offs.revoke(HandOff.objects.get(), COMMAND)
    before = kombo.calls
    assert refused(client.post(way), 410, copy.THIS_LINK_WAS_REVOKED)
    assert kombo.calls == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_revoked_while_the_link_is_minted(
    client: Client,
    way: str,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
) -> None:
    begin = hand_offs.mark_begun

    def overtaken(link: HandOff) -> bool:
        hand_offs.revoke(link, COMMAND)
        return begin(link)

    monkeypatch.setattr(hand_offs, "mark_begun", overtaken)
    assert refused(client.post(way, headers=headers), 410, copy.THIS_LINK_WAS_REVOKED)


def test_nothing_leads_to_what_is_withheld(client: Client, way: str, kombo: Simulator) -> None:
    Snapshot.objects.update(origin_id="somebody else")
    before = kombo.calls
    assert every_way(client, way, 404, copy.THIS_LINK_IS_NOT_VALID)
    assert kombo.calls == before


def test_nothing_leads_to_what_was_removed(client: Client, way: str, kombo: Simulator) -> None:
    Snapshot.objects.update(removed_at=timezone.now())
    before = kombo.calls
    for response in (client.get(way), client.post(way)):
        assert refused(response, 410, copy.THIS_CONNECTION_WAS_REMOVED, "ask Northwind")
    assert kombo.calls == before


def test_what_is_gone_has_no_open_links(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_state(invalid.integration_id, "deleted")
    snapshots.revalidate(invalid, by_person=True)
    assert HandOff.objects.get().revoked_at
    assert refused(client.get(way), 410, copy.THIS_CONNECTION_WAS_REMOVED)


def test_nothing_leads_to_what_is_another_tenants_now(
    client: Client, way: str, invalid: Integration, bolt: Tenant, kombo: Simulator
) -> None:
    client.post(way)
    before = kombo.calls
    mapping.import_rows(
        [mapping.MappingRow(2, "bolt", bolt.name, invalid.integration_id, "production")],
        dry_run=False,
    )
    Snapshot.objects.update(origin_id="bolt")
    assert every_way(client, way, 404, copy.THIS_LINK_IS_NOT_VALID)
    assert kombo.calls == before
    assert "Bolt" not in client.get(way).content.decode()


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("becomes", "words"),
    [
        ("connected", copy.TOOL_IS_ALREADY_WORKING_AGAIN(tool="Personio")),
        ("data_expired", "No action is needed right now."),
        ("inactive", "No action is needed right now."),
        ("final_sync_pending", "No action is needed right now."),
    ],
)
def test_where_nothing_is_needed_it_says_so_and_does_nothing(
    client: Client, way: str, invalid: Integration, kombo: Simulator, becomes: str, words: str
) -> None:
    kombo.set_state(invalid.integration_id, becomes)
    snapshots.revalidate(invalid, by_person=True)
    before = kombo.calls
    for response in (client.get(way), client.post(way)):
        assert response.status_code == 200
        assert words in read(response).one("main").text
        assert not read(response).all("button", "id", "continue")
    dialog = client.post(way, headers=HTMX)
    assert words in read(dialog).one("dialog").text
    assert dialog["HX-Retarget"] == "#connect"
    assert kombo.calls == before
    assert HandOff.objects.get().used_at is None, "it may break again"


@pytest.mark.parametrize(
    ("act", "state"), [("reconnect", "setup_incomplete"), ("setup", "invalid")]
)
def test_it_is_for_its_own_act_only(
    client: Client, acme: Tenant, connect: Connect, kombo: Simulator, act: str, state: str
) -> None:
    way = handed(connect(acme, state=state), act)
    before = kombo.calls
    for response in (client.get(way), client.post(way), client.post(way, headers=HTMX)):
        assert response.status_code == 409
        assert (
            "Personio now needs something other than what this link is for."
            in read(response).one("main").text
        )
        assert not read(response).all("button", "id", "continue")
    assert kombo.calls == before


def test_it_opens_no_other_page(client: Client, way: str, invalid: Integration) -> None:
    client.get(way)
    client.post(way)
    for name in ("integration", "reconnect", "completed", "hand_off_offer", "history"):
        for response in (client.get(url_of(name, invalid)), client.post(url_of(name, invalid))):
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("login"))


def test_while_a_repair_is_checked_nobody_is_asked_again(
    client: Client, way: str, invalid: Integration
) -> None:
    snapshots.watch(invalid)
    assert copy.CHECKING_THE_CONNECTION in read(client.get(way)).one("h1").text
    assert "We’re checking the connection." in client.post(way).content.decode()
    assert HandOff.objects.get().begun_at is None

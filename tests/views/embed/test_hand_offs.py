"""A customer in a frame lets a colleague do it: without an account, and no more than is theirs."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.access import embed_sessions, hand_offs, rate_limits
from integrations.access.audit import EMBEDDED
from integrations.models import HandOff, Integration, Mail, Tenant
from tests import copy
from tests.conftest import Connect, acting
from tests.embed import Frame, enter, turn_on
from tests.views import to_connect
from tests.views.browsing import read, url_of
from tests.views.conftest import Browser
from tests.views.hand_off_pages import shown, told


@pytest.fixture(autouse=True)
def embedding(settings: Any) -> None:
    turn_on(settings)


def offer_of(frame: Frame, integration: Integration) -> str:
    return frame.on("hand_off_offer", integration.public_id)


def test_the_card_leads_to_it_in_the_frame(invalid: Integration) -> None:
    frame = enter()
    link = read(frame.get(frame.on("tenant"))).one("a", "href", offer_of(frame, invalid))
    assert link.text == copy.SEND_TO_A_COLLEAGUE
    viewer = enter(scope=["view"])
    assert "hand-off" not in viewer.content


def test_a_guest_makes_sees_and_revokes_a_link(invalid: Integration) -> None:
    frame = enter()
    at = offer_of(frame, invalid)
    answer = frame.post(at, {"send_to": "colleague@acme.example"})
    link = HandOff.objects.get()
    assert shown(read(answer)) == hand_offs.url_of(link)
    assert (link.created_by, link.by_guest, link.sent_to) == (None, True, "colleague@acme.example")
    assert link.expires_at - link.created_at == hand_offs.LIVES
    assert Mail.objects.get().hand_off == link
    other = enter()  # a session later
    revealed = other.post(at, {"do": "show", "hand_off": link.public_id})
    assert shown(read(revealed)) == hand_offs.url_of(link)
    revoked = other.post(at, {"do": "revoke", "hand_off": link.public_id})
    assert copy.LINK_REVOKED in revoked.content.decode()
    assert not revoked.cookies
    link.refresh_from_db()
    assert link.revoked_at
    acts = [what for what, who, _ in told() if who == EMBEDDED and what.startswith("hand_off")]
    assert acts == [
        "hand_off_created",
        "hand_off_revealed",
        "hand_off_revealed",
        "hand_off_revoked",
    ]


def test_a_guest_invites_a_colleague_to_connect_a_tool(acme: Tenant) -> None:
    to_connect.offered()
    frame = enter()
    tool = frame.get(frame.on("connect_tool", "hris", "workday"))
    at = frame.on("connect_invite", "hris", "workday")
    assert read(tool).one("a", "href", at).text == copy.SEND_TO_A_COLLEAGUE
    answer = frame.post(at, {"send_to": "colleague@acme.example"})
    link = HandOff.objects.get()
    assert shown(read(answer)) == hand_offs.url_of(link)
    assert (link.act, link.created_by, link.by_guest) == ("connect", None, True)
    assert link.attempt
    assert (link.attempt.tenant, link.attempt.tool_id) == (acme, "workday")
    again = frame.on("connect_attempt_invite", link.attempt.public_id)
    assert read(frame.get(frame.on("tenant"))).one("a", "href", again).text == copy.SEND_AGAIN
    viewer = enter(scope=["view"])
    assert viewer.get(at).status_code == viewer.post(at).status_code == 404


def test_guests_see_what_guests_made_and_members_all(
    browser: Browser, alice: User, amy: User, acme: Tenant, invalid: Integration, connect: Connect
) -> None:
    frame = enter()
    at = offer_of(frame, invalid)
    frame.post(at)
    theirs = HandOff.objects.get()
    frame.post(offer_of(frame, connect(acme, state="invalid")))
    hidden = [
        hand_offs.create(invalid, "reconnect", by=acting(by), sent_to="x@acme.example")
        for by in (alice, amy)
    ]
    listed = [row["data-hand-off"] for row in read(frame.get(at)).all("li", "data-hand-off")]
    assert listed == [theirs.public_id]
    for one in hidden:
        for do in ("show", "revoke"):
            answer = frame.post(at, {"do": do, "hand_off": one.public_id})
            assert answer.status_code == 404
    members = read(browser("alice").get(url_of("hand_off_offer", invalid)))
    assert {row["data-hand-off"] for row in members.all("li", "data-hand-off")} == {
        theirs.public_id,
        hidden[0].public_id,
    }


def test_all_sessions_of_a_tenant_count_as_one_person(
    monkeypatch: pytest.MonkeyPatch, bolt: Tenant, invalid: Integration, connect: Connect
) -> None:
    monkeypatch.setattr(rate_limits, "HAND_OFF", rate_limits.Limit("hand-off", times=2, seconds=60))
    answers = []
    for _ in range(3):
        frame = enter()
        answers.append(frame.post(offer_of(frame, invalid), {"send_to": "a@b.example"}))
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert Mail.objects.count() == 2
    others, theirs = enter(sub="bolt"), connect(bolt, state="invalid")
    assert others.post(offer_of(others, theirs)).status_code == 200


def test_ending_the_sessions_ends_the_links_made_in_them(
    alice: User, acme: Tenant, bolt: Tenant, invalid: Integration, connect: Connect
) -> None:
    frame, other = enter(), enter(sub="bolt")
    frame.post(offer_of(frame, invalid))
    other.post(offer_of(other, connect(bolt, state="invalid")))
    kept = hand_offs.create(invalid, "reconnect", by=acting(alice))
    embed_sessions.revoke(acme)
    alive = HandOff.objects.filter(revoked_at__isnull=True)
    assert {one.subject.tenant for one in alive} == {acme, bolt}
    assert [one for one in alive if one.integration == invalid] == [kept]
    embed_sessions.revoke()
    assert HandOff.objects.get(revoked_at__isnull=True) == kept


def test_what_needs_nothing_gets_no_link(acme: Tenant, connect: Connect) -> None:
    frame, fine = enter(), connect(acme)
    answer = frame.post(offer_of(frame, fine))
    assert answer.status_code == 409
    assert copy.THIS_CONNECTION_DOES_NOT_NEED in answer.content.decode()
    assert not HandOff.objects.exists()

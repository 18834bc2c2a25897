"""Members make links for a hand-off, see them again and revoke them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.access import hand_offs
from integrations.access.audit import COMMAND
from integrations.models import HandOff, Integration, Mail, Membership, Tenant
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import read, url_of
from tests.views.conftest import Browser
from tests.views.hand_off_pages import path_of, refused, shown, told


@pytest.mark.parametrize("state", ["invalid", "setup_incomplete"])
def test_the_card_leads_a_member_to_it(
    browser: Browser, acme: Tenant, connect: Connect, state: str
) -> None:
    made = connect(acme, state=state)
    url = url_of("hand_off_offer", made)
    page = read(browser("alice").get(url_of("integration", made)))
    link = page.one("a", "href", url)
    assert link.text == copy.SEND_TO_A_COLLEAGUE
    assert "article" in {one.tag for one in link.ancestors}
    offered = browser("alice").get(url)
    assert offered.status_code == 200
    assert not read(offered).all("input", "id", "hand-off-link")
    for person in ("vic", "mia"):
        assert not read(browser(person).get(url_of("integration", made))).all("a", "href", url)


def test_where_nothing_is_to_be_done_the_card_leads_nowhere(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    assert copy.SEND_TO_A_COLLEAGUE not in alices.get(url_of("integration", made)).content.decode()


def test_a_member_makes_sees_and_revokes_links(
    browser: Browser, alice: User, invalid: Integration
) -> None:
    client, url = browser("alice"), url_of("hand_off_offer", invalid)
    response = client.post(url, {"do": "make", "days": "7", "send_to": "colleague@acme.example"})
    link = HandOff.objects.get()
    assert link.expires_at - link.created_at == timedelta(days=3), (
        "customers' links live three days"
    )
    assert (link.created_by, link.act, link.sent_to) == (
        alice,
        "reconnect",
        "colleague@acme.example",
    )
    assert shown(read(response)) == hand_offs.url_of(link)
    assert Mail.objects.get().hand_off == link
    page = read(client.get(url))
    assert not page.all("input", "id", "hand-off-link"), "it is shown when it is asked for"
    show, revoke = page.one("li", "data-hand-off", link.public_id).all("form")
    fields = [{one["name"]: one["value"] for one in form.all("input")} for form in (show, revoke)]
    assert shown(read(client.post(show["action"], fields[0]))) == hand_offs.url_of(link)
    assert client.post(revoke["action"], fields[1])["Location"] == url
    assert copy.LINK_REVOKED in read(client.get(url)).one("main").text
    assert refused(Client().get(path_of(link)), 410, copy.THIS_LINK_WAS_REVOKED)
    acts = [what for what, who, _ in told() if who == "alice"]
    assert acts == [
        "hand_off_created",
        "hand_off_revealed",
        "hand_off_revealed",
        "hand_off_revoked",
    ]


def test_members_see_their_colleagues_links_and_nobody_elses(
    browser: Browser, alice: User, acme: Tenant, invalid: Integration, amy: User, connect: Connect
) -> None:
    carl = User.objects.create_user("carl")
    Membership.objects.create(user=carl, tenant=acme)
    theirs = hand_offs.create(invalid, "reconnect", by=acting(carl))
    hidden = [
        hand_offs.create(invalid, "reconnect", by=by, sent_to="x@acme.example")
        for by in (COMMAND, acting(amy))
    ]
    hidden.append(hand_offs.create(connect(acme, state="invalid"), "reconnect", by=acting(alice)))
    client, url = browser("alice"), url_of("hand_off_offer", invalid)
    listed = [row["data-hand-off"] for row in read(client.get(url)).all("li", "data-hand-off")]
    assert listed == [theirs.public_id]
    for one in hidden:
        for do in ("show", "revoke"):
            assert client.post(url, {"do": do, "hand_off": one.public_id}).status_code == 404
    assert not HandOff.objects.filter(revoked_at__isnull=False).exists()
    assert client.post(url, {"do": "revoke", "hand_off": theirs.public_id}).status_code == 302


@pytest.mark.parametrize("person", ["vic", "bob", "mia", "root", "ned", "amy"])
def test_whoever_may_not_repair_may_not_hand_off(
    browser: Browser, person: str, amy: User, ned: User, invalid: Integration, way: str
) -> None:
    client, url = browser(person), url_of("hand_off_offer", invalid)
    key = HandOff.objects.get().public_id
    answers = [
        client.get(url),
        client.post(url),
        *(client.post(url, {"do": do, "hand_off": key}) for do in ("show", "revoke")),
    ]
    assert [one.status_code for one in answers] == [404] * 4
    assert HandOff.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_members_act_needs_the_form(alice: User, invalid: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    url = url_of("hand_off_offer", invalid)
    for do in ("make", "show", "revoke"):
        assert strict.post(url, {"do": do, "hand_off": "x"}).status_code == 403
    form = read(strict.get(url)).one("form", "class", "fields")
    assert (
        strict.post(form["action"], {f["name"]: f["value"] for f in form.all("input")}).status_code
        == 200
    )


@pytest.mark.parametrize("do", ["", "revoke ", "Show"])
def test_what_nobody_offers_is_not_done(alices: Client, invalid: Integration, do: str) -> None:
    assert alices.post(url_of("hand_off_offer", invalid), {"do": do}).status_code == 404
    assert not HandOff.objects.exists()


@pytest.mark.parametrize("key", ["", "a" * 100_000, "é"])
def test_what_is_no_link_of_theirs_is_not_there(
    alices: Client, invalid: Integration, key: str
) -> None:
    for do in ("show", "revoke"):
        assert (
            alices.post(url_of("hand_off_offer", invalid), {"do": do, "hand_off": key}).status_code
            == 404
        )

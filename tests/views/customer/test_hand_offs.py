"""Members make links for a hand-off, see them again and revoke them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.access import hand_offs, rate_limits
from integrations.access.audit import COMMAND
from integrations.models import HandOff, Integration, Mail, Membership, Tenant
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import HTMX, read, url_of
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


def test_whoever_may_not_repair_may_not_hand_off(
    browser: Browser,
    amy: User,
    ned: User,
    invalid: Integration,
    way: str,
    subtests: pytest.Subtests,
) -> None:
    for person in ["vic", "bob", "mia", "root", "ned", "amy"]:
        with subtests.test(person=person):
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
    form = read(strict.get(url)).one("form", "class", "hand-off-form")
    assert (
        strict.post(form["action"], {f["name"]: f["value"] for f in form.all("input")}).status_code
        == 200
    )


def test_what_nobody_offers_is_not_done(
    alices: Client, invalid: Integration, subtests: pytest.Subtests
) -> None:
    for do in ["", "revoke ", "Show"]:
        with subtests.test(do=do):
            assert alices.post(url_of("hand_off_offer", invalid), {"do": do}).status_code == 404
            assert not HandOff.objects.exists()


def test_what_is_no_link_of_theirs_is_not_there(
    alices: Client, invalid: Integration, subtests: pytest.Subtests
) -> None:
    for key in ["", "a" * 100_000, "é"]:
        with subtests.test(key=key):
            for do in ("show", "revoke"):
                assert (
                    alices.post(
                        url_of("hand_off_offer", invalid), {"do": do, "hand_off": key}
                    ).status_code
                    == 404
                )


# --- Two ways, own words, and a look before ------------------------------------------------------


def test_a_link_to_copy_is_mailed_to_nobody(alices: Client, invalid: Integration) -> None:
    typed = {"way": "link", "send_to": "colleague@acme.example", "message": "Hi Tom,\r\n thanks "}
    page = read(alices.post(url_of("hand_off_offer", invalid), typed))
    link = HandOff.objects.get()
    assert (link.sent_to, link.message) == ("", "Hi Tom,\nthanks")
    assert shown(page) == hand_offs.url_of(link)
    assert "data-at-once" in page.one("button", "id", "hand-off-copy").attributes
    assert not Mail.objects.exists()


def test_an_email_needs_an_address(alices: Client, invalid: Integration) -> None:
    response = alices.post(url_of("hand_off_offer", invalid), {"way": "email", "message": "Hi"})
    assert response.status_code == 409
    assert copy.ENTER_A_VALID_EMAIL_ADDRESS in read(response).one("main").text
    assert read(response).one("textarea", "name", "message").text == "Hi", "what was typed stays"
    assert not HandOff.objects.exists()


def test_a_message_has_no_address_and_an_end(
    alices: Client, invalid: Integration, subtests: pytest.Subtests
) -> None:
    for message in [
        "see https://evil.example",
        "HTTP://evil.example",
        "www.evil.example",
        "x" * 501,
    ]:
        with subtests.test(message=message):
            response = alices.post(
                url_of("hand_off_offer", invalid), {"way": "link", "message": message}
            )
            assert response.status_code == 409
            assert not HandOff.objects.exists()


def test_a_message_is_kept_as_printable_text(alices: Client, invalid: Integration) -> None:
    typed = f"a\u202eb \ue000link\ue000\n{'x' * 400}"
    alices.post(url_of("hand_off_offer", invalid), {"way": "link", "message": typed})
    assert HandOff.objects.get().message == f"a b link\n{'x' * 400}"


@pytest.mark.usefixtures("few_tries")
@pytest.mark.parametrize("person", ["alice", "amy"])
def test_a_preview_shows_both_and_makes_nothing(
    browser: Browser, amy: User, invalid: Integration, person: str
) -> None:
    url = url_of("hand_off_offer" if person == "alice" else "hand_off_create", invalid)
    typed = {"way": "preview", "send_to": "tom@acme.example", "message": "Hi <b>Tom</b>"}
    for _ in range(rate_limits.HAND_OFF.times + 1):
        response = browser(person).post(url, typed)
    assert response.status_code == 200
    page = read(response)
    preview = page.one("section", "class", "previews")
    of = {"alice": "Acme GmbH", "amy": "Northwind"}[person]
    asked = copy.PERSON_OF_ORGANIZATION_ASKS(person=person, organization=of, tool="Personio")
    assert preview.text.count(asked) == 2, "on the page and in the email"
    assert preview.text.count("Hi <b>Tom</b>") == 2
    assert page.one("input", "name", "send_to")["value"] == "tom@acme.example"
    assert not HandOff.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.usefixtures("few_tries")
def test_with_scripts_it_is_a_dialog(alices: Client, invalid: Integration) -> None:
    url = url_of("hand_off_offer", invalid)
    dialog = read(alices.get(url, headers=HTMX))
    assert dialog.one("dialog").one("form", "class", "hand-off-form")["hx-target"] == "#hand-offs"
    assert not dialog.all("html")
    made = alices.post(url, {"way": "link"}, headers=HTMX)
    assert shown(read(made)) == hand_offs.url_of(HandOff.objects.get())
    assert not read(made).all("dialog")
    refused = alices.post(url, {"way": "email"}, headers=HTMX)
    assert refused.status_code == 200, "its place is in the dialog"
    assert copy.ENTER_A_VALID_EMAIL_ADDRESS in read(refused).text
    for _ in range(rate_limits.HAND_OFF.times):
        last = alices.post(url, {"way": "link"}, headers=HTMX)
    assert "Too many attempts" in read(last).text

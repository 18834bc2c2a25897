"""Staff make links for a hand-off, see them again, mail them and revoke them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs, permissions, rate_limits
from integrations.access.audit import COMMAND, Act
from integrations.mail import hand_off_mails
from integrations.models import (
    AuditEntry,
    HandOff,
    Integration,
    Mail,
    RateLimit,
    Snapshot,
    Tenant,
)
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import Element, read, url_of
from tests.views.conftest import Browser
from tests.views.hand_off_pages import path_of, shown, told


def said_to(page: Element) -> str:
    """Why it was refused; the page's own place for trouble is there too, and empty."""
    [found] = [one for one in page.all("p", "role", "alert") if one["id"] != "trouble"]
    return found.text


def staffs(name: str, integration: Integration, *more: str) -> str:
    return reverse(name, args=[integration.tenant.public_id, integration.public_id, *more])


@pytest.mark.parametrize(
    ("state", "act", "days"), [("invalid", "reconnect", 1), ("setup_incomplete", "setup", 7)]
)
def test_staff_make_a_link_and_see_it_once(
    browser: Browser, amy: User, acme: Tenant, connect: Connect, state: str, act: str, days: int
) -> None:
    made = connect(acme, state=state)
    before = AuditEntry.objects.latest("pk").pk if AuditEntry.objects.exists() else 0
    response = browser("amy").post(
        staffs("hand_off_create", made), {"days": str(days)}, REMOTE_ADDR="192.0.2.9"
    )
    link = HandOff.objects.get()
    assert (link.act, link.created_by, link.sent_to) == (act, amy, "")
    assert link.expires_at - link.created_at == timedelta(days=days)
    assert shown(read(response)) == hand_offs.url_of(link)
    assert "autofocus" in read(response).one("input", "id", "hand-off-link").attributes
    assert "hidden" in read(response).one("button", "id", "hand-off-copy").attributes, (
        "until a script shows it"
    )
    assert Client().get(path_of(link)).status_code == 200
    rows = [(what, who, where) for what, who, where in told(since=before) if who == "amy"]
    assert rows == [
        (Act.HAND_OFF_CREATED, "amy", "192.0.2.9"),
        (Act.HAND_OFF_REVEALED, "amy", "192.0.2.9"),
    ]
    assert not Mail.objects.exists()


def test_without_a_wish_a_staffs_link_lives_three_days(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    link = HandOff.objects.get()
    assert link.expires_at - link.created_at == timedelta(days=3)
    assert [one.text for one in page.one("select", "name", "days").all("option", "selected")] == [
        copy.N_3_DAYS
    ]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "days", ["0", "8", "-1", "1.5", "", "three", "３", "9" * 10_000, "01", " 3"]
)
def test_days_out_of_range_are_refused_and_what_was_typed_stays(
    browser: Browser, amy: User, invalid: Integration, days: str
) -> None:
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"days": days, "send_to": "a@acme.example"}
    )
    assert response.status_code == 409
    page = read(response)
    assert copy.CHOOSE_A_VALIDITY_OF_1(most=7) in said_to(page)
    assert page.one("input", "name", "send_to")["value"] == "a@acme.example"
    assert not HandOff.objects.exists()


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b",
        "a@b.example, c@d.example",
        "a\r\nBcc: c@d.example",
        "a" * 10_000,
        f"{'a' * 250}@b.example",
    ],
)
def test_what_is_no_address_is_refused(
    browser: Browser, amy: User, invalid: Integration, address: str
) -> None:
    for person, url in (
        ("amy", staffs("hand_off_create", invalid)),
        ("alice", url_of("hand_off_offer", invalid)),
    ):
        response = browser(person).post(url, {"days": "2", "send_to": address})
        assert response.status_code == 409
        page = read(response)
        assert said_to(page) == copy.ENTER_A_VALID_EMAIL_ADDRESS
        if person == "amy":
            assert [
                one["value"] for one in page.one("select", "name", "days").all("option", "selected")
            ] == ["2"]
    assert not HandOff.objects.exists()
    assert not Mail.objects.exists()


def test_a_link_can_be_mailed(browser: Browser, amy: User, invalid: Integration) -> None:
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"send_to": " colleague@acme.example ", "way": "email"}
    )
    link = HandOff.objects.get()
    assert link.sent_to == "colleague@acme.example"
    mail = Mail.objects.get()
    assert (mail.to, mail.hand_off, mail.kind) == ("colleague@acme.example", link, "hand_off")
    said = copy.THE_EMAIL_TO_TO_IS_ON_ITS_WAY(to="colleague@acme.example")
    assert said in read(response).one("main").text


def test_without_a_mail_server_nothing_can_be_mailed(
    browser: Browser, amy: User, invalid: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"send_to": "colleague@acme.example"}
    )
    assert response.status_code == 409
    assert copy.WE_CANNOT_SEND_EMAIL in said_to(read(response))
    assert not read(response).all("input", "name", "send_to")
    assert not HandOff.objects.exists()
    assert browser("amy").post(staffs("hand_off_create", invalid)).status_code == 200


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("state", ["connected", "inactive", "data_expired", "unknown_status"])
def test_where_nothing_is_to_be_done_no_link_is_made(
    browser: Browser, amy: User, acme: Tenant, connect: Connect, state: str
) -> None:
    made = connect(acme, state=state)
    for person, url in (
        ("amy", staffs("hand_off_create", made)),
        ("alice", url_of("hand_off_offer", made)),
    ):
        response = browser(person).post(url)
        assert response.status_code == 409
        assert copy.THIS_CONNECTION_DOES_NOT_NEED in said_to(read(response))
        assert not [one for one in read(response).all("button") if one.text == copy.COPY_LINK]
    assert not HandOff.objects.exists()


def test_no_link_is_made_to_what_is_withheld(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    Snapshot.objects.update(origin_id="somebody else")
    response = browser("amy").post(staffs("hand_off_create", invalid))
    assert response.status_code == 409
    assert copy.THIS_CONNECTION_IS_NOT_CONFIRMED in said_to(read(response))
    assert browser("alice").post(url_of("hand_off_offer", invalid)).status_code == 404
    assert not HandOff.objects.exists()


def test_links_are_not_made_without_end(browser: Browser, amy: User, invalid: Integration) -> None:
    client, times = browser("amy"), rate_limits.HAND_OFF.times
    url = staffs("hand_off_create", invalid)
    assert client.post(url).status_code == 200
    RateLimit.objects.filter(count=1).update(count=times - 1)
    assert client.post(url).status_code == 200
    assert client.post(url, {"days": "99"}).status_code == 409, "what is refused costs nothing"
    response = client.post(url, {"send_to": "colleague@acme.example"})
    assert response.status_code == 429
    assert HandOff.objects.count() == 2
    assert not Mail.objects.exists()
    assert browser("alice").post(url_of("hand_off_offer", invalid)).status_code == 200


@pytest.mark.parametrize("person", ["amy", "alice"])
def test_pressed_twice_it_is_one_link_and_one_mail(
    browser: Browser, amy: User, invalid: Integration, person: str
) -> None:
    client = browser(person)
    page, url = (
        (url_of("workspace_integration", invalid), staffs("hand_off_create", invalid))
        if person == "amy"
        else (url_of("hand_off_offer", invalid),) * 2
    )
    form = next(
        one
        for one in read(client.get(page)).all("form", "class", "hand-off-form")
        if one["action"] == url
    )
    typed = {
        "send_to": "colleague@acme.example",
        "idempotency_key": form.one("input", "name", "idempotency_key")["value"],
    }
    assert client.post(url, typed | {"send_to": "nobody"}).status_code == 409, (
        "which uses nothing up"
    )
    first, second = client.post(url, typed), client.post(url, typed)
    assert shown(read(first)) == hand_offs.url_of(HandOff.objects.get())
    assert second.status_code == 409
    assert said_to(read(second)) == copy.THIS_LINK_ALREADY_EXISTS_YOU
    assert read(second).one("li", "data-hand-off", HandOff.objects.get().public_id)
    assert Mail.objects.count() == 1
    again = next(
        one for one in read(second).all("form", "class", "hand-off-form") if one["action"] == url
    )
    assert (
        client.post(
            url, typed | {"idempotency_key": again.one("input", "name", "idempotency_key")["value"]}
        ).status_code
        == 200
    )
    assert client.post(url, {"send_to": "other@acme.example"}).status_code == 200, (
        "without a token it is another one"
    )
    assert HandOff.objects.count() == 3


def test_what_could_not_be_mailed_may_be_pressed_again(
    browser: Browser, amy: User, invalid: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, typed = browser("amy"), {"send_to": "colleague@acme.example", "idempotency_key": "x"}
    with monkeypatch.context() as trouble:
        trouble.setattr(hand_off_mails, "write", lambda _one: None)
        assert client.post(staffs("hand_off_create", invalid), typed).status_code == 409
    assert client.post(staffs("hand_off_create", invalid), typed).status_code == 200


def test_staff_see_a_link_again_and_take_it_back(
    browser: Browser, amy: User, invalid: Integration, way: str
) -> None:
    client, link = browser("amy"), HandOff.objects.get()
    page = read(client.post(staffs("hand_off_show", invalid, link.public_id)))
    assert shown(page) == f"http://localhost{way}"
    actions = [
        form["action"] for form in page.one("li", "data-hand-off", link.public_id).all("form")
    ]
    assert actions == [
        staffs(name, invalid, link.public_id) for name in ("hand_off_show", "hand_off_revoke")
    ]
    assert AuditEntry.objects.latest("pk").what == Act.HAND_OFF_REVEALED
    response = client.post(actions[1])
    assert response["Location"] == staffs("workspace_integration", invalid)
    assert copy.LINK_REVOKED in read(client.get(response["Location"])).one("main").text
    latest = AuditEntry.objects.latest("pk")
    assert (latest.what, latest.actor, latest.tenant) == (Act.HAND_OFF_REVOKED, "amy", "Acme GmbH")
    again = client.post(actions[0])
    assert again.status_code == 409
    assert copy.THIS_LINK_IS_NO_LONGER in said_to(read(again))
    assert not read(again).all("input", "id", "hand-off-link")


def test_the_list_tells_what_became_of_each(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    now = timezone.now()
    ends: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("open", {}, copy.VALID_UNTIL),
        ("used", {"begun_at": now, "used_at": now, "opened_at": now}, "Completed on"),
        ("revoked", {"revoked_at": now}, "Revoked on"),
        ("expired", {"expires_at": now}, "Expired on"),
    )
    for _state, fields, _words in ends:
        made = hand_offs.create(
            invalid, "reconnect", by=acting(amy), sent_to="colleague@acme.example"
        )
        HandOff.objects.filter(pk=made.pk).update(**fields)
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    ended = page.all("details", "class", "raw")[-1]
    assert ended.one("summary").text == "Inactive links 3"
    assert "open" not in ended.attributes
    assert {row["data-state"] for row in ended.all("li")} == {"used", "revoked", "expired"}
    assert {row["data-state"] for row in page.all("li", "data-hand-off") if row not in ended} == {
        "open"
    }
    for state, _fields, words in ends:
        row = page.all("li", "data-state", state)[-1]
        assert words in row.one("p", "class", "badge").text
        assert "Created by amy on" in row.text
        assert "link for colleague@acme.example" in row.text
        assert (copy.FIRST_OPENED_ON_DATE.core in row.text) == (state == "used")
        assert bool(row.all("form")) == (state == "open")


def test_only_what_a_reminder_made_is_said_to_be_made_for_one(
    browser: Browser, amy: User, acme: Tenant, invalid: Integration
) -> None:
    reminded, mailed, nobodys = (
        hand_offs.create(invalid, "reconnect", by=COMMAND) for _ in range(3)
    )
    for kind, link in (("reminder", reminded), ("hand_off", mailed)):
        Mail.objects.create(
            key=kind,
            kind=kind,
            tenant=acme,
            hand_off=link,
            to="x@x.example",
            created_at=timezone.now(),
        )
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    said = {
        one: page.one("li", "data-hand-off", one.public_id).text
        for one in (reminded, mailed, nobodys)
    }
    assert {
        one for one, text in said.items() if copy.CREATED_FOR_A_REMINDER_ON_DATE.core in text
    } == {reminded}
    assert not [text for text in said.values() if copy.CREATED_BY_WHO_ON_DATE.core in text]


def test_what_staff_do_needs_the_form_and_their_own_customer(
    browser: Browser, amy: User, ned: User, invalid: Integration, way: str
) -> None:
    link, strict = HandOff.objects.get(), Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    amys, others = browser("amy"), [browser(name) for name in ("alice", "vic", "bob", "ned")]
    for name in ("hand_off_create", "hand_off_show", "hand_off_revoke"):
        url = staffs(name, invalid, *([] if name == "hand_off_create" else [link.public_id]))
        assert strict.post(url).status_code == 403, name
        assert {other.post(url).status_code for other in others} == {404}, name
        assert amys.get(url)["Location"] == staffs("workspace_integration", invalid)
    link.refresh_from_db()
    assert (HandOff.objects.count(), link.revoked_at) == (1, None)
    assert not AuditEntry.objects.filter(what=Act.HAND_OFF_REVEALED).exists()


def test_a_link_is_shown_and_revoked_only_where_it_belongs(
    browser: Browser, mia: User, invalid: Integration, way: str, bolt: Tenant, connect: Connect
) -> None:
    link, other = HandOff.objects.get(), connect(bolt, state="invalid")
    for integration, key in ((other, link.public_id), (invalid, "nowhere"), (invalid, "a" * 1000)):
        for name in ("hand_off_show", "hand_off_revoke"):
            assert browser("mia").post(staffs(name, integration, key)).status_code == 404
    assert permissions.by_hand_off(way.split("/")[2])
    assert Client().get(way).status_code == 200

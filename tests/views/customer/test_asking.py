"""Who may only look learns who may repair, and can ask them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.access.audit import Act
from integrations.mail import preconditions
from integrations.models import AuditEntry, Integration, Mail, Membership, Role, Tenant
from tests import copy
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import HTMX, read, url_of
from tests.views.conftest import Browser


@pytest.fixture
def meier(alice: User) -> User:
    alice.first_name, alice.last_name, alice.email = "Alice", "Meier", "alice@acme.example"
    alice.save()
    return alice


def test_a_viewer_sees_who_may_repair_and_asks_them(
    browser: Browser, meier: User, vic: User, invalid: Integration
) -> None:
    client = browser("vic")
    card = read(client.get(url_of("integration", invalid))).one("article")
    assert copy.YOU_HAVE_VIEW_ONLY_NAMES(names="Alice Meier") in card.text
    form = card.one("form", "action", url_of("ask", invalid))
    assert form.one("button").text == copy.ASK_NAME(name="Alice Meier")
    said = client.post(form["action"], headers=HTMX)
    assert read(said).one("p").text == copy.AN_EMAIL_IS_ON_ITS_WAY(names="Alice Meier")
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.reader) == ("ask", "alice@acme.example", meier)
    assert mail.subject == copy.ASKER_ASKS_YOU(asker="vic", tool="Personio")
    for words in (mail.text, mail.html):
        assert f"http://localhost{url_of('integration', invalid)}" in words
        assert "/hand-off/" not in words, "no key: she has an account"
    assert AuditEntry.objects.filter(what=Act.ASKED, actor="vic").count() == 1
    again = client.post(form["action"])
    assert copy.YOU_ASKED_NAMES(names="Alice Meier") in read(again).one("main").text
    assert Mail.objects.count() == 1


def test_only_the_organizations_own_members_are_written_to(
    browser: Browser, meier: User, vic: User, bolt: Tenant, invalid: Integration
) -> None:
    others: list[tuple[Tenant, str, dict[str, Any]]] = [
        (bolt, Role.MEMBER, {}),
        (invalid.tenant, Role.VIEWER, {}),
        (invalid.tenant, Role.MEMBER, {"is_active": False}),
        (invalid.tenant, Role.MEMBER, {"is_staff": True}),
        (invalid.tenant, Role.MEMBER, {"email": "no address"}),
    ]
    for number, (tenant, role, details) in enumerate(others):
        name = f"other{number}"
        user = User.objects.create_user(name, **{"email": f"{name}@acme.example", **details})
        Membership.objects.create(user=user, tenant=tenant, role=role)
    response = browser("vic").post(
        url_of("ask", invalid), {"to": "x@evil.example", "send_to": "x@evil.example"}
    )
    assert response.status_code == 200
    assert [mail.to for mail in Mail.objects.all()] == ["alice@acme.example"]


def test_nobody_else_asks(
    browser: Browser, meier: User, invalid: Integration, subtests: pytest.Subtests
) -> None:
    for person in ["alice", "bob", "amy", "mia", "root"]:
        with subtests.test(person=person):
            assert browser(person).post(url_of("ask", invalid)).status_code == 404
            assert not Mail.objects.exists()


def test_where_nothing_is_to_be_done_nobody_is_asked(
    browser: Browser, meier: User, acme: Tenant, connect: Connect
) -> None:
    assert browser("vic").post(url_of("ask", connect(acme))).status_code == 404


def test_it_needs_the_form(meier: User, vic: User, invalid: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(vic)
    assert strict.post(url_of("ask", invalid)).status_code == 403


def test_without_a_mail_server_names_are_all_there_is(
    browser: Browser, meier: User, invalid: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    card = read(browser("vic").get(url_of("integration", invalid))).one("article")
    assert "Alice Meier" in card.text
    assert not card.all("form", "action", url_of("ask", invalid))
    assert browser("vic").post(url_of("ask", invalid)).status_code == 404


def test_where_nobody_may_repair_that_is_said(browser: Browser, invalid: Integration) -> None:
    Membership.objects.filter(role=Role.MEMBER).delete()
    card = read(browser("vic").get(url_of("integration", invalid))).one("article")
    assert copy.YOU_HAVE_VIEW_ONLY_NOBODY(organization="Acme GmbH") in card.text


def test_in_a_frame_nobody_is_named(meier: User, invalid: Integration, settings: Any) -> None:
    turn_on(settings)
    assert "Alice Meier" not in enter(scope=["view"]).content


def test_a_mail_that_waited_goes_only_to_who_may_still_repair(
    browser: Browser, meier: User, vic: User, invalid: Integration
) -> None:
    browser("vic").post(url_of("ask", invalid))
    mail = Mail.objects.get()
    preconditions.check(mail, mail.created_at)
    Membership.objects.filter(user=meier).update(role=Role.VIEWER)
    with pytest.raises(preconditions.NotNeeded):
        preconditions.check(mail, mail.created_at)

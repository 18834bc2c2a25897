"""The outbox: who sees which mails, what it says of each, and sending again."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.mail import compose, delivery, hand_off_mails
from integrations.models import AuditEntry, Integration, Mail, Preferences, Tenant
from integrations.simulator.hostile import NASTY
from tests import copy
from tests.conftest import Connect, allow
from tests.views.browsing import Element, page_at, read
from tests.views.conftest import Browser


@pytest.fixture
def mail(invalid: Integration) -> Mail:
    """A hand-off's, which waits."""
    link = hand_offs.create(invalid, "reconnect", by=audit.WORKER, sent_to="helper@acme.example")
    written = hand_off_mails.write(link)
    assert written
    return written


@pytest.fixture
def amys(amy: User, browser: Browser) -> Client:
    """Of somebody who takes care of acme, and may look after mails."""
    allow(amy, "view_mail", "change_mail")
    return browser("amy")


def page(client: Client, **query: str) -> Element:
    return page_at(client, reverse("email_log"), query)


def shown(found: Element) -> list[str]:
    return [one["data-mail"] for one in found.all("tr", "data-mail")]


def digest(user: User, key: str = "digest 1") -> Mail:
    context = {"number": 1, "day": timezone.now().date()}
    return compose.write_mail(key, kind="digest", to=user.email, context=context)


def test_mails_of_ones_customers_and_ones_own_are_newest_first(
    amys: Client, amy: User, ned: User, mail: Mail, bolt: Tenant, connect: Connect
) -> None:
    own, others = digest(amy), digest(ned, "digest 2")
    link = hand_offs.create(
        connect(bolt), "reconnect", by=audit.WORKER, sent_to="helper@bolt.example"
    )
    bolts = hand_off_mails.write(link)
    assert bolts
    assert shown(page(amys)) == [str(own.pk), str(mail.pk)]
    for hidden in (others, bolts):
        for name in ("email", "email_html"):
            assert amys.get(reverse(name, args=[hidden.pk])).status_code == 404
        assert amys.post(reverse("email_resend", args=[hidden.pk])).status_code == 404


def test_who_sees_every_tenant_sees_every_mail(
    browser: Browser, amy: User, root: User, mail: Mail, invalid: Integration
) -> None:
    own = digest(amy)
    invalid.tenant.delete()
    assert shown(page(browser("root"))) == [str(own.pk), str(mail.pk)]
    allow(amy, "view_mail")
    assert shown(page(browser("amy"))) == [str(own.pk)]


def test_without_the_permission_it_is_not_there(browser: Browser, amy: User, mail: Mail) -> None:
    for person in ("alice", "amy", "mia"):
        client = browser(person)
        for name, ids in (("email_log", []), ("email", [mail.pk]), ("email_html", [mail.pk])):
            assert client.get(reverse(name, args=ids)).status_code == 404
        assert client.post(reverse("email_resend", args=[mail.pk])).status_code == 404


def test_kind_and_state_filter(amys: Client, amy: User, mail: Mail) -> None:
    own = digest(amy)
    Mail.objects.filter(pk=own.pk).update(sent_at=timezone.now(), due_at=None)
    assert shown(page(amys, kind="digest")) == shown(page(amys, state="sent")) == [str(own.pk)]
    assert shown(page(amys, state="waiting")) == [str(mail.pk)]
    assert copy.NO_MATCHING_EMAILS in page(amys, kind="reminder").text
    assert len(shown(page(amys, kind="x", state="nonsense", page="9" * 5000))) == 2


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize(
    ("state", "columns", "badge"),
    [
        ("sent", {"sent_at": timezone.now(), "due_at": None}, "Sent"),
        (
            "unclear",
            {"handed_at": timezone.now(), "due_at": None, "error": "broken_off"},
            copy.DELIVERY_NOT_CONFIRMED,
        ),
        ("failed", {"due_at": None, "error": "refused 550"}, "Failed"),
        ("waiting", {}, "Queued"),
        ("not_needed", {"due_at": None}, "Canceled"),
    ],
)
def test_every_state_has_its_words_and_what_is_stuck_its_button(
    state: str, columns: dict[str, Any], badge: str, amys: Client, mail: Mail
) -> None:
    Mail.objects.update(**columns)
    [row] = page(amys, state=state).all("tr", "data-mail")
    assert row["data-state"] == state
    assert badge in row.text
    found = read(amys.get(reverse("email", args=[mail.pk])))
    assert badge in found.text
    buttons = found.all("form", "action", reverse("email_resend", args=[mail.pk]))
    assert bool(buttons) is (state in {"unclear", "failed"})


def test_a_mail_is_shown_as_it_was_sent_but_for_its_link(amys: Client, mail: Mail) -> None:
    url = hand_offs.url_of(mail.hand_off) if mail.hand_off else ""
    text = amys.get(reverse("email", args=[mail.pk]))
    assert "Personio no longer accepts the saved credentials" in read(text).text
    assert copy.GUEST_LINK_HIDDEN in read(text).text
    html = amys.get(reverse("email_html", args=[mail.pk]))
    assert read_letter(html).one("a")["href"] == "#"
    for response in (text, html):
        assert url not in response.content.decode()
        assert compose.LINK not in response.content.decode()


def read_letter(response: Any) -> Element:
    response.content = response.content.removeprefix(b"<!doctype html>")
    return read(response)


def test_the_html_can_do_nothing(amys: Client, mail: Mail) -> None:
    response = amys.get(reverse("email_html", args=[mail.pk]))
    rules = response["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "sandbox"} <= set(
        rules
    )
    assert not [one for one in rules if one.startswith("script-src")]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("name", [one for one in NASTY if "\0" not in one])
def test_nasty_names_stay_text(name: str, amys: Client, invalid: Integration) -> None:
    Tenant.objects.update(name=name[:200])
    invalid.tenant.refresh_from_db()
    link = hand_offs.create(invalid, "reconnect", by=audit.WORKER, sent_to="helper@acme.example")
    mail = hand_off_mails.write(link)
    assert mail
    for found in (page(amys), read(amys.get(reverse("email", args=[mail.pk])))):
        assert not found.one("main").all("script") + found.one("main").all("img")
    read_letter(amys.get(reverse("email_html", args=[mail.pk])))


def test_send_again_sends_again_and_is_on_record(amys: Client, mail: Mail) -> None:
    Mail.objects.update(due_at=None, error="refused 550")
    url = reverse("email_resend", args=[mail.pk])
    assert amys.get(url)["Location"] == reverse("email", args=[mail.pk])
    assert amys.post(url)["Location"] == reverse("email", args=[mail.pk])
    assert delivery.send_due() == 1
    assert AuditEntry.objects.get(what="mail_resent").actor == "amy"
    refused = amys.post(url)
    assert refused.status_code == 409
    assert copy.THIS_EMAIL_DOES_NOT_NEED in read(refused).one("main").text


def test_sending_again_needs_its_own_permission(amy: User, browser: Browser, mail: Mail) -> None:
    allow(amy, "view_mail")
    Mail.objects.update(due_at=None, error="refused 550")
    client = browser("amy")
    url = reverse("email_resend", args=[mail.pk])
    assert not read(client.get(reverse("email", args=[mail.pk]))).all("form", "action", url)
    assert client.post(url).status_code == 404


def test_no_number_is_too_large(amys: Client, mail: Mail) -> None:
    for number in ("0", "9" * 18, "9" * 40, "9" * 3000):
        for end in ("", "html/", "again/"):
            assert amys.post(f"/workspace/emails/{number}/{end}").status_code in {404, 405}
            assert amys.get(f"/workspace/emails/{number}/{end}").status_code in {302, 404}


def test_a_long_outbox_has_pages(amys: Client, amy: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.views.workspace.email_log.PER_PAGE", 3)
    for number in range(4):
        digest(amy, f"digest {number}")
    first = page(amys)
    assert len(shown(first)) == 3
    assert first.one("a", "rel", "next")
    assert len(shown(page(amys, page="2"))) == 1


def test_a_mail_outlives_what_it_was_about(
    amys: Client, amy: User, mail: Mail, invalid: Integration
) -> None:
    invalid.delete()
    assert shown(page(amys)) == [str(mail.pk)]
    assert amys.get(reverse("email", args=[mail.pk])).status_code == 200


def test_the_outbox_takes_as_many_queries_however_many_mails(
    amys: Client, amy: User, mail: Mail, django_assert_max_num_queries: Any
) -> None:
    for number in range(7):
        digest(amy, f"digest {number}")
    Mail.objects.filter(kind="digest").update(tenant=mail.tenant)
    with django_assert_max_num_queries(9):
        page(amys)


def test_without_a_mail_server_it_says_so(amys: Client, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = ""
    assert copy.NO_MAIL_SERVER_IS_CONFIGURED in page(amys).text
    assert copy.NO_EMAILS_YET in page(amys).text


# --- Preferences ----------------------------------------------------------------------------------


def test_everybody_of_the_staff_chooses_their_mails(amy: User, browser: Browser) -> None:
    client, url = browser("amy"), reverse("email_preferences")
    found = read(client.get(url))
    assert [one["name"] for one in found.all("input", "checked")] == ["digest"]
    assert "amy@example.com" in found.one("main").text
    assert client.post(url, {"at_once": "1"})["Location"] == url
    kept = Preferences.objects.get(user=amy)
    assert (kept.digest, kept.at_once) == (False, True)
    assert [one["name"] for one in read(client.get(url)).all("input", "checked")] == ["at_once"]
    act = AuditEntry.objects.get()
    assert (act.actor, act.what, act.told) == (
        "amy",
        "preferences_changed",
        {"wanted": ["at_once"]},
    )


def test_preferences_are_for_staff_alone(browser: Browser) -> None:
    for method in ("get", "post"):
        assert getattr(browser("alice"), method)(reverse("email_preferences")).status_code == 404
    assert not Preferences.objects.exists()


def test_who_has_no_address_is_told_so(browser: Browser, mia: User) -> None:
    found = read(browser("mia").get(reverse("email_preferences")))
    assert copy.YOUR_ACCOUNT_HAS_NO_EMAIL in found.text


def test_old_mails_are_forgotten(mail: Mail) -> None:
    assert delivery.prune(mail.created_at - timedelta(seconds=1)) == 0
    assert delivery.prune(mail.created_at + timedelta(seconds=1)) == 1

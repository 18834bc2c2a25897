"""A forgotten password: what is answered, what is mailed, and where its link leads."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.access import rate_limits
from integrations.mail import delivery, password_resets
from integrations.mail import status as mail_status
from integrations.models import Mail, PasswordResetRequest
from tests import copy
from tests.mailbox import html_of, sent
from tests.views.browsing import read

RESET = "/account/password/reset/"
SITE = "https://integrations.example.com"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["*"]


def ask(email: str = "alice@example.com", **headers: str) -> Any:
    return Client().post(RESET, {"email": email}, headers=headers)


def work() -> None:
    """What the worker does in a moment."""
    while password_resets.write_due() + delivery.send_due():
        continue


def link() -> str:
    [found] = re.findall(r"\S+/account/password/\S+", str(sent()[-1].body))
    return str(found)


def test_the_link_leads_to_the_site_whatever_host_was_named(alice: User) -> None:
    ask(Host="evil.example", X_Forwarded_Host="evil.example")
    work()
    [message] = sent()
    assert message.to == ["alice@example.com"]
    assert message.subject == copy.RESET_YOUR_PASSWORD
    assert copy.YOUR_USERNAME_USERNAME(username="alice") in str(message.body)
    assert link().startswith(f"{SITE}/account/password/reset/")
    assert f'href="{link()}"' in html_of(message)
    assert "evil" not in str(message.message())


def test_the_answer_takes_the_same_steps_without_an_account(alice: User) -> None:
    steps = []
    for email in ("nobody@example.com", "alice@example.com", "stranger@example.com"):
        with CaptureQueriesContext(connection) as queries:
            assert ask(email)["Location"] == reverse("password_reset_done")
        steps.append([re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in queries])
        assert mail.outbox == []
    assert steps[1] == steps[2]
    assert not [sql for sql in steps[0] if "auth_user" in sql]
    work()
    assert [message.to for message in sent()] == [["alice@example.com"]]
    assert not PasswordResetRequest.objects.exists(), "nothing of strangers is kept"
    assert Mail.objects.count() == 1


def test_one_mailbox_gets_three_an_hour_from_wherever(alice: User) -> None:
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post(RESET, {"email": email})
        for n, email in enumerate(["alice@example.com", "ALICE@example.com", " alice@example.com"])
    ]
    assert [one.status_code for one in answers] == [302] * 3
    refused = Client(REMOTE_ADDR="192.0.2.9").post(RESET, {"email": "Alice@Example.com"})
    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3600
    assert Client(REMOTE_ADDR="192.0.2.9").post(RESET, {"email": "bob@example.com"}).status_code
    work()
    assert len(sent()) == rate_limits.PASSWORD_RESET_TO.times == 3


def test_it_is_written_in_the_language_that_was_read(alice: User) -> None:
    ask(Accept_Language="de")
    assert PasswordResetRequest.objects.get().language == "de"


def test_each_account_of_an_address_gets_its_own_link(alice: User) -> None:
    User.objects.create_user("alice2", email="Alice@example.com", password="demo")
    gone = User.objects.create_user("gone", email="alice@example.com", password="demo")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.create_user("single-sign-on", email="alice@example.com")
    ask()
    work()
    names = [re.findall(r"username: (\S+)", str(one.body))[0] for one in sent()]
    assert sorted(names) == ["alice", "alice2"]
    links = {re.findall(r"\S+/account/\S+", str(one.body))[0] for one in sent()}
    assert len(links) == 2


def test_no_link_is_kept(alice: User) -> None:
    ask()
    work()
    one = Mail.objects.get()
    assert mail_status.status_of(one, timezone.now()) == "sent"
    token = link().split("/")[-2]
    assert token not in one.text + one.html + str(one.headers)
    assert "/account/" not in one.text + one.html


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"email": "elsewhere@example.com"}, {"password": "!"}],
)
def test_an_account_that_changed_meanwhile_gets_none(alice: User, change: Any) -> None:
    ask()
    password_resets.write_due()
    User.objects.filter(pk=alice.pk).update(**change)
    work()
    assert sent() == []
    assert mail_status.status_of(Mail.objects.get(), timezone.now()) == "not_needed"


def test_an_account_that_is_gone_gets_none(alice: User) -> None:
    ask()
    password_resets.write_due()
    alice.delete()
    work()
    assert sent() == []


def test_whoever_waited_for_a_day_has_asked_again(alice: User) -> None:
    ask()
    PasswordResetRequest.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    work()
    assert (sent(), Mail.objects.count(), PasswordResetRequest.objects.count()) == ([], 0, 0)
    ask()
    password_resets.write_due()
    Mail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    work()
    assert sent() == []


def test_two_workers_write_one(alice: User) -> None:
    ask()
    seen = list(PasswordResetRequest.objects.all())
    assert password_resets.write_due() == len(seen) == 1
    seen[0].save(force_insert=True)  # as another worker still has it in hand
    assert password_resets.write_due() == 1
    assert Mail.objects.count() == 1


@pytest.mark.parametrize(
    "password", ["eleven-char", "alice@example.com", "password1234", "administrator"]
)
def test_short_and_common_passwords_are_refused(alice: User, password: str) -> None:
    ask()
    work()
    client = Client()
    form = client.get(link().removeprefix(SITE), follow=True).redirect_chain[-1][0]
    typed = {"new_password1": password, "new_password2": password}
    answer = client.post(form, typed)
    assert read(answer).all("ul", "class", "errorlist")
    assert User.objects.get(pk=alice.pk).check_password("demo")

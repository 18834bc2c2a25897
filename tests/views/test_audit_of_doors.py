"""Who came in, who was refused, who took data away and who asked Kombo: all on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from integrations.access import audit_retention, rate_limits
from integrations.access.audit import Act
from integrations.models import AuditEntry, Integration, Tenant
from tests import copy
from tests.conftest import Connect
from tests.embed import token, turn_on
from tests.views.browsing import HTMX, tenant_url, url_of
from tests.views.conftest import Browser


def told() -> list[tuple[str, str, str, dict[str, Any]]]:
    found = AuditEntry.objects.order_by("pk")
    return [(one.what, one.actor, one.tenant, one.told) for one in found]


# --- Signing in


def sign(client: Client, name: str, password: str) -> None:
    client.post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR="192.0.2.7")


def test_signing_in_and_out(client: Client, alice: User) -> None:
    sign(client, "alice", "demo")
    client.post(reverse("logout"))
    client.post(reverse("logout"))
    assert told() == [("signed_in", "alice", "", {}), ("signed_out", "alice", "", {})]
    first = AuditEntry.objects.earliest("pk")
    assert (first.actor_id, first.address) == (alice.pk, "192.0.2.7")


def test_a_failed_sign_in_names_accounts_and_nothing_typed(client: Client, alice: User) -> None:
    sign(client, "alice", "secret-4711")
    sign(client, "my-own-password", "x")
    assert told() == [
        ("sign_in_failed", "stranger", "", {"account": "alice"}),
        ("sign_in_failed", "stranger", "", {}),
    ]


def test_a_reset_that_is_asked_for(client: Client, alice: User, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    for typed in (alice.email, "nobody@example.com"):
        client.post(reverse("password_reset"), {"email": typed})
    assert told() == [("reset_asked", "stranger", "", {})] * 2


# --- Files


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


@pytest.mark.parametrize(
    ("name", "file", "query"),
    [
        ("triage_csv", "integrations.csv", ""),
        ("datapoints_csv", "datapoint.csv", "?q=hris_employees.first_name"),
        ("matrix_csv", "matrix.csv", "?d=hris_employees"),
        ("audit_csv", "audit.csv", ""),
    ],
)
def test_each_file_of_the_workspace(
    browser: Browser, made: Integration, name: str, file: str, query: str
) -> None:
    response = browser("root").get(reverse(name) + query)
    assert response.status_code == 200
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert told() == [("exported", "root", "", {"file": file})]


def test_a_customers_file_names_the_customer(browser: Browser, made: Integration) -> None:
    url = url_of("coverage_csv", made)
    browser("alice").head(url)
    assert browser("alice").get(url).status_code == 200
    assert told() == [("exported", "alice", "Acme GmbH", {"file": "personio-data.csv"})]


def test_staff_who_look_as_the_customer_are_named(browser: Browser, made: Integration) -> None:
    url = f"/workspace/preview{url_of('coverage_csv', made)}"
    assert browser("root").get(url).status_code == 200
    assert [one[:3] for one in told()] == [
        ("exported", "root", "Acme GmbH"),
        ("viewed_as_customer", "root", "Acme GmbH"),
    ]


def test_staff_who_open_a_customers_page_are_named(browser: Browser, made: Integration) -> None:
    pages = [tenant_url(made), *(url_of(name, made) for name in ("integration", "history"))]
    for url in pages:
        for who in ("alice", "amy"):
            client = browser(who)
            assert client.get(url).status_code == 200
            client.head(url)
            client.get(url, headers=HTMX)
        assert [one[:3] for one in told()] == [("viewed", "amy", "Acme GmbH")]
        assert AuditEntry.objects.get().integration == ("" if url == pages[0] else made.public_id)
        with audit_retention.guard_lifted() as entries:
            entries.delete()


# --- Checks


@pytest.mark.parametrize(("who", "name"), [("alice", "check"), ("root", "workspace_check")])
def test_a_check_by_hand(browser: Browser, made: Integration, who: str, name: str) -> None:
    browser(who).post(url_of(name, made))
    assert told() == [("checked", who, "Acme GmbH", {})]
    assert AuditEntry.objects.get().integration == made.public_id


def test_many_checked_by_hand(browser: Browser, made: Integration) -> None:
    typed = {"act": "check", "everything": "1"}
    browser("root").post(reverse("bulk"), typed)
    assert told() == [("bulk_checked", "root", "", {"number": 1})]


# --- Embeds


@pytest.fixture
def exchange(acme: Tenant, settings: Any) -> Callable[[str], Any]:
    turn_on(settings)

    def exchange(bearer: str) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"}
        return Client().post("/embed/session", headers=headers)

    return exchange


def test_a_session_that_begins(exchange: Callable[[str], Any]) -> None:
    assert exchange(token(sub="acme")).status_code == 200
    scope = {"scope": ["view", "repair"]}
    assert told() == [("session_begun", "embedded page", "Acme GmbH", scope)]


def test_a_token_that_is_refused(exchange: Callable[[str], Any]) -> None:
    good = token(sub="acme")
    exchange(good)
    exchange(good)
    exchange("nonsense")
    assert [(what, more) for what, _who, _tenant, more in told()[1:]] == [
        ("token_refused", {"code": "token_spent"}),
        ("token_refused", {"code": "token_malformed"}),
    ]
    assert good not in str(list(AuditEntry.objects.values()))


def test_who_is_refused_often_does_not_fill_the_record(exchange: Callable[[str], Any]) -> None:
    for _ in range(rate_limits.REFUSED_TOKEN.times + 5):
        assert exchange("nonsense").status_code == 401
    assert len(told()) == rate_limits.REFUSED_TOKEN.times


def test_a_token_made_by_command(acme: Tenant, settings: Any) -> None:
    turn_on(settings)
    call_command("embed_token", tenant="acme", view_only=True)
    assert told() == [("token_made", copy.COMMAND_LINE, "Acme GmbH", {"scope": ["view"]})]


def test_who_may_read_the_record_reads_all_of_it(
    exchange: Callable[[str], Any], client: Client, root: User, sign_in: Callable[[User], Client]
) -> None:
    exchange("nonsense")
    sign(client, "root", "wrong")
    page = sign_in(root).get(reverse("audit")).content.decode()
    for words in (copy.EMBED_TOKEN_REFUSED, "Reason: token_malformed", copy.SIGN_IN_FAILED):
        assert words in page
    assert Act.SIGN_IN_FAILED in page

"""What only the backend may know reaches no customer's browser and no log."""

import logging
from collections.abc import Iterable
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import API_KEY, Connect
from tests.views.browsing import HTMX, acts, make_stale, tenant_url, url_of, visits
from tests.views.conftest import Browser
from tests.views.secrets import INTERNAL, LOG_URL, SCOPE, SCOPE_ID, leaks, secrets_of

FAULTS = (
    "none",
    "server_error",
    "key_revoked",
    "forbidden",
    "html",
    "wrong_shape",
    "reset",
    "foreign_link",
)


@pytest.fixture
def tenant(every_state: list[Integration], kombo: Simulator) -> list[Integration]:
    """Every state, with secrets in every place that Kombo has for them."""
    for made in every_state:
        body = kombo.details(made.integration_id)
        if body and made.snapshot.fetched_at:
            secret = {
                "tool": {**body["tool"], "internal_label": INTERNAL},
                "scope_config": {"id": SCOPE_ID, "name": SCOPE},
            }
            kombo.add({**body, **secret})
            made.snapshot = snapshots.revalidate(made, by_person=True)
    return every_state


@pytest.mark.exhaustive
@pytest.mark.parametrize("person", ["alice", "vic"])
def test_no_secret_in_anything_a_customer_can_get(
    browser: Browser, tenant: list[Integration], person: str
) -> None:
    client, secrets = browser(person), secrets_of(tenant)
    for name, response in visits(client, *tenant):
        assert not leaks(response, secrets), name


# To what works, what must be reconnected and what fails; CI does it to each state.
@pytest.mark.parametrize(
    "which", [(0, 1, 8), pytest.param(range(11), marks=pytest.mark.exhaustive)]
)
def test_no_secret_in_any_answer_to_what_a_customer_does(
    alices: Client, tenant: list[Integration], which: Iterable[int]
) -> None:
    secrets = secrets_of(tenant)
    for name, response in acts(alices, *(tenant[one] for one in which)):
        assert not leaks(response, secrets), name


def test_a_connect_link_stands_only_in_the_answer_to_the_click(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = [connect(acme, state=state) for state in ("invalid", "setup_incomplete")]
    done = list(acts(alices, *made))
    clicked = [response for name, response in done if name in {"reconnect", "set_up"}]
    tokens = {f"token {number}": token for number, token in enumerate(kombo.world.store.links)}
    assert len(tokens) >= 6
    assert all(
        any(leaks(response, {name: token}) for response in clicked)
        for name, token in tokens.items()
    )
    # Of each integration all but the check follow its links.
    others = [(name, answer) for name, answer in done if name not in {"reconnect", "set_up"}]
    for name, response in [*visits(alices, *made), *others]:
        assert not leaks(response, tokens | {"a link": "/connect/v1"}), name


def test_somebody_without_a_session_learns_nothing_there_is(
    client: Client, tenant: list[Integration]
) -> None:
    stored = list(Snapshot.objects.values_list("internal_label", "scope_name", "error_log_url"))
    assert (INTERNAL, SCOPE, "") in stored
    assert any(LOG_URL in log_url for *_, log_url in stored)
    secrets = secrets_of(tenant) | {"name": "Acme", "tool": "Personio", "address": "creator@acme"}
    for made in tenant[::3]:
        for name in ("integration", "card", "coverage_fields", "coverage_csv"):
            for headers in ({}, HTMX):
                assert not leaks(client.get(url_of(name, made), headers=headers), secrets)
    assert not leaks(client.get(tenant_url(tenant[0])), secrets)


def test_another_tenants_names_stand_nowhere(
    alices: Client, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    theirs = connect(bolt, creator_email="eve@bolt.example", tool_id="workday", category="HRIS")
    mine = connect(acme)
    others = {
        "name": "Bolt",
        "tool": "Workday",
        "address": "eve@bolt.example",
        "id": theirs.public_id,
    }
    for name, response in [*visits(alices, mine), *acts(alices, mine)]:
        assert not leaks(response, others), name
    banner = alices.get(tenant_url(mine, "banner"), {"only": theirs.public_id})
    assert not leaks(banner, {key: value for key, value in others.items() if key != "id"})


@pytest.mark.exhaustive
def test_in_trouble_no_answer_and_no_log_tells_a_secret(
    alices: Client,
    tenant: list[Integration],
    kombo: Simulator,
    caplog: pytest.LogCaptureFixture,
    subtests: pytest.Subtests,
) -> None:
    """All faults in one world, since making it is what takes the time: after each it is as it was
    before.
    """
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "integrations")
    make_stale(*tenant[:2])
    secrets = secrets_of(tenant)
    for fault in FAULTS:
        with subtests.test(fault), transaction.atomic():
            kombo.set_fault(fault)
            caplog.clear()
            kombo.world.store.links.clear()
            see_that_nothing_tells(secrets, alices, tenant, kombo, caplog)
            transaction.set_rollback(True)


def see_that_nothing_tells(
    secrets: dict[str, str],
    alices: Client,
    tenant: list[Integration],
    kombo: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither an answer to whatever one does, nor a line of the log."""
    for name, response in [*visits(alices, *tenant[:2]), *acts(alices, *tenant[:2])]:
        assert not leaks(response, secrets), name
    Client().post(reverse("login"), {"username": "alice@example.com", "password": "hunter-2"})
    Client().post(reverse("password_reset"), {"email": "alice@example.com"})
    forbidden = secrets | {
        "password": "hunter-2",
        "address": "@acme.example",
        "user's": "alice@example.com",
    }
    forbidden |= {f"token {number}": token for number, token in enumerate(kombo.world.store.links)}
    lines = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert lines
    text = "\n".join(logging.Formatter("%(name)s %(message)s").format(record) for record in lines)
    assert not [
        name for name, value in forbidden.items() if value in text or value in unquote(text)
    ]
    at_any_level = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert API_KEY not in at_any_level

"""Browsers by name, and a tenant that has an integration in every state."""

from collections.abc import Callable
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import Connect

PEOPLE = ("nobody", "alice", "vic", "bob", "amy", "ned", "mia", "root")

type Browser = Callable[[str], Client]


@pytest.fixture
def browser(request: pytest.FixtureRequest, sign_in: Callable[[User], Client]) -> Browser:
    """The browser of one of the cast by name, or of `nobody`."""

    def browser(name: str) -> Client:
        return (
            Client() if name == "nobody" else sign_in(cast("User", request.getfixturevalue(name)))
        )

    return browser


@pytest.fixture
def alices(browser: Browser) -> Client:
    """Where most tests look from: a member of acme."""
    return browser("alice")


@pytest.fixture
def every_state(acme: Tenant, connect: Connect, kombo: Simulator) -> list[Integration]:
    """Acme with one integration in each state Kombo knows, and those only we know."""
    made = [connect(acme, state=state, coverage="everything") for state in states.STATES]
    removed, failing = connect(acme, tool_id="hibob"), connect(acme, tool_id="bamboohr")
    kombo.set_state(removed.integration_id, "deleted")
    kombo.set_fault("server_error", failing.integration_id)
    for one in (removed, failing):
        one.snapshot = snapshots.revalidate(one, by_person=True)
    return [
        *made,
        removed,
        failing,
        connect(acme, fetched=False),
        connect(acme, origin_id="somebody else"),
    ]


@pytest.fixture
def invalid(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")

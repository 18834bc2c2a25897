"""Who may look at what a customer sees: only staff who take care of them, and nothing there does
anything.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, reverse

from integrations.models import AuditEntry, Entry, Integration, Kind, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect
from tests.embed import bearer, enter, turn_on
from tests.views import to_connect
from tests.views.access_answers import NOWHERE, STATEMENT_URLS, answer, outcome
from tests.views.conftest import PEOPLE, Browser

URLS = "integrations.urls.preview"
BELOW = "workspace/preview/"
OF_TENANT = ("tenant", "banner", "poll")
TO_LOOK_AT = ("connect", "connect_tools", "connect_tool")
TO_CONNECT = (
    "connect_start",
    "connect_completed",
    "connect_dismiss",
    "connect_invite",
    "connect_attempt_invite",
)
SHOWN = (
    *OF_TENANT,
    *TO_LOOK_AT,
    "integration",
    "coverage_fields",
    "coverage_csv",
    "history",
    "fields",
    *STATEMENT_URLS,
)
REFUSED = (
    *("check", "reconnect", "set_up", "completed", "resume", "hand_off_offer", "ask"),
    *("sync_now", "disconnect"),
    *TO_CONNECT,
)
LOOKERS = {"amy", "mia", "root"}


def served(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from served(pattern.url_patterns, before + str(pattern.pattern))
        elif (before + str(pattern.pattern)).startswith(BELOW):
            yield str(pattern.name)


@pytest.fixture
def theirs(settings: Any, acme: Tenant, amy: Any, connect: Connect) -> Integration:
    turn_on(settings)
    return connect(acme, state="invalid")


@pytest.fixture
def address(theirs: Integration) -> Callable[..., str]:
    ways = to_connect.arguments(theirs.tenant)

    def address(name: str, *ids: str) -> str:
        where = ids or (theirs.tenant.public_id, theirs.public_id)
        if name in ways:
            return reverse(name, args=[where[0], *ways[name][1:]], urlconf=URLS)
        path = reverse(name, args=where[: 1 if name in OF_TENANT else 2], urlconf=URLS)
        query = {"coverage_fields": "?group=hris_employees", "poll": f"?seen={theirs.public_id}."}
        return path + query.get(name, "")

    return address


def test_every_address_has_its_rule() -> None:
    assert set(served(get_resolver(URLS).url_patterns)) == {*SHOWN, *REFUSED}


@pytest.mark.exhaustive
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_those_who_take_care_of_them_look_and_nobody_acts(
    method: str,
    browser: Browser,
    address: Callable[..., str],
    theirs: Integration,
    kombo: Simulator,
) -> None:
    people = {person: browser(person) for person in PEOPLE}
    key, calls = enter(view="none").key, kombo.calls
    for name in (*SHOWN, *REFUSED):
        got = {
            person: outcome(client.generic(method, address(name)))
            for person, client in people.items()
        }
        got["guest"] = outcome(
            browser("nobody").generic(method, address(name), headers=bearer(key))
        )
        may = (
            {"GET": "302", "POST": "403"}[method]
            if name in REFUSED
            else {"GET": "200", "POST": "405"}[method]
        )
        expected = {person: may if person in LOOKERS else "404" for person in PEOPLE}
        assert got == {**expected, "nobody": "login", "guest": "login"}, name
    assert kombo.calls == calls
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()
    assert set(AuditEntry.objects.values_list("what", flat=True)) <= {
        "viewed_as_customer",
        "exported",
        "session_begun",
    }


def test_somebody_elses_customer_looks_as_if_it_was_not_there(
    browser: Browser,
    address: Callable[..., str],
    bolt: Tenant,
    connect: Connect,
    subtests: pytest.Subtests,
) -> None:
    amys, others = browser("amy"), connect(bolt)
    for name in (*SHOWN, *REFUSED):
        with subtests.test(name=name):
            method = "POST" if name in REFUSED else "GET"
            there = answer(amys, method, address(name, bolt.public_id, others.public_id))
            assert there == answer(amys, method, address(name, NOWHERE, NOWHERE))
            assert there[0] == 404

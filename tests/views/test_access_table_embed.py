"""Who gets what within a frame: a session's key decides, and nothing else."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect
from tests.embed import URLS, Frame, bearer, enter, turn_on, url
from tests.views import to_connect
from tests.views.access_answers import NOWHERE, answer, names, undone
from tests.views.browsing import HTMX
from tests.views.conftest import PEOPLE, Browser

# Everything belongs to acme. `people` is whoever comes without a key, signed in or not. Then
# sessions: one of acme that may repair, one that may look, and bolt's.
TABLE = """
url              method  people  member  view  bolt
embed            GET     200     200     200   200
embed            POST    405     405     405   405
embed_session    GET     405     405     405   405
embed_session    POST    401     401     401   401
tenant           GET     401     200     200   404
tenant           POST    401     405     405   405
banner           GET     401     200     200   404
banner           POST    401     405     405   405
poll             GET     401     204     204   404
poll             POST    401     405     405   405
badge            GET     401     200     200   404
badge            POST    401     405     405   405
integration      GET     401     200     200   404
integration      POST    401     405     405   405
coverage_fields  GET     401     200     200   404
coverage_fields  POST    401     405     405   405
coverage_csv     GET     401     200     200   404
coverage_csv     POST    401     405     405   405
statement        GET     401     200     200   404
statement        POST    401     405     405   405
statement_csv    GET     401     200     200   404
statement_csv    POST    401     405     405   405
statement_json   GET     401     200     200   404
statement_json   POST    401     405     405   405
history          GET     401     200     200   404
history          POST    401     405     405   405
fields           GET     401     200     200   404
fields           POST    401     405     405   405
check            GET     401     302     302   302
check            POST    401     302     302   404
reconnect        GET     401     405     405   405
reconnect        POST    401     200     404   404
set_up           GET     401     405     405   405
set_up           POST    401     200     404   404
hand_off_offer   GET     401     200     404   404
hand_off_offer   POST    401     200     404   404
connect          GET     401     200     200   404
connect          POST    401     405     405   405
connect_tools    GET     401     200     200   404
connect_tools    POST    401     405     405   405
connect_tool     GET     401     200     200   404
connect_tool     POST    401     405     405   405
connect_start    GET     401     405     405   405
connect_start    POST    401     200     404   404
connect_dismiss  GET     401     302     302   302
connect_dismiss  POST    401     302     404   404
connect_invite   GET     401     200     404   404
connect_invite   POST    401     200     404   404
connect_attempt_invite GET  401  200     404   404
connect_attempt_invite POST 401  200     404   404
connect_progress GET     401     204     204   404
connect_progress POST    401     405     405   405
sync_now         GET     401     302     302   302
sync_now         POST    401     200     404   404
"""
HEADING, *LINES = [line.split() for line in TABLE.strip().splitlines()]
SESSIONS: dict[str, dict[str, Any]] = {
    "member": {},
    "view": {"scope": ["view"]},
    "bolt": {"sub": "bolt"},
}
ROWS = {
    (name, method): dict(zip(HEADING[2:], cells, strict=True)) for name, method, *cells in LINES
}
ELSEWHERE = {
    "logo",
    "theme",
    "vendor_picture",
    "embed_repair",
    "home",
}  # named here, served by the site itself
OF_NOBODY = {"embed", "embed_session"}
OF_TENANT = {"tenant", "banner", "badge", "poll"}
OF_CONNECTING = {*to_connect.NAMES, "connect_progress"}
OF_ONE = sorted({name for name, _method in ROWS} - OF_NOBODY - OF_TENANT - OF_CONNECTING)
POSTED = ("check", "reconnect", "set_up", "hand_off_offer", "sync_now")


@pytest.fixture
def theirs(settings: Any, acme: Tenant, bolt: Tenant, connect: Connect) -> Integration:
    turn_on(settings)
    return connect(acme, state="invalid")


@pytest.fixture
def address(theirs: Integration) -> Callable[[str], str]:
    ways = to_connect.arguments(theirs.tenant)
    ways["connect_progress"] = ways["connect_dismiss"]

    def address(name: str) -> str:
        if name in ways:
            return url(name, *ways[name])
        where = (
            []
            if name in OF_NOBODY
            else [theirs.tenant.public_id, theirs.public_id][: 1 + (name not in OF_TENANT)]
        )
        return url(name, *where) + ("?group=hris_employees" if name == "coverage_fields" else "")

    return address


def test_every_address_of_a_frame_has_a_row_for_each_method() -> None:
    assert ["url", "method", "people", *SESSIONS] == HEADING
    known = set(names(get_resolver(URLS).url_patterns)) - ELSEWHERE
    assert set(ROWS) == {(name, method) for name in known for method in ("GET", "POST")}


def test_what_is_only_named_leads_out_of_the_frame() -> None:
    arguments = {
        "logo": ["x"],
        "theme": ["x"],
        "vendor_picture": ["x"],
        "embed_repair": ["x"],
        "home": [],
    }
    assert arguments.keys() == ELSEWHERE
    for name, args in arguments.items():
        inside, outside = (reverse(name, args=args, urlconf=where) for where in (URLS, None))
        assert inside == outside
        assert not inside.startswith("/embed/")


@pytest.mark.exhaustive
def test_everyone_gets_what_the_table_of_the_frame_says(
    browser: Browser, address: Callable[[str], str], theirs: Integration, kombo: Simulator
) -> None:
    """All rows in one world, which after each row is as it was before."""
    people = {person: browser(person) for person in PEOPLE}
    frames = {kind: enter(Client(), view="none", **claims) for kind, claims in SESSIONS.items()}
    wrong = {}
    for (name, method), row in ROWS.items():
        at = address(name)
        with undone(kombo, theirs):
            got = {
                person: str(client.generic(method, at).status_code)
                for person, client in people.items()
            }
            got |= {kind: str(frame.do(method, at).status_code) for kind, frame in frames.items()}
        if got != {
            **dict.fromkeys(PEOPLE, row["people"]),
            **{kind: row[kind] for kind in SESSIONS},
        }:
            wrong[name, method] = got
    assert wrong == {}


@pytest.mark.parametrize("person", ["bob", "root"])
def test_a_key_counts_and_not_who_is_signed_in(
    person: str, browser: Browser, address: Callable[[str], str], theirs: Integration
) -> None:
    key = enter(view="none", scope=["view"]).key
    signed_in = browser(person)
    assert signed_in.get(address("tenant"), headers=bearer(key)).status_code == 200
    assert signed_in.post(address("reconnect"), headers=bearer(key)).status_code == 404
    # And outside of the frame the key counts for nothing.
    there = reverse("tenant", args=[theirs.tenant.public_id])
    assert Client().get(there, headers=bearer(key)).status_code == 302


@pytest.mark.parametrize(
    "by_htmx",
    [
        pytest.param(("integration", "reconnect", "poll"), id="some"),
        pytest.param((*OF_ONE, *sorted(OF_TENANT)), id="all", marks=pytest.mark.exhaustive),
    ],
)
def test_in_a_frame_somebody_elses_ids_are_as_if_not_there(
    by_htmx: tuple[str, ...],
    theirs: Integration,
    bolt: Tenant,
    connect: Connect,
    subtests: pytest.Subtests,
) -> None:
    connect(bolt)
    bolts, acme_id = enter(view="none", sub="bolt"), theirs.tenant.public_id

    def look(*ids: str) -> tuple[int, bytes, dict[str, str], int]:
        where = ids[: 1 if name in OF_TENANT else 2]
        method = "POST" if name in POSTED else "GET"
        return answer(bolts.client, method, url(name, *where), **bearer(bolts.key), **headers)

    for name, headers in [
        *product((*OF_ONE, *sorted(OF_TENANT)), ({},)),
        *product(by_htmx, (HTMX,)),
    ]:
        with subtests.test(name=name, headers=headers):
            other_tenant = look(acme_id, theirs.public_id)
            assert (
                other_tenant
                == look(NOWHERE, NOWHERE)
                == look(acme_id, NOWHERE)
                == look(NOWHERE, theirs.public_id)
            )
            assert other_tenant[0] == 404
            if name in OF_ONE:
                own_tenant = look(bolt.public_id, theirs.public_id)
                assert own_tenant == look(bolt.public_id, NOWHERE)
                assert own_tenant[:3] == other_tenant[:3]


def test_without_a_key_what_exists_looks_like_what_does_not(
    address: Callable[[str], str], theirs: Integration, subtests: pytest.Subtests
) -> None:
    for number, name in enumerate((*OF_ONE, *sorted(OF_TENANT))):
        there = address(name)
        nowhere = there.replace(theirs.tenant.public_id, NOWHERE)
        nowhere = nowhere.replace(theirs.public_id, NOWHERE)
        if not number:  # the first guess begins a count
            answer(Client(), "GET", nowhere, **bearer("x" * 43))
        for headers in ({}, HTMX, bearer("x" * 43)):
            with subtests.test(name=name, headers=headers):
                known, unknown = (answer(Client(), "GET", at, **headers) for at in (there, nowhere))
                assert known == unknown
                queries = 2 * ("Authorization" in headers)
                assert (known[0], known[1], known[3]) == (401, b"", queries)


def test_nothing_of_another_tenant_costs_a_frame_a_call(
    address: Callable[[str], str], theirs: Integration, kombo: Simulator
) -> None:
    bolts: Frame = enter(view="none", sub="bolt")
    before = kombo.calls
    for name, method in ROWS:
        bolts.do(method, address(name))
    assert kombo.calls == before

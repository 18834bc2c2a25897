"""Check now and resume, how often anything can be done, and how a problem is told."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.access import rate_limits
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, acts, make_stale, poll_url, read, url_of
from tests.views.conftest import Browser


def test_check_now_asks_even_if_fresh(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_state(invalid.integration_id, "connected")
    card = read(alices.post(url_of("check", invalid), headers=HTMX)).one("article")
    assert card["data-headline"] == "connected"
    assert alices.post(url_of("check", invalid))["Location"] == url_of("integration", invalid)


def test_check_now_while_kombo_is_down_keeps_what_is_known(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("server_error")
    card = read(alices.post(url_of("check", invalid), headers=HTMX)).one("article")
    assert card["data-headline"] == "reconnect_required"
    assert copy.WE_CANNOT_CHECK_THE_CONNECTION in card.text


def test_resume_resumes(browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator) -> None:
    made, mia = connect(acme, state="inactive"), browser("mia")
    make_stale(made)
    card = read(mia.post(url_of("resume", made), headers=HTMX)).one("article")
    assert float(card["data-poll"]) <= 2.0
    assert (kombo.details(made.integration_id) or {})["status"] == "ACTIVE"
    assert (
        read(mia.get(poll_url(card, made), headers=HTMX)).one("article")["data-headline"]
        == "connected"
    )


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("fault", "words", "is_open"),
    [
        (
            "key_revoked",
            copy.THE_CONNECTION_COULD_NOT_BE_RESUMED,
            False,
        ),
        (
            "truncated",
            copy.KOMBO_DID_NOT_CONFIRM,
            True,
        ),
    ],
)
def test_resume_while_kombo_is_down_says_so(
    browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator, headers: dict[str, str],
    fault: str, words: str, is_open: bool,
) -> None:  # fmt: skip
    made = connect(acme, state="inactive")
    kombo.set_fault(fault)
    response = browser("mia").post(url_of("resume", made), headers=headers)
    assert response.status_code == 200
    assert words in read(response).text
    assert (copy.NO_CHANGES_WERE_MADE in read(response).text) == (not is_open)


LIMITED = [
    ("check", rate_limits.CHECK_NOW, "alice"),
    ("reconnect", rate_limits.REPAIR, "alice"),
    ("set_up", rate_limits.REPAIR, "alice"),
    ("completed", rate_limits.REPAIR, "alice"),
    ("resume", rate_limits.REPAIR, "mia"),
]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("name", "limit", "person"), LIMITED)
def test_an_act_too_many_is_429_exactly_at_the_limit(
    browser: Browser,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    name: str,
    limit: rate_limits.Limit,
    person: str,
) -> None:
    made, other = connect(acme, state="invalid"), connect(acme, state="invalid")
    client = browser(person)
    statuses = {
        client.post(url_of(name, made), headers=HTMX).status_code for _ in range(limit.times)
    }
    assert statuses == {200}
    before = kombo.calls
    response = client.post(url_of(name, made), headers=HTMX)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= limit.seconds
    assert (
        f"Try again in {response['Retry-After']} second"
        in read(response).one("p", "data-message").text
    )
    assert kombo.calls == before
    assert client.post(url_of(name, other), headers=HTMX).status_code == 200, (
        "each integration counts on its own"
    )


def test_one_persons_limit_is_not_anothers(browser: Browser, invalid: Integration) -> None:
    for _ in range(rate_limits.CHECK_NOW.times + 1):
        last = browser("vic").post(url_of("check", invalid))
    assert last.status_code == 429
    assert browser("alice").post(url_of("check", invalid)).status_code == 302


def test_what_is_refused_costs_nothing_of_the_limit(browser: Browser, invalid: Integration) -> None:
    for _ in range(rate_limits.REPAIR.times + 1):
        assert browser("vic").post(url_of("reconnect", invalid)).status_code == 404


@pytest.mark.exhaustive
def test_every_act_answers_with_words_and_never_with_an_error(
    alices: Client, every_state: list[Integration]
) -> None:
    for name, response in acts(alices, *every_state):
        assert response.status_code in {200, 302, 404, 422}, name


def test_the_way_back_from_a_problem_leads_to_the_page(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("server_error")
    page = read(alices.post(url_of("reconnect", invalid)))
    assert url_of("integration", invalid) in [a["href"] for a in page.one("main").all("a")]
    assert reverse("home") in [a["href"] for a in page.all("a")]


def test_a_problem_opens_in_a_dialog_and_leaves_the_card(
    browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    paused = connect(acme, state="inactive")
    kombo.set_fault("unavailable")
    response = browser("mia").post(url_of("resume", paused), headers=HTMX)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#connect", "innerHTML")


def test_an_act_that_is_got_leads_to_the_page(
    alices: Client, invalid: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for name in ["check", "reconnect", "set_up", "completed", "resume"]:
        with subtests.test(name=name):
            before = kombo.calls.total()
            assert alices.get(url_of(name, invalid))["Location"] == url_of("integration", invalid)
            assert kombo.calls.total() == before

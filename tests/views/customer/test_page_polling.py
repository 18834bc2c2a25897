"""One look for the whole page: it names the cards in view, and is brought what changed of them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, make_stale, read, tenant_url, url_of
from tests.views.conftest import Browser

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NOWHERE = "nosuchintegration"

type Shown = dict[str, str]  # public id -> version


def shown_on(client: Client, tenant: Tenant) -> Shown:
    page = read(client.get(reverse("tenant", args=[tenant.public_id])))
    return {card["data-integration"]: card["data-version"] for card in page.all("article")}


def look(client: Client, tenant: Tenant, shown: Shown, **more: str) -> tuple[int, Element, dict]:  # type: ignore[type-arg]
    """Return status, body and headers of a look at some cards."""
    seen = [f"{name}.{version}" for name, version in {**shown, **more}.items()]
    url = reverse("poll", args=[tenant.public_id])
    response = client.get(url, {"seen": "~".join(seen)}, headers=HTMX)
    return response.status_code, read(response), dict(response.headers)


def of(shown: Shown, *integrations: Integration) -> Shown:
    """Return what is shown of these, in this order."""
    return {one.public_id: shown[one.public_id] for one in integrations}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look checks as many as it may, however long that takes on a busy machine."""
    monkeypatch.setattr(snapshots, "VIEWER_PATIENCE", 60.0)


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> list[Integration]:
    return [connect(acme) for _ in range(6)]


def test_only_what_changed_comes_in_the_place_of_what_is_shown(
    alices: Client, acme: Tenant, made: list[Integration], kombo: Simulator
) -> None:
    shown = shown_on(alices, acme)
    assert look(alices, acme, shown)[0] == 204
    make_stale(made[2])
    kombo.set_state(made[2].integration_id, "invalid")
    status, body, _headers = look(alices, acme, shown)
    cards = body.all("article")
    assert status == 200
    assert [card["data-integration"] for card in cards] == [made[2].public_id]
    assert cards[0]["hx-swap-oob"] == "true"
    assert look(alices, acme, shown | {made[2].public_id: cards[0]["data-version"]})[0] == 204


def test_only_the_cards_in_view_are_checked(
    alices: Client, acme: Tenant, made: list[Integration], kombo: Simulator
) -> None:
    shown = shown_on(alices, acme)
    make_stale(*made)
    before = kombo.calls.total()
    look(alices, acme, of(shown, *made[:2]))
    assert kombo.calls.total() == before + 2
    unseen = Snapshot.objects.filter(pk__in=[one.pk for one in made[2:]])
    assert not unseen.filter(fetched_at__gt=timezone.now() - timedelta(minutes=30)).exists()


def test_a_look_checks_a_few_and_the_next_one_others(
    alices: Client, acme: Tenant, made: list[Integration], kombo: Simulator
) -> None:
    shown = shown_on(alices, acme)
    for age, one in enumerate(made, start=1):
        make_stale(one, minutes=age)
    before = kombo.calls.total()
    look(alices, acme, shown)
    assert kombo.calls.total() == before + snapshots.MOST_CHECKS
    old = timezone.now() - timedelta(seconds=30)
    waiting = set(Snapshot.objects.filter(fetched_at__lt=old).values_list("pk", flat=True))
    assert waiting == {made[0].pk, made[1].pk}, "the oldest come first"
    look(alices, acme, shown)
    assert kombo.calls.total() == before + len(made)


def test_what_was_never_fetched_comes_before_what_is_old(
    alices: Client, acme: Tenant, made: list[Integration], connect: Connect
) -> None:
    cold = connect(acme, fetched=False)
    shown = shown_on(alices, acme)
    make_stale(*made, minutes=600)
    status, body, _headers = look(alices, acme, shown)
    assert status == 200
    assert [card["data-integration"] for card in body.all("article")] == [cold.public_id]


def test_those_that_keep_failing_do_not_keep_others_waiting(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    failing = [connect(acme) for _ in range(snapshots.MOST_CHECKS)]
    well = connect(acme)
    with time_machine.travel(NOW, tick=False) as clock:
        shown = shown_on(alices, acme)
        for one in failing:
            kombo.set_fault("html", integration_id=one.integration_id)
        Snapshot.objects.filter(pk__in=[one.pk for one in failing]).update(failures=9)
        Snapshot.objects.update(fetched_at=NOW - timedelta(hours=1))
        for _ in range(2):
            clock.shift(61)
            look(alices, acme, shown)
        assert Snapshot.objects.get(pk=well.pk).fetched_at == NOW + timedelta(seconds=122)


def test_ages_come_in_the_order_of_the_question(
    alices: Client, acme: Tenant, made: list[Integration], connect: Connect
) -> None:
    shown = shown_on(alices, acme)
    for minutes, one in enumerate(made):
        when = timezone.now() - timedelta(seconds=minutes)
        Snapshot.objects.filter(pk=one.pk).update(fetched_at=when)
    asked = of(shown, made[3], made[0], made[5])
    _status, _body, headers = look(alices, acme, {**asked, NOWHERE: "1"})
    rows = Snapshot.objects.in_bulk()
    wanted = [rows[made[n].pk].fetched_at for n in (3, 0, 5)]
    assert headers["Checked-At"].split(", ") == [
        *(at.isoformat(timespec="seconds") for at in wanted if at),
        "",
    ]


def test_many_calm_cards_cost_one_look_a_minute(
    alices: Client, acme: Tenant, made: list[Integration]
) -> None:
    """However their ages are spread."""
    with time_machine.travel(NOW, tick=False):
        shown = shown_on(alices, acme)
        for number, one in enumerate(made):
            age = timedelta(seconds=10 * number)
            Snapshot.objects.filter(pk=one.pk).update(fetched_at=NOW - age)
        _status, _body, headers = look(alices, acme, shown)
        assert float(headers["Poll-After"]) >= 60


@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        ({"watch_until": NOW + timedelta(seconds=30)}, 2),
        ({"lease": "x", "lease_until": NOW + timedelta(seconds=5)}, 2),
        ({"failures": 1, "retry_at": NOW + timedelta(seconds=7)}, 7),
    ],
    ids=["watched", "leased", "failed once"],
)
def test_a_restless_card_is_looked_at_soon(
    alices: Client,
    acme: Tenant,
    made: list[Integration],
    change: dict[str, object],
    seconds: float,
) -> None:
    with time_machine.travel(NOW, tick=False):
        Snapshot.objects.update(fetched_at=NOW)
        Snapshot.objects.filter(pk=made[0].pk).update(**change)
        _status, _body, headers = look(alices, acme, shown_on(alices, acme))
        assert float(headers["Poll-After"]) == seconds


def test_a_card_whose_turn_has_not_come_is_looked_at_soon(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    for _ in range(snapshots.MOST_CHECKS + 1):
        connect(acme, fetched=False)
    status, body, headers = look(alices, acme, shown_on(alices, acme))
    assert (status, len(body.all("article"))) == (200, snapshots.MOST_CHECKS)
    assert float(headers["Poll-After"]) == 2.0


def test_what_is_gone_leaves_the_page(
    alices: Client, acme: Tenant, bolt: Tenant, made: list[Integration]
) -> None:
    shown = shown_on(alices, acme)
    made[0].delete()
    Integration.objects.filter(pk=made[1].pk).update(tenant=bolt)
    status, body, _headers = look(alices, acme, shown)
    assert status == 200
    assert {one["id"] for one in body.all("article", "hx-swap-oob", "delete")} == {
        f"card-{made[0].public_id}",
        f"card-{made[1].public_id}",
    }
    assert look(alices, acme, of(shown, made[0]))[0] == 404


@pytest.mark.parametrize("name", ["alice", "mia"])
def test_somebody_elses_card_is_as_one_that_is_not_there(
    browser: Browser, acme: Tenant, bolt: Tenant, connect: Connect, kombo: Simulator, name: str
) -> None:
    client, own, theirs = browser(name), connect(acme), connect(bolt, fetched=False)
    shown, before = of(shown_on(client, acme), own), kombo.calls.total()
    answers = []
    for other in (theirs.public_id, NOWHERE):
        status, body, _headers = look(client, acme, {**shown, other: "1"})
        ids = [one["id"].replace(other, "") for one in body.all("article")]
        answers.append((status, ids, body.text))
    assert answers[0] == answers[1] == (200, ["card-"], "")
    assert kombo.calls.total() == before


def test_what_names_no_card_is_passed_over(
    alices: Client, acme: Tenant, made: list[Integration], subtests: pytest.Subtests
) -> None:
    for seen in ["%00.1", "<b>.1", "x" * 33 + ".1", ".1", "", "a b.1", "é.1", "'\".1"]:
        with subtests.test(seen=seen):
            url = reverse("poll", args=[acme.public_id])
            response = alices.get(url, {"seen": seen}, headers=HTMX)
            assert (response.status_code, response.content) == (204, b"")
            assert float(response["Poll-After"]) == 60


def test_no_more_cards_are_looked_at_than_a_page_has(
    alices: Client, acme: Tenant, made: list[Integration]
) -> None:
    many = {f"{NOWHERE}{n}": "1" for n in range(50)}
    url = reverse("poll", args=[acme.public_id])
    seen = [*(f"{name}.1" for name in many), f"{made[0].public_id}.1"]
    for said in (seen, "~".join(seen)):
        assert alices.get(url, {"seen": said}).status_code == 404
    for said in (seen[1:], "~".join(seen[1:])):
        assert alices.get(url, {"seen": said}).status_code == 200


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_look_is_one_query_for_all_cards(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for _ in range(number):
        connect(acme)
    shown = shown_on(alices, acme)
    for seen in (shown, dict.fromkeys(shown, "old")):
        # the session, its user, the cards; of those that are shown, their days; and of one alone,
        # what its card is made of, as its page keeps none, and then when it can be synced again
        with django_assert_num_queries((3 if seen is shown else 4) + (number == 1)):
            assert look(alices, acme, seen)[0] == (204 if seen is shown else 200)


def test_every_page_with_cards_looks_at_them_in_one_place(
    alices: Client,
    browser: Browser,
    acme: Tenant,
    made: list[Integration],
) -> None:
    poll = reverse("poll", args=[acme.public_id])
    mia = browser("mia")
    pages = [
        alices.get(tenant_url(made[0])),
        alices.get(url_of("integration", made[0])),
        mia.get(url_of("workspace_integration", made[0])),
    ]
    for page in map(read, pages):
        assert page.one("div", "id", "poll")["hx-get"] == poll
        assert not [card for card in page.all("article") if card["hx-get"]]

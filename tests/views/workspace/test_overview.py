"""The workspace's first page: its numbers are the list's, its past is the worker's, and nobody sees
those of others.
"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.domain.headline import Key
from integrations.models import (
    ConnectionAttempt,
    DailyCount,
    Integration,
    PeriodCount,
    Summary,
    Tenant,
)
from integrations.workspace import summaries
from tests import copy
from tests.conftest import NOW
from tests.views import to_connect
from tests.views.browsing import Element, read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import rows
from tests.workspace.counting import count_all, lived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OVERVIEW = "/workspace/overview/"
BROKEN, WELL = Key.RECONNECT_REQUIRED, Key.CONNECTED


def overview(client: Client, **query: str) -> Element:
    return read(client.get(OVERVIEW, query))


def tiles(page: Element) -> dict[str, str]:
    """Each tile's number by its key."""
    return {
        tile["data-tile"]: tile.one("b").text.replace(" %", "%")
        for tile in page.all("a", "data-tile")
    }


def told(page: Element) -> str:
    return page.one("main").text


@pytest.fixture
def fleet(acme: Tenant, bolt: Tenant, amy: User) -> list[Integration]:
    """Two of acme's, of which one is broken, and two of bolt's, which are; as counted of the days
    that the numbers are about.
    """
    made = [
        lived(acme, (200, WELL), (31, BROKEN), (28, WELL), (3, BROKEN), tool="HiBob"),
        lived(acme, (60, WELL), tool="HiBob", number=2),
        lived(bolt, (60, WELL), (9, BROKEN), tool="Boltworks"),
        lived(bolt, (60, WELL), (20, Key.DEGRADED), tool="Boltworks", number=2),
    ]
    summaries.mark_contacted([made[2].pk], NOW)
    count_all(9)
    return made


def shown_attempts(page: Element) -> list[str]:
    return [row["data-attempt-status"] for row in page.all("li", "data-attempt-status")]


def test_what_nobody_went_on_connecting_is_next(
    amys: Client, mias: Client, acme: Tenant, bolt: Tenant
) -> None:
    for tenant in (acme, bolt):
        lived(tenant, (3, WELL))
    of_bolt, attempt = to_connect.planned(bolt), to_connect.planned(acme)
    rows_of = ConnectionAttempt.objects.filter(pk=attempt.pk)
    for begun, shown in ((None, []), (NOW, []), (NOW - timedelta(hours=2), ["left"])):
        rows_of.update(begun_at=begun)
        assert shown_attempts(overview(amys)) == shown
    ConnectionAttempt.objects.update(begun_at=NOW, failed_at=NOW)
    page = overview(amys)
    assert shown_attempts(page) == ["failed"], "what others' customers left is not"
    row = page.one("li", "data-attempt-status")
    assert row.one("a")["href"] == f"/workspace/t/{acme.public_id}/"
    rows_of.update(dismissed_at=NOW)
    assert not shown_attempts(overview(amys))
    assert ConnectionAttempt.objects.filter(pk=of_bolt.pk, dismissed_at=None).exists()
    assert shown_attempts(overview(mias, scope="all")) == ["failed"]
    assert not shown_attempts(overview(mias, scope="mine"))


def test_staff_who_sign_in_land_on_it(mias: Client, amys: Client) -> None:
    assert mias.get("/")["Location"] == OVERVIEW
    assert amys.get("/", follow=True).status_code == 200


def test_the_numbers_are_the_lists_and_say_what_changed(
    mias: Client, fleet: list[Integration]
) -> None:
    page = overview(mias, scope="all")
    numbers = tiles(page)
    assert numbers == {
        "working": "25.0%",
        "waiting": "2",
        "repair": copy.N_3_DAYS,
        "untold": "1",
    }
    listed = {
        tile["data-tile"]: len(rows(mias.get(tile["href"]))) for tile in page.all("a", "data-tile")
    }
    assert listed == {"working": 1, "waiting": 2, "repair": 4, "untold": 1}
    legend = page.one("ul", "class", "legend plot-legend")
    counts = {
        parse_qs(urlsplit(link["href"]).query)["group"][0]: (
            link.one("b").text,
            len(rows(mias.get(link["href"]))),
        )
        for link in legend.all("a")
    }
    assert counts == {
        "action_required": ("2", 2),
        "attention": ("1", 1),
        "working": ("0", 0),
        "unknown": ("0", 0),
    }
    # Who has no customers sees those of all without asking.
    changes = [one.text for one in overview(mias).all("span", "class", "tile-change")]
    assert changes == [
        f"↓ {copy.N_POINTS_LESS_THAN_A_WEEK_AGO(n='25.0')}",
        f"↑ {copy.N_MORE_THAN_A_WEEK_AGO(n=1)}",
        f"{copy.UNCHANGED}",
    ]


def test_each_picture_has_a_sentence_and_the_numbers_a_table(
    mias: Client, fleet: list[Integration]
) -> None:
    count_all(24)
    page = overview(mias, scope="all", days="30")
    pictures = [svg for svg in page.all("svg") if svg["role"] == "img"]
    assert len(pictures) == 5
    assert all(copy.TODAY.lower() in svg["aria-label"] for svg in pictures)
    assert not [svg for svg in page.one("main").all("svg") if svg.text]
    table = page.one("details", "class", "plot-table")
    days = {
        row.one("th").text: [cell.text for cell in row.all("td")] for row in table.all("tr")[1:]
    }
    assert len(days) == 31
    assert days["20 Nov"] == ["1", "2", "1", "0", "0", "1", copy.N_3_DAYS]
    assert days["15 Nov"] == ["2", "1", "1", "0", "0", "1", copy.N_3_DAYS]


def test_a_longer_range_has_a_row_a_week(mias: Client, fleet: list[Integration]) -> None:
    counted = DailyCount.objects.filter(owner=None).count()
    DailyCount.objects.bulk_create(
        DailyCount(day=(NOW - timedelta(days=ago)).date(), ok=4) for ago in range(counted, 91)
    )
    page = overview(mias, scope="all")
    table = page.one("details", "class", "plot-table")
    heads = [row.all("th")[0].text for row in table.all("tr")]
    assert heads[1:4] == ["20 Nov", "13 Nov", "6 Nov"]
    assert len(heads) == 14


def test_tools_and_next_are_theirs_but_what_is_snoozed(
    mias: Client, fleet: list[Integration]
) -> None:
    page = overview(mias, scope="all")
    tools = [(row["data-tool"], row.one("a").text) for row in page.all("tr", "data-tool")]
    assert tools == [("Boltworks", "2"), ("HiBob", "2")]
    named = [row["data-integration"] for row in page.all("li", "data-integration")]
    # Who was not notified comes first, then the longest broken of those who must act.
    assert named == [fleet[number].public_id for number in (0, 2, 3)]
    summaries.snooze([fleet[0].pk], NOW + timedelta(days=2))
    named = [row["data-integration"] for row in overview(mias).all("li", "data-integration")]
    assert named == [fleet[number].public_id for number in (2, 3)]


# --- Whose


def test_an_account_manager_sees_nothing_of_others(
    amys: Client, fleet: list[Integration], acme: Tenant
) -> None:
    for scope in ("", "mine", "all"):
        page = overview(amys, scope=scope)
        assert tiles(page)["working"] == "50.0%"
        assert tiles(page)["waiting"] == tiles(page)["untold"] == "1"
        words = told(page)
        assert "HiBob" in words
        assert "Boltworks" not in words
        assert "Bolt & Sons" not in words
        assert not page.all("ul", "aria-label", copy.SHOW_CUSTOMERS)
    acme.owner = None
    acme.save()
    summaries.recompute_tenants([acme])
    page = overview(amys)
    assert page.all("div", "data-empty", "nothing")
    assert "HiBob" not in told(page)


def test_who_sees_all_chooses_whose(mias: Client, mia: User, bolt: Tenant, fleet: object) -> None:
    bolt.owner = mia
    bolt.save()
    summaries.recompute_tenants([bolt])
    count_all(9)
    assert tiles(overview(mias))["waiting"] == "1"
    assert tiles(overview(mias, scope="all"))["waiting"] == "2"
    segments = overview(mias).one("ul", "aria-label", copy.SHOW_CUSTOMERS)
    assert [a["aria-current"] for a in segments.all("a")] == ["true", ""]


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_customers_have_none(browser: Browser, name: str) -> None:
    assert browser(name).get(OVERVIEW).status_code == 404


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(
    "query", [{"days": "x"}, {"days": "1e9"}, {"scope": "everything"}, {"days": ""}]
)
def test_an_address_that_makes_no_sense_is_the_usual_page(
    mias: Client, query: dict[str, str], fleet: list[Integration]
) -> None:
    page = overview(mias, **query)
    assert tiles(page)["waiting"] == "2"
    assert page.one("ul", "aria-label", copy.TIME).all("a")[1]["aria-current"] == "true"


def test_who_may_not_see_mails_is_not_led_there(
    mias: Client, browser: Browser, fleet: list[Integration]
) -> None:
    PeriodCount.objects.update(reminded=3, opened=2, begun=1, recovered=1)
    for client, number in ((mias, 0), (browser("root"), 5)):
        page = overview(client, scope="all").one("main")
        assert len([a for a in page.all("a") if "/emails/" in a["href"]]) == number


# --- The first days


def test_without_integrations_it_says_what_will_be_here(mias: Client) -> None:
    page = overview(mias)
    assert page.one("div", "data-empty").one("h2").text == copy.NOTHING_TO_SHOW_YET
    assert tiles(page) == {}


def test_before_the_worker_has_counted_it_tells_today(mias: Client, acme: Tenant) -> None:
    lived(acme, (3, BROKEN))
    page = overview(mias)
    assert tiles(page) == {"working": "0%", "waiting": "1", "repair": "–", "untold": "1"}
    assert [svg for svg in page.all("svg") if svg["role"] == "img"] == []
    assert copy.THE_CHART_APPEARS_ONCE_THERE_ARE in told(page)


def test_where_all_is_well_nothing_is_next(mias: Client, acme: Tenant) -> None:
    lived(acme, (3, WELL))
    count_all(4)
    page = overview(mias)
    assert tiles(page)["working"] == "100%"
    assert copy.NOTHING_NEEDS_ATTENTION in told(page)


# --- What it costs


def test_it_costs_the_same_for_few_and_many(mias: Client, acme: Tenant) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert mias.get(OVERVIEW, {"scope": "all"}).status_code == 200
        return len(captured)

    for number in range(6):  # as many as are next, and one
        lived(acme, (3, WELL), (1, BROKEN), number=number)
    count_all(8)
    queries()  # the first time of anybody's
    few = queries()
    for number in range(6, 9):
        lived(acme, (3, WELL), (1, BROKEN), number=number)
    count_all(16)
    assert Summary.objects.count() == 9
    assert DailyCount.objects.count() > 20
    assert queries() == few

"""One datapoint over all customers, several side by side, and what changed of late."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.history import record as history_record
from integrations.models import Entry, Integration, Tenant
from integrations.workspace import datapoints, summaries
from tests import copy
from tests.feature_factories import give
from tests.views.browsing import Element, read
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db

COST = "hris_employees.cost_center"
TEAMS = "hris_teams"
HOSTILE = "<img src=x onerror=alert(1)>"
URLS = ("datapoints", "datapoints_csv", "matrix", "matrix_csv", "changes")


@pytest.fixture
def customers(acme: Tenant, bolt: Tenant) -> dict[str, Integration]:
    def named(name: str) -> Tenant:
        return Tenant.objects.create(name=name, origin_id=name.lower())

    return {
        "available": give(acme, {COST: "available", TEAMS: "available"}, tool="Personio"),
        "opted_out": give(bolt, {COST: "opted_out"}, tool="Workday"),
        "unsupported": give(
            named("Cargo"), {COST: "unsupported", TEAMS: "not_requested"}, tool="Lucca"
        ),
        "absent": give(named("Delta"), {TEAMS: "unknown"}, tool="Lever"),
        "pending": give(named("Echo"), None, tool=""),
        "held_back": give(
            named("Foxtrot"), {COST: "available"}, tool="Secretive", origin_id="somebody else"
        ),
    }


def rows(page: Element) -> list[tuple[str, ...]]:
    return [
        (row.one("th").text, *(cell.text for cell in row.all("td")))
        for row in page.all("tr", "data-standing")
    ]


def lines(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(text.removeprefix("\ufeff").splitlines()))


# --- One datapoint --------------------------------------------------------------------------------


def test_every_customer_has_the_reason_and_who_can_change_it(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    page = read(browser("root").get(reverse("datapoints"), {"q": COST}))
    assert rows(page) == [
        ("Acme GmbH", "Personio", copy.AVAILABLE, "–"),
        ("Bolt & Sons", "Workday", copy.CUSTOMER_OPTED_OUT, copy.THE_CUSTOMER_BY_RECONNECTING),
        ("Cargo", "Lucca", copy.NOT_SUPPORTED_BY_TOOL(tool="Lucca"), copy.NO_ONE_THE_TOOL_LACKS_IT),
        ("Delta", "Lever", copy.NOT_LISTED_FOR_TOOL(tool="Lever"), copy.NO_ONE_THE_TOOL_LACKS_IT),
        ("Echo", copy.CONNECTION, copy.NOT_CHECKED_YET, copy.NO_ONE_WAIT),
        (
            "Foxtrot",
            "Secretive",
            copy.HIDDEN_UNTIL_THE_MAPPING_IS_CONFIRMED,
            copy.YOU_BY_CONFIRMING_THE_MAPPING,
        ),
    ]
    first = customers["available"]
    ids = [first.tenant.public_id, first.public_id]
    assert page.all("a", "href", reverse("workspace_tenant", args=ids[:1]))
    assert page.all("a", "href", reverse("workspace_integration", args=ids))


def test_chips_count_and_narrow(browser: Browser, customers: dict[str, Integration]) -> None:
    root = browser("root")
    chips = read(root.get(reverse("datapoints"), {"q": COST})).all("a", "class", "chip")
    assert [chip.text for chip in chips] == [
        *("All 6", "Available 1", "Not available 3", "Opted out 1"),
        *("Not requested 0", "Not supported 2", "Unknown 2"),
    ]
    for chip in chips:
        page = read(root.get(chip["href"].partition("#")[0]))
        assert len(rows(page)) == int(chip.text.split()[-1])
        assert [one.text for one in page.all("a", "aria-current", "true")][-1] == chip.text
    assert len(rows(read(root.get(reverse("datapoints"), {"q": COST, "show": "nonsense"})))) == 6


def test_words_lead_to_datapoints(browser: Browser, customers: dict[str, Integration]) -> None:
    page = read(browser("root").get(reverse("datapoints"), {"q": "Employees cost"}))
    assert (
        page.one("a", "href", f"{reverse('datapoints')}?q={COST}").text == "Employees (cost center)"
    )
    offered = [one["value"] for one in page.one("datalist").all("option")]
    assert offered == [COST]
    nothing = read(browser("root").get(reverse("datapoints"), {"q": HOSTILE}))
    assert copy.NO_FIELD_MATCHES_QUERY.core in nothing.text
    assert HOSTILE in nothing.text
    misspelt = read(browser("root").get(reverse("datapoints"), {"q": "cost cemter"}))
    assert misspelt.one("a", "href", f"{reverse('datapoints')}?q={COST}")
    empty = read(browser("root").get(reverse("datapoints")))
    assert [one["value"] for one in empty.one("datalist").all("option")] == [COST, TEAMS]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("query", ["a" * 10_000, '"', "$.x", "\\", "hris_teams'", "%", "🙂", "0"])
def test_no_query_is_too_much(
    browser: Browser, customers: dict[str, Integration], query: str
) -> None:
    root = browser("root")
    for name in ("datapoints", "matrix", "datapoints_csv", "matrix_csv"):
        answered = root.get(
            reverse(name), {"q": query, "d": query, "add": query, "show": query, "page": query}
        )
        assert answered.status_code in {200, 422}
        assert b"".join(answered)


def test_a_file_holds_all_of_it(browser: Browser, customers: dict[str, Integration]) -> None:
    found = lines(browser("root").get(reverse("datapoints_csv"), {"q": COST}))
    assert found[0] == [
        copy.CUSTOMER,
        copy.TOOL,
        copy.DATA_POINT,
        copy.AVAILABILITY,
        copy.REASON,
        copy.WHO_CAN_CHANGE_IT,
    ]
    assert found[2] == [
        *("Bolt & Sons", "Workday", COST, copy.OPTED_OUT),
        *(copy.CUSTOMER_OPTED_OUT, copy.THE_CUSTOMER_BY_RECONNECTING),
    ]
    assert len(found) == 7
    narrowed = lines(
        browser("root").get(reverse("datapoints_csv"), {"q": COST, "show": "opted_out"})
    )
    assert [row[0] for row in narrowed] == [copy.CUSTOMER, "Bolt & Sons"]


def test_of_what_the_page_does_not_show_the_file_is_empty(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    root = browser("root")
    for query in ("", "not a point", "hris_nonsense.of_nobody"):
        for asked in ({"q": query, "show": ""}, {"q": query, "show": "not_offered"}):
            assert not rows(read(root.get(reverse("datapoints"), asked))), asked
            assert len(lines(root.get(reverse("datapoints_csv"), asked))) == 1, asked


def test_in_a_file_nothing_is_a_formula(browser: Browser) -> None:
    evil = Tenant.objects.create(name="=HYPERLINK(1)", origin_id="evil")
    give(evil, {COST: "available"}, tool="@SUM(1)")
    for name in ("datapoints_csv", "matrix_csv"):
        found = lines(browser("root").get(reverse(name), {"q": COST, "d": COST}))
        assert found[1][:2] == ["'=HYPERLINK(1)", "'@SUM(1)"]


# --- Several --------------------------------------------------------------------------------------


def test_a_datapoint_that_nobody_has_is_said_to_be_one(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    root = browser("root")
    page = read(root.get(reverse("matrix"), {"d": [COST, "hris_employees.managr"]}))
    assert [one.text for one in page.one("div", "data-unheard").all("code")] == [
        "hris_employees.managr"
    ]
    assert not read(root.get(reverse("matrix"), {"d": COST})).all("div", "data-unheard")


def test_datapoints_side_by_side(browser: Browser, customers: dict[str, Integration]) -> None:
    page = read(browser("root").get(reverse("matrix"), {"d": [COST, TEAMS]}))
    table = [
        [cell.text for cell in row if cell.tag in {"th", "td"}]
        for row in page.one("tbody").all("tr")
    ]
    assert table == [
        ["Acme GmbH", "Personio", copy.AVAILABLE, copy.AVAILABLE],
        ["Bolt & Sons", "Workday", copy.OPTED_OUT, copy.NOT_LISTED],
        ["Cargo", "Lucca", copy.NOT_SUPPORTED, copy.NOT_REQUESTED],
        ["Delta", "Lever", copy.NOT_LISTED, copy.UNKNOWN],
        ["Echo", copy.CONNECTION, copy.NOT_CHECKED_YET, copy.NOT_CHECKED_YET],
        ["Foxtrot", "Secretive", copy.HIDDEN, copy.HIDDEN],
    ]
    found = lines(browser("root").get(reverse("matrix_csv"), {"d": [COST, TEAMS]}))
    assert found == [[copy.CUSTOMER, copy.TOOL, COST, TEAMS], *table]


def test_datapoints_are_added_and_removed_by_links_and_a_form(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    root, url = browser("root"), reverse("matrix")
    assert not read(root.get(url)).all("table")
    page = read(root.get(url, {"d": COST, "add": TEAMS}))
    assert [one["value"] for one in page.all("input", "name", "d")] == [COST, TEAMS]
    chips = page.all("a", "class", "chip")
    assert [chip["href"] for chip in chips] == [f"{url}?d={TEAMS}", f"{url}?d={COST}"]
    named = read(root.get(url, {"d": COST, "add": "teams and departments"}))
    assert [one["value"] for one in named.all("input", "name", "d")] == [COST, TEAMS]
    twice = read(root.get(url, {"d": [COST, COST], "add": COST}))
    assert len(twice.all("input", "name", "d")) == 1


def test_at_most_eight_fit(browser: Browser, customers: dict[str, Integration]) -> None:
    root, eight = browser("root"), [f"d{n}" for n in range(8)]
    page = root.get(reverse("matrix"), {"d": eight})
    assert page.status_code == 200
    assert not read(page).all("input", "name", "add")
    ninth = root.get(reverse("matrix"), {"d": eight, "add": COST})
    assert ninth.status_code == 422
    assert [one["value"] for one in read(ninth).all("input", "name", "d")] == eight
    assert "up to 8" in read(ninth).text


def test_what_can_be_no_datapoint_is_said_and_kept(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    answered = browser("root").get(reverse("matrix"), {"d": COST, "add": HOSTILE})
    assert answered.status_code == 422
    page = read(answered)
    assert page.one("input", "name", "add")["value"] == HOSTILE
    assert page.all("table")


# --- What changed ---------------------------------------------------------------------------------


def change(integration: Integration, *, days: float, **changes: list[str]) -> None:
    history_record.record_coverage(integration.pk, changes, timezone.now() - timedelta(days=days))


def test_changes_come_newest_first_by_day(
    browser: Browser, customers: dict[str, Integration]
) -> None:
    change(customers["available"], days=3, available=[COST])
    change(customers["opted_out"], days=0, opted_out=[COST, TEAMS])
    change(customers["unsupported"], days=20, gone=[COST])
    change(customers["held_back"], days=0, gone=[COST])
    root = browser("root")
    page = read(root.get(reverse("changes")))
    found = page.all("li", "data-change")
    assert [one["data-change"] for one in found] == [
        customers[n].public_id for n in ("opted_out", "available")
    ]
    assert "Bolt & Sons" in found[0].text
    assert "Workday" in found[0].text
    assert copy.OPTED_OUT_OF_N_FIELDS(n=2) in found[0].text
    assert [one.text for one in found[0].all("code")] == [COST, TEAMS]
    assert len(page.all("section")) == 2
    assert len(read(root.get(reverse("changes"), {"days": "30"})).all("li", "data-change")) == 3
    assert len(read(root.get(reverse("changes"), {"days": "1"})).all("li", "data-change")) == 1
    assert len(read(root.get(reverse("changes"), {"days": "9999"})).all("li", "data-change")) == 2


def test_when_nothing_changed_that_is_said(browser: Browser, acme: Tenant) -> None:
    assert copy.NO_CHANGES in read(browser("root").get(reverse("changes"))).text


# --- Whose, and at which cost ---------------------------------------------------------------------


def test_what_somebody_else_takes_care_of_is_not_there(
    browser: Browser, customers: dict[str, Integration], acme: Tenant, amy: User, ned: User
) -> None:
    for one in customers.values():
        change(one, days=0, available=[COST])
    for name, query in (("datapoints", {"q": COST}), ("matrix", {"d": COST}), ("changes", {})):
        amys, neds = (read(browser(who).get(reverse(name), query)) for who in ("amy", "ned"))
        assert "Acme GmbH" in amys.text
        for other in ("Bolt", "Cargo", "Delta", "Echo", "Foxtrot"):
            assert other not in amys.text
        assert "Acme" not in neds.text
    for name in ("datapoints_csv", "matrix_csv"):
        found = lines(browser("amy").get(reverse(name), {"q": COST, "d": COST}))
        assert [row[0] for row in found] == [copy.CUSTOMER, "Acme GmbH"]
        assert len(lines(browser("ned").get(reverse(name), {"q": COST, "d": COST}))) == 1


def test_customers_may_not_look(browser: Browser, alice: User) -> None:
    for client, status in ((browser("alice"), 404), (browser("nobody"), 302)):
        for name in URLS:
            assert client.get(reverse(name)).status_code == status, name


@pytest.mark.parametrize("number", [3, 8])
def test_the_pages_cost_the_same_for_few_and_many(
    browser: Browser,
    acme: Tenant,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    monkeypatch.setattr("integrations.views.workspace.datapoints.PER_PAGE", 6)
    for n in range(number):
        made = give(acme, {COST: "available", f"extra_{n}": "available"})
        change(made, days=0, available=[COST])
    assert Entry.objects.count() == number
    datapoints.known_datapoints()  # read once, and again when there are others
    root = browser("root")
    # The session and its user, the installation's state in two, the names, what the grids say, what
    # each chip counts, which rows, these, and the vendor's identity.
    with django_assert_num_queries(10):
        assert len(rows(read(root.get(reverse("datapoints"), {"q": COST})))) == min(number, 6)
    # The names twice: what may be added, and whether somebody has what was.
    with django_assert_num_queries(11):
        page = read(root.get(reverse("matrix"), {"d": [COST, "extra_0"]}))
    assert len(page.one("tbody").all("tr")) == min(number, 6)
    with django_assert_num_queries(7):
        page = read(root.get(reverse("changes")))
    assert len(page.all("li", "data-change")) == min(number, 6)
    with django_assert_num_queries(6):
        assert len(lines(root.get(reverse("datapoints_csv"), {"q": COST}))) == number + 1
    with django_assert_num_queries(5):
        assert len(lines(root.get(reverse("matrix_csv"), {"d": COST}))) == number + 1


def test_pages_lead_on(browser: Browser, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.views.workspace.datapoints.PER_PAGE", 3)
    for n in range(5):
        change(
            give(acme, {COST: ("available", "opted_out")[n % 2], f"extra_{n}": "available"}),
            days=0,
            gone=[COST],
        )
    root = browser("root")
    for name, query, left in (
        ("datapoints", {"q": COST}, 2),
        ("matrix", {"d": [COST, TEAMS]}, 2),
        ("changes", {"days": 1}, 2),
    ):
        first = read(root.get(reverse(name), query))
        onward = first.one("a", "rel", "next")["href"]
        second = read(root.get(onward))
        assert (
            len(
                second.all("tr", "data-standing")
                or second.all("tr")[1:]
                or second.all("li", "data-change")
            )
            == left
        )
        assert second.one("a", "rel", "prev")


def test_hostile_names_are_text(browser: Browser, acme: Tenant) -> None:
    acme.name = HOSTILE
    acme.save()
    made = give(acme, {COST: "available"}, tool=HOSTILE)
    change(made, days=0, available=[HOSTILE])
    summaries.recompute_tenants([acme])
    for name, query in (("datapoints", {"q": COST}), ("matrix", {"d": COST}), ("changes", {})):
        page = read(browser("root").get(reverse(name), query))
        assert HOSTILE in page.text
        assert not [one for one in page if "onerror" in one.attributes]

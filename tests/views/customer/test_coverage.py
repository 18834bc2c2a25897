"""The grid on the page: rows, chips, search, what is open, one model's fields, and the file."""

import csv
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from integrations.domain.coverage import Reason
from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, page_at, read, tenant_url, url_of

CHIPS = ("all", "available", "unavailable", "opted_out", "choice", "sensitive")


@pytest.fixture
def body(with_grid: Integration, kombo: Simulator) -> dict[str, Any]:
    """What Kombo says of it."""
    return kombo.details(with_grid.integration_id) or {}


def look(
    client: Client, made: Integration, headers: dict[str, str] | None = None, **query: Any
) -> Element:
    return page_at(client, url_of("integration", made), query, headers=headers or {})


def rows(page: Element) -> dict[str, str]:
    return {
        row["data-datapoint"]: row["data-availability"] for row in page.all("", "data-datapoint")
    }


def fields(page: Element) -> dict[str, str]:
    return {
        row["data-datapoint"]: row["data-availability"]
        for row in page.all("div", "class", "coverage-field")
    }


def chips(page: Element) -> dict[str, int]:
    shown = page.one("ul", "class", "segments").all("a")
    return {name: int(chip.one("span").text) for name, chip in zip(CHIPS, shown, strict=True)}


def test_what_was_removed_tells_of_the_past(alices: Client, with_grid: Integration) -> None:
    Snapshot.objects.update(removed_at=timezone.now())
    page = look(alices, with_grid)
    heading = copy.WHAT_WAS_SHARED_UNTIL_DISCONNECTED(tool="Personio")
    assert page.one("h2", "id", "coverage-title").text == heading
    assert page.one("nav", "class", "tabs").all("a")[0].text == copy.WHAT_WAS_SHARED_TAB
    assert copy.TO_USE_IT_AGAIN in page.one("article").text


def test_every_model_action_and_field_has_its_row(
    alices: Client, with_grid: Integration, body: dict[str, Any]
) -> None:
    models = body["read_models"] + body["write_actions"]
    points = {m["id"]: m["is_available"] for m in models}
    points |= {
        f"{m['id']}.{f['id']}": m["is_available"] and f["is_available"]
        for m in models
        for f in m["fields"]
    }
    found = rows(look(alices, with_grid, open="all"))
    assert {key: reason == "available" for key, reason in found.items()} == points
    assert set(found.values()) == set(map(str, Reason))


def test_a_row_says_why_in_words(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, open="all")
    words = {
        row["data-availability"]: row.one("dd").text
        for row in page.all("div", "class", "coverage-field")
    }
    assert words["opted_out"] == copy.YOU_OPTED_OUT_YOU_CAN
    assert words["not_requested"] == copy.NOT_REQUESTED_BY_VENDOR(vendor="Northwind")
    assert words["unsupported"] == copy.NOT_SUPPORTED_BY_TOOL(tool="Personio")


def test_a_field_has_a_name_in_words_and_keeps_kombos_own(
    alices: Client, with_grid: Integration
) -> None:
    row = look(alices, with_grid, open="hris_employees").one(
        "", "id", "hris_employees.mobile_phone_number"
    )
    assert row.one("a").text == "Mobile phone"
    assert row.one("code").text == "mobile_phone_number"
    assert row.one("a")["href"] == "#hris_employees.mobile_phone_number"


def test_a_model_says_how_many_of_its_fields_are_available(
    alices: Client, with_grid: Integration, body: dict[str, Any]
) -> None:
    employees = next(model for model in body["read_models"] if model["id"] == "hris_employees")
    available = sum(field["is_available"] for field in employees["fields"])
    row = look(alices, with_grid).one("details", "id", "hris_employees")
    assert (
        row.one("span", "class", "coverage-count").text
        == f"{available} of {len(employees['fields'])}"
    )
    assert row.one("rect", "data-part", "shared")["width"] == str(available)
    assert row.one("svg")["viewbox"] == f"0 0 {len(employees['fields'])} 1"


@pytest.mark.exhaustive(keep=6)
@pytest.mark.parametrize("show", CHIPS)
@pytest.mark.parametrize("query", ["", "date", "employees name", "HRIS_EMPLOYEES.GENDER"])
def test_a_chip_leaves_as_many_rows_as_it_says(
    alices: Client, with_grid: Integration, show: str, query: str
) -> None:
    page = look(alices, with_grid, show=show, q=query, open="all")
    alone = page.all("div", "class", "coverage-model")
    assert len(fields(page)) + len(alone) == chips(page)[show]
    assert page.one("div", "id", "results").one("a", "aria-current").all("span")[0].text == str(
        chips(page)[show]
    )


def test_chips_keep_what_they_say(alices: Client, with_grid: Integration) -> None:
    reasons = {
        show: set(fields(look(alices, with_grid, show=show, open="all")).values()) for show in CHIPS
    }
    assert reasons["available"] == {"available"}
    assert reasons["opted_out"] == {"opted_out"}
    assert reasons["unavailable"] == reasons["all"] - {"available"} != set()


def test_counts_follow_the_search_and_not_the_chip(alices: Client, with_grid: Integration) -> None:
    all_shown = chips(look(alices, with_grid, q="date"))
    assert chips(look(alices, with_grid, q="date", show="opted_out")) == all_shown
    assert all_shown["all"] == all_shown["available"] + all_shown["unavailable"]
    assert all_shown["all"] < chips(look(alices, with_grid))["all"]


def test_search_looks_at_labels_names_and_ids_in_any_case(
    alices: Client, with_grid: Integration
) -> None:
    for query in (
        "hris_employees.mobile_phone_number",
        "Employees MOBILE",
        "mObIlE Phone",
        "hris_employees mob",
    ):
        assert "hris_employees.mobile_phone_number" in fields(
            look(alices, with_grid, q=query, open="all")
        ), query
    assert "hris_employees.mobile_phone_number" not in fields(
        look(alices, with_grid, q="birth", open="all")
    )


def test_a_search_with_few_results_comes_open(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, q="mobile")
    assert fields(page)
    assert {
        "open" in model.attributes for model in page.all("details", "class", "coverage-model")
    } == {True}
    assert not look(alices, with_grid, q="mobile", open="none").all("details", "open")


def test_a_big_grid_comes_collapsed_and_a_small_one_open(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    with_grid: Integration,
    body: dict[str, Any],
) -> None:
    assert not fields(look(alices, with_grid))
    small = connect(acme, fetched=False)
    employees = next(model for model in body["read_models"] if model["id"] == "hris_employees")
    whole = [field for field in employees["fields"] if field["is_available"]][:5]
    gappy = [field for field in employees["fields"] if not field["is_available"]][:3]
    models = [
        {**employees, "fields": gappy + whole},
        {**employees, "id": "complete", "fields": whole},
    ]
    kombo.add({**body, "id": small.integration_id, "read_models": models, "write_actions": []})
    alices.get(url_of("card", small))
    assert [
        (model["id"], len(fields(model))) for model in look(alices, small).all("details", "open")
    ] == [("hris_employees", 8)]


def test_expand_all_and_collapse_all_lead_to_each_other(
    alices: Client, with_grid: Integration
) -> None:
    start = look(alices, with_grid)
    expand = start.one("a", "id", "expand")
    opened = read(alices.get(expand["href"]))
    assert {
        "open" in model.attributes for model in opened.all("details", "class", "coverage-model")
    } == {True}
    assert len(fields(opened)) == chips(opened)["all"] - len(
        opened.all("div", "class", "coverage-model")
    )
    collapse = opened.one("a", "id", "expand")
    assert (expand.text, collapse.text) == (copy.EXPAND_ALL, copy.COLLAPSE_ALL)
    assert not read(alices.get(collapse["href"])).all("details", "open")


def test_without_htmx_the_state_in_the_url_gives_the_whole_page(
    alices: Client, with_grid: Integration
) -> None:
    page = look(alices, with_grid, show="opted_out", q="employees", open="hris_employees")
    assert page.one("html")
    assert page.one("input", "id", "grid-query")["value"] == "employees"
    assert page.one("input", "name", "show")["value"] == "opted_out"
    assert page.one("div", "id", "results").one("a", "aria-current").text.startswith(copy.OPTED_OUT)
    assert set(fields(page.one("details", "id", "hris_employees")).values()) == {"opted_out"}


def test_with_htmx_the_same_url_gives_the_results_alone(
    alices: Client, with_grid: Integration
) -> None:
    query = {"show": "opted_out", "q": "employees", "open": "all"}
    response = alices.get(url_of("integration", with_grid), query, headers=HTMX)
    part, whole = read(response), read(alices.get(url_of("integration", with_grid), query))
    assert not part.all("html")
    assert not part.all("article")
    assert part.text == whole.one("div", "id", "results").text
    assert rows(part) == rows(whole)


def test_both_answers_tell_caches_apart(alices: Client, with_grid: Integration) -> None:
    for headers in ({}, HTMX):
        assert "HX-Request" in alices.get(url_of("integration", with_grid), headers=headers)["Vary"]


def test_chips_and_search_keep_each_other(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, show="opted_out", q="a e")
    links = [
        parse_qs(urlsplit(a["href"]).query) for a in page.one("ul", "class", "segments").all("a")
    ]
    assert [link.get("q") for link in links] == [["a e"]] * 6
    assert [link.get("show") for link in links] == [
        None,
        ["available"],
        ["unavailable"],
        ["opted_out"],
        ["choice"],
        ["sensitive"],
    ]


def test_a_lonely_integrations_grid_has_its_page_as_address(
    alices: Client, with_grid: Integration
) -> None:
    page = read(alices.get(tenant_url(with_grid)))
    assert page.one("form", "id", "grid-search")["action"] == url_of("integration", with_grid)


def test_fields_of_one_model_come_as_a_fragment(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid)
    load = page.one("details", "id", "hris_employees").one("a", "class", "coverage-load")
    part = read(alices.get(load["hx-get"], headers=HTMX))
    whole = look(alices, with_grid, open="hris_employees").one("details", "id", "hris_employees")
    assert fields(part) == fields(whole) != {}
    assert not part.all("html")


def test_a_models_link_without_javascript_opens_it_on_the_page(
    alices: Client, with_grid: Integration
) -> None:
    load = (
        look(alices, with_grid)
        .one("details", "id", "hris_employees")
        .one("a", "class", "coverage-load")
    )
    path, _, anchor = load["href"].partition("#")
    model = read(alices.get(path)).one("details", "id", anchor)
    assert "open" in model.attributes
    assert fields(model)


def test_fields_follow_chip_and_search(alices: Client, with_grid: Integration) -> None:
    url = url_of("coverage_fields", with_grid, group="hris_employees", show="opted_out", q="birth")
    assert set(fields(read(alices.get(url)))) <= {"hris_employees.date_of_birth"}
    page = look(alices, with_grid, show="unavailable")
    load = page.one("details", "id", "hris_employees").one("a", "class", "coverage-load")
    assert "available" not in fields(read(alices.get(load["hx-get"]))).values()


def test_an_unknown_group_is_404(
    alices: Client, with_grid: Integration, subtests: pytest.Subtests
) -> None:
    for group in ["", "nothing", "hris_employees.id", "'\"><script>", "x" * 5000]:
        with subtests.test(group=group):
            assert alices.get(url_of("coverage_fields", with_grid, group=group)).status_code == 404


@pytest.mark.parametrize("name", ["coverage_fields", "coverage_csv"])
def test_without_a_grid_there_is_nothing(
    alices: Client, acme: Tenant, connect: Connect, name: str
) -> None:
    cold = connect(acme, fetched=False)
    assert alices.get(url_of(name, cold, group="hris_employees")).status_code == 404
    assert alices.get(url_of("integration", cold), headers=HTMX).status_code == 404
    assert not look(alices, cold).all("", "id", "coverage")


HOSTILE: list[dict[str, Any]] = [
    {"show": "everything"},
    {"show": ["available", "opted_out"]},
    {"open": ["hris_employees", "no such", "<script>"]},
    {"q": "   "},
    {"q": "%"},
    {"q": "\u202e\ud7ff👩🏽‍💼"},
    {"q": "x" * 10_000},
    {"q": "<script>alert(1)</script>", "show": "'\"><img src=x>"},
    {"open": [str(number) for number in range(900)]},
]


def test_whatever_stands_in_the_url_the_page_is_whole(
    alices: Client, with_grid: Integration, subtests: pytest.Subtests
) -> None:
    for query in HOSTILE:
        with subtests.test(query=query):
            for headers in ({}, HTMX):
                page = look(alices, with_grid, headers, **query)
                if rows(page):
                    assert chips(page)
                    shown = page.one("ul", "class", "segments")
                    assert len(shown.all("a", "aria-current")) == 1
                else:
                    assert page.one("p", "class", "coverage-empty")
                assert not page.all("script", "src", "x")
                assert not page.all("img", "src", "x")


def test_an_unknown_chip_shows_all(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, show="everything")
    assert rows(page) == rows(look(alices, with_grid))
    assert page.one("div", "id", "results").one("a", "aria-current").text.startswith(copy.ALL)


def test_a_search_is_cut_at_what_the_box_takes(alices: Client, with_grid: Integration) -> None:
    box = look(alices, with_grid, q="x" * 500).one("input", "id", "grid-query")
    assert len(box["value"]) == int(box["maxlength"]) == 100


def test_nothing_matches_and_nothing_yet_are_different(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    with_grid: Integration,
    body: dict[str, Any],
) -> None:
    none = look(alices, with_grid, q="no such thing")
    empty = none.one("p", "class", "coverage-empty")
    assert empty.text == "No data matches “no such thing”. Clear filters"
    assert rows(read(alices.get(empty.one("a")["href"])))
    assert not none.all("ul", "class", "chips")
    assert not none.all("a", "id", "expand")
    bare = connect(acme, fetched=False)
    kombo.add({**body, "id": bare.integration_id, "read_models": [], "write_actions": []})
    alices.get(url_of("card", bare))
    assert copy.KOMBO_HAS_NOT_LISTED_ANY in look(alices, bare).text


# --- The file -------------------------------------------------------------------------------------


def statement(client: Client, made: Integration, **headers: str) -> list[dict[str, str]]:
    response = client.get(url_of("coverage_csv", made), headers=headers)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_file_holds_every_row_of_the_grid(alices: Client, with_grid: Integration) -> None:
    lines = statement(alices, with_grid)
    shown = rows(look(alices, with_grid, open="all"))
    assert {line["ID"]: line["Available"] == "yes" for line in lines} == {
        key: reason == "available" for key, reason in shown.items()
    }
    assert all(line["Reason"] for line in lines)
    assert {line["Type"] for line in lines} == {
        copy.DATA_READ_BY_VENDOR(vendor="Northwind"),
        copy.ACTIONS_BY_VENDOR(vendor="Northwind"),
    }


def test_the_file_is_a_download_named_after_the_tool(
    alices: Client, with_grid: Integration
) -> None:
    response = alices.get(url_of("coverage_csv", with_grid))
    assert response["Content-Disposition"] == 'attachment; filename="personio-data.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response["X-Content-Type-Options"] == "nosniff"

"""The grid: chips, search, rows that load when they are opened, links to a field, the file to take
away.
"""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

FIELDS = ".coverage-field[data-datapoint]"
ALONE = "div.coverage-model[data-datapoint]"  # rows without fields count for themselves


@pytest.fixture
def page(browsing: Browsing, demo: Demo) -> Page:
    """Personio's page: big enough for all of its rows to be closed at first."""
    opened = browsing.open("alice", demo.page("personio"))
    see(opened.locator("details.coverage-model[open]")).to_have_count(0)
    return opened


def chip(page: Page, name: str) -> str:
    """The selector of a chip by its words."""
    return f"[id^='chip-']:has-text('{name}')"


def count(page: Page, name: str) -> int:
    return int(page.locator(chip(page, name)).first.locator("span").inner_text())


def test_chips_narrow_the_rows_and_their_counts_are_right(page: Page) -> None:
    page.get_by_role("link", name=copy.EXPAND_ALL).click()
    see(page.get_by_role("link", name=copy.COLLAPSE_ALL)).to_be_visible()
    rows = page.locator(f"{FIELDS}, {ALONE}")
    see(rows).to_have_count(count(page, copy.ALL))
    for name, reasons in (
        (copy.OPTED_OUT, "='opted_out'"),
        (copy.NOT_AVAILABLE, ":not([data-availability='available'])"),
    ):
        page.get_by_role("link", name=re.compile(f"^{name}")).click()
        see(page.get_by_role("link", name=re.compile(f"^{name}"))).to_have_attribute(
            "aria-current", "true"
        )
        page.get_by_role("link", name=copy.EXPAND_ALL).click()
        see(page.get_by_role("link", name=copy.COLLAPSE_ALL)).to_be_visible()
        matching = f"[data-availability{reasons}]" if reasons[0] == "=" else reasons
        see(rows).to_have_count(count(page, name))
        see(page.locator(f"{FIELDS}{matching}, {ALONE}{matching}")).to_have_count(count(page, name))
    total, available, unavailable = (
        count(page, name) for name in ("All", "Available", copy.NOT_AVAILABLE)
    )
    assert total == available + unavailable


def test_chip_keeps_its_focus_and_the_search(page: Page) -> None:
    page.get_by_role("searchbox").fill("employee")
    see(page).to_have_url(re.compile(r"\?q=employee"))
    link = page.get_by_role("link", name=re.compile("^Not available"))
    link.press("Enter")
    see(link).to_have_attribute("aria-current", "true")
    see(link).to_be_focused()
    see(page).to_have_url(re.compile(r"show=unavailable"))
    see(page).to_have_url(re.compile(r"q=employee"))


def test_typing_in_the_search_keeps_focus_and_text(page: Page) -> None:
    before = count(page, "All")
    search = page.get_by_role("searchbox")
    search.press_sequentially("birth", delay=120)
    see(page.locator("details.coverage-model")).not_to_have_count(0)
    see(page).to_have_url(re.compile(r"\?q=birth"))
    see(search).to_be_focused()
    see(search).to_have_value("birth")
    see(page.locator(FIELDS).filter(has_text="Date of birth").first).to_be_visible()
    assert 0 < count(page, copy.ALL) < before
    assert page.locator(FIELDS).count() == count(page, copy.ALL)


def test_search_without_a_match_offers_the_way_back(page: Page) -> None:
    before = count(page, "All")
    page.get_by_role("searchbox").fill("no such thing")
    see(page.locator(".coverage-empty")).to_contain_text(copy.NOTHING_IS_CALLED_QUERY.core)
    page.get_by_role("link", name=copy.CLEAR_FILTERS).click()
    see(page.locator("details.coverage-model").first).to_be_visible()
    assert count(page, copy.ALL) == before
    see(page.get_by_role("searchbox")).to_have_value("")


def test_expand_and_collapse(page: Page) -> None:
    rows = page.locator("details.coverage-model")
    total = rows.count()
    page.get_by_role("link", name=copy.EXPAND_ALL).click()
    see(page.locator("details.coverage-model[open]")).to_have_count(total)
    see(page.get_by_role("link", name=copy.COLLAPSE_ALL)).to_be_focused()
    page.get_by_role("link", name=copy.COLLAPSE_ALL).click()
    see(page.locator("details.coverage-model[open]")).to_have_count(0)
    see(rows).to_have_count(total)


def test_what_came_with_an_answer_works_at_once(page: Page) -> None:
    """By default htmx waits for 20 ms before it wires what it swapped in; a click before that loads
    the whole page.
    """
    page.evaluate("""() => {
        const click = () => {
            document.querySelector("#expand[data-open=none]").click();
            document.body.dataset.clicked = "and not reloaded";
        };
        document.addEventListener("htmx:afterSwap", () => queueMicrotask(click), { once: true });
    }""")
    page.get_by_role("link", name=copy.EXPAND_ALL).click()
    clicked = page.locator("body[data-clicked]")
    see(clicked).to_be_visible()
    see(page.get_by_role("link", name=copy.EXPAND_ALL)).to_be_visible()
    see(page.locator("details.coverage-model[open]")).to_have_count(0)
    see(clicked).to_be_visible()


def test_fields_load_once_when_their_row_is_opened(page: Page) -> None:
    loads = requests_of(page, lambda request: "/coverage/" in request.url)
    row = page.locator("details.coverage-model").first
    assert row.locator(FIELDS).count() == 0
    row.locator("summary").press("Enter")
    see(row.locator(FIELDS).first).to_be_visible()
    url = page.url
    for _ in range(2):
        row.locator("summary").press("Enter")
    see(row).to_have_attribute("open", "")
    see(row.locator(FIELDS).first).to_be_visible()
    assert len(loads) == 1
    assert page.url == url


def test_open_rows_stay_open_under_another_chip(page: Page) -> None:
    row = page.locator("details.coverage-model[id='hris_employees']")
    row.locator("summary").click()
    see(row.locator(FIELDS).first).to_be_visible()
    page.get_by_role("link", name=re.compile("^Available")).click()
    see(page.get_by_role("link", name=re.compile("^Available"))).to_have_attribute(
        "aria-current", "true"
    )
    see(row).to_have_attribute("open", "")
    see(row.locator(f"{FIELDS}:not([data-availability='available'])")).to_have_count(0)
    see(row.locator(FIELDS).first).to_be_visible()


@pytest.mark.parametrize("field", ["hris_employees.iban", "hris_employees.date_of_birth"])
def test_link_to_a_field_leads_to_it(browsing: Browsing, demo: Demo, field: str) -> None:
    known = browsing.open("alice", f"{demo.page('personio')}?open=hris_employees").locator(FIELDS)
    ids = known.evaluate_all("(rows) => rows.map((row) => row.id)")
    wanted = field if field in ids else ids[-1]
    page = browsing.open("alice", f"{demo.page('personio')}#{wanted}")
    row = page.locator(f"[id='{wanted}']")
    see(row).to_be_in_viewport()
    see(row.get_by_role("link")).to_be_focused()
    see(page.locator("details.coverage-model[open]")).to_have_count(1)


def test_link_to_a_field_works_on_an_open_page(page: Page) -> None:
    page.locator("details.coverage-model").last.scroll_into_view_if_needed()
    page.evaluate("location.hash = 'hris_employees.date_of_birth'")
    row = page.locator("[id='hris_employees.date_of_birth']")
    see(row).to_be_in_viewport()
    see(row.get_by_role("link")).to_be_focused()


def test_link_to_what_is_not_there_does_no_harm(browsing: Browsing, demo: Demo) -> None:
    for anchor in ("hris_employees.nothing", "%E0%A4%A", "'%22]--", "main"):
        page = browsing.open("alice", f"{demo.page('personio')}#{anchor}")
        see(page.locator("details.coverage-model").first).to_be_visible()


def test_back_undoes_a_chip(page: Page) -> None:
    before = page.url
    rows = page.locator("details.coverage-model").count()
    page.get_by_role("link", name=re.compile("^Opted out")).click()
    see(page).to_have_url(re.compile(r"show=opted_out"))
    page.go_back()
    see(page).to_have_url(before)
    see(page.get_by_role("link", name=re.compile("^All \\d"))).to_have_attribute(
        "aria-current", "true"
    )
    see(page.locator("details.coverage-model")).to_have_count(rows)
    page.wait_for_load_state()  # going back loads the page anew, and its scripts with it
    page.go_forward()
    see(page.get_by_role("link", name=re.compile("^Opted out"))).to_have_attribute(
        "aria-current", "true"
    )


def test_address_of_a_narrowed_grid_can_be_shared(page: Page, browsing: Browsing) -> None:
    page.get_by_role("link", name=re.compile("^Not available")).click()
    see(page).to_have_url(re.compile("show=unavailable"))
    shared = browsing.open("alice", page.url)
    see(shared.get_by_role("link", name=re.compile("^Not available"))).to_have_attribute(
        "aria-current", "true"
    )
    assert (
        shared.locator("details.coverage-model").count()
        == page.locator("details.coverage-model").count()
    )


def test_statement_comes_as_a_file(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name=copy.DOWNLOAD_CSV).click()
    assert download.value.suggested_filename == "personio-data.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    heading, *rows = text.splitlines()
    assert heading.startswith("Type,")
    assert len(rows) > count(page, copy.ALL)

"""The page of an integration's past: what happened, newest first, by kind and page by page."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.domain.headline import Key
from integrations.models import Entry, Incident, Integration, Kind, Source, Tenant
from integrations.tenants import mapping
from integrations.views.customer.history import FILTERS, PER_PAGE
from tests import copy
from tests.conftest import NOW
from tests.views.browsing import Element, read, url_of
from tests.views.past import ID, ago, chips, connected, entries, look, note, titles

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def made(acme: Tenant) -> Integration:
    return connected(acme)


@pytest.fixture
def busy(made: Integration, alice: User) -> Integration:
    """One of each kind of entry."""
    note(made, Kind.STATE, Key.CONNECTED, 50)
    note(made, Kind.REPAIR, "reconnect", 20, actor=alice, data={"outcome": "done"})
    note(
        made,
        Kind.ISSUE,
        "raised",
        40,
        data={"title": "Absences are incomplete", "type": "integration.x"},
    )
    note(made, Kind.SYNC, "FAILED", 30, data={"log_url": "https://app.kombo.dev/logs/1"})
    note(made, Kind.SETTINGS, "changed", 10)
    counts = {"opted_out": 13}
    note(
        made,
        Kind.COVERAGE,
        "changed",
        5,
        data={"counts": counts, "datapoints": {"opted_out": ["m.a"] * 13}},
    )
    return made


NEWEST_FIRST = {
    "coverage": copy.OPTED_OUT_OF_N_FIELDS(n=13),
    "settings": copy.TOOL_SETTINGS_CHANGED(tool="Personio"),
    "repair": copy.WHO_RECONNECTED_TOOL(who="alice", tool="Personio"),
    "sync": copy.SYNC_WITH_TOOL_FAILED(tool="Personio"),
    "issue": copy.DETECTED_ISSUE(issue="Absences are incomplete"),
    "state": "Connected",
}


# --- What happened


def test_what_happened_stands_there_newest_first(alices: Client, busy: Integration) -> None:
    page = look(alices, busy)
    assert titles(page) == list(NEWEST_FIRST.values())
    assert [entry["data-entry"] for entry in entries(page)] == list(NEWEST_FIRST)
    moments = [entry.one("time") for entry in entries(page)]
    assert [datetime.fromisoformat(one["datetime"]) for one in moments] == [
        ago(minutes=minutes) for minutes in (5, 10, 20, 30, 40, 50)
    ]
    assert moments[0].text == "20 November, 11:55"


def test_the_page_names_the_tool_and_leads_back_to_it(alices: Client, busy: Integration) -> None:
    page = look(alices, busy)
    assert page.one("h1").text == "Personio"
    assert page.one("head").one("title").text == "Personio history · Acme GmbH"
    tabs = page.one("nav", "class", "tabs")
    assert tabs.one("a", "aria-current").text == copy.HISTORY
    assert tabs.all("a")[0]["href"] == url_of("integration", busy)
    assert page.one("article").one("span", "class", "badge").text == copy.CONNECTED


def test_the_card_leads_to_it(alices: Client, busy: Integration) -> None:
    tabs = read(alices.get(url_of("integration", busy))).one("nav", "class", "tabs")
    assert url_of("history", busy) in [link["href"] for link in tabs.all("a")]


def test_changed_datapoints_can_be_unfolded(alices: Client, busy: Integration) -> None:
    details = entries(look(alices, busy))[0].one("details")
    assert details.one("summary").text == copy.SHOW_FIELDS
    assert [code.text for code in details.all("code")] == ["m.a"] * 12
    assert details.text.endswith(copy.AND_N_MORE(n=1))
    assert not entries(look(alices, busy, kind="state"))[0].all("details")


def test_a_tool_that_was_never_read_has_a_name_still(alices: Client, acme: Tenant) -> None:
    cold = mapping.create(acme, ID)
    note(cold, Kind.SYNC, "FAILED", 1)
    assert titles(look(alices, cold)) == [copy.SYNC_WITH_TOOL_FAILED(tool=copy.CONNECTION)]


def test_nothing_of_another_integration_stands_there(
    alices: Client, made: Integration, busy: Integration
) -> None:
    other = mapping.create(made.tenant, "hibob:1")
    note(other, Kind.ISSUE, "raised", 1, data={"title": "Another's"})
    Incident.objects.create(
        integration=other, key=Key.DEGRADED, opened_at=NOW, detected_by=Source.CHECK
    )
    page = look(alices, made)
    assert "Another's" not in page.text
    assert not page.all("", "data-incident")
    assert titles(look(alices, other)) == [copy.DETECTED_ISSUE(issue="Another's")]


def test_an_empty_history_says_so(alices: Client, made: Integration) -> None:
    page = look(alices, made)
    assert not entries(page)
    assert copy.NO_ACTIVITY_RECORDED_YET in page.text
    assert copy.NO_INCIDENTS_RECORDED in page.text
    assert page.one("ul", "class", "legend").text == "No data: 90 days"
    assert not page.all("nav", "class", "pages")


# --- Filters


def test_a_filter_leaves_one_kind(
    alices: Client, busy: Integration, subtests: pytest.Subtests
) -> None:
    for kind in FILTERS:
        with subtests.test(kind=kind):
            assert titles(look(alices, busy, kind=kind)) == [NEWEST_FIRST[kind]]


def test_the_filter_on_is_marked_and_each_leads_to_its_kind(
    alices: Client, busy: Integration
) -> None:
    everything = chips(look(alices, busy))
    assert list(everything) == [
        *(
            "All*",
            copy.STATUS,
            copy.RECONNECTIONS,
            copy.ISSUES,
            copy.FAILED_SYNCS,
            copy.SETTINGS,
            copy.SHARED_DATA,
        )
    ]
    kinds = [parse_qs(urlsplit(url).query).get("kind") for url in everything.values()]
    assert kinds == [None, *([kind] for kind in FILTERS)]
    assert "Issues*" in chips(look(alices, busy, kind="issue"))
    for url in everything.values():
        path, _, anchor = url.partition("#")
        page = read(alices.get(path))
        assert page.one("", "id", anchor)
        assert len(page.one("ul", "class", "segments").all("a", "aria-current")) == 1


def test_an_unknown_filter_shows_everything(
    alices: Client, busy: Integration, subtests: pytest.Subtests
) -> None:
    for kind in ["everything", "STATE", "state ", "'\"><script>", "x" * 5000]:
        with subtests.test(kind=kind):
            page = look(alices, busy, kind=kind)
            assert titles(page) == list(NEWEST_FIRST.values())
            assert "All*" in chips(page)
            assert not [script for script in page.all("script") if script.text]


def test_of_several_filters_the_last_holds(alices: Client, busy: Integration) -> None:
    response = alices.get(url_of("history", busy) + "?kind=state&kind=sync")
    assert titles(read(response)) == [NEWEST_FIRST["sync"]]


def test_a_filter_that_leaves_nothing_leads_back_to_everything(
    alices: Client, made: Integration
) -> None:
    note(made, Kind.STATE, Key.CONNECTED, 1)
    page = look(alices, made, kind="sync")
    assert not entries(page)
    assert copy.NO_ENTRIES_OF_THIS_TYPE in page.text
    back = next(a for a in page.all("a") if a.text == copy.CLEAR_FILTERS)
    assert titles(read(alices.get(back["href"]))) == [copy.CONNECTED]


# --- Pages


@pytest.fixture
def long(made: Integration) -> Integration:
    """Two pages and a bit of issues, and as many failed syncs as fit on one page."""
    Entry.objects.bulk_create(
        Entry(
            integration=made,
            kind=kind,
            what=what,
            source=Source.CHECK,
            at=ago(minutes=n),
            data={"title": f"no. {n}"},
        )
        for kind, what, number in (
            (Kind.ISSUE, "raised", 2 * PER_PAGE + 5),
            (Kind.SYNC, "FAILED", PER_PAGE),
        )
        for n in range(number)
    )
    return made


def numbers(page: Element) -> list[int]:
    return [int(title.rpartition(" ")[2]) for title in titles(page)]


def leads(page: Element) -> dict[str, str]:
    """Where the links to other pages lead."""
    return {a["rel"]: a["href"] for a in page.one("nav", "class", "pages").all("a")}


def test_pages_follow_each_other_and_keep_the_filter(alices: Client, long: Integration) -> None:
    page, shown, texts = look(alices, long, kind="issue"), [], []
    while True:
        shown += numbers(page)
        texts.append(page.one("nav", "class", "pages").one("span").text)
        assert "Issues*" in chips(page)
        if not (older := leads(page).get("next")):
            break
        page = read(alices.get(older.partition("#")[0]))
    assert shown == list(range(2 * PER_PAGE + 5))
    assert texts == [
        copy.PAGE_N_OF_ALL(n=1, all=3),
        copy.PAGE_N_OF_ALL(n=2, all=3),
        copy.PAGE_N_OF_ALL(n=3, all=3),
    ]
    newer = read(alices.get(leads(page)["prev"]))
    assert numbers(newer) == list(range(PER_PAGE, 2 * PER_PAGE))
    assert set(leads(newer)) == {"prev", "next"}


def test_without_a_filter_there_are_pages_too(alices: Client, long: Integration) -> None:
    page = look(alices, long)
    assert (len(entries(page)), list(leads(page))) == (PER_PAGE, ["next"])
    page = read(alices.get(leads(page)["next"]))
    assert "All*" in chips(page)
    assert copy.PAGE_N_OF_ALL(n=2, all=4) in page.text


def test_what_fits_on_one_page_has_no_others(alices: Client, long: Integration) -> None:
    page = look(alices, long, kind="sync")
    assert len(entries(page)) == PER_PAGE
    assert not page.all("nav", "class", "pages")


def test_a_page_that_is_not_there_is_the_first_or_the_last(
    alices: Client, long: Integration, subtests: pytest.Subtests
) -> None:
    for asked, shown in [
        *[(asked, 3) for asked in ("4", "999999999999999999999", "0", "-1")],
        *[(asked, 1) for asked in ("", "x", "1.5", "9" * 5000, "'\"><script>")],
    ]:
        with subtests.test(asked=asked, shown=shown):
            assert (
                copy.PAGE_N_OF_ALL(n=shown, all=3)
                in look(alices, long, kind="issue", page=asked).text
            )


def test_another_filter_begins_at_the_first_page(alices: Client, long: Integration) -> None:
    page = look(alices, long, kind="issue", page="2")
    assert not [url for url in chips(page).values() if "page" in url]

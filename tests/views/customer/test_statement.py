"""The access statement: what is read and why, today and on any day on record, for whom it is."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from integrations.access.audit import Act
from integrations.domain import coverage, statement, statement_files
from integrations.history import record as history_record
from integrations.models import (
    AuditEntry,
    CoverageVersion,
    Entry,
    Integration,
    Kind,
    PastGrid,
    Purpose,
    Snapshot,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy as copy_table
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import Element, page_at, read, url_of
from tests.views.conftest import Browser

DAY = timedelta(days=1)


def statement_of(client: Client, made: Integration, **query: str) -> Element:
    return page_at(client, url_of("statement", made, **query))


def words(page: Element) -> str:
    return page.one("main").text


def change(kombo: Simulator, made: Integration, **terms: Any) -> str:
    """Have Kombo tell something else of the first required field of the first model. Return its
    id.
    """
    details = kombo.details(made.integration_id)
    assert details
    model = next(one for one in details["read_models"] if one["is_available"])
    field = next(one for one in model["fields"] if one["id"] == (terms.pop("id", "") or one["id"]))
    field |= terms
    kombo.add(details)
    made.snapshot = snapshots.revalidate(made, by_person=True)
    return f"{model['id']}.{field['id']}"


def opt_out(kombo: Simulator, made: Integration) -> str:
    return change(kombo, made, is_available=False, opted_out_by_customer=True)


@pytest.fixture
def changed(
    acme: Tenant, alice: Any, connect: Connect, kombo: Simulator, clock: TimeMachineFixture
) -> tuple[Integration, str]:
    """An integration of which somebody opted out of a field ten days after it was connected, just
    after reconnecting; and twenty days later. Return it, and the field's id.
    """
    made = connect(acme)
    clock.move_to(timezone.now() + 10 * DAY)
    attempt = history_record.begin_repair(made, "reconnect", alice)
    history_record.finish_repair(made, "done", alice, attempt=attempt)
    clock.move_to(timezone.now() + timedelta(minutes=5))
    datapoint = opt_out(kombo, made)
    clock.move_to(timezone.now() + 20 * DAY)
    return made, datapoint


def test_it_says_who_reads_what_from_which_tool_for_whom(
    alices: Client, with_grid: Integration
) -> None:
    page = statement_of(alices, with_grid)
    assert page.one("article", "class", "statement").one(
        "h2"
    ).text == copy_table.WHAT_VENDOR_READS_FROM_TOOL(vendor="Northwind", tool="Personio")
    grid = coverage.read(with_grid.snapshot.coverage)
    counts = coverage.tally(grid.read)
    shown, total = counts[coverage.Show.AVAILABLE], counts[coverage.Show.ALL]
    said = f"Northwind reads {shown} of the {total} data points known for this connection, from"
    assert f"{said} Personio for Acme GmbH." in words(page)
    assert "Can read, and can take" in words(page)


def test_every_data_point_is_in_page_and_files_as_in_the_grid(
    alices: Client, with_grid: Integration
) -> None:
    grid = coverage.read(with_grid.snapshot.coverage)
    expected = {}
    for direction, groups in (("read", grid.read), ("write", grid.write)):
        for group in groups:
            expected[direction, group.id] = group.reason
            expected |= {(direction, field.id): field.reason for field in group.fields}
    files = [
        statement_files.read(alices.get(url_of(name, with_grid)).content)
        for name in ("statement_json", "statement_csv")
    ]
    assert files[0] == files[1]
    copy = files[0]
    told = {(one["direction"], one["id"]): one["reason"] for one in copy.content["data"]}
    assert told == expected
    page = statement_of(alices, with_grid)
    rows = [
        row["data-standing"]
        for table in page.all("table")
        for row in table.all("tr")
        if row.all("th", "scope", "row") or row.all("th", "scope", "rowgroup")
    ]
    assert len(rows) == len(expected)
    assert (
        page.one("article", "class", "statement")["data-statement"]
        == copy.digest
        == statement.digest_of(copy.content)
    )


def test_the_words_of_a_table_are_those_of_the_page(alices: Client, with_grid: Integration) -> None:
    raw = alices.get(url_of("statement_csv", with_grid)).content.decode("utf-8-sig")
    lines = [line for line in csv.reader(io.StringIO(raw, newline="")) if line[0] == "data"]
    assert all(len(line) == 12 for line in lines)
    page = statement_of(alices, with_grid)
    said = {row.all("td")[0].text for table in page.all("table") for row in table.all("tr")[1:]}
    assert said == {line[9] for line in lines}


def test_what_is_shared_says_by_whose_choice(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, coverage="realistic")
    change(kombo, made, is_available=True, scope_config_setting="OPTIONAL")
    text = words(statement_of(alices, made))
    assert copy_table.SHARED_OPTIONAL_HAS_NOT_OPTED(customer="Acme GmbH") in text
    assert copy_table.SHARED_VENDOR_REQUIRES_IT(vendor="Northwind") in text
    assert copy_table.NO_NOT_REQUESTED_BY_VENDOR(vendor="Northwind") in text
    assert copy_table.NO_NOT_SUPPORTED_BY_TOOL(tool="Personio") in text


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("state", "idle"),
    [("connected", False), ("invalid", True), ("inactive", True), ("setup_incomplete", True)],
)
def test_a_connection_that_reads_nothing_just_now_says_so(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    clock: TimeMachineFixture,
    state: str,
    idle: bool,
) -> None:
    made = connect(acme, state=state)
    clock.move_to(timezone.now() + DAY)
    for query in ({}, {"on": "2026-11-20"}):
        page = statement_of(alices, made, **query)
        assert bool(page.all("p", "data-idle")) is idle, query


def test_an_earlier_day_is_as_it_was(
    changed: tuple[Integration, str], alices: Client, kombo: Simulator
) -> None:
    made, _datapoint = changed
    calls = kombo.calls
    first, last = (statement_of(alices, made, on=day) for day in ("2026-11-29", "2026-11-30"))
    assert tuple(
        page.all("header", "class", "statement-head")[0].all("p")[1].text for page in (first, last)
    ) == (
        copy_table.VERSION_NUMBER(number="1 As of 29 November 2026"),
        copy_table.VERSION_NUMBER(number="2 As of 30 November 2026"),
    )
    said = copy_table.FIRST_DETECTED_ON_AFTER(date="30 November 2026", who="alice")
    assert said not in words(first)
    assert said in words(last)
    assert said in words(statement_of(alices, made))
    assert kombo.calls == calls
    files = [
        json.loads(alices.get(url_of("statement_json", made, on=day)).content)
        for day in ("2026-11-29", "2026-12-01")
    ]
    assert [file["content"]["version"] for file in files] == [1, 2]
    today = json.loads(alices.get(url_of("statement_json", made)).content)
    assert today["sha256"] == files[1]["sha256"] != files[0]["sha256"]
    assert today["on"] == "2026-12-20"


def test_before_the_record_nothing_is_claimed(
    changed: tuple[Integration, str], alices: Client
) -> None:
    made, _datapoint = changed
    page = statement_of(alices, made, on="2026-11-19")
    assert "This connection’s record begins on 20 November 2026" in words(page)
    assert page.one("section", "data-statement", "unknown")
    assert not page.all("table")
    for day in ("2026-11-19", "2026-12-21", "yesterday", "2026-02-30"):
        for name in ("statement_csv", "statement_json"):
            assert alices.get(url_of(name, made, on=day)).status_code == 404
    assert copy_table.THIS_DATE_IS_IN_THE_FUTURE in words(
        statement_of(alices, made, on="2026-12-21")
    )
    for odd in ("yesterday", "2026-02-30", "0001-01-01x", "٢٠٢٦-٠١-٠١"):
        assert copy_table.THAT_IS_NOT_A_DATE in words(statement_of(alices, made, on=odd))
    for edge in ("0001-01-01", "9999-12-31"):
        assert statement_of(alices, made, on=edge).one("section", "data-statement", "unknown")


def test_a_grid_that_was_not_kept_is_no_empty_statement(
    changed: tuple[Integration, str], alices: Client
) -> None:
    made, _datapoint = changed
    PastGrid.objects.all().delete()
    page = statement_of(alices, made, on="2026-11-20")
    assert copy_table.WHAT_WAS_SHARED in words(page)


@pytest.mark.parametrize("turned", [False, True])
def test_two_days_are_compared(
    changed: tuple[Integration, str], alices: Client, turned: bool
) -> None:
    made, _datapoint = changed
    days = ("2026-11-25", "2026-12-05")
    on, against = reversed(days) if not turned else days
    page = statement_of(alices, made, on=on, against=against)
    found = page.one("section", "data-differences")
    assert found.one("h3").text == copy_table.WHAT_CHANGED_BETWEEN_BEFORE_AND_AFTER(
        before="25 November 2026", after="5 December 2026"
    )
    (lines,) = found.all("ul")
    assert lines["data-change"] == "no_longer"
    assert len(lines.all("li")) == 1
    assert "Shared: Northwind requires it → No: Acme GmbH opted out" in lines.text


def test_days_that_say_the_same_have_no_differences(
    changed: tuple[Integration, str], alices: Client
) -> None:
    made, _datapoint = changed
    page = statement_of(alices, made, on="2026-12-05", against="2026-12-06")
    assert copy_table.NO_DIFFERENCES_BOTH_STATEMENTS_SAY in words(page)
    page = statement_of(alices, made, on="2026-12-05", against="2026-01-01")
    assert "There is no record for 1 January 2026" in words(page)


def test_what_nobody_wrote_down_is_said_to_be_missing(
    alices: Client, with_grid: Integration
) -> None:
    page = statement_of(alices, with_grid)
    assert len(page.all("p", "data-purposes", "none")) == 1
    Purpose.objects.create(group="person", valid_from=date(2020, 1, 1), purpose="<b>Directory</b>")
    page = statement_of(alices, with_grid)
    group = page.one("section", "data-group", "person")
    assert "<b>Directory</b>" in group.text
    assert group.text.count(copy_table.NOT_STATED) == 3
    others = [one for one in page.all("section", "data-group") if one.all("p", "data-purposes")]
    assert others


def test_a_purpose_holds_from_its_day_on(changed: tuple[Integration, str], alices: Client) -> None:
    made, _datapoint = changed
    for day, text in ((date(2026, 11, 22), "Old"), (date(2026, 12, 10), "New")):
        Purpose.objects.create(group="person", valid_from=day, purpose=text)
    texts = [
        json.loads(alices.get(url_of("statement_json", made, on=day)).content)["content"]
        for day in ("2026-11-21", "2026-11-22", "2026-12-10")
    ]
    assert [[one["purpose"] for one in text["purposes"]] for text in texts] == [
        [],
        ["Old"],
        ["New"],
    ]
    page = statement_of(alices, made, on="2026-12-10", against="2026-12-09")
    assert "changed for: Person." in words(page)


def test_kombos_own_part_names_its_source(
    alices: Client, with_grid: Integration, settings: Any
) -> None:
    page = statement_of(alices, with_grid)
    assert copy_table.TOOL_IS_DISCONNECTED(tool="14 days after it") in words(page)
    links = [link["href"] for link in page.all("a") if "docs.kombo.dev" in link["href"]]
    assert len(links) == 2
    assert copy_table.IT_IS_NOT_KNOWN_HERE in words(page)
    known = {"API_URL": settings.KOMBO_REGIONS["us"]}
    settings.KOMBO_ENVIRONMENTS = {"production": settings.KOMBO_ENVIRONMENTS["production"] | known}
    assert "Kombo’s region for the United States" in words(statement_of(alices, with_grid))


def test_a_page_costs_the_same_whatever_its_past(
    changed: tuple[Integration, str],
    alices: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made, _datapoint = changed
    query = {"on": "2026-11-25", "against": "2026-12-05"}
    alices.get(url_of("statement", made))
    with django_assert_num_queries(14):  # with the card's, and the state of that day
        alices.get(url_of("statement", made, **query))
    entry = Entry.objects.get(kind=Kind.COVERAGE)
    for number in range(3, 30):
        CoverageVersion.objects.create(
            integration=made,
            number=number,
            since=timezone.now(),
            grid=made.snapshot.coverage_digest,
        )
        Entry.objects.create(
            integration=made, at=entry.at, kind=entry.kind, what="changed", data=entry.data
        )
        Purpose.objects.create(
            group="pay", valid_from=date(2026, 1, 1) + number * DAY, purpose="Pay"
        )
    with django_assert_num_queries(14):
        alices.get(url_of("statement", made, **query))


def test_the_page_of_an_integration_leads_there(alices: Client, with_grid: Integration) -> None:
    page = page_at(alices, url_of("integration", with_grid))
    assert [link for link in page.all("a") if link["href"] == url_of("statement", with_grid)]


def test_without_a_grid_that_may_be_shown_there_is_none(
    alices: Client, acme: Tenant, connect: Connect, with_grid: Integration
) -> None:
    cold = connect(acme, fetched=False)
    Snapshot.objects.filter(pk=with_grid.pk).update(origin_id="somebody else")
    for made in (cold, with_grid):
        for name in ("statement", "statement_csv", "statement_json"):
            assert alices.get(url_of(name, made)).status_code == 404


def test_whoever_takes_it_away_is_on_record(alices: Client, with_grid: Integration) -> None:
    alices.head(url_of("statement_json", with_grid))
    assert not AuditEntry.objects.filter(what=Act.EXPORTED).exists()
    for name in ("statement_csv", "statement_json"):
        response = alices.get(url_of(name, with_grid))
        assert "personio-access-statement-" in response["Content-Disposition"]
    assert AuditEntry.objects.filter(what=Act.EXPORTED).count() == 2


def test_staff_find_it_and_can_send_its_address(
    browser: Browser, with_grid: Integration, settings: Any
) -> None:
    Tenant.objects.update(contact_email="hr@acme.example")
    page = page_at(browser("amy"), url_of("workspace_data", with_grid))
    path = url_of("statement", with_grid)
    assert [link for link in page.all("a") if link["href"] == path]
    (mail,) = [link["href"] for link in page.all("a") if link["href"].startswith("mailto:")]
    assert mail.startswith("mailto:hr@acme.example?subject=What%20Northwind%20reads%20from")
    assert path.replace("/", "%2F") in mail
    assert browser("amy").get(path).status_code == 200


def test_within_a_frame_it_has_no_form_and_its_links_stay_there(
    with_grid: Integration, settings: Any
) -> None:
    turn_on(settings)
    frame = enter(view="none")
    inside = f"/embed{url_of('statement', with_grid)}"
    page = read(frame.do("GET", inside))
    assert not page.one("article", "class", "statement").all("form")
    ways = [link["href"] for link in page.all("a") if not link["href"].startswith("https://")]
    assert all(way.startswith("/embed/") for way in ways)
    assert f"{inside.removesuffix('/')}.json" in ways

"""Which rows of the grid are marked as changed of late, and how a change comes to be marked."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from integrations.history import record as history_record
from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import NOW, Connect
from tests.views.browsing import HTMX, Element, read, url_of

pytestmark = pytest.mark.usefixtures("clock")


MODEL, FIELD = "hris_employees", "hris_employees.mobile_phone_number"
OTHER = "hris_employees.first_name"


def change(made: Integration, days: float, *datapoints: str) -> None:
    """Let datapoints have changed so many days ago."""
    when = NOW - timedelta(days=days)
    history_record.record_coverage(made.pk, {"opted_out": list(datapoints)}, when)
    Snapshot.objects.filter(pk=made.pk).update(coverage_changed_at=when)


def marks(client: Client, made: Integration, language: str = "en", **query: str) -> dict[str, str]:
    """The marked rows by their ids, as the page shows them with everything open."""
    url = url_of("integration", made, **{"open": "all"} | query)
    return marked(read(client.get(url, headers={"Accept-Language": language})))


def marked(page: Element) -> dict[str, str]:
    return {_row_of(mark)["data-datapoint"]: mark.text for mark in page.all("span", "data-changed")}


def _row_of(mark: Element) -> Element:
    return next(one for one in mark.ancestors if one["data-datapoint"])


def test_nothing_is_marked_where_nothing_changed(alices: Client, with_grid: Integration) -> None:
    assert marks(alices, with_grid) == {}


def test_a_field_that_changed_is_marked_and_so_is_its_model(
    alices: Client, with_grid: Integration
) -> None:
    change(with_grid, 3, FIELD)
    assert marks(alices, with_grid) == {
        MODEL: copy.CHANGED_ON_DATE(date="17 November"),
        FIELD: copy.CHANGED_ON_DATE(date="17 November"),
    }
    assert marks(alices, with_grid, open="none") == {
        MODEL: copy.CHANGED_ON_DATE(date="17 November")
    }


def test_a_model_that_changed_itself_is_marked_alone(
    alices: Client, with_grid: Integration
) -> None:
    change(with_grid, 3, MODEL)
    assert marks(alices, with_grid) == {MODEL: copy.CHANGED_ON_DATE(date="17 November")}


def test_the_latest_change_of_each_is_what_is_told(alices: Client, with_grid: Integration) -> None:
    change(with_grid, 9, FIELD, OTHER, MODEL)
    change(with_grid, 2, FIELD)
    assert marks(alices, with_grid) == {
        MODEL: copy.CHANGED_ON_DATE(date="11 November"),
        FIELD: copy.CHANGED_ON_DATE(date="18 November"),
        OTHER: copy.CHANGED_ON_DATE(date="11 November"),
    }


@pytest.mark.parametrize(("days", "is_marked"), [(29.9, True), (30.1, False), (300, False)])
def test_a_change_is_pointed_out_for_30_days(
    alices: Client, with_grid: Integration, days: float, is_marked: bool
) -> None:
    change(with_grid, days, FIELD)
    assert (FIELD in marks(alices, with_grid)) is is_marked


def test_an_old_change_is_not_marked_because_another_is_new(
    alices: Client, with_grid: Integration
) -> None:
    change(with_grid, 40, FIELD)
    change(with_grid, 2, OTHER)
    assert set(marks(alices, with_grid)) == {MODEL, OTHER}


def test_marks_of_one_integration_are_not_anothers(
    alices: Client, acme: Tenant, connect: Connect, with_grid: Integration
) -> None:
    other = connect(acme, coverage="everything")
    change(with_grid, 2, FIELD)
    change(other, 2, OTHER)
    assert set(marks(alices, other)) == {MODEL, OTHER}


def test_fields_that_come_later_are_marked_too(alices: Client, with_grid: Integration) -> None:
    change(with_grid, 2, FIELD)
    part = alices.get(url_of("coverage_fields", with_grid, group=MODEL), headers=HTMX)
    assert marked(read(part)) == {FIELD: copy.CHANGED_ON_DATE(date="18 November")}
    found = alices.get(url_of("integration", with_grid, q="mobile", open="all"), headers=HTMX)
    assert marked(read(found))[FIELD] == copy.CHANGED_ON_DATE(date="18 November")


def test_the_day_is_told_in_language_and_time_zone_of_the_site(
    alices: Client, with_grid: Integration, settings: Any
) -> None:
    change(with_grid, 0.52, FIELD)  # 23:31 of the 19th in UTC
    assert marks(alices, with_grid, language="de")[FIELD] == "Geändert am 19. November"
    settings.TIME_ZONE = "Europe/Berlin"
    assert marks(alices, with_grid, language="de")[FIELD] == "Geändert am 20. November"


def test_what_kombo_answers_differently_is_marked(
    alices: Client, with_grid: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    body = kombo.details(with_grid.integration_id) or {}
    employees = next(model for model in body["read_models"] if model["id"] == MODEL)
    field = next(field for field in employees["fields"] if field["is_available"])
    field["is_available"] = False
    clock.shift(timedelta(days=1))
    kombo.add(body)
    snapshots.revalidate(with_grid, by_person=True)
    key = f"{MODEL}.{field['id']}"
    assert marks(alices, with_grid) == dict.fromkeys(
        (MODEL, key), copy.CHANGED_ON_DATE(date="21 November")
    )
    clock.shift(timedelta(days=31))
    assert marks(alices, with_grid) == {}

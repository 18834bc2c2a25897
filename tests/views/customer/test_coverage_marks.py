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
from tests.conftest import NOW, Connect
from tests.views.browsing import HTMX, Element, read, url_of

pytestmark = pytest.mark.usefixtures("clock")


MODEL, FIELD = "hris_employees", "hris_employees.mobile_phone_number"
OTHER = "hris_employees.first_name"


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, coverage="everything")


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


def test_nothing_is_marked_where_nothing_changed(alices: Client, made: Integration) -> None:
    assert marks(alices, made) == {}


def test_a_field_that_changed_is_marked_and_so_is_its_model(
    alices: Client, made: Integration
) -> None:
    change(made, 3, FIELD)
    assert marks(alices, made) == {
        MODEL: "Changed on 17 November 2026",
        FIELD: "Changed on 17 November 2026",
    }
    assert marks(alices, made, open="none") == {MODEL: "Changed on 17 November 2026"}


def test_a_model_that_changed_itself_is_marked_alone(alices: Client, made: Integration) -> None:
    change(made, 3, MODEL)
    assert marks(alices, made) == {MODEL: "Changed on 17 November 2026"}


def test_the_latest_change_of_each_is_what_is_told(alices: Client, made: Integration) -> None:
    change(made, 9, FIELD, OTHER, MODEL)
    change(made, 2, FIELD)
    assert marks(alices, made) == {
        MODEL: "Changed on 11 November 2026",
        FIELD: "Changed on 18 November 2026",
        OTHER: "Changed on 11 November 2026",
    }


@pytest.mark.parametrize(("days", "is_marked"), [(29.9, True), (30.1, False), (300, False)])
def test_a_change_is_pointed_out_for_30_days(
    alices: Client, made: Integration, days: float, is_marked: bool
) -> None:
    change(made, days, FIELD)
    assert (FIELD in marks(alices, made)) is is_marked


def test_an_old_change_is_not_marked_because_another_is_new(
    alices: Client, made: Integration
) -> None:
    change(made, 40, FIELD)
    change(made, 2, OTHER)
    assert set(marks(alices, made)) == {MODEL, OTHER}


def test_marks_of_one_integration_are_not_anothers(
    alices: Client, acme: Tenant, connect: Connect, made: Integration
) -> None:
    other = connect(acme, coverage="everything")
    change(made, 2, FIELD)
    change(other, 2, OTHER)
    assert set(marks(alices, other)) == {MODEL, OTHER}


def test_fields_that_come_later_are_marked_too(alices: Client, made: Integration) -> None:
    change(made, 2, FIELD)
    part = alices.get(url_of("coverage_fields", made, group=MODEL), headers=HTMX)
    assert marked(read(part)) == {FIELD: "Changed on 18 November 2026"}
    found = alices.get(url_of("integration", made, q="mobile", open="all"), headers=HTMX)
    assert marked(read(found))[FIELD] == "Changed on 18 November 2026"


def test_the_day_is_told_in_language_and_time_zone_of_the_site(
    alices: Client, made: Integration, settings: Any
) -> None:
    change(made, 0.52, FIELD)  # 23:31 of the 19th in UTC
    assert marks(alices, made, language="de")[FIELD] == "Geändert am 19. November 2026"
    settings.TIME_ZONE = "Europe/Berlin"
    assert marks(alices, made, language="de")[FIELD] == "Geändert am 20. November 2026"


def test_what_kombo_answers_differently_is_marked(
    alices: Client, made: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    body = kombo.details(made.integration_id) or {}
    employees = next(model for model in body["read_models"] if model["id"] == MODEL)
    field = next(field for field in employees["fields"] if field["is_available"])
    field["is_available"] = False
    clock.shift(timedelta(days=1))
    kombo.add(body)
    snapshots.revalidate(made, by_person=True)
    key = f"{MODEL}.{field['id']}"
    assert marks(alices, made) == dict.fromkeys((MODEL, key), "Changed on 21 November 2026")
    clock.shift(timedelta(days=31))
    assert marks(alices, made) == {}

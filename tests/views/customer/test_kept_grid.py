"""Rows of the grid that a process keeps are what they would be if they were rendered anew."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.domain.coverage import Reason
from integrations.history import record as history_record
from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.hostile import NASTY, hostile
from integrations.templatetags import grid
from integrations.views.customer.coverage_rows import ModelRow
from tests.conftest import NOW, Connect
from tests.views.browsing import HTMX, Element, read, url_of
from tests.views.conftest import Browser

pytestmark = pytest.mark.usefixtures("clock")

LANGUAGES = ("en", "de", "fr", "es", "it")
LOOKS: list[dict[str, Any]] = [
    {},
    {"open": "all"},
    {"open": ["hris_employees", "hris_teams"]},
    {"show": "unavailable"},
    {"show": "opted_out", "open": "all"},
    {"q": "birth"},
    {"q": "a&b=c#d", "show": "sensitive"},
    {"q": "name", "show": "available", "open": "none"},
]
DIFFERS = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-poll="[0-9.]+"')
KEPT = (grid._model_row, grid._unmarked, grid._field_text, grid._verdict)
FIELD = "hris_employees.date_of_birth"
ROW = ModelRow(
    id="hris_employees",
    name="Employees",
    meaning="Whoever",
    reason=Reason.AVAILABLE,
    why="",
    numbers="1/2",
    parts=(),
    changed="",
    heading="",
    has_fields=True,
    has_list=False,
    is_open=False,
)


def forget() -> None:
    for kept in KEPT:
        kept.cache_clear()


def look(client: Client, made: Integration, language: str = "en", **query: Any) -> Any:
    headers = {"accept-language": language}
    answer = client.get(url_of("integration", made), query, headers=headers)
    assert answer.status_code == 200
    return answer


def html(client: Client, made: Integration, language: str = "en", **query: Any) -> str:
    return DIFFERS.sub("", look(client, made, language, **query).text)


def row(client: Client, made: Integration, datapoint: str = FIELD) -> Element:
    return read(look(client, made, open="all")).one("", "data-datapoint", datapoint)


def change(made: Integration, **values: Any) -> None:
    """Have Kombo's answer say something else of all models."""
    stored = json.loads(Snapshot.objects.get(pk=made.pk).coverage)
    for model in stored["read_models"]:
        model |= values
    Snapshot.objects.filter(pk=made.pk).update(coverage=json.dumps(stored))


@pytest.fixture
def bolts(bolt: Tenant, connect: Connect) -> Integration:
    return connect(bolt, coverage="everything")


@pytest.fixture
def nasty(acme: Tenant, connect: Connect, kombo: Simulator, alices: Client) -> Integration:
    """One whose every string is an attack or a mess."""
    made = connect(acme, fetched=False)
    kombo.add(hostile(integration_id=made.integration_id, origin_id="acme", state="connected"))
    assert alices.get(url_of("card", made)).status_code == 200
    return made


# CI looks at each in each language.
@pytest.mark.parametrize(
    ("languages", "step"),
    [(("en", "de"), 2), pytest.param(LANGUAGES, 1, marks=pytest.mark.exhaustive)],
)
def test_kept_and_new_rows_make_the_same_page(
    alices: Client,
    with_grid: Integration,
    nasty: Integration,
    languages: tuple[str, ...],
    step: int,
) -> None:
    ways = [(with_grid, query) for query in LOOKS] + [(nasty, query) for query in LOOKS[::step]]
    looks = [
        (made, language, query)
        for made, query in ways
        for language in (languages if made == with_grid else languages[::step])
    ]

    def seen(made: Integration, language: str, query: dict[str, Any]) -> str:
        return html(alices, made, language, **query)

    for one in looks:
        seen(*one)
    kept = [seen(*one) for one in looks]
    for one, page in zip(looks, kept, strict=True):
        forget()
        assert seen(*one) == page, one
    assert len({*kept}) == len(kept)


def test_whatever_a_row_shows_is_told_apart() -> None:
    others: Iterable[dict[str, Any]] = [
        {"id": "hris_teams"},
        {"name": NASTY[0]},
        {"meaning": ""},
        {"reason": Reason.OPTED_OUT},
        {"why": NASTY[0]},
        {"numbers": "2/2"},
        {"parts": (("shared", 1), ("opted_out", 1))},
        {"changed": "today"},
        {"heading": "Pay"},
        {"has_fields": False},
        {"has_list": True},
        {"is_open": True},
    ]
    assert {name for other in others for name in other} == set(ModelRow._fields)
    rows = [ROW, *(ROW._replace(**other) for other in others)]
    kept = [grid._model_row("en", one) for one in rows]
    assert len({*kept}) == len(rows)
    for one, shown in zip(rows, kept, strict=True):
        forget()
        assert grid._model_row("en", one) == shown
        assert NASTY[0] not in shown


def test_a_page_has_its_own_addresses(
    alices: Client, browser: Browser, with_grid: Integration, bolts: Integration, bob: User
) -> None:
    for query in (*LOOKS[:3], LOOKS[6]):
        pages = [(alices, with_grid, bolts), (browser("bob"), bolts, with_grid)]
        for client, own, others in pages:
            answer = look(client, own, **query)
            page = answer.text
            assert others.public_id not in page
            assert others.tenant.public_id not in page
            for word in (grid._FIELDS, grid._OPEN_URL, grid._FIELDS_URL):
                assert word not in page
            for load in read(answer).all("a", "class", "coverage-load"):
                assert load["href"].startswith(f"{url_of('integration', own)}?")
                assert load["hx-get"].startswith(f"{url_of('coverage_fields', own)}?")


def test_another_customers_grid_is_told_apart(
    alices: Client, browser: Browser, with_grid: Integration, bolts: Integration, bob: User
) -> None:
    bobs = browser("bob")
    assert row(alices, with_grid)["data-availability"] == "available"
    change(bolts, is_available=False, scope_config_setting="DISABLED", label=NASTY[0])
    for _time in range(2):
        assert row(bobs, bolts)["data-availability"] == "model_unavailable"
        assert row(bobs, bolts, "hris_employees")["data-availability"] == "not_requested"
        assert row(alices, with_grid)["data-availability"] == "available"
        assert NASTY[0] not in html(bobs, bolts, open="all")


def test_what_changed_shows_at_once(alices: Client, with_grid: Integration, settings: Any) -> None:
    assert not row(alices, with_grid).all("span", "data-changed")
    history_record.record_coverage(with_grid.pk, {"opted_out": [FIELD]}, NOW)
    Snapshot.objects.update(coverage_changed_at=NOW)
    assert row(alices, with_grid).one("span", "data-changed")
    assert row(alices, with_grid, "hris_employees").one("summary").one("span", "data-changed")
    change(with_grid, is_available=False, scope_config_setting="DISABLED")
    assert row(alices, with_grid, "hris_employees")["data-availability"] == "not_requested"
    settings.VENDOR_NAME = "Southwind"
    model = row(alices, with_grid, "hris_employees")
    assert "Southwind" in model.one("span", "class", "coverage-why").text


def test_a_list_of_fields_is_kept_and_new_the_same(alices: Client, with_grid: Integration) -> None:
    url = url_of("coverage_fields", with_grid, group="hris_employees")
    for at in LANGUAGES:
        headers = {"accept-language": at, **HTMX}
        _first, kept = (alices.get(url, headers=headers).text for _time in range(2))
        forget()
        assert alices.get(url, headers=headers).text == kept == _first


def test_what_is_kept_is_bounded() -> None:
    assert all(kept.cache_info().maxsize for kept in KEPT)

"""Every count above the grid has one base: fields, and whatever has none, of data and actions."""

import json
import re

import pytest
from django.test import Client

from integrations.domain import coverage
from integrations.domain.coverage import Show
from integrations.models import Integration, Snapshot, Tenant
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, read, url_of


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    """One of whose data some has no fields: a base of fields alone would leave it out."""
    made = connect(acme)
    grid = json.loads(made.snapshot.coverage)
    for model in grid["read_models"][:3]:
        model["fields"] = []
    Snapshot.objects.filter(pk=made.pk).update(coverage=json.dumps(grid))
    return made


def numbers(summary: str) -> list[tuple[int, int]]:
    return [(int(some), int(of)) for some, of in re.findall(r"(\d+) of (\d+)", summary)]


def shown(client: Client, made: Integration, **query: str) -> tuple[dict[str, int], str]:
    """The chips' counts by name, and the summary below them."""
    page = read(client.get(url_of("integration", made), query, headers=HTMX))
    chips = [one.text.rpartition(" ") for one in page.all("a", "class", "chip")]
    return {name: int(count) for name, _, count in chips}, summary(page)


def summary(page: Element) -> str:
    return page.one("p", "class", "coverage-summary").text


@pytest.mark.parametrize("query", ["", "name", "first name"])
def test_chips_and_summary_count_the_same(alices: Client, made: Integration, query: str) -> None:
    chips, text = shown(alices, made, q=query)
    assert numbers(text)[0] == (chips["Available"], chips["All"])
    assert chips["All"] == chips["Available"] + chips[copy.NOT_AVAILABLE]


def test_data_and_actions_add_up_to_all(alices: Client, made: Integration) -> None:
    _chips, text = shown(alices, made)
    (available, total), *halves = numbers(text)
    assert len(halves) == 2
    assert (available, total) == (sum(n for n, _ in halves), sum(n for _, n in halves))
    grid = coverage.read(Snapshot.objects.get(pk=made.pk).coverage)
    assert total == grid.counts[Show.ALL] > halves[0][1] > 0


def test_what_has_no_field_is_one_and_a_chip_changes_no_summary(
    alices: Client, made: Integration
) -> None:
    whole = shown(alices, made)[1]
    assert shown(alices, made, show="opted_out")[1] == whole
    assert shown(alices, made, show="available", open="all")[1] == whole

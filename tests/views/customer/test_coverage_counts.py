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


def counted(client: Client, made: Integration, **query: str) -> dict[str, int]:
    """The chips' counts by name."""
    page = read(client.get(url_of("integration", made), query, headers=HTMX))
    chips = [one.text.rpartition(" ") for one in page.one("ul", "class", "segments").all("a")]
    return {name: int(count) for name, _, count in chips}


def whole(client: Client, made: Integration, **query: str) -> Element:
    return read(client.get(url_of("integration", made), query)).one("section", "id", "coverage")


def test_available_and_not_are_all(
    alices: Client, made: Integration, subtests: pytest.Subtests
) -> None:
    for query in ["", "name", "first name"]:
        with subtests.test(query=query):
            chips = counted(alices, made, q=query)
            assert chips["All"] == chips["Available"] + chips[copy.NOT_AVAILABLE]


def test_heading_bar_and_legend_count_what_the_chips_do(alices: Client, made: Integration) -> None:
    panel = whole(alices, made)
    read_and_taken = [int(number) for number in re.findall(r"\d+", panel.one("h2").text)]
    shown, readable, taken, possible = read_and_taken
    chips = counted(alices, made)
    assert (shown + taken, readable + possible) == (chips["Available"], chips["All"])
    grid = coverage.read(Snapshot.objects.get(pk=made.pk).coverage)
    assert chips["All"] == grid.counts[Show.ALL] > readable > 0
    bar, legend = panel.all("svg", "class", "split")[0], panel.one("ul", "class", "legend")
    widths = {part["data-part"]: part["width"] for part in bar.all("rect")}
    numbers = {
        item.one("span", "data-part")["data-part"]: item.one("b").text for item in legend.all("li")
    }
    assert widths == numbers
    assert widths["shared"] == str(chips["Available"])
    assert sum(map(int, widths.values())) == chips["All"]


def test_a_chip_or_a_search_changes_no_heading(alices: Client, made: Integration) -> None:
    heading = whole(alices, made).one("h2").text
    assert whole(alices, made, show="opted_out", q="name").one("h2").text == heading

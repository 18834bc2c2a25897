"""What a checker of HTML objected to, and would again."""

from urllib.parse import unquote

from django.test import Client

from integrations.models import Tenant
from integrations.templatetags import grid
from tests.conftest import Connect
from tests.views.browsing import read, url_of
from tests.views.conftest import Browser


def test_no_hidden_field_speaks_to_screen_readers(browser: Browser, acme: Tenant) -> None:
    page = read(browser("root").get(f"/workspace/t/{acme.public_id}/"))
    hidden = [one for one in page.all("input", "type", "hidden") if "initial-" in one["name"]]
    assert hidden
    assert [one["name"] for one in hidden if one["aria-describedby"]] == []


def test_an_id_in_the_grid_is_its_datapoint(alices: Client, acme: Tenant, connect: Connect) -> None:
    made = connect(acme, coverage="everything")
    page = read(alices.get(url_of("integration", made), {"open": "all"}))
    rows = page.all("", "data-datapoint")
    assert rows
    for row in rows:
        assert unquote(row["id"]) == row["data-datapoint"]
        for link in row.all("a", "class", "anchor"):
            assert link["href"].startswith("#")


def test_what_no_id_may_hold_is_encoded() -> None:
    odd = 'line\nbreak\ttab "><i> ä%20'
    assert unquote(grid.anchor(odd)) == odd
    assert grid.anchor(odd).isascii()
    assert not set(grid.anchor(odd)) & set(' \t\n"<>')
    assert grid.anchor("hris_employees.iban") == "hris_employees.iban"

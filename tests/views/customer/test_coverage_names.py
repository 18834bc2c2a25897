"""The grid in the reader's words: names, what they mean, what is sensitive, and finding them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

from integrations.models import Integration
from tests import copy
from tests.views.browsing import Element, page_at, read, url_of

SENSITIVE = {"special_category", "bank", "identifier"}


def look(client: Client, made: Integration, language: str = "en", **query: Any) -> Element:
    headers = {"accept-language": language}
    return page_at(client, url_of("integration", made), query, headers=headers)


def found(page: Element) -> set[str]:
    return {row["data-datapoint"] for row in page.all("div", "class", "coverage-field")}


def test_names_are_the_readers_and_ids_stand_beside_them(
    alices: Client, with_grid: Integration
) -> None:
    page = look(alices, with_grid, "de", open="all")
    row = page.one("div", "id", "hris_employees.date_of_birth")
    assert (row.one("a").text, row.one("code").text) == ("Geburtsdatum", "date_of_birth")
    line = page.one("details", "id", "hris_employees").one("span", "class", "coverage-name")
    assert line.text.startswith("Mitarbeiter hris_employees")
    assert "Wer für die Organisation arbeitet" in line.text


def test_what_a_field_means_stands_below_it(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, open="all")
    raw = page.one("div", "id", "hris_employees.remote_data")
    assert "opted out" in raw.one("span", "class", "coverage-meaning").text
    changed = page.one("div", "id", "hris_employees.changed_at")
    assert not changed.all("span", "class", "coverage-meaning")
    assert "Kombo" in changed.one("a")["title"]


def test_sensitive_fields_are_marked_and_can_be_shown_alone(
    alices: Client, with_grid: Integration
) -> None:
    marked = {
        row["data-datapoint"]: row.one("span", "data-sensitivity")
        for row in look(alices, with_grid, open="all").all("div", "class", "coverage-field")
        if row.all("span", "data-sensitivity")
    }
    assert {mark["data-sensitivity"] for mark in marked.values()} == SENSITIVE
    assert marked["hris_employees.bank_accounts"].text == "Bank details"
    assert marked["hris_employees.ethnicity"].text == "Special category (GDPR)"
    assert "hris_employees.first_name" not in marked
    alone = look(alices, with_grid, show="sensitive", open="all")
    assert found(alone) == set(marked)
    assert (
        alone.one("div", "id", "results").one("a", "aria-current").text
        == f"Sensitive {len(marked)}"
    )


def test_models_and_fields_are_headed_by_what_they_are_about(
    alices: Client, with_grid: Integration
) -> None:
    page = look(alices, with_grid, open="all")
    heads = [head.text for head in page.one("", "aria-labelledby", "section-read").all("h4")]
    assert heads[:4] == ["Person", "Job and team", "Pay and bank", "Absence"]
    employees = page.one("details", "id", "hris_employees")
    assert [head.text for head in employees.all("p", "class", "coverage-heading")] == [
        *("Person", "Contact", "Job and team", "Pay and bank", "Working time"),
        *("Further data", "Technical"),
    ]
    assert len(employees.all("dl")) == 7
    assert not page.one("details", "id", "hris_absence_types").all("p", "class", "coverage-heading")


def test_the_readers_words_find_a_field(
    alices: Client, with_grid: Integration, subtests: pytest.Subtests
) -> None:
    for language, query, datapoint in [
        ("de", "Geburtstag", "hris_employees.date_of_birth"),
        ("de", "mitarbeiter geburtsdatum", "hris_employees.date_of_birth"),
        ("fr", "numero securite", "hris_employees.ssn"),
        ("it", "date of birth", "hris_employees.date_of_birth"),
        ("en", "boss", "hris_employees.manager_id"),
        ("es", "Groups parent", "hris_teams.parent_id"),
    ]:
        with subtests.test(language=language, query=query, datapoint=datapoint):
            assert datapoint in found(look(alices, with_grid, language, q=query, open="all"))


def test_the_example_in_the_box_is_found(
    alices: Client, with_grid: Integration, subtests: pytest.Subtests
) -> None:
    for language in ["en", "de", "fr", "es", "it"]:
        with subtests.test(language=language):
            box = look(alices, with_grid, language).one("input", "id", "grid-query")
            with translation.override(language):
                around = _(copy.SEARCH_DATA_FOR_EXAMPLE_NAME) % {"name": ""}
            example = box["placeholder"].removeprefix(around)
            assert example != box["placeholder"]
            assert found(look(alices, with_grid, language, q=example, open="all"))


def test_a_misspelt_word_is_answered_with_the_nearest_names(
    alices: Client, with_grid: Integration
) -> None:
    page = look(alices, with_grid, q="birthdya")
    empty = page.one("p", "class", "coverage-empty")
    assert empty.text.startswith("No data matches “birthdya”. Did you mean: Date of birth")
    assert [one.text for one in page.all("", "data-announce-results")] == [empty.text]
    near = empty.all("a")[0]
    assert near["data-query"] == "Date of birth"
    assert "hris_employees.date_of_birth" in found(read(alices.get(near["href"])))


def test_a_chip_that_leaves_nothing_keeps_the_chips(alices: Client, with_grid: Integration) -> None:
    page = look(alices, with_grid, q="hris_employees.first_name", show="sensitive")
    assert page.one("p", "class", "coverage-empty").text == "No results. Clear filters"
    assert len(page.one("div", "id", "results").one("ul", "class", "segments").all("a")) == 6
    assert not page.all("a", "id", "expand")

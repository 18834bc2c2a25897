"""A name that was typed, compared with the one that was read."""

import pytest

from integrations.domain.search import is_same_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Personio", "Personio"),
        ("  personio ", "Personio"),
        ("PERSONIO", "Personio"),
        ("sap success factors", "SAP SuccessFactors"),
        ("Eurecia", "Eurécia"),
        ("\u2068Personio\u2069", "Personio"),
        ("a3innuva\u00a0Nomina", "a3innuva Nómina"),
        ("בוב", "\u2067בוב\u2069"),
        ("360learning", "360Learning"),
        ("\u0301", "\u0301"),
    ],
)
def test_what_reads_the_same_is_the_same(typed: str, name: str) -> None:
    assert is_same_name(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "Personio"),
        ("Person", "Personio"),
        ("Personio 2", "Personio"),
        ("", ""),
        (" ", " "),
        ("\u200b", "\u0301"),
    ],
)
def test_anything_else_is_another(typed: str, name: str) -> None:
    assert not is_same_name(typed, name)

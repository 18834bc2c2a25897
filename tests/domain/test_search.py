"""However somebody types a name, and however it is stored, it is found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain.search import compose, fold, has_words, words

FOUND = [
    ("istanbul", "İSTANBUL Lojistik"),
    ("ISTANBUL", "ıstanbul"),
    ("muller", "Müller & Söhne"),
    ("MÜLLER", "Mu\u0308ller"),
    ("strasse", "Straße"),
    ("한국", unicodedata.normalize("NFD", "한국 전력")),
    (unicodedata.normalize("NFD", "한국"), "한국 전력"),
    ("lodz", "Łódź"),
    ("kobenhavn", "København"),
    ("🚀", "Rocket 🚀 Inc"),
    ("❤", "We ❤️ HR"),
    ("ガス", "\uff76\uff9e\uff7d"),  # written half as wide
    ("fi", "ﬁnance"),
    ("acme", "ac\u00adme"),
    ("σοφος", "ΣΟΦΌΣ"),
]


@pytest.mark.parametrize(("typed", "stored"), FOUND)
def test_what_is_typed_finds_what_is_stored(typed: str, stored: str) -> None:
    assert has_words(stored, fold(typed).split())
    [word] = words(typed)
    assert any(one.startswith(word) for one in words(stored))


@pytest.mark.parametrize(("typed", "stored"), [("muller", "Miller"), ("🚀", "🛰"), ("한국", "중국")])
def test_what_is_another_word_is_not_found(typed: str, stored: str) -> None:
    assert not has_words(stored, fold(typed).split())


@given(st.text(max_size=40))
def test_every_way_to_write_a_text_is_compared_alike(text: str) -> None:
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {fold(text)}
    assert fold(fold(text)) == fold(text)


def test_words_are_without_what_stands_between_them() -> None:
    assert words("Bolt & Sons, (EMEA)_2") == ["bolt", "sons", "emea", "2"]


def test_a_name_has_one_way_to_be_written() -> None:
    assert compose("Mu\u0308ller") == compose("Müller") == "Müller"

"""The language that an address names, as hosts write languages."""

from typing import Any

import pytest
from django.test import Client

from tests.embed import turn_on
from tests.views.browsing import read


def test_a_region_does_not_hide_the_language(
    client: Client, db: None, settings: Any, subtests: pytest.Subtests
) -> None:
    for tag, spoken in [
        ("de", "de"),
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("DE-de", "de"),
        ("fr-Latn-CA", "fr"),
        ("en-GB", "en"),
        ("zh-Hant", "it"),  # none of ours: the browser's
        ("deutsch", "it"),
        ("", "it"),
        ("../../etc/passwd", "it"),
        ("\u202ede", "it"),
        ("x" * 5000, "it"),
        ("de" + "-x" * 2000, "de"),
    ]:
        with subtests.test(tag=tag, spoken=spoken):
            turn_on(settings)
            page = read(client.get("/embed/", {"lang": tag}, headers={"Accept-Language": "it"}))
            assert page.one("html")["lang"] == spoken

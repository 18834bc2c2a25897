"""The gallery leads to every state, as who sees it, in each theme, language and face."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.demo import gallery
from integrations.demo.faces import FACES
from integrations.domain import accent
from integrations.domain.coverage import Reason
from integrations.domain.headline import Key
from integrations.simulator.app import Simulator

pytestmark = pytest.mark.django_db
HEADLINE = re.compile(r'<article class="card hero[^>]*data-headline="(\w+)"', re.DOTALL)


@pytest.fixture
def visitor(client: Client, settings: Any, seeded: Simulator) -> Client:
    """Somebody who sees the demo."""
    settings.ROOT_URLCONF = "integrations.demo.urls"
    settings.EMBED_ORIGINS = ["http://localhost:9"]
    settings.WORKS_WITH = True
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "integrations.demo.faces.dress"]
    return Client(raise_request_exception=False)


def shown(visitor: Client, name: str, **chosen: str) -> tuple[int, str]:
    """The status and the text of the page that a state leads to."""
    led = visitor.get(reverse("demo_state", args=[name]), chosen)
    assert led.status_code == 302
    answer = visitor.get(led["Location"])
    return answer.status_code, answer.text


FIRST = [next(iter(names)) for names in gallery.GALLERY.values()]
# The last kinds come first, one of each: what is of the first ones is in other tests here.
STATES = [
    name
    for name in dict.fromkeys([*reversed(FIRST), *gallery.STATES])
    if not gallery.STATES[name].path.startswith("{host}")
]


@pytest.mark.exhaustive(keep=6)
@pytest.mark.parametrize("name", STATES)
def test_a_state_leads_to_its_page(visitor: Client, name: str) -> None:
    usual = {"organizations": 200, "guest-link-ended": 404, "join-ended": 404}
    expected = int(name[6:9]) if name.startswith("error-") else usual.get(name, 200)
    assert shown(visitor, name)[0] == expected


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("key", Key)
def test_a_headline_is_shown(visitor: Client, key: Key) -> None:
    assert HEADLINE.findall(shown(visitor, f"headline-{key}")[1]) == [key]


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_shown(visitor: Client, reason: Reason) -> None:
    led = visitor.get(reverse("demo_state", args=[f"reason-{reason}"]))
    row = led["Location"].partition("#")[2]
    page = visitor.get(led["Location"]).text
    assert re.search(rf'id="{re.escape(row)}"[^>]*data-availability="{reason}"', page, re.DOTALL)


def test_an_outage_is_told_once_and_only_where_it_is_asked_for(visitor: Client) -> None:
    for name in gallery.GALLERY["Outage"]:
        assert shown(visitor, name)[1].count('<section class="notice" data-outage') == 1, name
    for name in ("list", "customer-all", "headline-sign_in_failing"):
        assert "data-outage" not in shown(visitor, name)[1], name


def test_all_states_are_in_the_index(visitor: Client) -> None:
    page = visitor.get("/demo/gallery/", {"theme": "dark", "face": "red"}).text
    assert set(re.findall(r'href="/demo/gallery/([\w-]+)/\?theme=dark"', page)) == set(
        gallery.STATES
    )


def test_a_page_wears_what_its_address_names(visitor: Client) -> None:
    page = shown(visitor, "customer", theme="dark", lang="de", face="yellow")[1]
    assert '<html lang="de"' in page
    assert f"/theme/{accent.stylesheet_name(FACES['yellow'])}.css" in page
    assert "/demo/gallery/dark.css" in page
    assert "prefers-color-scheme" not in page
    assert 'content="light dark"' not in page
    for picture in set(re.findall(r"/identity/\w+/", page)):
        assert visitor.get(picture)["Content-Type"] == "image/svg+xml"
    plain = shown(visitor, "customer")[1]
    assert "/demo/gallery/" not in plain
    assert 'content="light dark"' in plain


def test_a_page_of_other_addresses_wears_it_too(visitor: Client) -> None:
    status, page = shown(visitor, "preview", theme="dark")
    assert status == 200
    assert "/demo/gallery/dark.css" in page


def test_what_is_unknown_is_not_found(visitor: Client) -> None:
    for address in ("nothing/", "error/nothing/", "pink.css"):
        assert visitor.get(f"/demo/gallery/{address}").status_code == 404

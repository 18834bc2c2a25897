"""Into Kombo Connect and through it, as a browser would go."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.simulator.app import Simulator
from tests.views.browsing import read


def link_in(response: Any) -> str:
    return read(response).one("a", "rel", "noreferrer")["href"]


def token_of(link: str) -> str:
    return str(parse_qs(urlsplit(link).query)["token"][0])


def finish(kombo: Simulator, link: str) -> str:
    """Go through Kombo Connect; answers the activation token it reports to the page."""
    activation = kombo.world.complete(token_of(link), offered=[], shared=[])
    assert activation
    return activation

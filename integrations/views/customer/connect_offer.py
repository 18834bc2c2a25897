"""What a tool would be good for before it is connected, and what it takes."""

from typing import Any

from django.utils.translation import gettext as _

from integrations.domain import coverage, markdown
from integrations.models import CatalogueTool


def of(one: CatalogueTool) -> dict[str, Any]:
    """Return what Kombo says of a tool, and what it offers in groups, for a page to show."""
    grid = coverage.read(one.coverage)
    return {
        "notices": [
            (title, markdown.render(text)) for title, text in _notices(one) if text.strip()
        ],
        "offers": [group for group in grid.read if group.total],
        "actions": [group for group in grid.write if group.total],
    }


def _notices(one: CatalogueTool) -> list[tuple[str, str]]:
    """Return what Kombo says of a tool's price and access: a title and Markdown each."""
    titles = {
        "paid": _("Paid API access"),
        "fast_track": _("Faster approval"),
        "partner": _("Partners only"),
    }
    return [(titles[name], text) for name, text in one.notices.items() if name in titles]

"""Tools to search and to choose by their kind, on whichever page lists them."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings

from integrations.domain import search
from integrations.models import CatalogueTool
from integrations.views.customer.cards import category_name
from integrations.views.pager import page_of
from integrations.views.types import Request

PER_PAGE = 48
LONGEST_QUERY = 100  # characters


def narrowed(
    request: Request, tools: list[CatalogueTool], url: Callable[[str, str], str]
) -> dict[str, Any]:
    """Return the page of the tools that `q` and `category` leave, as `paged`, with what the search
    and the kinds beside it show; `url` makes the address of a query and a category.
    """
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    typed = search.fold(query).split()
    found = [one for one in tools if search.has_words(one.label, typed)]
    counts = Counter(one.catalogue.category for one in found)
    offered = {one.catalogue.category for one in tools}
    asked = request.GET.get("category", "")
    category = asked if asked in offered else ""
    shown = [one for one in found if category in {"", one.catalogue.category}]
    return {
        "paged": page_of(request, shown, PER_PAGE),
        "page_url": url(query, category),
        "kinds": [
            (key, category_name(key), counts[key], url(query, key))
            for key in settings.CONNECT_CATEGORIES
            if key in offered
        ],
        "all_url": url(query, ""),
        "found": len(found),
        "category": category,
        "query": query,
        "total": len(tools),
    }

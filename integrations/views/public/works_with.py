"""Which tools can be connected, and what of the vendor's product works with each: for anybody who
asks, from the catalogue alone.
"""

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from integrations.domain import search
from integrations.models import CatalogueTool, Feature
from integrations.upstream import tool_catalogue
from integrations.views.customer.cards import category_name
from integrations.views.language import in_asked_language
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.workspace import feature_text, gains

PER_PAGE = 48
LONGEST_QUERY = 100  # characters
CACHED_FOR = 300  # seconds


@login_not_required
@require_safe
@vary_on_cookie  # a language that was chosen
@in_asked_language
def page(request: Request) -> HttpResponse:
    """The tools, some of them by `q` and `category`; off unless it was switched on."""
    if not settings.WORKS_WITH:
        raise Http404
    response = render(request, "public/works_with.html", _context(request))
    response["Cache-Control"] = f"public, max-age={CACHED_FOR}"
    return response


def _context(request: Request) -> dict[str, Any]:
    tools = list(tool_catalogue.tools(str(settings.CONNECT_ENVIRONMENT)))
    features = gains.public_features()
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    typed = search.fold(query).split()
    found = [one for one in tools if search.has_words(one.label, typed)]
    counts = Counter(one.catalogue.category for one in found)
    offered = {one.catalogue.category for one in tools}
    asked = request.GET.get("category", "")
    category = asked if asked in offered else ""
    shown = [one for one in found if one.catalogue.category == category or not category]
    paged = page_of(request, shown, PER_PAGE)
    return {
        "features": features,
        "rows": [_row(one, features) for one in paged.object_list],
        "paged": paged,
        "page_url": _url(query, category),
        "kinds": [
            (key, category_name(key), counts[key], _url(query, key))
            for key in settings.CONNECT_CATEGORIES
            if key in offered
        ],
        "all_url": _url(query, ""),
        "found": len(found),
        "category": category,
        "query": query,
        "total": len(tools),
        "languages": settings.LANGUAGES,
        "language": get_language(),
    }


def _row(tool: CatalogueTool, features: list[Feature]) -> dict[str, Any]:
    """Return a tool with what would work with it, as far as that was worked out."""
    return {
        "label": tool.label,
        "tool_id": tool.tool_id,
        "category": category_name(tool.catalogue.category),
        "logo_key": str(tool.logo_id or ""),
        "cells": [
            {
                "name": said.feature.name,
                "verdict": said.verdict,
                "badge": feature_text.verdict_name(said.verdict),
                "severity": feature_text.severity_of(said.verdict),
            }
            for said in gains.known_verdicts(tool, features)
        ],
    }


def _url(query: str, category: str) -> str:
    """Return the address of the list as it is narrowed, in the language that it is read in."""
    terms = {"q": query, "category": category, "lang": get_language() or ""}
    kept = {name: value for name, value in terms.items() if value}
    return f"{reverse('works_with')}?{urlencode(kept)}"

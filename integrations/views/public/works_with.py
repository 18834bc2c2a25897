"""Which tools can be connected, and what of the vendor's product works with each: for anybody who
asks, from the catalogue alone.
"""

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

from integrations.models import CatalogueTool, Feature
from integrations.upstream import tool_catalogue
from integrations.views import tool_search
from integrations.views.customer.cards import category_name
from integrations.views.language import in_asked_language
from integrations.views.types import Request
from integrations.workspace import feature_text, gains

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
    narrowed = tool_search.narrowed(request, tools, _url)
    return narrowed | {
        "features": features,
        "rows": [_row(one, features) for one in narrowed["paged"].object_list],
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

"""The tools that can be connected, to search and to choose from."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.access import connections
from integrations.access.grants import AccessGrant
from integrations.models import CatalogueTool, Feature
from integrations.upstream import tool_catalogue
from integrations.views import tool_search
from integrations.views.customer.cards import category_name
from integrations.views.customer.connecting import enter
from integrations.views.types import Request
from integrations.workspace import feature_text, gains


@dataclass(frozen=True, slots=True)
class Tile:
    """A tool in the list; `summary` says how many of the vendor's features would work with it, and
    is empty where that is not known. A twin has the name of another one, of another category.
    """

    label: str
    category: str
    logo_key: str
    url: str
    is_connected: bool
    signs: tuple[str, ...]
    summary: str
    is_twin: bool


@require_safe
def page(request: Request, tenant_id: str) -> HttpResponse:
    """The tools that can be connected; `q` and `category` leave some of them."""
    grant = enter(request, tenant_id)
    return render(request, "customer/connect_list.html", _list_context(request, grant))


@require_safe
def tools(request: Request, tenant_id: str) -> HttpResponse:
    """The list alone, after it was asked for anew where it is old; the page asks for it."""
    grant = enter(request, tenant_id)
    if not grant.is_read_only:
        tool_catalogue.refresh_some(tool_catalogue.environment_of(grant.tenant))
    return render(request, "customer/connect_list.html#tools", _list_context(request, grant))


def _list_context(request: Request, grant: AccessGrant) -> dict[str, Any]:
    environment = tool_catalogue.environment_of(grant.tenant)
    rows = tool_catalogue.catalogues(environment)
    tools = list(tool_catalogue.tools(environment))
    connected = _connected(grant)
    features = gains.public_features()
    named = Counter(one.label for one in tools)
    narrowed = tool_search.narrowed(request, tools, partial(_list_url, grant))
    now = timezone.now()
    is_awaited = any(row.fetched_at is None and not row.error_kind for row in rows)
    return narrowed | {
        "grant": grant,
        "tiles": [
            _tile(grant, one, connected, features, is_twin=named[one.label] > 1)
            for one in narrowed["paged"].object_list
        ],
        "is_awaited": is_awaited,
        "is_due": any(tool_catalogue.is_due(row, now) for row in rows) or is_awaited,
        "is_failing": not tools and any(row.error_kind for row in rows),
    }


def _list_url(grant: AccessGrant, query: str, category: str) -> str:
    terms = {name: value for name, value in (("q", query), ("category", category)) if value}
    here = reverse("connect", args=[grant.tenant.public_id])
    return f"{here}?{urlencode(terms)}" if terms else here


def _tile(
    grant: AccessGrant,
    one: CatalogueTool,
    connected: set[tuple[str, str]],
    features: list[Feature],
    *,
    is_twin: bool,
) -> Tile:
    key = one.catalogue.category
    summary = _summary(one, features)
    verdicts = gains.known_verdicts(one, features) if summary else []
    return Tile(
        label=one.label,
        category=category_name(key),
        logo_key=str(one.logo_id or ""),
        url=reverse("connect_tool", args=[grant.tenant.public_id, key.lower(), one.tool_id]),
        is_connected=(key, one.tool_id) in connected,
        signs=tuple(feature_text.severity_of(said.verdict) for said in verdicts),
        summary=summary,
        is_twin=is_twin,
    )


def _summary(one: CatalogueTool, features: list[Feature]) -> str:
    """Say how many of the vendor's features would work with a tool, if that is known of each."""
    known = gains.summary_of(one, features)
    if known.unknown or not features:
        return ""
    names = {"works": known.works, "partly": known.partly, "all": len(features)}
    if known.partly:
        text = ngettext(
            "%(works)s of %(all)s feature, %(partly)s partially",
            "%(works)s of %(all)s features, %(partly)s partially",
            names["all"],
        )
    else:
        text = ngettext(
            "%(works)s of %(all)s feature", "%(works)s of %(all)s features", names["all"]
        )
    return text % names


def _connected(grant: AccessGrant) -> set[tuple[str, str]]:
    """Return category and tool of each integration that a tenant has."""
    rows = connections.connected_to(grant.tenant)
    return set(rows.values_list("snapshot__category", "snapshot__tool_id"))

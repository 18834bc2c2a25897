"""The pages of the workspace, in groups, for whoever may open them."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.access import roles, second_factor
from integrations.workspace.summaries import search_words
from integrations.workspace.triage import has_words

register = template.Library()


@dataclass(frozen=True, slots=True)
class NavLink:
    """A page, with its icon's name, and whether it or a page below it is shown now."""

    label: str
    url: str
    icon: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Pages that belong together; the first group needs no title."""

    title: str
    links: list[NavLink]


@register.simple_tag(takes_context=True)
def workspace_nav(context: dict[str, Any]) -> list[NavGroup]:
    """Return the groups of pages that the person may open, none of them empty."""
    request = context["request"]
    groups = [(title, _links(request.path, pages)) for title, pages in _pages(request.user)]
    return [NavGroup(title, links) for title, links in groups if links]


@register.simple_tag(takes_context=True)
def pages_named(context: dict[str, Any], text: str) -> list[NavLink]:
    """Return the pages and the acts that somebody may open and whose words begin like those of a
    text; all of them without one.
    """
    request = context["request"]
    pages = [page for _title, pages in _pages(request.user) for page in pages]
    beginnings = search_words(text)
    return [
        link
        for link in _links(request.path, [*pages, *_acts(request.user)])
        if has_words(link.label, beginnings)
    ]


type _Page = tuple[str, str, str, bool]
"""Its words, the name of its address, its icon's name, and whether this person may open it."""


def _pages(user: User | AnonymousUser) -> list[tuple[str, list[_Page]]]:
    return [
        (
            "",
            [
                (_("Overview"), "overview", "chart", True),
                (_("Integrations"), "triage", "list", True),
                (_("Customers"), "customers", "people", True),
            ],
        ),
        (
            _("Data"),
            [
                (_("Features"), "features", "grid", True),
                (_("Tools"), "tools", "link", True),
                (_("Fields"), "datapoints", "search", True),
                (_("Comparison"), "matrix", "columns", True),
                (_("Data changes"), "changes", "changes", True),
            ],
        ),
        (
            _("Logs"),
            [
                (_("Email log"), "email_log", "email", user.has_perm("integrations.view_mail")),
                (_("Audit log"), "audit", "shield", user.has_perm("integrations.view_auditentry")),
                (_("Webhooks"), "webhook_log", "webhook", user.has_perm("integrations.view_event")),
            ],
        ),
        (
            _("Settings"),
            [
                (
                    _("Branding"),
                    "identity",
                    "palette",
                    user.has_perm("integrations.change_identity"),
                ),
                (_("System"), "system", "pulse", user.has_perm("integrations.view_system")),
                (_("People"), "people", "person", user.has_perm(roles.MANAGE)),
            ],
        ),
    ]


def _acts(user: User | AnonymousUser) -> list[_Page]:
    """What one does rather than looks at, and the pages that are in no group."""
    may_change_features = user.has_perm("integrations.change_feature")
    return [
        (_("New feature"), "feature_new", "plus", may_change_features),
        (_("Download CSV"), "triage_csv", "download", True),
        (_("Notifications"), "email_preferences", "bell", True),
        (_("Your sessions"), "sessions", "lock", True),
        (_("Sign-in security"), "security", "lock", second_factor.is_offered(user)),
    ]


def _links(path: str, pages: list[_Page]) -> list[NavLink]:
    return [
        NavLink(label, url, icon, _is_here(path, url))
        for label, url, icon in (
            (label, reverse(name), icon) for label, name, icon, may_open in pages if may_open
        )
    ]


def _is_here(path: str, url: str) -> bool:
    """Return whether a page is this one or below it; the pages of an integration count as below the
    list of these, and the other pages of a customer as below the list of those.
    """
    home = reverse("triage")
    if path.startswith(f"{home}t/"):
        return url == (home if "/i/" in path else reverse("customers"))
    return path == home if url == home else path.startswith(url)

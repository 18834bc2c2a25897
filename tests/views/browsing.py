"""Reading answers the way a browser would, and walking the site the way a person would."""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration, Snapshot
from tests import copy

HTMX = {"HX-Request": "true"}
SESSION = 2  # queries of whatever is signed in: the session and its user
VOID = {"br", "hr", "img", "input", "link", "meta", "source", "rect", "path", "circle"}


class Element:
    """One element of a page; iterating visits it and everything inside."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    def __iter__(self) -> Iterator["Element"]:
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [one for one in reversed(element.children) if isinstance(one, Element)]

    def __getitem__(self, attribute: str) -> str:
        return self.attributes.get(attribute, "")

    @property
    def text(self) -> str:
        """All text inside, with single spaces."""
        return " ".join(
            "".join(c if isinstance(c, str) else f" {c.text} " for c in self.children).split()
        )

    @property
    def ancestors(self) -> Iterator["Element"]:
        if self.parent:
            yield self.parent
            yield from self.parent.ancestors

    def all(self, tag: str = "", attribute: str = "", value: str | None = None) -> list["Element"]:
        """The elements of this tag that have this attribute, with this value if one is given."""
        found = [
            one
            for one in self
            if tag in {"", one.tag} and (not attribute or attribute in one.attributes)
        ]
        return found if value is None else [one for one in found if one[attribute] == value]

    def one(self, tag: str = "", attribute: str = "", value: str | None = None) -> "Element":
        found = self.all(tag, attribute, value)
        assert len(found) == 1, f"{len(found)} of {tag} {attribute}={value}"
        return found[0]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Element("", {}, None)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks for the line of an element."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (
            f"an attribute of {tag} stands there twice: {attrs}"
        )
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(made)
        if tag not in VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert tag == self.at.tag, f"</{tag}> closes <{self.at.tag}>"
            assert self.at.parent
            self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(response: Any) -> Element:
    """The answer's markup as a tree; fails if tags are not properly nested."""
    builder = _Builder()
    builder.feed(response.content.decode())
    builder.close()
    assert builder.at is builder.root, f"<{builder.at.tag}> is never closed"
    return builder.root


def page_at(
    client: Client,
    address: str,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Element:
    """Return the page at an address, which must be there."""
    response = client.get(address, query, headers=headers)
    assert response.status_code == 200
    return read(response)


def url_of(name: str, integration: Integration, **query: str) -> str:
    """The address of one of an integration's pages, fragments or acts; its card is what the
    tenant's poll brings of it, if another version than the one in `seen` is shown.
    """
    if name == "card":
        seen = f"{integration.public_id}.{query.pop('seen', '')}"
        return f"{tenant_url(integration, 'poll')}?{urlencode({'seen': seen, **query})}"
    path = reverse(name, args=[integration.tenant.public_id, integration.public_id])
    return f"{path}?{urlencode(query)}" if query else path


def poll_url(card: Element, integration: Integration) -> str:
    """Where a page looks that shows this card alone."""
    return url_of("card", integration, seen=card["data-version"])


def tenant_url(integration: Integration, name: str = "tenant") -> str:
    return reverse(name, args=[integration.tenant.public_id])


def make_stale(*integrations: Integration, minutes: int = 60) -> None:
    """Let what is stored have been fetched a while ago."""
    ids = [integration.pk for integration in integrations]
    Snapshot.objects.filter(pk__in=ids).update(
        fetched_at=timezone.now() - timedelta(minutes=minutes)
    )


STATEMENTS = ("statement", "statement_csv", "statement_json")
ACTS = ("check", "reconnect", "set_up", "completed", "resume", "sync_now", "disconnect")


def visits(client: Client, *integrations: Integration) -> Iterator[tuple[str, Any]]:
    """Every page, fragment and file of these integrations that a person can get, each with a name
    for it.
    """
    yield "home", client.get("/")
    for name in ("login", "password_reset", "password_reset_done", "password_reset_complete"):
        yield name, client.get(reverse(name))
    yield "nowhere", client.get("/nowhere/")
    if integrations:
        yield "tenant", client.get(tenant_url(integrations[0]))
        yield "banner", client.get(tenant_url(integrations[0], "banner"))
    for integration in integrations:
        yield from _of_one(client, integration)


def _of_one(client: Client, integration: Integration) -> Iterator[tuple[str, Any]]:
    key = integration.snapshot.tool_label or "cold"
    yield (
        f"{key}: banner",
        client.get(tenant_url(integration, "banner"), {"only": integration.public_id}),
    )
    for name in ("integration", "card", "coverage_csv", "history", *STATEMENTS):
        yield f"{key}: {name}", client.get(url_of(name, integration))
    for query in ({}, {"show": "unavailable", "open": "all"}, {"q": "no such thing"}):
        yield f"{key}: results", client.get(url_of("integration", integration), query, headers=HTMX)
    whole = client.get(url_of("integration", integration, open="all"))
    yield f"{key}: all open", whole
    for model in read(whole).all("details", "data-datapoint")[:3]:
        yield (
            copy.N_FIELDS(n=f"{key}:"),
            client.get(url_of("coverage_fields", integration), {"group": model["id"]}),
        )
    snapshot = Snapshot.objects.get(pk=integration.pk)
    if snapshot.logo_id:
        yield f"{key}: logo", client.get(reverse("logo", args=[snapshot.logo_id]))


def acts(client: Client, *integrations: Integration) -> Iterator[tuple[str, Any]]:
    """Everything a person can do to these integrations, by plain forms and by htmx, each with its
    name.
    """
    for integration in integrations:
        for name in ACTS:
            for headers in ({}, HTMX):
                yield (
                    name,
                    client.post(url_of(name, integration), {"token": "unknown"}, headers=headers),
                )


def policy_of(response: Any) -> dict[str, str]:
    return dict(
        part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";")
    )


def problem(response: Any) -> str:
    """What the page says went wrong; it says so with its status too."""
    assert response.status_code == 409
    shown = [
        one for one in read(response).all("p", "role", "alert") if "hidden" not in one.attributes
    ]
    assert len(shown) == 1
    return shown[0].text

"""Parts of pages as HTML that a process keeps: they are the same for as long as nothing they show
changes, and most of what a page costs.
"""

import secrets
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from threading import Lock

from django import template
from django.template import Engine
from django.urls import get_urlconf, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from integrations.views.customer.card import Card
from integrations.views.customer.coverage import Addresses, Panel

register = template.Library()

MOST = 10_000_000  # characters that a process keeps: a row has 3,000, a page about one 10,000
KEY = 1_000  # characters that by what a part is known counts as
# What stands for what is another one in each answer: a form's token, when the page looks again, the
# cards of a group, and of a grid, which many customers share, what is its page's.
_TOKEN, _DELAY, _CARD, _CARDS = (secrets.token_hex(32) for _word in range(4))
_ADDRESSES = Addresses(*(secrets.token_hex(32) for _name in Addresses._fields))
# What a card says of its page.
_OF_PAGE = ("only", "alone", "page", "has_banner", "is_news", "tab")


class KeptHtml:
    """The latest parts by everything that they show."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, str] = {}
        self._size = 0
        self._lock = Lock()

    def part(self, key: Hashable, render: Callable[[], str]) -> str:
        """Return the part with this key, rendered if it isn't known."""
        known = self._parts.get(key)
        if known is None:
            known = render()
            with self._lock:
                if self._size + len(known) + KEY > MOST:
                    self._forget()
                if key not in self._parts:
                    self._size += len(known) + KEY
                self._parts[key] = known
        return known

    def clear(self) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._parts.clear()
        self._size = 0


KEPT = KeptHtml()


@register.simple_tag
def kept_include(name: str, **shown: object) -> SafeString:
    """Include a template that is given these values alone, plain ones, and so is known by them."""
    return mark_safe(_kept_by(name, shown))  # noqa: S308 - rendered


def _kept_by(name: str, shown: dict[str, object]) -> str:
    # Equal values of two types can be written in two ways, such as one and true, or safe texts.
    values = [(key, type(value), value) for key, value in shown.items()]
    return KEPT.part(
        (name, get_language(), get_urlconf(), *values),
        lambda: str(_template(name).render(template.Context(shown))),
    )


@register.simple_tag(takes_context=True)
def card_groups(
    context: template.Context, groups: Sequence[tuple[str, str, Sequence[Card]]]
) -> SafeString:
    """Return the groups of a list, each by its key, its name and its cards: what is large is
    rendered, what is a row may be known.
    """
    html = [
        _group(key, title, len(cards), has_twins=context["has_twins"]).replace(
            _CARDS, _list(context, cards) if cards else ""
        )
        for key, title, cards in groups
    ]
    return mark_safe("".join(html))  # noqa: S308 - rendered


def _group(key: str, title: str, count: int, *, has_twins: bool) -> str:
    """Return a group with the place of its cards."""
    shown = {"key": key, "title": title, "count": count, "has_twins": has_twins, "cards": _CARDS}
    return _kept_by("components/card_group.html", shown)


def _list(context: template.Context, cards: Sequence[Card]) -> str:
    """Return cards one below another."""
    now, page = timezone.now(), _page_of(context)
    name = "components/card.html"
    html = [
        _rendered(context, name, card)
        if card.is_large
        else _kept(context, name, card, now, (name, *_shown_by(card, now), *page))
        for card in cards
    ]
    return "".join(html)


@register.simple_tag(takes_context=True)
def about_card(context: template.Context, name: str) -> SafeString:
    """Include a template that is about the page's `card`: where all is well, it may be known."""
    card = context["card"]
    if not card.is_calm:
        return _rendered(context, name, card)
    now = timezone.now()
    key = (name, context["identity"].icon_url, *_shown_by(card, now), *_page_of(context))
    return _kept(context, name, card, now, key)


@register.simple_tag(takes_context=True)
def coverage_panel(context: template.Context, panel: Panel) -> SafeString:
    """Return the grid on its page. As it comes at first it may be known: all who have the same data
    of the same tool are shown the same, but for a few addresses and a token.
    """
    token = str(context.get("csrf_token") or "")
    if panel.key is None:
        return SafeString(_coverage(panel, panel.addresses, panel.id, token))
    key = (*panel.key, bool(token))
    stand_in = _TOKEN if token else ""
    html = KEPT.part(key, lambda: _coverage(panel, _ADDRESSES, _CARD, stand_in))
    for word, address in zip(_ADDRESSES, panel.addresses, strict=True):
        html = html.replace(word, address)
    return mark_safe(html.replace(_CARD, panel.id).replace(_TOKEN, token))  # noqa: S308 - ids and addresses of ours


def _page_of(context: template.Context) -> tuple[Hashable, ...]:
    """Return what a card's HTML depends on of its page and reader. The addresses of all of a
    tenant's pages begin alike.
    """
    grant = context["grant"]
    return (
        reverse("tenant", args=[grant.tenant.public_id]),
        *(grant.is_read_only, grant.as_guest, grant.as_staff, grant.may_repair),
        bool(context.get("csrf_token")),
        *(context.get(name) for name in _OF_PAGE),
        timezone.get_current_timezone_name(),
    )


def _shown_by(card: Card, now: datetime) -> tuple[Hashable, ...]:
    """Return what a card's HTML depends on of the card. Its version covers what it shows but for
    times and days, and its language; of days, their year is written or not.
    """
    moments = (card.checked_at, card.synced_at, card.data_changed_at)
    minutes = [at and (now - at).total_seconds() // 60 for at in moments]
    day = timezone.localdate(now)
    return (
        *(card.version, card.is_watched, card.checked_at, card.days, card.sync_again_at),
        *(*minutes, day),
    )


def _kept(
    context: template.Context, name: str, card: Card, now: datetime, key: tuple[Hashable, ...]
) -> SafeString:
    """Return a template about a card with what is known by this key."""
    token = str(context.get("csrf_token") or "")
    stand_ins = {"look_after": _DELAY} | ({"csrf_token": _TOKEN} if token else {})
    html = KEPT.part(key, lambda: _rendered(context, name, card, **stand_ins))
    html = html.replace(_TOKEN, token).replace(_DELAY, f"{card.look_after(now):.1f}")
    return mark_safe(html)  # noqa: S308 - rendered


def _rendered(context: template.Context, name: str, card: Card, **more: str) -> SafeString:
    with context.push(card=card, **more):
        return _template(name).render(context)


def _coverage(panel: Panel, addresses: Addresses, card_id: str, token: str) -> str:
    """Return the grid, of nothing but what is given here: so nobody's is in what others are shown
    too.
    """
    context = panel.context(addresses) | {"card_id": card_id, "csrf_token": token}
    return str(_template("components/coverage.html").render(template.Context(context)))


def _template(name: str) -> template.Template:
    return Engine.get_default().get_template(name)

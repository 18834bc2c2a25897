"""Rows of lists as HTML that a process keeps: they are the same for as long as nothing they show
changes, and most of what a long page costs.
"""

import secrets
from collections.abc import Callable, Hashable, Iterable
from threading import Lock

from django import template
from django.template import Engine
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from integrations.views.customer.card import Card

register = template.Library()

MOST = 2_000  # rows of a few KB that a process keeps
# What stands for what is another one in each answer: a form's token, and when the page looks again.
_TOKEN, _DELAY = secrets.token_hex(32), secrets.token_hex(32)
_OF_PAGE = ("only", "alone", "page", "has_banner", "is_news")  # what a card says of its page


class KeptRows:
    """The latest rows by everything that they show."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, str] = {}
        self._lock = Lock()

    def row(self, key: Hashable, render: Callable[[], str]) -> str:
        """Return the row with this key, rendered if it isn't known."""
        known = self._rows.get(key)
        if known is None:
            known = render()
            with self._lock:
                if len(self._rows) >= MOST:
                    self._rows.clear()
                self._rows[key] = known
        return known

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


CARD_ROWS = KeptRows()


@register.simple_tag(takes_context=True)
def list_cards(context: template.Context, cards: Iterable[Card]) -> SafeString:
    """Return the cards of a list one below another: what is large is rendered, what is a row may be
    known.

    A card's version covers what it shows but for times and days, and its language; addresses and
    what the reader may press are the page's. A token, and when the page looks again, are put in for
    each answer.
    """
    now = timezone.now()
    token = str(context.get("csrf_token") or "")
    page = (
        reverse("tenant", args=[context["grant"].tenant.public_id]),
        context["grant"].is_read_only,
        bool(token),
        *(context.get(name) for name in _OF_PAGE),
        timezone.get_current_timezone_name(),
    )
    card_html = Engine.get_default().get_template("components/card.html")

    def render(card: Card, **stand_ins: str) -> str:
        with context.push(card=card, **stand_ins):
            return str(card_html.render(context))

    def row(card: Card) -> str:
        stand_ins = {"look_after": _DELAY} | ({"csrf_token": _TOKEN} if token else {})
        moments = (card.checked_at, card.synced_at, card.data_changed_at)
        minutes = [at and (now - at).total_seconds() // 60 for at in moments]
        key = (card.version, card.is_watched, card.checked_at, card.days, *minutes, *page)
        html = CARD_ROWS.row(key, lambda: render(card, **stand_ins))
        return html.replace(_TOKEN, token).replace(_DELAY, f"{card.look_after(now):.1f}")

    html = [render(card) if card.is_large else row(card) for card in cards]
    return mark_safe("".join(html))  # noqa: S308 - rendered

"""What is read for cards besides their integrations, once it is known which of them are shown."""

from collections.abc import Callable, Collection

from django.utils import timezone

from integrations.access.grants import AccessGrant
from integrations.access.rate_limits import SYNC
from integrations.history import days as history_days
from integrations.models import Integration
from integrations.views.customer.card import Card
from integrations.workspace import dependence, repair_guides


def with_details(
    grant: AccessGrant,
    page_cards: list[Card],
    integrations: Callable[[Collection[int]], list[Integration]],
) -> list[Card]:
    """Return the cards with the last days, and what of the vendor's features is on hold where the
    customer must act. `integrations` returns some of theirs, by primary keys.
    """
    shown = [card for card in page_cards if card.may_check]
    days = history_days.days_of_all([card.pk for card in shown], timezone.localtime())
    act = [card for card in shown if card.must_act]
    guides = repair_guides.of_integrations(integrations([card.pk for card in act])) if act else {}
    held = dependence.on_hold(
        grant.tenant, [card.coverage_digest for card in act if card.coverage_digest]
    )
    # Of one alone: in a list nobody asks for a sync.
    syncable = len(page_cards) == 1 and page_cards[0].may_sync
    again = SYNC.ends_at(page_cards[0].pk) if syncable else None
    return [
        card.but(
            days=days[card.pk],
            on_hold=tuple(held.get(card.coverage_digest, ())) if card.must_act else (),
            guide=guides.get(card.pk),
            sync_again_at=again,
        )
        if card.may_check
        else card
        for card in page_cards
    ]


def one_with_details(grant: AccessGrant, card: Card, integration: Integration) -> Card:
    """As `with_details`, of a card that is shown alone."""
    return with_details(grant, [card], lambda _pks: [integration])[0]

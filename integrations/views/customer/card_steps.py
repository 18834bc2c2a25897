"""What a person can do about an integration that they see: one flag of a card each."""

from typing import TypedDict

from django.conf import settings

from integrations.access.grants import Rights
from integrations.domain.headline import CONNECTABLE, SETTLED, Headline, Key
from integrations.models import Integration
from integrations.upstream import repairs


class Steps(TypedDict):
    """Whether each step of a card is somebody's now."""

    may_reconnect: bool
    may_set_up: bool
    may_change_sharing: bool
    may_extend: bool
    may_change_settings: bool
    may_sync: bool
    may_connect_again: bool
    may_resume: bool


_RECONNECTABLE = CONNECTABLE - SETTLED


def steps_of(
    rights: Rights, integration: Integration, headline: Headline, *, is_checking: bool
) -> Steps:
    """Return for each step of a card whether it is this person's now."""
    key, may = headline.key, rights.may_repair
    return {
        "may_reconnect": may and key in _RECONNECTABLE and not is_checking,
        "may_set_up": may and key is Key.SETUP_INCOMPLETE and not is_checking,
        # An opt-out has no call of its own: it is chosen in Kombo Connect, so by reconnecting what
        # already works.
        "may_change_sharing": may and key in SETTLED,
        "may_extend": may and key in CONNECTABLE and bool(repairs.newer_scope(integration)),
        "may_change_settings": may and key in SETTLED and repairs.has_settings(integration),
        # Where Kombo reads data, and is not about to anyway.
        "may_sync": may and settings.CUSTOMER_SYNC and key in SETTLED,
        "may_connect_again": may and key is Key.REMOVED and bool(settings.CONNECT_CATEGORIES),
        "may_resume": rights.may_resume and key is Key.PAUSED and not is_checking,
    }


def can_be_repaired(headline: Headline) -> bool:
    """Whether somebody at the customer's has to go through Kombo Connect."""
    return headline.key in {*_RECONNECTABLE, Key.SETUP_INCOMPLETE}

"""What brings an integration back: the links into Kombo Connect, their end, and resuming a paused
one.

A link is made on a click, checked, handed to that one answer, and never stored or logged.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.history import record as history_record
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, RateLimited, Refused, Unavailable
from integrations.models import Integration, Kind, RepairAct, RepairOutcome, Source
from integrations.upstream import gateway, snapshots
from integrations.upstream.connect_links import ConnectLink, checked
from integrations.upstream.gateway import CircuitOpen
from integrations.upstream.rate_limiter import RateLimitBusy

logger = logging.getLogger(__name__)


class NothingToSetUp(Exception):
    """Kombo has no setup step for this integration."""


def reconnect_link(integration: Integration, *, language: str, by: Actor) -> ConnectLink:
    """Mint a reconnection link for somebody. Raises KomboError, LinkRefused."""

    def ask(kombo: Kombo) -> str:
        return kombo.relink(integration.integration_id, language=language)

    link = checked(_ask(integration, ask))
    audit.record(by, Act.RECONNECT_BEGUN, integration=integration)
    attempt = history_record.begin_repair(integration, RepairAct.RECONNECT, by.user)
    return replace(link, attempt=attempt)


def setup_link(integration: Integration, *, language: str, by: Actor) -> ConnectLink:
    """Mint a link by which somebody continues the setup.

    Raises KomboError, LinkRefused, NothingToSetUp.
    """

    def ask(kombo: Kombo) -> str:
        return kombo.setup_link(integration.integration_id, language=language)

    try:
        link = checked(_ask(integration, ask))
    except Refused as error:
        # Kombo's word for "no step is enabled". Source: docs.kombo.dev, setup-link.
        if error.code == "PLATFORM.INPUT_INVALID":
            raise NothingToSetUp from error
        raise
    audit.record(by, Act.SETUP_BEGUN, integration=integration)
    attempt = history_record.begin_repair(integration, RepairAct.SETUP, by.user)
    return replace(link, attempt=attempt)


def confirm_completion(
    integration: Integration, activation_token: str, *, by: Actor, attempt: str = ""
) -> str:
    """Kombo Connect says that it is done: look closely for a minute.

    `attempt` is the link's. Return "done", "unconfirmed", or an empty text if the token is another
    integration's.

    The token is only a hint that came through a browser; Kombo is asked what it stands for, and if
    Kombo can't say, looking closely does no harm.
    """

    def ask(kombo: Kombo) -> str:
        return kombo.integration_by_token(activation_token).id

    try:
        confirmed = _ask(integration, ask)
    except KomboError as error:
        logger.info(
            "A reconnection of %s could not be confirmed: %s", integration.public_id, error.kind
        )
        _note_end(integration, RepairOutcome.UNCONFIRMED, by, attempt)
        snapshots.watch(integration)
        return RepairOutcome.UNCONFIRMED
    if confirmed != integration.integration_id:
        logger.warning("A reconnection of %s ended at another integration", integration.public_id)
        _note_end(integration, RepairOutcome.FAILED, by, attempt)
        return ""
    _note_end(integration, RepairOutcome.DONE, by, attempt)
    snapshots.watch(integration, signed_in=True)
    return RepairOutcome.DONE


def is_under_way(integration: Integration) -> bool:
    """Return whether a link of ours was made of late, so that a repair by it may be ending."""
    return history_record.has_repair_under_way(integration)


def _note_end(integration: Integration, outcome: str, by: Actor, attempt: str) -> None:
    history_record.finish_repair(integration, outcome, by.user, attempt=attempt)
    audit.record(by, Act.RECONNECTED, integration=integration, outcome=outcome)


def resume(integration: Integration, *, by: Actor) -> None:
    """Let a paused integration continue, because somebody says so. Raises KomboError."""
    _do(
        integration,
        Act.RESUMED,
        by,
        lambda kombo: kombo.set_enabled(integration.integration_id, value=True),
    )
    audit.record(by, Act.RESUMED, integration=integration)
    history_record.add_entry(
        integration.pk,
        Kind.REPAIR,
        "resume",
        Source.PERSON,
        actor=by.user,
        data={"outcome": RepairOutcome.DONE},
    )
    snapshots.watch(integration)


def pause(integration: Integration, *, by: Actor) -> None:
    """Have Kombo read nothing for a while; credentials and settings stay. Raises KomboError."""
    _do(
        integration,
        Act.PAUSED,
        by,
        lambda kombo: kombo.set_enabled(integration.integration_id, value=False),
    )
    audit.record(by, Act.PAUSED, integration=integration)
    snapshots.watch(integration)


def force_sync(integration: Integration, *, by: Actor) -> bool:
    """Have Kombo read everything anew.

    Return whether a sync was queued already. Raises KomboError.
    """
    answer = _do(
        integration, Act.SYNCED, by, lambda kombo: kombo.force_sync(integration.integration_id)
    )
    queued = answer.already_queued
    audit.record(by, Act.SYNCED, integration=integration, outcome="queued_before" if queued else "")
    return queued


def may_have_happened(error: KomboError) -> bool:
    """Whether Kombo was asked and did not refuse: perhaps only its answer was lost."""
    return isinstance(error, Unavailable) and not isinstance(
        error, RateLimitBusy | CircuitOpen | RateLimited
    )


def _do[T](integration: Integration, act: Act, by: Actor, ask: Callable[[Kombo], T]) -> T:
    """Have Kombo do something.

    What may have happened is on record and looked after, though nobody confirms it.
    """
    try:
        return _ask(integration, ask)
    except KomboError as error:
        if may_have_happened(error):
            audit.record(by, act, integration=integration, outcome=RepairOutcome.UNCONFIRMED)
            snapshots.watch(integration, is_repair=act is Act.RESUMED)
        raise


def _ask[T](integration: Integration, ask: Callable[[Kombo], T]) -> T:
    """Ask Kombo for a person, on the account of the integration's tenant. Raises KomboError."""
    tenant = integration.tenant_id
    return gateway.call(integration.environment, ask, by_person=True, tenant=tenant)

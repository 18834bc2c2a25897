"""What brings an integration back: the links into Kombo Connect, their end, and resuming a paused
one.

A link is made on a click, checked, handed to that one answer, and never stored or logged.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain.accounts import Account
from integrations.domain.headline import SETTLED, key_of
from integrations.history import record as history_record
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, RateLimited, Refused, Unavailable
from integrations.kombo.schema import ConnectedIntegration
from integrations.models import Integration, Kind, RepairAct, RepairOutcome, Snapshot, Source
from integrations.upstream import gateway, snapshot_locks, snapshots
from integrations.upstream.connect_links import ConnectLink, checked
from integrations.upstream.gateway import CircuitOpen
from integrations.upstream.rate_limiter import RateLimitBusy

logger = logging.getLogger(__name__)


class NothingToSetUp(Exception):
    """Kombo has no setup step for this integration."""


def newer_scope(integration: Integration) -> str:
    """Return the ID of the scope config that the vendor asks for by now, empty if the integration
    has it already, or if that is not known.
    """
    wanted = str(_config(integration).get("SCOPE_CONFIG_ID", ""))
    known = integration.snapshot.scope_id
    return wanted if known and known != wanted else ""


def has_settings(integration: Integration) -> bool:
    """Whether there may be steps of the setup that somebody can go through again, as far as the
    environment's settings and Kombo's latest word tell.
    """
    config, snapshot = _config(integration), integration.snapshot
    # Source: docs.kombo.dev, create-link: filtering is for HRIS alone.
    filtering = config.get("ENABLE_FILTERING") and snapshot.category == "HRIS"
    is_enabled = bool(filtering) or maps_fields(integration)
    return is_enabled and not snapshot.has_no_settings


def maps_fields(integration: Integration) -> bool:
    """Whether customers choose which of their tool's fields the vendor's fields read."""
    return bool(_config(integration).get("ENABLE_FIELD_MAPPING"))


def reconnect_link(
    integration: Integration, *, language: str, by: Actor, with_scope: bool = False
) -> ConnectLink:
    """Mint a reconnection link for somebody, perhaps one that brings what the vendor asks for by
    now. Raises KomboError, LinkRefused.
    """
    scope = newer_scope(integration) if with_scope else ""

    def ask(kombo: Kombo) -> str:
        return kombo.relink(integration.integration_id, language=language, scope=scope)

    link = checked(_ask(integration, ask))
    purpose = "scope" if scope else ""
    audit.record(by, Act.RECONNECT_BEGUN, integration=integration, purpose=purpose)
    attempt = history_record.begin_repair(integration, RepairAct.RECONNECT, by.user)
    return replace(link, attempt=attempt)


def setup_link(integration: Integration, *, language: str, by: Actor) -> ConnectLink:
    """Mint a link by which somebody continues the setup, or goes through its steps again.

    Raises KomboError, LinkRefused, NothingToSetUp; the last is remembered.
    """

    def ask(kombo: Kombo) -> str:
        return kombo.setup_link(integration.integration_id, language=language)

    try:
        link = checked(_ask(integration, ask))
    except Refused as error:
        # Kombo's word for "no step is enabled". Source: docs.kombo.dev, setup-link.
        if error.code == "PLATFORM.INPUT_INVALID":
            _note_no_settings(integration)
            raise NothingToSetUp from error
        raise
    is_over = key_of(integration.snapshot) in SETTLED
    act = Act.SETTINGS_OPENED if is_over else Act.SETUP_BEGUN
    audit.record(by, act, integration=integration)
    attempt = history_record.begin_repair(integration, RepairAct.SETUP, by.user, is_change=is_over)
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

    def ask(kombo: Kombo) -> ConnectedIntegration:
        return kombo.integration_by_token(activation_token)

    try:
        confirmed = _ask(integration, ask)
    except KomboError as error:
        logger.info(
            "A reconnection of %s could not be confirmed: %s", integration.public_id, error.kind
        )
        with _noted_end(integration, RepairOutcome.UNCONFIRMED, by, attempt):
            snapshots.watch(integration)
        return RepairOutcome.UNCONFIRMED
    if confirmed.id != integration.integration_id:
        logger.warning("A reconnection of %s ended at another integration", integration.public_id)
        with _noted_end(integration, RepairOutcome.FAILED, by, attempt):
            return ""
    account = _account(confirmed, integration.snapshot)
    with _noted_end(integration, RepairOutcome.DONE, by, attempt):
        snapshots.watch(integration, signed_in=True, account=account)
    return RepairOutcome.DONE


def _account(confirmed: ConnectedIntegration, known: Snapshot) -> Account:
    """Return by whom Kombo says that it was connected; of what it leaves out nothing is new."""
    return Account(
        confirmed.end_user_organization_name or known.organization_name,
        confirmed.end_user_email or known.creator_email,
        confirmed.end_user_origin_id or known.origin_id,
    )


def _note_no_settings(integration: Integration) -> None:
    with snapshots.amend(integration, at=timezone.now(), source=Source.PERSON) as row:
        row.has_no_settings = True
    integration.snapshot.has_no_settings = True


def _config(integration: Integration) -> dict[str, Any]:
    """Return the settings of its environment, empty if that is gone."""
    return settings.KOMBO_ENVIRONMENTS.get(integration.environment, {})


def is_under_way(integration: Integration) -> bool:
    """Return whether a link of ours was made of late, so that a repair by it may be ending."""
    return history_record.has_repair_under_way(integration)


@contextmanager
def _noted_end(integration: Integration, outcome: str, by: Actor, attempt: str) -> Iterator[None]:
    """Note how a repair ended, along with what follows from it: either both are stored, or whoever
    tells of the end again finds nothing done.
    """
    with transaction.atomic():
        snapshot_locks.lock([integration.pk])
        history_record.finish_repair(integration, outcome, by.user, attempt=attempt)
        audit.record(by, Act.RECONNECTED, integration=integration, outcome=outcome)
        yield


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

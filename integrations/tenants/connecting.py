"""Connecting a tool: the link into Kombo Connect, and the mapping that comes of it.

Kombo tells twice that a tool was connected: by a token through the browser that connected it, and
by a webhook. Either may come first, or alone; one integration is mapped once.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.history import record as history_record
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, NotFound
from integrations.kombo.schema import ConnectedIntegration
from integrations.kombo.webhooks import EndUser
from integrations.models import ConnectionAttempt, Integration, RepairOutcome
from integrations.tenants import attempts, mapping, unmapped
from integrations.tenants.attempts import ENDS_WITHIN
from integrations.upstream import gateway, snapshot_locks
from integrations.upstream.connect_links import ConnectLink, checked

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of an attempt that Kombo Connect says is done: "done" with the integration,
    "unconfirmed", or "failed".
    """

    outcome: RepairOutcome
    integration: Integration | None = None


def begin(
    attempt: ConnectionAttempt, *, email: str, language: str, by: Actor, revives: bool = True
) -> ConnectLink:
    """Mint a link by which somebody connects the tool; `email` is theirs. Raises KomboError,
    LinkRefused.

    What was dismissed meanwhile is no more so, unless whoever comes may not decide that.
    """
    tenant = attempt.tenant

    def ask(kombo: Kombo) -> str:
        config = settings.KOMBO_ENVIRONMENTS[attempt.environment]
        return kombo.create_link(
            email=email,
            organization=tenant.name,
            origin_id=tenant.origin_id,
            category=attempt.category,
            tool=attempt.tool_id,
            language=language,
            scope=config["SCOPE_CONFIG_ID"],
            filtering=config["ENABLE_FILTERING"],
            field_mapping=config["ENABLE_FIELD_MAPPING"],
        )

    link = checked(gateway.call(attempt.environment, ask, by_person=True, tenant=tenant.pk))
    with transaction.atomic():
        same = ConnectionAttempt.objects.filter(pk=attempt.pk)
        revived = {"dismissed_at": None} if revives else {}
        anew: dict[str, None] = dict.fromkeys(["left_at", "failed_at", "finished_at"])
        same.update(begun_at=timezone.now(), **anew, **revived)
        audit.record(by, Act.CONNECT_BEGUN, tenant=tenant, tool=attempt.tool_id)
    return replace(link, attempt=attempt.public_id)


def complete(attempt: ConnectionAttempt, activation_token: str, *, by: Actor) -> Completion:
    """Kombo Connect says that it is done: map what the token stands for, if Kombo says that it is
    this tenant's.

    The token came through a browser, so it proves nothing by itself.
    """
    tenant = attempt.tenant
    try:
        connected = gateway.call(
            attempt.environment,
            lambda kombo: kombo.integration_by_token(activation_token),
            by_person=True,
            tenant=tenant.pk,
        )
    except KomboError as error:
        logger.info("A connection of %s could not be confirmed: %s", attempt.public_id, error.kind)
        if not isinstance(error, NotFound):  # of a token that Kombo knows not, nothing came
            attempts.open_one(attempt).update(finished_at=timezone.now())
        return Completion(RepairOutcome.UNCONFIRMED)
    integration = _map(attempt, connected, by)
    if integration is None:
        logger.warning("The attempt %s ended at an integration of others", attempt.public_id)
        audit.record(
            by,
            Act.CONNECTED,
            tenant=tenant,
            tool=attempt.tool_id,
            outcome=RepairOutcome.FAILED,
        )
        return Completion(RepairOutcome.FAILED)
    return Completion(RepairOutcome.DONE, integration)


def _map(
    attempt: ConnectionAttempt, connected: ConnectedIntegration, by: Actor
) -> Integration | None:
    """Return the integration that a token stands for, mapped to the attempt's tenant; None if it is
    another's. What is nobody's yet, staff are told of.
    """
    if connected.end_user_origin_id != attempt.tenant.origin_id:
        _keep_for_staff(attempt, connected)
        return None
    is_the_tool = connected.tool == attempt.tool_id
    with transaction.atomic():
        integration = mapping.ensure(
            attempt.tenant,
            connected.id,
            attempt.environment,
            tool=connected.tool,
            category=attempt.category if is_the_tool else "",
        )
        if integration is None:
            return None
        # Another tool, or what was there before, is the tenant's, but nothing that came of this.
        if not is_the_tool or integration.created_at < attempt.created_at:
            return integration
        snapshot_locks.lock([integration.pk])
        is_news = not _is_told(integration)
        if _finish(attempt, integration) and is_news:
            _tell(attempt, integration, by.user)
            audit.record(by, Act.CONNECTED, integration=integration, tool=attempt.tool_id)
    return integration


def _keep_for_staff(attempt: ConnectionAttempt, connected: ConnectedIntegration) -> None:
    """Keep what somebody connected in another's name, so that it is not lost without a webhook."""
    end_user = EndUser(
        organization_name=connected.end_user_organization_name,
        origin_id=connected.end_user_origin_id,
    )
    unmapped.keep(
        attempt.environment,
        connected.id,
        end_user,
        tool=connected.tool,
        category=attempt.category if connected.tool == attempt.tool_id else "",
        now=timezone.now(),
    )


def note_created(integration: Integration, tool: str, category: str, now: datetime) -> None:
    """Kombo tells that a tool was connected: it is what came of the tenant's latest attempt with
    the tool, however late we hear of it; sooner of one that Kombo Connect says is done.
    """
    begun = _begun(integration.environment, integration.tenant.origin_id, tool, category)
    snapshot_locks.lock([integration.pk])
    attempt = begun.order_by(F("finished_at").asc(nulls_last=True), "-begun_at").first()
    if attempt is None or _is_told(integration) or not _finish(attempt, integration):
        return
    # Whoever set out lately is the one who arrived; else nobody knows who did.
    is_theirs = bool(attempt.begun_at and attempt.begun_at > now - ENDS_WITHIN)
    _tell(attempt, integration, attempt.created_by if is_theirs else None)


def _tell(attempt: ConnectionAttempt, integration: Integration, by: User | None) -> None:
    """Write into the history what came of an attempt, and by whom if that is known."""
    is_replacement = attempt.replaces_id is not None
    history_record.note_connected(integration, by, replaces=is_replacement)


def note_failed(environment: str, origin_id: str, tool: str, category: str, now: datetime) -> bool:
    """Kombo tells that somebody did not get through Kombo Connect. Return whether it was an attempt
    of ours to connect the tool.
    """
    begun = _begun(environment, origin_id, tool, category).filter(begun_at__gt=now - ENDS_WITHIN)
    attempt = begun.order_by("-begun_at").first()
    if attempt is None:
        return False
    return bool(attempts.open_one(attempt).update(failed_at=now))


def leave(attempt: ConnectionAttempt) -> None:
    """Somebody closed Kombo Connect before its end: nobody is at it any more, as far as we know.

    The link lives on, and what comes of it all the same is what came of the attempt.
    """
    begun = attempts.open_one(attempt).exclude(begun_at=None)
    begun.filter(left_at=None).update(left_at=timezone.now())


def dismiss(attempt: ConnectionAttempt, by: Actor) -> None:
    """Take an attempt off the page, as nobody means to go on with it."""
    with transaction.atomic():
        if attempts.open_one(attempt).update(dismissed_at=timezone.now()):
            hand_offs.revoke_all(attempt)
            audit.record(by, Act.CONNECT_DISMISSED, tenant=attempt.tenant, tool=attempt.tool_id)


def _begun(
    environment: str, origin_id: str, tool: str, category: str
) -> QuerySet[ConnectionAttempt]:
    """Return the attempts of a tenant with a tool that somebody began, and of which nothing came
    yet.
    """
    return ConnectionAttempt.objects.filter(
        attempts.OPEN,
        environment=environment,
        tenant__origin_id=origin_id,
        tool_id=tool,
        category=category,
        begun_at__isnull=False,
    )


def _is_told(integration: Integration) -> bool:
    """Return whether it is known of an integration which attempt it came of."""
    return ConnectionAttempt.objects.filter(integration=integration).exists()


def _finish(attempt: ConnectionAttempt, integration: Integration) -> bool:
    """Note what came of an attempt, which uses up its links. Return whether that was not known
    yet: of one attempt one integration is told.
    """
    now = timezone.now()
    is_news = bool(attempts.open_one(attempt).update(integration=integration, connected_at=now))
    if is_news:
        hand_offs.mark_all_used(attempt)
    return is_news

"""Connecting a tool: who set out to, the link into Kombo Connect, and the mapping that comes of it.

Kombo tells twice that a tool was connected: by a token through the browser that connected it, and
by a webhook. Either may come first, or alone; one integration is mapped once.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.history import record as history_record
from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, NotFound
from integrations.kombo.schema import ConnectedIntegration
from integrations.models import CatalogueTool, ConnectionAttempt, Integration, RepairOutcome, Tenant
from integrations.tenants import mapping
from integrations.upstream import gateway
from integrations.upstream.connect_links import ConnectLink, checked

logger = logging.getLogger(__name__)

# Of its beginning: Kombo's link lives one hour, and people take their time.
ENDS_WITHIN = timedelta(hours=2)
LEFT_AFTER = timedelta(hours=1)
SHOWN_FOR = timedelta(days=30)  # an attempt of which nothing came


class AttemptStatus(StrEnum):
    """How far an attempt to connect is."""

    INVITED = "invited"  # nobody has opened Kombo Connect yet
    BEGUN = "begun"
    LEFT = "left"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"  # Kombo Connect says it is done, Kombo has not said so yet
    CONNECTED = "connected"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of an attempt that Kombo Connect says is done: "done" with the integration,
    "unconfirmed", or "failed".
    """

    outcome: RepairOutcome
    integration: Integration | None = None


def status_of(attempt: ConnectionAttempt, now: datetime) -> AttemptStatus:
    """Return how far an attempt is."""
    if attempt.connected_at:
        return AttemptStatus.CONNECTED
    if attempt.dismissed_at:
        return AttemptStatus.DISMISSED
    if attempt.finished_at:
        return AttemptStatus.UNCONFIRMED
    if attempt.failed_at:
        return AttemptStatus.FAILED
    if attempt.begun_at is None:
        return AttemptStatus.INVITED
    is_left = attempt.begun_at < now - LEFT_AFTER
    return AttemptStatus.LEFT if is_left else AttemptStatus.BEGUN


def may_continue(attempt: ConnectionAttempt, now: datetime) -> bool:
    """Whether somebody may still be asked to connect what an attempt is about."""
    return status_of(attempt, now) not in {
        AttemptStatus.CONNECTED,
        AttemptStatus.DISMISSED,
        AttemptStatus.UNCONFIRMED,
    }


def unfinished(now: datetime) -> QuerySet[ConnectionAttempt]:
    """Return the attempts of all tenants of which nothing came yet, the latest first, each for a
    month after it was last worked on.
    """
    since = now - SHOWN_FOR
    return ConnectionAttempt.objects.filter(
        Q(created_at__gt=since) | Q(begun_at__gt=since), _open()
    ).select_related("created_by", "tenant")


def plan(
    tenant: Tenant,
    tool: CatalogueTool,
    *,
    by: Actor,
    replaces: Integration | None = None,
) -> ConnectionAttempt:
    """Return the attempt to connect a tool to a tenant: the unfinished one, if there is one, else
    a new one.

    `replaces` is the integration that it is to take the place of.
    """
    attempt = draft(tenant, tool, by=by, replaces=replaces)
    if not attempt.pk:
        attempt.save()
    return attempt


def draft(
    tenant: Tenant,
    tool: CatalogueTool,
    *,
    by: Actor,
    replaces: Integration | None = None,
) -> ConnectionAttempt:
    """Return the same as `plan`, where a new one is not stored yet."""
    now = timezone.now()
    ids = {
        "tenant": tenant,
        "environment": tool.catalogue.environment,
        "category": tool.catalogue.category,
        "tool_id": tool.tool_id,
    }
    known = unfinished(now).filter(**ids, finished_at=None, replaces=replaces).first()
    return known or ConnectionAttempt(
        **ids,
        tool_label=tool.label,
        logo=tool.logo,
        replaces=replaces,
        created_at=now,
        created_by=by.user,
    )


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
        same.update(begun_at=timezone.now(), failed_at=None, **revived)
        audit.record(by, Act.CONNECT_BEGUN, tenant=tenant, tool=attempt.tool_id)
    return replace(link, attempt=attempt.public_id)


def is_under_way(attempt: ConnectionAttempt) -> bool:
    """Return whether a link was made for it by which it may be ending now."""
    return attempt.begun_at is not None and attempt.begun_at > timezone.now() - ENDS_WITHIN


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
            _open_one(attempt).update(finished_at=timezone.now())
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
    another's.
    """
    if connected.end_user_origin_id != attempt.tenant.origin_id:
        return None
    with transaction.atomic():
        integration = mapping.ensure(attempt.tenant, connected.id, attempt.environment)
        if integration is None:
            return None
        if _finish(attempt, integration):
            history_record.note_connected(integration, by.user)
            audit.record(by, Act.CONNECTED, integration=integration, tool=attempt.tool_id)
    return integration


def note_created(integration: Integration, tool: str, now: datetime) -> None:
    """Kombo tells that a tool was connected: it is what came of the tenant's latest attempt with
    the tool, if one may be ending.
    """
    attempt = _under_way(integration.environment, integration.tenant.origin_id, tool, now).first()
    if attempt and _finish(attempt, integration):
        history_record.note_connected(integration, attempt.created_by)


def note_failed(environment: str, origin_id: str, tool: str, now: datetime) -> bool:
    """Kombo tells that somebody did not get through Kombo Connect. Return whether it was an attempt
    of ours to connect the tool.
    """
    attempt = _under_way(environment, origin_id, tool, now).first()
    if attempt is None:
        return False
    return bool(_open_one(attempt).update(failed_at=now))


def dismiss(attempt: ConnectionAttempt, by: Actor) -> None:
    """Take an attempt off the page, as nobody means to go on with it."""
    with transaction.atomic():
        if _open_one(attempt).update(dismissed_at=timezone.now()):
            hand_offs.revoke_all(attempt)
            audit.record(by, Act.CONNECT_DISMISSED, tenant=attempt.tenant, tool=attempt.tool_id)


def prune(before: datetime) -> int:
    """Forget attempts that nobody has worked on since an instant. Return how many."""
    idle = Q(begun_at=None) | Q(begun_at__lt=before)
    return ConnectionAttempt.objects.filter(idle, created_at__lt=before).delete()[0]


def _open() -> Q:
    return Q(connected_at=None, dismissed_at=None)


def _open_one(attempt: ConnectionAttempt) -> QuerySet[ConnectionAttempt]:
    return ConnectionAttempt.objects.filter(_open(), pk=attempt.pk)


def _under_way(
    environment: str, origin_id: str, tool: str, now: datetime
) -> QuerySet[ConnectionAttempt]:
    """Return the attempts of a tenant with a tool that may be ending, the latest first."""
    return ConnectionAttempt.objects.filter(
        _open(),
        environment=environment,
        tenant__origin_id=origin_id,
        tool_id=tool,
        begun_at__gt=now - ENDS_WITHIN,
    ).order_by("-begun_at")


def _finish(attempt: ConnectionAttempt, integration: Integration) -> bool:
    """Note what came of an attempt, which uses up its links. Return whether that was not known yet:
    of one integration one attempt is told, and of one attempt one integration.
    """
    if ConnectionAttempt.objects.filter(integration=integration).exists():
        return False
    now = timezone.now()
    is_news = bool(_open_one(attempt).update(integration=integration, connected_at=now))
    if is_news:
        hand_offs.mark_all_used(attempt)
    return is_news

"""The tools that can be connected, kept as snapshots are: shown while they are up to an hour old,
then shown while exactly one caller asks again.

Where Kombo can't say, the last known tools stay.
"""

import hashlib
import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.domain.clock import age, is_ahead
from integrations.kombo.enums import CoverageStatus
from integrations.kombo.errors import KomboError
from integrations.kombo.schema import (
    ActionField,
    Coverage,
    ReadField,
    ReadModel,
    Tool,
    WriteAction,
    encode_coverage,
)
from integrations.kombo.tool_schema import CatalogueTool as AnsweredTool
from integrations.kombo.tool_schema import ToolField, ToolModel
from integrations.models import CatalogueTool, Integration, Tenant, ToolCatalogue
from integrations.upstream import gateway, leases, logos

logger = logging.getLogger(__name__)

MAX_AGE = timedelta(hours=1)
LEASE = timedelta(seconds=15)  # longer than a call with its turn may take
FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)
_NAMEABLE = re.compile(r"[\w.:-]{1,200}", re.ASCII)
_NOTICES = {
    "paid": "paid_api_details_markdown",
    "fast_track": "fast_track_details_markdown",
    "partner": "partner_only_details_markdown",
}


def environment_of(tenant: Tenant) -> str:
    """Return the environment in which a tenant's next tool is connected: where its latest one is,
    of those that are configured.
    """
    latest = Integration.objects.filter(
        tenant=tenant, environment__in=settings.KOMBO_ENVIRONMENTS
    ).order_by("-created_at", "-pk")
    name = latest.values_list("environment", flat=True).first()
    return name or str(settings.CONNECT_ENVIRONMENT)


def catalogues(environment: str) -> list[ToolCatalogue]:
    """Return how asking for each category goes that may be connected in an environment, in their
    order; one that was never asked for is not stored yet.
    """
    known = {row.category: row for row in ToolCatalogue.objects.filter(environment=environment)}
    return [
        known.get(category) or ToolCatalogue(environment=environment, category=category)
        for category in settings.CONNECT_CATEGORIES
    ]


def tools(environment: str) -> QuerySet[CatalogueTool]:
    """Return the tools that may be connected in an environment, by name, without what each
    offers.
    """
    offered = CatalogueTool.objects.filter(
        catalogue__environment=environment,
        catalogue__category__in=settings.CONNECT_CATEGORIES,
    )
    return offered.select_related("catalogue").defer("coverage", "notices")


def tool(environment: str, category: str, tool_id: str) -> CatalogueTool | None:
    """Return one of them with all that is known of it; None if it can't be connected."""
    known = tools(environment).defer(None).filter(catalogue__category=category, tool_id=tool_id)
    return known.first()


def label_of(environment: str, category: str, tool_id: str) -> str:
    """Return what a tool is called; empty if that is not known."""
    if not (category and tool_id):
        return ""
    known = tools(environment).filter(catalogue__category=category, tool_id=tool_id)
    return known.values_list("label", flat=True).first() or ""


def is_nameable(tool_id: str) -> bool:
    """Whether the id of a tool can stand in an address of ours."""
    return _NAMEABLE.fullmatch(tool_id) is not None


def is_due(catalogue: ToolCatalogue, now: datetime) -> bool:
    """Whether somebody may ask: it is old enough, nobody is asking, and no failure delays it."""
    is_fresh = age(catalogue.fetched_at, now) < MAX_AGE
    is_leased = is_ahead(catalogue.lease_until, now, at_most=LEASE)
    must_wait = is_ahead(catalogue.retry_at, now, at_most=LAST_RETRY)
    return not (is_fresh or is_leased or must_wait)


def refresh_due() -> int:
    """Ask for the tools of one category that is due, for the worker. Return how many were asked
    for.
    """
    now = timezone.now()
    for environment in settings.KOMBO_ENVIRONMENTS:
        for catalogue in catalogues(environment):
            if is_due(catalogue, now):
                return int(refresh(catalogue))
    return 0


def refresh_some(environment: str) -> None:
    """Ask for the first category of an environment that is due, for somebody who looks."""
    now = timezone.now()
    for catalogue in catalogues(environment):
        if is_due(catalogue, now):
            refresh(catalogue)
            return


def refresh(catalogue: ToolCatalogue) -> bool:
    """Ask for the tools of a category and store what came of it. Return whether it was this caller
    who asked. Never raises for Kombo's sake.
    """
    row, _is_new = ToolCatalogue.objects.get_or_create(
        environment=catalogue.environment, category=catalogue.category
    )
    lease = leases.take(row, LEASE)
    if not lease:
        return False
    began = timezone.now()
    try:
        answered = gateway.call(row.environment, lambda kombo: kombo.tools(row.category))
    except KomboError as error:
        logger.warning("Tools of %s not fetched: %s %s", row, error.kind, error.code or "")
        leases.note_failure(row, lease, error, first=FIRST_RETRY, longest=LAST_RETRY)
    else:
        with transaction.atomic():
            held = ToolCatalogue.objects.select_for_update().filter(pk=row.pk, lease=lease).first()
            if held:
                _store(held, answered, began)
    return True


def _store(held: ToolCatalogue, answered: Iterable[AnsweredTool], began: datetime) -> None:
    """Bring the tools of a category to what Kombo answered; those that are as they were are not
    written.
    """
    known = {tool.tool_id: tool for tool in held.tools.only("tool_id", "digest")}
    for one in answered:
        if not is_nameable(one.id):
            logger.warning("A tool whose ID can't stand in an address was skipped: %.200r", one.id)
            continue
        digest = hashlib.blake2s(msgspec.json.encode(one), digest_size=16).hexdigest()
        tool = known.pop(one.id, None) or CatalogueTool(catalogue=held, tool_id=one.id)
        if tool.digest != digest:
            _fill(tool, one, digest)
            tool.save()
    held.tools.filter(pk__in=[gone.pk for gone in known.values()]).delete()
    held.fetched_at = began
    held.lease = held.error_kind = ""
    held.lease_until = held.retry_at = None
    held.failures = 0
    held.save()


def _fill(tool: CatalogueTool, one: AnsweredTool, digest: str) -> None:
    tool.label = one.label.strip() or one.id
    tool.logo = logos.register(
        Tool(
            id=one.id,
            label=tool.label,
            logo_url=one.assets.logo_url,
            icon_url=one.assets.icon_url,
        )
    )
    tool.guide_url = _guide_url(one.connection_guide_url or "")
    tool.notices = {name: text for name, key in _NOTICES.items() if (text := getattr(one, key))}
    tool.coverage = encode_coverage(_coverage(one)).decode()
    tool.digest = digest
    tool.verdicts_due = True


def _guide_url(url: str) -> str:
    """Return the address of instructions if a page may link to it, else an empty text: https, or
    this machine's own, as a simulated Kombo's.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_ours = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    return url if is_ours or (parts.scheme == "https" and parts.hostname) else ""


def _coverage(one: AnsweredTool) -> Coverage:
    """Return what a tool offers as the grid of an integration that is asked for everything."""
    return Coverage(
        read_models=tuple(
            ReadModel(**_point(model), label=model.label, fields=_fields(model, ReadField))
            for model in one.coverage.read_models
            if model.id
        ),
        write_actions=tuple(
            WriteAction(**_point(action), label=action.label, fields=_fields(action, ActionField))
            for action in one.coverage.write_actions
            if action.id
        ),
    )


def _fields[T](model: ToolModel, kind: type[T]) -> tuple[T, ...]:
    return tuple(kind(**_point(field)) for field in model.fields if field.id)


def _point(point: ToolField) -> dict[str, Any]:
    status = point.coverage_status
    is_available = status == CoverageStatus.SUPPORTED
    return {"id": point.id, "coverage_status": status, "is_available": is_available}

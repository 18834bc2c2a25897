"""What a state of the gallery needs to be so before it is shown."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Actor
from integrations.access.hand_offs import HandOffStatus
from integrations.demo.history import ADDRESS
from integrations.models import ConnectionAttempt, Integration, RepairAct, Snapshot, Tenant
from integrations.tenants import connecting
from integrations.upstream import tool_catalogue


def guest_link(integration: Integration) -> str:
    """Return an open guest link to an integration."""
    now = timezone.now()
    for link in hand_offs.of_integration(integration):
        if hand_offs.status_of(link, now) is HandOffStatus.OPEN:
            return hand_offs.url_of(link)
    by = Actor(None, "gallery", ADDRESS)
    return hand_offs.url_of(hand_offs.create(integration, RepairAct.RECONNECT, by=by))


def make(freshness: str) -> None:
    """Let the check of an integration have gone as a state shows it, until the next one."""
    if not freshness:
        return
    now = timezone.now()
    if freshness == "attempts":
        _attempt(now)
        return
    soon = now + timedelta(minutes=1)
    failed = {"error_kind": "timed_out", "failures": 9, "retry_at": soon}
    fine: dict[str, Any] = {"error_kind": "", "failures": 0, "retry_at": None}
    asked = {"lease": "gallery", "lease_until": now + timedelta(seconds=6)}
    known = {
        **fine,
        "status": "ACTIVE",
        "fetched_at": now,
        "repaired_at": None,
        "watch_until": None,
    }
    tool, fields = {
        "never reached": ("humaans", failed),
        "cold": ("humaans", fine | asked),
        "failing": ("deel", known | failed | {"fetched_at": now - timedelta(minutes=40)}),
        "being checked": (
            "deel", known | asked | {"status": "INVALID", "repaired_at": now, "watch_until": soon}
        ),
        "just repaired": ("deel", known | {"repaired_at": now}),
    }[freshness]  # fmt: skip
    Snapshot.objects.filter(integration__integration_id__startswith=f"{tool}:").update(**fields)


def _attempt(now: datetime) -> None:
    """Have a customer with one unfinished attempt to connect something in each status."""
    cobalt = Tenant.objects.get(origin_id="cobalt")
    ConnectionAttempt.objects.filter(tenant=cobalt).delete()
    began = {"begun_at": now - timedelta(minutes=5)}
    statuses: list[dict[str, Any]] = [
        {"begun_at": now - timedelta(hours=2)},
        began | {"failed_at": now - timedelta(minutes=2)},
        began,
        began | {"finished_at": now - timedelta(minutes=1)},
        {},
    ]
    tools = tool_catalogue.tools("production").filter(catalogue__category="HRIS")
    for tool, fields in zip(tools, statuses, strict=False):
        made = connecting.plan(cobalt, tool, by=Actor(None, "gallery", ADDRESS))
        ConnectionAttempt.objects.filter(pk=made.pk).update(**fields)

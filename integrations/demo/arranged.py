"""What the gallery's addresses stand for, and how what they show is made so."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Actor
from integrations.access.hand_offs import HandOffStatus
from integrations.demo import faces
from integrations.demo.history import ADDRESS
from integrations.domain import coverage
from integrations.models import (
    BulkCheck,
    Feature,
    Integration,
    Mail,
    MailKind,
    RepairAct,
    Snapshot,
    Tenant,
)
from integrations.upstream import bulk_checks


def names(chosen: dict[str, str]) -> dict[str, str]:
    """Return what stands for what in an address: ids by customer and tool, and more."""
    tools = Integration.objects.select_related("snapshot")
    by_tool = {one.integration_id.partition(":")[0]: one for one in tools}
    return {
        **dict(Tenant.objects.values_list("origin_id", "public_id")),
        **{name: one.public_id for name, one in by_tool.items()},
        **_rows_by_reason(by_tool["docebo"].snapshot),
        "feature": Feature.objects.values_list("public_id", flat=True).first() or "",
        "mail": str(
            Mail.objects.filter(kind=MailKind.REMINDER).values_list("pk", flat=True).first()
        ),
        "guest": _guest_link(by_tool["hibob"]),
        "tenant": str(by_tool["personio"].tenant_id),
        "user": str(User.objects.get(username="alice").pk),
        "check": BulkCheck.objects.values_list("public_id", flat=True).last() or "",
        "host": settings.EMBED_ORIGINS[0],
        "theme": chosen["theme"],
        "lang": chosen["lang"],
        "accent": faces.FACES.get(chosen["face"], "").replace("#", "%23"),
    }


def _rows_by_reason(snapshot: Snapshot) -> dict[str, str]:
    """Return a link, from its grid, to the first row that is as it is for each reason."""
    found: dict[str, str] = {}
    for group in coverage.read(snapshot.coverage).groups:
        for row in coverage.leaves([group]):
            found.setdefault(row.reason, f"?open={group.id}#{row.id}")
    return found


def _guest_link(integration: Integration) -> str:
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
    if freshness == "all asked":
        bulk_checks.begin(User.objects.get(username="mia"), [*Integration.objects.all()])
        return
    now = timezone.now()
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

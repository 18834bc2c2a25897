"""What lasts for a moment only, made for whoever looks at a state of the gallery."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Actor
from integrations.demo import accounts
from integrations.demo.history import ADDRESS
from integrations.models import (
    ConnectionAttempt,
    Event,
    Incident,
    Integration,
    Outage,
    RepairAct,
    Snapshot,
    Tenant,
    Upstream,
)
from integrations.tenants import attempts
from integrations.upstream import bulk_checks, tool_catalogue
from integrations.workspace import installation

TROUBLE = "gallery"  # the event that can't be processed
DOWN, OUTAGE = "workday", "gallery"  # the tool that is, and what its outage is named


def make_outage(tool: str) -> None:
    """Let this tool be down, and no other for the gallery's sake."""
    now = timezone.now()
    began = now - timedelta(minutes=20)
    Outage.objects.filter(public_id=OUTAGE).delete()
    failing = Incident.objects.filter(
        integration__integration_id__startswith=f"{tool}:", closed_at=None
    )
    if tool and (label := failing.values_list("integration__snapshot__tool_label").first()):
        outage = Outage.objects.create(
            public_id=OUTAGE,
            tool=tool,
            tool_label=label[0],
            started_at=began,
            detected_at=began,
            total=12,
        )
        failing.update(outage=outage, tool=tool, failed_at=began)


def make_trouble(*, is_troubled: bool) -> None:
    """Let the installation have every kind of trouble that can be made, or none."""
    now = timezone.now()
    installation.note_worker()
    Event.objects.filter(event_id=TROUBLE).delete()
    Upstream.objects.update(refused_since=None)
    if is_troubled:
        long_ago = now - timedelta(hours=3)
        Event.objects.create(
            environment="production",
            event_id=TROUBLE,
            type="integration-state-changed",
            payload="{}",
            received_at=long_ago,
            attempts=6,
            error="KeyError",
            due_at=now + timedelta(minutes=20),
        )
        Upstream.objects.update(refused_since=long_ago)


def make(freshness: str) -> None:
    """Let the check of an integration have gone as a state shows it, until the next one."""
    if not freshness:
        return
    if freshness == "all asked":
        bulk_checks.begin(User.objects.get(username="mia"), [*Integration.objects.all()])
        return
    if freshness == "invited":
        accounts.invite()
        return
    if freshness.startswith("elsewhere "):
        accounts.sign_in_elsewhere(freshness.removeprefix("elsewhere "))
        return
    now = timezone.now()
    if freshness in {"attempts", "no attempts"}:
        _make_attempts(now, is_any=freshness == "attempts")
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


def _make_attempts(now: datetime, *, is_any: bool) -> None:
    """Have a customer with one unfinished attempt to connect something in each status, and a link
    by which somebody was invited; or with none.
    """
    cobalt = Tenant.objects.get(origin_id="cobalt")
    ConnectionAttempt.objects.filter(tenant=cobalt).delete()
    began = {"begun_at": now - timedelta(minutes=5)}
    statuses: list[dict[str, Any]] = [
        {"begun_at": now - timedelta(hours=2)},
        {"begun_at": now - timedelta(hours=4), "finished_at": now - timedelta(hours=3)},
        began | {"failed_at": now - timedelta(minutes=2)},
        began,
        began | {"finished_at": now - timedelta(minutes=1)},
        {},
    ]
    if not is_any:
        return
    by = Actor(None, "gallery", ADDRESS)
    tools = tool_catalogue.tools("production").filter(catalogue__category="HRIS")
    for tool, fields in zip(tools, statuses, strict=False):
        made = attempts.plan(cobalt, tool, by=by)
        if fields:
            ConnectionAttempt.objects.filter(pk=made.pk).update(**fields)
        else:
            hand_offs.create(made, RepairAct.CONNECT, by=by)

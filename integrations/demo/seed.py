"""The demo's cast and their integrations: every headline and every reason is somewhere to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from integrations import mapping, snapshots
from integrations.demo import states
from integrations.demo.hostile import hostile
from integrations.demo.simulator import Simulator
from integrations.models import Integration, Membership, Role, Snapshot, Tenant

PASSWORD = "demo"  # noqa: S105 - on loopback, for everybody


@dataclass(frozen=True, slots=True)
class Tool:
    """One integration of the demo. `learned` is what only Kombo's webhooks would have told."""

    tool_id: str
    category: str
    state: str = "connected"
    coverage: str = "realistic"
    beta: bool = False
    created_at: str = "2025-03-14T10:20:30.000Z"
    creator: str | None = "j.meier"
    learned: str = ""


TENANTS: dict[str, tuple[str, list[Tool]]] = {
    "acme": (
        "Acme GmbH",
        [
            Tool("personio", "HRIS", "invalid", created_at="2022-08-07T14:01:29.196Z"),
            Tool("greenhouse", "ATS", "final_sync_pending", created_at="2026-11-20T08:00:00.000Z"),
            Tool("talentlms", "LMS", beta=True, creator=None),
        ],
    ),
    "bolt": ("Bolt & Sons", [Tool("bamboohr", "HRIS", coverage="everything")]),
    "cobalt": ("Cobalt AG", []),
    "gallery": (
        "Gallery of states",
        [
            Tool("hibob", "HRIS", "invalid"),
            Tool("workday", "HRIS", learned="sign_in_failing"),
            Tool("teamtailor", "ATS", "setup_incomplete"),
            Tool("kenjo", "HRIS", "inactive"),
            Tool("lucca", "HRIS", "connected", learned="removed"),
            Tool("factorial", "HRIS", learned="degraded"),
            Tool("humaans", "HRIS", learned="pending"),
            Tool("lever", "ATS", "unknown_status"),
            Tool("planday", "HRIS", learned="quality_check"),
            Tool("ashby", "ATS", "final_sync_pending"),
            Tool("smartrecruiters", "ASSESSMENT", "data_expired"),
            Tool("docebo", "LMS", beta=True, coverage="everything"),
        ],
    ),
    "mismatch": ("Mix & Match Ltd", [Tool("deel", "HRIS"), Tool("rippling", "HRIS", learned="wrong_owner")]),
    "hostile": ('<b>Markup</b> & "Quotes" Inc', [Tool("sandbox", "HRIS", learned="hostile")]),
}
PEOPLE = {
    "alice": ("acme",),
    "bob": ("bolt",),
    "gina": ("gallery", "mismatch", "hostile", "cobalt"),
}


def bodies(public_url: str) -> dict[str, dict[str, Any]]:
    """What the simulator knows: a details body for every integration, by Kombo's id."""
    return {integration_id: _body(origin, integration_id, tool, public_url) for origin, integration_id, tool in _all()}


def seed(simulator: Simulator) -> None:
    """Create what is not there yet, against a running simulator. What somebody changed since stays as it is."""
    tenants = {origin: Tenant.objects.get_or_create(origin_id=origin, defaults={"name": name})[0]
               for origin, (name, _tools) in TENANTS.items()}  # fmt: skip
    _people(tenants)
    for origin, integration_id, tool in _all():
        if not Integration.objects.filter(integration_id=integration_id).exists():
            integration = mapping.create(tenants[origin], integration_id)
            _learn(integration, tool, simulator)


def _all() -> Iterator[tuple[str, str, Tool]]:
    for origin, (_name, tools) in TENANTS.items():
        for tool in tools:
            yield origin, f"{tool.tool_id}:{states.kombo_id(f'{origin} {tool.tool_id}')}", tool


def _body(origin: str, integration_id: str, tool: Tool, public_url: str) -> dict[str, Any]:
    if tool.learned == "hostile":
        return hostile(integration_id=integration_id, origin_id=origin)
    return states.details(
        integration_id=integration_id,
        tool_id=tool.tool_id,
        category=tool.category,
        organization_name=TENANTS[origin][0],
        origin_id=origin,
        creator_email=f"{tool.creator}@{origin}.example" if tool.creator else None,
        state=tool.state,
        created_at=tool.created_at,
        beta=tool.beta,
        public_url=public_url,
        coverage="everything" if tool.coverage == "everything" else "realistic",
    )


def _people(tenants: dict[str, Tenant]) -> None:
    for name, places in PEOPLE.items():
        user = _user(name)
        for place in places:
            Membership.objects.get_or_create(user=user, tenant=tenants[place])
    Membership.objects.get_or_create(user=_user("vic"), tenant=tenants["acme"], defaults={"role": Role.VIEWER})
    allowed = ("view_tenant", "view_integration", "change_integration", "view_snapshot", "resume_integration")
    mia = _user("mia", is_staff=True)
    mia.user_permissions.set(Permission.objects.filter(codename__in=allowed, content_type__app_label="integrations"))
    _user("root", is_staff=True, is_superuser=True)


def _user(name: str, **flags: bool) -> User:
    user, created = User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.com", **flags})
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def _learn(integration: Integration, tool: Tool, simulator: Simulator) -> None:
    """Fetch the first snapshot as the site would, then add what only time or webhooks would have told by now."""
    if fault := _FAULTS.get(tool.learned):
        simulator.set_fault(fault, integration.integration_id)
    if tool.learned == "pending":
        return
    snapshot = snapshots.revalidate(integration)
    if tool.learned == "removed":
        simulator.set_state(integration.integration_id, "deleted")
        integration.snapshot = snapshot
        snapshots.revalidate(integration, by_person=True)
    if changes := _LEARNED.get(tool.learned):
        Snapshot.objects.filter(pk=snapshot.pk).update(**changes)


_FAULTS = {"pending": "unavailable", "wrong_owner": "wrong_owner"}
_LEARNED: dict[str, dict[str, Any]] = {
    "sign_in_failing": {"sign_in_failing_since": timezone.now() - timedelta(days=1)},
    "quality_check": {"qa_status": "FAILED"},
    "degraded": {"issue_title": "Absences can't be read: a permission is missing"},
}

"""The demo's cast and their integrations: every headline and every reason is somewhere to be
seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from integrations.demo import history, staff
from integrations.models import Integration, Membership, Role, Tenant
from integrations.simulator import payloads, states
from integrations.simulator.app import Simulator
from integrations.simulator.coverage import Coverage
from integrations.simulator.hostile import hostile
from integrations.simulator.issues_and_syncs import timestamp
from integrations.tenants import mapping
from integrations.upstream import snapshots, tool_catalogue
from integrations.webhooks import inbox

PASSWORD = "demo"  # noqa: S105 - on loopback, for everybody


@dataclass(frozen=True, slots=True)
class Tool:
    """One integration of the demo as it is now; `past` tells how it came to that. `age` is in
    days.
    """

    tool_id: str
    category: str
    state: str = "connected"
    coverage: Coverage = "realistic"
    beta: bool = False
    age: float = 618.9
    creator: str | None = "j.meier"
    fault: str = "none"
    hostile: bool = False


TENANTS: dict[str, tuple[str, list[Tool]]] = {
    "acme": (
        "Acme GmbH",
        [
            Tool("personio", "HRIS", "invalid", age=1568.7),
            Tool("greenhouse", "ATS", "final_sync_pending", age=2.13),
            Tool("talentlms", "LMS", beta=True, creator=None),
        ],
    ),
    "bolt": ("Bolt & Sons", [Tool("bamboohr", "HRIS", coverage="everything")]),
    "cobalt": ("Cobalt AG", []),
    "gallery": (
        "Gallery of states",
        [
            Tool("hibob", "HRIS", "invalid"),
            Tool("workday", "HRIS"),
            Tool("teamtailor", "ATS", "setup_incomplete", age=11.22),
            Tool("kenjo", "HRIS", "inactive"),
            Tool("lucca", "HRIS"),
            Tool("factorial", "HRIS"),
            # What can't be read counts against this integration alone; an error of Kombo's would
            # silence all others.
            Tool("humaans", "HRIS", fault="empty"),
            Tool("lever", "ATS", "unknown_status"),
            Tool("planday", "HRIS", age=6.5),
            Tool("ashby", "ATS", "final_sync_pending", age=0.42),
            Tool("smartrecruiters", "ASSESSMENT", "data_expired"),
            Tool("docebo", "LMS", beta=True, coverage="everything"),
        ],
    ),
    "mismatch": (
        "Mix & Match Ltd",
        [Tool("deel", "HRIS"), Tool("rippling", "HRIS", fault="wrong_owner")],
    ),
    "hostile": ('<b>Markup</b> & "Quotes" Inc', [Tool("sandbox", "HRIS", hostile=True)]),
}
# Kombo knows it, and we know no such tenant: it waits for staff to say whose it is.
STRANGER = ("delta", "Delta Logistik AG", Tool("recruitee", "ATS", "final_sync_pending", age=0.02))
EXPIRED_FOR = timedelta(days=4.1)
PEOPLE = {
    "alice": ("acme",),
    "jana": ("acme",),
    "bob": ("bolt",),
    "gina": ("gallery", "mismatch", "hostile", "cobalt"),
}


def beginning() -> datetime:
    """When this demo began, also if that was before a restart: its times are relative to it."""
    return User.objects.aggregate(began=Min("date_joined"))["began"] or timezone.now()


def bodies(public_url: str, began: datetime) -> dict[str, dict[str, Any]]:
    """What the simulator knows: a details body for every integration, by Kombo's id."""
    return {
        kombo_id: _body(origin, name, kombo_id, tool, public_url, began)
        for origin, name, kombo_id, tool in _integrations()
    }


def seed(simulator: Simulator, began: datetime) -> None:
    """Create what is not there yet, against a running simulator.

    What somebody changed since stays as it is.
    """
    is_new = not Tenant.objects.exists()
    while tool_catalogue.refresh_due():
        pass
    managers = {name: _user(name, began, is_staff=True) for name in staff.CARES}
    tenants = {origin: _tenant(origin, {"name": name, **staff.terms(origin, managers)})
               for origin, (name, _tools) in TENANTS.items()}  # fmt: skip
    _people(tenants, began)
    for origin, _name, kombo_id, tool in _integrations():
        if origin not in tenants:
            _arrive(simulator, kombo_id)
        elif not Integration.objects.filter(integration_id=kombo_id).exists():
            _connect(tenants[origin], kombo_id, tool, simulator, began)
    if is_new:
        for manager in managers.values():
            staff.permit(manager)
        staff.settle_in(managers, began)


def _tenant(origin: str, fields: dict[str, Any]) -> Tenant:
    return Tenant.objects.get_or_create(origin_id=origin, defaults=fields)[0]


def _integrations() -> Iterator[tuple[str, str, str, Tool]]:
    """Every integration with its customer's origin id and name, and with Kombo's id."""
    owned = [(origin, name, tool) for origin, (name, tools) in TENANTS.items() for tool in tools]
    for origin, name, tool in [*owned, STRANGER]:
        yield origin, name, f"{tool.tool_id}:{states.kombo_id(f'{origin} {tool.tool_id}')}", tool


def _body(
    origin: str, name: str, kombo_id: str, tool: Tool, public_url: str, began: datetime
) -> dict[str, Any]:
    if tool.hostile:
        return hostile(integration_id=kombo_id, origin_id=origin)
    connected = states.details(
        integration_id=kombo_id,
        tool_id=tool.tool_id,
        category=tool.category,
        organization_name=name,
        origin_id=origin,
        creator_email=f"{tool.creator}@{origin}.example" if tool.creator else None,
        created_at=timestamp((began - timedelta(days=tool.age)).timestamp()),
        beta=tool.beta,
        public_url=public_url,
        coverage=tool.coverage,
    )
    return states.patched(
        connected, tool.state, expired_at=timestamp((began - EXPIRED_FOR).timestamp())
    )


def _people(tenants: dict[str, Tenant], began: datetime) -> None:
    for name, origins in PEOPLE.items():
        user = _user(name, began)
        for origin in origins:
            Membership.objects.get_or_create(user=user, tenant=tenants[origin])
    Membership.objects.get_or_create(
        user=_user("vic", began), tenant=tenants["acme"], defaults={"role": Role.VIEWER}
    )
    _user("root", began, is_staff=True, is_superuser=True)


def _user(name: str, began: datetime, **flags: bool) -> User:
    fields = {
        "first_name": name.title(),
        "email": f"{name}@example.com",
        "date_joined": began,
        "password": _password,
        **flags,
    }
    return User.objects.get_or_create(username=name, defaults=fields)[0]


@cache
def _password() -> str:
    """Return everybody's, hashed, which is meant to take its time, only once."""
    return make_password(PASSWORD)


def _connect(
    tenant: Tenant, kombo_id: str, tool: Tool, simulator: Simulator, began: datetime
) -> None:
    """Map an integration, tell its past, and look at what became of it, if Kombo answers."""
    with transaction.atomic():  # a past that is told by half would never be finished
        integration = mapping.create(tenant, kombo_id)
        history.tell(integration, simulator, began)
    if tool.fault != "none":
        simulator.set_fault(tool.fault, kombo_id)
    if history.story_of(kombo_id):
        integration.refresh_from_db()
        snapshots.revalidate(integration)


def _arrive(simulator: Simulator, kombo_id: str) -> None:
    """Let Kombo tell of an integration that nobody has mapped; once, as the event has the same id
    every time.
    """
    if details := simulator.details(kombo_id):
        event = payloads.created(details, event_id=states.kombo_id(f"created {kombo_id}"))
        inbox.receive("production", payloads.encoded(event), of_any_age=True)

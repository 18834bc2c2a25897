"""What is measured: tenants with three and with forty integrations, one with a grid of 40 x 40, and
the workspace with 200 integrations.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from integrations.access import permissions
from integrations.models import Integration, Membership, Snapshot, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.views.customer import cards
from tests import embed

LATENCY = 0.15  # seconds
TOOLS = [("personio", "HRIS"), ("greenhouse", "ATS"), ("talentlms", "LMS")]


class DistantKombo(Simulator):
    """Kombo as far away as a real one, once it is `latency` seconds away."""

    latency = LATENCY

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(self.latency)
        return super().__call__(environ, start_response)


class Bench:
    def __init__(self) -> None:
        call_command("migrate", verbosity=0)
        self.kombo = DistantKombo(api_key="ks_dev_tests", rate_limit=1_000_000)
        self.kombo.latency = 0.0  # until what is measured is there
        self.members: dict[Tenant, Client] = {}
        self.server = serve(self.kombo, 0)
        settings.KOMBO_ENVIRONMENTS["production"]["API_URL"] = f"{self.kombo.public_url}/v1"
        settings.SNAPSHOT_MAX_AGE = 86_400
        self.staff = _signed_in(User.objects.create_superuser("lead", password="bench"))
        self.three = self._tenant("three", self._bodies("three", 3))
        self.forty = self._tenant("forty", self._bodies("forty", 40))
        for number in range(39):
            self._tenant(f"other{number}", self._bodies(f"other{number}", 4))
        self.large = self._tenant("large", [_large(self._body("large", "workday", "HRIS"))])
        self.kombo.latency = LATENCY

    def cpu_cases(self) -> dict[str, Callable[[], object]]:
        grid = f"i/{self.large.integrations.get().public_id}/"
        return {
            "base": self._look(self.three, "/bench/empty/"),
            "nothing": self._look(self.three, "/bench/nothing/"),
            "customer, 3": self._look(self.three),
            "customer, 40": self._look(self.forty),
            "poll, 3": self._poll(self.three),
            "poll, 40": self._poll(self.forty),
            "grid, collapsed": self._look(self.large, grid),
            "grid, all fields": self._look(self.large, f"{grid}?open=all"),
            "embed": self._embed(),
            "list, 50": lambda: _get(self.staff, "/workspace/?group="),
            "overview": lambda: _get(self.staff, "/workspace/overview/"),
        }

    def wall_cases(self) -> dict[str, Callable[[], object]]:
        return {
            "page that asks Kombo per view": self._look(
                self.three, f"/bench/asking/{self.three.public_id}/"
            ),
            "page from snapshots (aim 0.05)": self._look(self.three),
        }

    def hanging_cases(self) -> dict[str, Callable[[], object]]:
        return {"page from snapshots": self._look(self.three)}

    def let_kombo_hang(self) -> None:
        self.kombo.set_fault("hanging")
        Snapshot.objects.update(fetched_at="2026-01-01T00:00:00Z")

    def close(self) -> None:
        self.server.shutdown()

    def _look(self, tenant: Tenant, path: str = "") -> Callable[[], object]:
        """A member's look at their tenant's page, one below it, or another one."""
        address = path if path.startswith("/") else f"/t/{tenant.public_id}/{path}"
        return lambda: _get(self.members[tenant], address)

    def _embed(self) -> Callable[[], object]:
        """The content of a frame with three integrations."""
        embed.turn_on(settings)
        frame = embed.enter(Client(headers={"accept-language": "en"}), sub="three")

        def look() -> None:
            assert frame.get(frame.on("tenant")).status_code == 200

        return look

    def _poll(self, tenant: Tenant) -> Callable[[], object]:
        user = tenant.memberships.get().user
        grant, found = permissions.integrations(user, tenant.public_id)
        seen = [f"{card.id}.{card.version}" for card in cards.cards(grant, found)]
        path = f"/t/{tenant.public_id}/poll/?seen={'~'.join(seen)}"

        def poll() -> None:
            response = self.members[tenant].get(path, headers={"HX-Request": "true"})
            assert response.status_code == 204

        return poll

    def _body(self, origin: str, tool: str, category: str, number: int = 0) -> dict[str, Any]:
        return states.details(
            integration_id=f"{tool}:{states.kombo_id(f'{origin}{tool}{number}')}",
            tool_id=tool,
            category=category,
            organization_name=origin,
            origin_id=origin,
            creator_email="creator@example.com",
        )

    def _bodies(self, origin: str, number: int) -> list[dict[str, Any]]:
        return [self._body(origin, *TOOLS[count % 3], number=count) for count in range(number)]

    def _tenant(self, origin: str, bodies: list[dict[str, Any]]) -> Tenant:
        tenant = Tenant.objects.create(name=origin.title(), origin_id=origin)
        user = User.objects.create_user(origin)
        Membership.objects.create(user=user, tenant=tenant)
        self.members[tenant] = _signed_in(user)
        for body in bodies:
            self.kombo.add(body)
            made: Integration = mapping.create(tenant, body["id"])
            snapshots.revalidate(made)
        return tenant


def _signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def _get(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def _large(body: dict[str, Any]) -> dict[str, Any]:
    """40 models of 40 fields, of every kind the realistic ones have."""
    models = [model for model in body["read_models"] if len(model["fields"]) > 5]
    fields = [field for model in models for field in model["fields"]]
    body["read_models"] = [
        models[n % len(models)]
        | {"id": f"hris_model_{n}", "label": f"Model {n}"}
        | {
            "fields": [
                fields[(n * 7 + k) % len(fields)] | {"id": f"field_number_{k}"} for k in range(40)
            ]
        }
        for n in range(40)
    ]
    body["write_actions"] = []
    return body

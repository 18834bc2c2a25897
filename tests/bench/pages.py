"""What is measured: a tenant with three integrations, and one with a grid of 40 x 40."""

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

LATENCY = 0.15  # seconds


class DistantKombo(Simulator):
    """Kombo as far away as a real one."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(LATENCY)
        return super().__call__(environ, start_response)


class Bench:
    def __init__(self) -> None:
        call_command("migrate", verbosity=0)
        self.kombo = DistantKombo(api_key="ks_dev_tests", rate_limit=1_000_000)
        self.server = serve(self.kombo, 0)
        settings.KOMBO_ENVIRONMENTS["production"]["API_URL"] = f"{self.kombo.public_url}/v1"
        settings.SNAPSHOT_MAX_AGE = 86_400
        self.user = User.objects.create_user("bench", password="bench")
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(self.user)
        tools = [("personio", "HRIS"), ("greenhouse", "ATS"), ("talentlms", "LMS")]
        self.three = self._tenant("three", [self._body("three", *tool) for tool in tools])
        self.large = self._tenant("large", [_large(self._body("large", "workday", "HRIS"))])

    def cpu_cases(self) -> dict[str, Callable[[], object]]:
        page = f"/t/{self.large.public_id}/i/{self.large.integrations.get().public_id}/"
        return {
            "empty base template, signed in": lambda: self._get("/bench/empty/"),
            "customer page, three integrations (aim 2)": lambda: self._get(
                f"/t/{self.three.public_id}/"
            ),
            "poll of three cards without news (aim 0.8)": self._poll(),
            "integration page 40 x 40, collapsed (aim 3)": lambda: self._get(page),
            "integration page 40 x 40, all expanded (aim 12)": lambda: self._get(
                f"{page}?open=all"
            ),
        }

    def wall_cases(self) -> dict[str, Callable[[], object]]:
        return {
            "page that asks Kombo per view": lambda: self._get(
                f"/bench/asking/{self.three.public_id}/"
            ),
            "page from snapshots (aim 0.05)": lambda: self._get(f"/t/{self.three.public_id}/"),
        }

    def hanging_cases(self) -> dict[str, Callable[[], object]]:
        return {"page from snapshots": lambda: self._get(f"/t/{self.three.public_id}/")}

    def let_kombo_hang(self) -> None:
        self.kombo.set_fault("hanging")
        Snapshot.objects.update(fetched_at="2026-01-01T00:00:00Z")

    def close(self) -> None:
        self.server.shutdown()

    def _get(self, path: str) -> None:
        assert self.client.get(path).status_code == 200

    def _poll(self) -> Callable[[], object]:
        grant, found = permissions.integrations(self.user, self.three.public_id)
        seen = [f"seen={card.id}.{card.version}" for card in cards.cards(grant, found)]
        path = f"/t/{self.three.public_id}/poll/?{'&'.join(seen)}"

        def poll() -> None:
            response = self.client.get(path, headers={"HX-Request": "true"})
            assert response.status_code == 204

        return poll

    def _body(self, origin: str, tool: str, category: str) -> dict[str, Any]:
        return states.details(
            integration_id=f"{tool}:{states.kombo_id(origin + tool)}",
            tool_id=tool,
            category=category,
            organization_name=origin,
            origin_id=origin,
            creator_email="creator@example.com",
        )

    def _tenant(self, origin: str, bodies: list[dict[str, Any]]) -> Tenant:
        tenant = Tenant.objects.create(name=origin.title(), origin_id=origin)
        Membership.objects.create(user=self.user, tenant=tenant)
        for body in bodies:
            self.kombo.add(body)
            made: Integration = mapping.create(tenant, body["id"])
            snapshots.revalidate(made)
        return tenant


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

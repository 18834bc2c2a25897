"""Who asks Kombo, and what each may show while Kombo fails: the columns of `tests.bench.faults`."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import worker
from integrations.kombo import webhooks
from integrations.models import (
    CatalogueTool,
    ConnectionAttempt,
    Integration,
    Logo,
    Membership,
    RateLimit,
    Snapshot,
    Tenant,
    ToolCatalogue,
    Upstream,
)
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import logos, snapshots
from tests.pictures import PNG
from tests.webhook_payloads import encoded, event

HTMX = {"HX-Request": "true"}
SECRET = "whsec-of-the-bench"
ENVIRONMENT: dict[str, Any] = settings.KOMBO_ENVIRONMENTS["production"]


class World:
    """A customer with one integration, and a Kombo that can be led elsewhere."""

    def __init__(self) -> None:
        self.is_made = False
        self.kombo = Simulator(api_key="ks_dev_tests", rate_limit=1_000_000)
        settings.SNAPSHOT_MAX_AGE = settings.WORKER_MAX_AGE = 25  # what 35 s are longer than
        ENVIRONMENT["WEBHOOK_SECRETS"] = [SECRET]

    def lead_to(self, url: str) -> None:
        """Have Kombo, and its pictures, at another address."""
        ENVIRONMENT["API_URL"] = f"{url}/v1"
        settings.KOMBO_CONNECT_ORIGINS = [self.kombo.public_url]
        settings.KOMBO_LOGO_HOSTS = [url.partition("//")[2]]
        if self.is_made:
            Logo.objects.update(url=f"{url}/logo.png")

    def make(self) -> None:
        """Fill the database."""
        call_command("migrate", verbosity=0)
        self.is_made = True
        self.tenant = Tenant.objects.create(name="Acme", origin_id="acme")
        user = User.objects.create_user("alice", email="alice@acme.example")
        Membership.objects.create(user=user, tenant=self.tenant, role="member")
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(user)
        self.kombo.add(self._body())
        self.made: Integration = mapping.create(self.tenant, self._body()["id"])
        catalogue = ToolCatalogue.objects.create(environment="production", category="HRIS")
        coverage = '{"read_models":[],"write_actions":[]}'
        CatalogueTool.objects.create(
            catalogue=catalogue, tool_id="workday", label="Workday", coverage=coverage
        )

    def _body(self) -> dict[str, Any]:
        return states.details(
            integration_id=f"personio:{states.kombo_id('bench')}",
            tool_id="personio",
            category="HRIS",
            organization_name="Acme",
            origin_id="acme",
            creator_email=None,
            state="invalid",
            public_url=self.kombo.public_url,
        )

    def reset(self, *, is_warm: bool) -> None:
        """Have what is stored fetched an hour ago, or nothing stored; nobody is waited for."""
        for model in (Upstream, RateLimit, ConnectionAttempt):
            model.objects.all().delete()
        snapshots.reset([self.made.pk])
        Logo.objects.all().delete()
        ToolCatalogue.objects.update(fetched_at=None, retry_at=None)
        if is_warm:
            self.look()
            hour = timezone.now() - timedelta(hours=1)
            ToolCatalogue.objects.update(fetched_at=hour)
        logo = Logo.objects.first() or Logo(key="a" * 24, label="Personio")
        logo.url, logo.retry_at, logo.fetched_at = f"http://{self._host()}/logo.png", None, None
        if is_warm:
            logo.content, logo.content_type = PNG, "image/png"
            logo.fetched_at = timezone.now() - logos.MAX_AGE * 2
        logo.save()
        now = timezone.now() - timedelta(hours=1)
        rows = Snapshot.objects.filter(pk=self.made.pk)
        rows.update(check_at=now, **({"fetched_at": now} if is_warm else {}))
        Upstream.objects.all().delete()

    @staticmethod
    def _host() -> str:
        return str(settings.KOMBO_LOGO_HOSTS[0])

    def look(self) -> Any:
        """Look at the integration's card, as a page does."""
        seen = f"{self.made.public_id}."
        address = reverse("poll", args=[self.tenant.public_id])
        return self.client.get(address, {"seen": seen}, headers=HTMX)

    def at(self, name: str) -> str:
        return reverse(name, args=[self.tenant.public_id, self.made.public_id])

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot.objects.get(pk=self.made.pk)


@dataclass(frozen=True)
class Way:
    """How Kombo is asked: `ask` returns what was shown, `healed` what is not well yet."""

    ask: Callable[[World, bool], str]
    healed: Callable[[World], str]


def fine(response: Any) -> Any:
    assert response.status_code < 500, f"a {response.status_code}"
    assert b"example.net" not in response.content, "a link elsewhere"
    return response


def stored(world: World, *, is_warm: bool) -> str:
    """Whether what was known is still known, or it is said that nothing is."""
    row, page = world.snapshot, fine(world.client.get(world.at("integration")))
    if row.removed_at:
        return "removed"
    if row.fetched_at is None:
        assert not is_warm, "what was stored is gone"
        assert b'data-headline="pending"' in page.content, "no honest empty state"
        return "empty"
    if row.origin_id and row.origin_id != world.tenant.origin_id:
        assert b'data-headline="pending"' in page.content, "another customer's data"
        return "withheld"
    return "last good" if row.error_kind else "as usual"


def view(world: World, is_warm: bool) -> str:
    fine(world.look())
    fine(world.client.get(reverse("tenant", args=[world.tenant.public_id])))
    return stored(world, is_warm=is_warm)


def work(world: World, is_warm: bool) -> str:
    check_due()
    return stored(world, is_warm=is_warm)


def check_due() -> None:
    """Check what is due, as a worker does."""
    stopping = threading.Event()
    sweep = worker.Sweep("production", stopping, before=timezone.now(), checked=lambda: None)
    threads = sweep.threads()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def reconnect(world: World, is_warm: bool) -> str:
    answer = fine(world.client.post(world.at("reconnect"), headers=HTMX))
    if b"/connect/v1" in answer.content:
        return "as usual"
    return "said so" if answer.status_code in {200, 422} else str(answer.status_code)


def connect(world: World, is_warm: bool) -> str:
    page = fine(world.client.get(reverse("connect", args=[world.tenant.public_id])))
    fine(world.client.get(reverse("connect_tools", args=[world.tenant.public_id]), headers=HTMX))
    assert b"Workday" in page.content, "the list of tools is gone"
    ids = [world.tenant.public_id, "hris", "workday"]
    answer = fine(world.client.post(reverse("connect_start", args=ids), headers=HTMX))
    return "as usual" if b"/connect/v1" in answer.content else "said so"


def picture(world: World, is_warm: bool) -> str:
    logo = Logo.objects.get()
    answer = fine(world.client.get(reverse("logo", args=[logo.key])))
    assert (answer.content == PNG) is is_warm, "another picture"
    return "last good" if is_warm else "monogram"


def programs(world: World, is_warm: bool) -> str:
    body = encoded(event("sync-finished"))
    headers = {"X-Kombo-Signature": webhooks.sign(body, SECRET)}
    told = world.client.post(
        reverse("webhooks", args=["production"]), body, "application/json", headers=headers
    )
    assert fine(told).status_code == 200, "a webhook was not taken"
    for name in ("healthz", "readyz"):
        assert world.client.get(reverse(name)).status_code == 200, name
    for name in ("statement_json", "coverage_csv", "fields", "history"):
        fine(world.client.get(world.at(name)))
    for name in ("check", "sync_now", "completed"):
        fine(world.client.post(world.at(name), {"token": "unknown"}, headers=HTMX))
    return stored(world, is_warm=is_warm)


def is_fresh(world: World) -> str:
    """What is wrong with what a look shows."""
    fine(world.look())
    return _age(world)


def is_checked(world: World) -> str:
    """What is wrong with what the worker has left."""
    check_due()
    if world.snapshot.removed_at:
        fine(world.look())  # the worker comes rarely; whoever looks has it checked
    return _age(world)


def _age(world: World) -> str:
    row = world.snapshot
    limit = timedelta(seconds=settings.SNAPSHOT_MAX_AGE)
    if row.error_kind or row.removed_at or row.fetched_at is None:
        return row.error_kind or ("removed" if row.removed_at else "nothing is stored")
    if row.origin_id != world.tenant.origin_id:
        return "withheld"
    return "" if timezone.now() - row.fetched_at <= limit else f"{timezone.now() - row.fetched_at}"


def opens(world: World) -> str:
    RateLimit.objects.all().delete()
    answer = fine(world.client.post(world.at("reconnect"), headers=HTMX))
    fine(world.look())
    if world.snapshot.fetched_at is None:
        return "no snapshot"
    if b"/connect/v1" not in answer.content:
        answer = fine(world.client.post(world.at("reconnect"), headers=HTMX))
    return "" if b"/connect/v1" in answer.content else "no link"


def starts(world: World) -> str:
    RateLimit.objects.all().delete()
    ids = [world.tenant.public_id, "hris", "workday"]
    answer = fine(world.client.post(reverse("connect_start", args=ids), headers=HTMX))
    return "" if b"/connect/v1" in answer.content else "no link"


WAYS = {
    "viewer": Way(view, is_fresh),
    "worker": Way(work, is_checked),
    "reconnect": Way(reconnect, opens),
    "connect": Way(connect, starts),
    "logos": Way(picture, lambda world: ""),  # a picture may wait, for ten minutes
    "programs": Way(programs, is_fresh),
}

"""One cast for all tests, and Kombo as the simulator on loopback.

alice may repair at acme, vic may only look there; bob is bolt's. Of the staff, amy takes care of acme and ned of
nobody, mia sees every tenant, and root may do everything.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from integrations.access.audit import Actor
from integrations.models import Integration, Membership, Role, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.simulator.server import DemoServer, serve
from integrations.tenants import mapping
from integrations.upstream import rate_limiter, snapshots
from integrations.workspace import summaries
from tests.concurrency import crowd

API_KEY = "ks_dev_tests"

# How long an example takes tells of the machine, which may have other things to do.
hypothesis.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("tests")


def kombo_environment(api_url: str) -> dict[str, Any]:
    """The settings of a Kombo environment behind this address, whose budget keeps no test waiting."""
    return {"API_URL": api_url, "API_KEY": API_KEY, "WEBHOOK_SECRETS": [], "CALLS_PER_SECOND": 1000}


class Connect(Protocol):
    """Makes a tenant's integration, known to the simulator; keyword arguments are those of `states.details`."""

    def __call__(self, tenant: Tenant, *, fetched: bool = True, **details: Any) -> Integration: ...


@pytest.fixture(autouse=True)
def language() -> None:
    """English, whatever the last request of the test before spoke."""
    translation.activate("en")


@pytest.fixture
def acme(db: None) -> Tenant:
    return Tenant.objects.create(name="Acme GmbH", origin_id="acme")


@pytest.fixture
def bolt(db: None) -> Tenant:
    return Tenant.objects.create(name="Bolt & Sons", origin_id="bolt")


@pytest.fixture
def alice(acme: Tenant) -> User:
    return _member("alice", acme)


@pytest.fixture
def vic(acme: Tenant) -> User:
    return _member("vic", acme, Role.VIEWER)


@pytest.fixture
def bob(bolt: Tenant) -> User:
    return _member("bob", bolt)


@pytest.fixture
def amy(acme: Tenant) -> User:
    user = User.objects.create_user("amy", email="amy@example.com", password="demo", is_staff=True)
    acme.owner = user
    acme.save(update_fields=["owner"])
    summaries.settle_tenants([acme])
    return user


@pytest.fixture
def ned(db: None) -> User:
    return User.objects.create_user("ned", email="ned@example.com", password="demo", is_staff=True)


@pytest.fixture
def mia(db: None) -> User:
    user = User.objects.create_user("mia", password="demo", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_tenant", "resume_integration"]))
    return user


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password="demo")


def _member(name: str, tenant: Tenant, role: str = Role.MEMBER) -> User:
    user = User.objects.create_user(name, email=f"{name}@example.com", password="demo")
    Membership.objects.create(user=user, tenant=tenant, role=role)
    return user


def acting(user: User) -> Actor:
    """One of the cast, as whoever does something."""
    return Actor(user, user.get_username())


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A browser of one of the cast."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture(scope="session")
def kombo_server() -> Iterator[DemoServer]:
    server = serve(Simulator(api_key=API_KEY, rate_limit=10_000), 0)
    yield server
    server.shutdown()


@pytest.fixture
def kombo(kombo_server: DemoServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The simulated Kombo, with nothing in it, and the settings that lead to it."""
    monkeypatch.setattr(rate_limiter, "LATE", timedelta.max)  # a busy machine makes no test fail
    simulator = kombo_server.simulator
    url = simulator.public_url
    settings.KOMBO_ENVIRONMENTS = {"production": kombo_environment(f"{url}/v1")}
    settings.KOMBO_CONNECT_ORIGINS = [url]
    settings.KOMBO_LOGO_HOSTS = [url.removeprefix("http://")]
    yield simulator
    simulator.reset()
    simulator.set_lag(0)


@pytest.fixture
def connect(kombo: Simulator) -> Connect:
    """Connect a tool to a tenant; `fetched=False` leaves the snapshot as cold as it is born."""

    def connect(tenant: Tenant, *, fetched: bool = True, **details: Any) -> Integration:
        number = Integration.objects.count() + 1
        terms = {
            "integration_id": f"personio:{states.kombo_id(f'{tenant.origin_id} {number}')}",
            "tool_id": "personio",
            "category": "HRIS",
            "organization_name": tenant.name,
            "origin_id": tenant.origin_id,
            "creator_email": f"creator@{tenant.origin_id}.example",
            "public_url": kombo.public_url,
        } | details
        kombo.add(states.details(**terms))
        made = mapping.create(tenant, str(terms["integration_id"]))
        if fetched:
            made.snapshot = snapshots.revalidate(made)
        return made

    return connect


@pytest.fixture
def shared_database(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """Where other processes find an empty database: a SQLite file, or the tests' own on PostgreSQL.

    The test has to be marked `django_db(transaction=True)`, which empties the latter again.
    """
    if connection.vendor == "postgresql":
        marker = request.node.get_closest_marker("django_db")
        if not (marker and marker.kwargs.get("transaction")):
            pytest.fail("else what other processes write would stay for the next test")
        place = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        return {"DATABASE_URL": place.geturl()}
    file = {"DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}"}
    crowd("migrate", file)
    return file

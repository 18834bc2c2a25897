"""One cast for all tests, and Kombo as the simulator.

alice may repair at acme, vic may only look there; bob is bolt's. Of the staff, amy takes care of
acme and ned of nobody, mia sees every tenant, and root may do everything.
"""

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker
from time_machine import TimeMachineFixture

from integrations.access import audit_retention
from integrations.access.audit import Actor
from integrations.kombo.http import Http
from integrations.models import Integration, Membership, Role, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from integrations.templatetags import kept
from integrations.tenants import mapping
from integrations.upstream import gateway, logos, rate_limiter
from integrations.views.customer.kept_cards import KEPT
from integrations.workspace import summaries
from tests import connecting, exhaustive, grouped_order
from tests.installation import counting, roomy, well  # noqa: F401 - fixtures
from tests.loading import Load, loader
from tests.migrated import migrate_once
from tests.nearby import Nearby
from tests.signing_in import signed_in

API_KEY = "ks_dev_tests"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # when `clock` stands still


def kombo_environment(api_url: str) -> dict[str, Any]:
    """The settings of a Kombo environment behind this address, whose budget keeps no test
    waiting.
    """
    return {
        "API_URL": api_url,
        "API_KEY": API_KEY,
        "WEBHOOK_SECRETS": [],
        "CALLS_PER_SECOND": 1000,
        "SCOPE_CONFIG_ID": "",
        "ENABLE_FILTERING": False,
        "ENABLE_FIELD_MAPPING": False,
    }


class Connect(Protocol):
    """Makes a tenant's integration, known to the simulator; keyword arguments are those of
    `states.details`.
    """

    def __call__(self, tenant: Tenant, *, fetched: bool = True, **details: Any) -> Integration: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive", action="store_true", help="go over every combination too, as CI does"
    )


def pytest_configure(config: pytest.Config) -> None:
    exhaustive.set_profile(config)


def pytest_sessionstart() -> None:
    """What is collected stays: to look for garbage among it takes time, and finds none."""
    gc.disable()
    grouped_order.require()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who asks for no browser imports nothing of one; all tests in that folder need one."""
    is_left_out = config.getoption("markexpr") == "not browser"
    return (is_left_out and collection_path == config.rootpath / "tests" / "browser") or None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors, as some tests wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the largest files, so that nobody waits for one of them at last, and with one that
    waits for processes beside two that do not.
    """
    exhaustive.leave_out(config, items)
    size = Counter(item.path for item in items)
    waiting = {item.path for item in items if "shared_database" in _fixtures_of(item)}
    first: list[Path] = []
    others: list[Path] = []
    for path, _number in size.most_common():
        (first if path in waiting else others).append(path)
    place = {path: 3 * number for number, path in enumerate(first)}
    place |= {path: number + number // 2 + 1 for number, path in enumerate(others)}
    items.sort(key=lambda item: place[item.path])


def _fixtures_of(item: pytest.Item) -> Sequence[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else ()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What pytest-django asks for before it makes the database."""
    own = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        migrate_once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own, patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied() -> Iterator[None]:
    """Tables are emptied between tests that share a database with others, the audit record too;
    what migrations put in comes back.
    """
    make_roles = import_module("integrations.migrations.0003_roles").make_roles
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def empty_all(self: TransactionTestCase) -> None:
        with audit_retention.guard_lifted():
            empty(self)
        with connection.schema_editor() as editor:
            make_roles(apps, editor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_all)
        yield


@pytest.fixture(scope="session", autouse=True)
def not_done_anew() -> Iterator[None]:
    """What costs a lot for each test and would come to the same: reading the certificate store,
    and looking for garbage among all modules and tests.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20)
    gc.enable()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx, "create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(autouse=True)
def language() -> None:
    """English, whatever the last request of the test before spoke."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """No card of a test before: primary keys come again. No grid: tests write them at will."""
    KEPT.clear()
    kept.KEPT.clear()


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """A clock that stands still, at `NOW`, until the test moves it."""
    time_machine.move_to(NOW, tick=False)
    return time_machine


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
    summaries.recompute_tenants([acme])
    return user


@pytest.fixture
def ned(db: None) -> User:
    return User.objects.create_user("ned", email="ned@example.com", password="demo", is_staff=True)


@pytest.fixture
def mia(db: None) -> User:
    user = User.objects.create_user("mia", password="demo", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_tenant", "resume_integration"])
    )
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


def allow(user: User, *names: str) -> None:
    """Give one of the staff these permissions besides."""
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A browser of one of the cast."""
    return signed_in


def _take_too_long(*_arguments: object) -> bool:
    raise AssertionError("a call that is held takes a network, which is the fixture `loopback`")


@pytest.fixture
def kombo(settings: Any) -> Iterator[Simulator]:
    """The simulated Kombo within this process, with nothing in it, and the settings that lead to
    it.
    """
    simulator = Simulator(api_key=API_KEY, rate_limit=10_000)
    with pytest.MonkeyPatch.context() as patch:  # of its own, for tests undo theirs
        patch.setattr(rate_limiter, "LATE", timedelta.max)  # a busy machine makes no test fail
        patch.setattr(simulator.world, "hold", _take_too_long)
        _lead_to(simulator.public_url, settings, patch, Http(transport=Nearby(simulator)))
        yield simulator
    simulator.close()


@pytest.fixture
def loopback(kombo: Simulator, settings: Any) -> Iterator[None]:
    """Kombo behind a real server: for what is about the network, and for other processes."""
    server = serve(kombo, 0)
    with pytest.MonkeyPatch.context() as patch, closing(Http()) as http:
        patch.delattr(kombo.world, "hold")
        _lead_to(kombo.public_url, settings, patch, http)
        yield
    server.shutdown()


def _lead_to(url: str, settings: Any, patch: pytest.MonkeyPatch, http: Http) -> None:
    for module in (gateway, logos):
        patch.setattr(module, "_http", http)
    settings.KOMBO_ENVIRONMENTS = {"production": kombo_environment(f"{url}/v1")}
    settings.KOMBO_CONNECT_ORIGINS = [url]
    settings.KOMBO_LOGO_HOSTS = [url.removeprefix("http://")]


@pytest.fixture
def taken_over() -> Callable[[Simulator, Tenant, str], Integration]:
    """How an integration gets its snapshot: without a call, where a test is not about that."""
    return connecting.store


@pytest.fixture
def connect(
    kombo: Simulator, taken_over: Callable[[Simulator, Tenant, str], Integration]
) -> Connect:
    """Connect a tool to a tenant; `fetched=False` leaves the snapshot as cold as it is born.

    Its grid is short; what is about grids asks for a whole one by `coverage`.
    """

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
        body = states.details(**terms)
        kombo.add(body if "coverage" in details else connecting.shortened(body))
        if fetched:
            return taken_over(kombo, tenant, body["id"])
        return mapping.create(tenant, body["id"])

    return connect


@pytest.fixture(scope="session")
def migrated(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> bytes:
    """The empty database as the migrations made it: the content of a SQLite file, or nothing on
    PostgreSQL, and where no test asks for a database.
    """
    if connection.vendor == "postgresql":
        return b""
    with django_db_blocker.unblock():
        if not connection.introspection.table_names():
            return b""
        content: bytes = connection.connection.serialize()
    return content


@pytest.fixture
def shared_database(
    migrated: bytes, transactional_db: None, tmp_path: Path
) -> Iterator[Mapping[str, str]]:
    """A database that the test shares with other processes, and where they find it.

    On SQLite it is a file that takes the place of the one in memory. What is made before, stays
    behind there.
    """
    here = connections["default"]
    if here.vendor == "postgresql":
        place = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(
            path=f"/{here.settings_dict['NAME']}"
        )
        yield {"DATABASE_URL": place.geturl()}
        return
    path = tmp_path / "shared.sqlite3"
    path.write_bytes(migrated)
    there = connections.create_connection("default")
    there.settings_dict = {**here.settings_dict, "NAME": str(path)}
    connections["default"] = there
    # The copy becomes a WAL file here: threads that change its mode at one time lock one another
    # out, and no busy handler waits for that.
    there.ensure_connection()
    yield {"DATABASE_URL": f"sqlite:///{path}"}
    there.close()
    connections["default"] = here


@pytest.fixture
def invalid(acme: Tenant, connect: Connect) -> Integration:
    """An integration of acme that must be reconnected."""
    return connect(acme, state="invalid")


@pytest.fixture
def personio(acme: Tenant, connect: Connect) -> Integration:
    """An integration of acme that works."""
    return connect(acme)


@pytest.fixture
def roots(root: User, sign_in: Callable[[User], Client]) -> Client:
    """The browser of a superuser."""
    return sign_in(root)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Read the settings file with these environment variables and no others."""
    return loader(monkeypatch)

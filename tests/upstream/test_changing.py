"""Changing a connection that works: its settings, and what the vendor asks for by now."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from msgspec import structs

from integrations.access.audit import Act
from integrations.kombo.schema import ScopeConfig
from integrations.models import AuditEntry, Entry, Integration, Kind, Source, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, repairs, snapshots
from integrations.upstream.repairs import NothingToSetUp
from integrations.upstream.snapshot_updates import apply_details
from tests.conftest import NOW, Connect, acting

pytestmark = pytest.mark.django_db


def told(integration: Integration, **changes: Any) -> None:
    """Have Kombo answer as before, but for what changes."""
    with snapshots.amend(integration, at=timezone.now(), source=Source.CHECK) as row:
        details = gateway.call(
            "production", lambda kombo: kombo.details(integration.integration_id)
        )
        apply_details(row, structs.replace(details, **changes), timezone.now())
    integration.snapshot.refresh_from_db()


def test_a_running_one_can_go_through_its_steps_again(
    acme: Tenant, connect: Connect, kombo: Simulator, alice: User
) -> None:
    integration = connect(acme)
    kombo.world.set_steps(integration.integration_id, True)
    link = repairs.setup_link(integration, language="de", by=acting(alice))
    assert link.url.startswith(f"{kombo.public_url}/connect/v1/setup?token=")
    entry = Entry.objects.get(kind=Kind.REPAIR)
    assert (entry.what, entry.data) == ("setup", {"outcome": "started", "change": True})
    assert AuditEntry.objects.latest("pk").what == Act.SETTINGS_OPENED


def test_that_there_are_none_is_remembered_until_a_change(
    acme: Tenant, connect: Connect, alice: User, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"ENABLE_FIELD_MAPPING": True}
    integration = connect(acme)
    changes: list[Callable[[], None]] = [
        lambda: snapshots.watch(integration, signed_in=True),
        lambda: told(integration, data_expired_at=NOW),
        lambda: told(integration, scope_config=ScopeConfig(id="another")),
    ]
    for change in changes:
        assert repairs.has_settings(integration)
        with pytest.raises(NothingToSetUp):
            repairs.setup_link(integration, language="de", by=acting(alice))
        integration.snapshot.refresh_from_db()
        assert not repairs.has_settings(integration)
        told(integration)
        assert not repairs.has_settings(integration)  # the same once more changes nothing
        change()
        integration.snapshot.refresh_from_db()


@pytest.mark.parametrize(
    ("filtering", "mapping", "category", "offered"),
    [
        (False, False, "HRIS", False),
        (True, False, "HRIS", True),
        (True, False, "ATS", False),  # Kombo filters employees alone
        (False, True, "ATS", True),
    ],
)
def test_settings_are_offered_where_a_step_is_enabled(
    acme: Tenant,
    connect: Connect,
    settings: Any,
    filtering: bool,
    mapping: bool,
    category: str,
    offered: bool,
) -> None:
    steps = {"ENABLE_FILTERING": filtering, "ENABLE_FIELD_MAPPING": mapping}
    settings.KOMBO_ENVIRONMENTS["production"] |= steps
    tool = "personio" if category == "HRIS" else "lever"
    assert repairs.has_settings(connect(acme, category=category, tool_id=tool)) is offered


@pytest.mark.parametrize(
    ("configured", "asked", "sent"),
    [("new", True, "new"), ("new", False, None), ("", True, None), ("the same", True, None)],
)
def test_a_newer_scope_config_is_brought_if_somebody_asks_for_it(
    invalid: Integration,
    kombo: Simulator,
    alice: User,
    settings: Any,
    configured: str,
    asked: bool,
    sent: str | None,
) -> None:
    wanted = invalid.snapshot.scope_id if configured == "the same" else configured
    settings.KOMBO_ENVIRONMENTS["production"] |= {"SCOPE_CONFIG_ID": wanted}
    link = repairs.reconnect_link(invalid, language="en", by=acting(alice), with_scope=asked)
    (terms,) = kombo.world.store.links.values()
    assert terms["scope_config_id"] == sent
    token = httpx.URL(link.url).params["token"]
    kombo.world.complete(token, offered=[], shared=[])
    told(invalid)
    assert (invalid.snapshot.scope_id == "new") is (sent == "new")

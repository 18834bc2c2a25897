"""Tests that are about something else write what a fetch would leave, and leave no less."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from integrations.models import Integration, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from tests import connecting, copy
from tests.conftest import Connect

BY_CHANCE = {"id", "public_id"}
OF_THE_CALL = {"next_call_at", "tenant_debts"}  # what it took of the budget


def tables() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """All rows of all tables, by the name of their model."""
    for model in apps.get_app_config("integrations").get_models():
        rows = model._default_manager.order_by("pk").values()
        keys = {field.attname for field in model._meta.concrete_fields if field.is_relation}
        left_out = BY_CHANCE | OF_THE_CALL | (keys - {"tenant_id", "owner_id", "logo_id"})
        yield model.__name__, [{k: v for k, v in row.items() if k not in left_out} for row in rows]


@pytest.mark.exhaustive(keep=3)
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("state", ["another's", *states.STATES])
def test_what_is_stored_is_what_a_fetch_leaves(
    state: str, acme: Tenant, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every table, and in what the test gets into its hands."""
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    terms = {"origin_id": "bolt"} if state == "another's" else {"state": state}
    body = states.details(
        **{
            "integration_id": "personio:1",
            "tool_id": "personio",
            "category": "HRIS",
            "organization_name": "Acme",
            "origin_id": "acme",
            "creator_email": "hr@acme.example",
            "public_url": kombo.public_url,
        }
        | terms  # type: ignore[arg-type]
    )
    kombo.add(body)
    left = []
    for make in (connecting.fetch, connecting.store):
        with transaction.atomic():
            made = make(kombo, acme, "personio:1")
            in_hand = {
                field.attname: getattr(made.snapshot, field.attname)
                for field in made.snapshot._meta.concrete_fields
                if field.name != "integration"
            }
            left.append((dict(tables()), in_hand))
            transaction.set_rollback(True)
    fetched, stored = left
    assert stored[0] == fetched[0]
    assert stored[1] == fetched[1]
    filled = {name for name, rows in stored[0].items() if rows}
    assert filled >= {copy.INTEGRATION, "Snapshot", "CoverageProfile", "Entry", "Summary"}


def test_while_kombo_is_in_trouble_it_is_asked(
    acme: Tenant, kombo: Simulator, connect: Connect
) -> None:
    cold: Integration = connect(acme, fetched=False)
    Integration.objects.filter(pk=cold.pk).delete()
    kombo.set_fault("server_error")
    made = connecting.store(kombo, acme, cold.integration_id)
    assert made.snapshot.failures == 1

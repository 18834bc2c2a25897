"""Two tabs, two people, Kombo's webhook and the browser, all at the same time: one attempt, one
mapping.
"""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access.audit import COMMAND
from integrations.models import (
    ConnectionAttempt,
    Entry,
    Event,
    Integration,
    Kind,
    Membership,
    Role,
    Tenant,
)
from integrations.simulator import payloads
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, connecting
from tests.concurrency import crowd
from tests.conftest import API_KEY
from tests.life import truths
from tests.views.connect_flow import token_of
from tests.views.to_connect import offered
from tests.webhook_payloads import SECRET, encoded

CREATE = ("POST", "/v1/connect/create-link")


@pytest.fixture
def environment(
    kombo: Simulator, loopback: None, shared_database: Mapping[str, str]
) -> Mapping[str, str]:
    """Where processes find acme, its one member, and Workday, which can be connected."""
    tenant = Tenant.objects.create(name="Acme GmbH", origin_id="acme")
    user = User.objects.create_user("alice", email="alice@example.com")
    Membership.objects.create(user=user, tenant=tenant, role=Role.MEMBER)
    offered()
    return {
        **shared_database,
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_CONNECT_ORIGINS": kombo.public_url,
        "KOMBO_API_KEY": API_KEY,
        "KOMBO_WEBHOOK_SECRET": SECRET,
    }


def test_who_set_out_at_once_go_on_with_one_attempt(
    kombo: Simulator, environment: Mapping[str, str]
) -> None:
    statuses = crowd("connecter", environment, processes=2, threads=4)
    assert statuses == [200] * 8
    assert kombo.calls[CREATE] == 8
    assert ConnectionAttempt.objects.count() == 1


def test_webhooks_and_browsers_at_once_make_one_mapping(
    kombo: Simulator, environment: Mapping[str, str]
) -> None:
    tenant = Tenant.objects.get()
    attempt = attempts.plan(tenant, offered(), by=COMMAND)
    link = connecting.begin(attempt, email="a@acme.example", language="en", by=COMMAND)
    activation = kombo.world.complete(token_of(link.url), offered=[], shared=[])
    (made,) = kombo.world.overview()
    there = {
        **environment,
        "CROWD_TOKEN": str(activation),
        "CROWD_ATTEMPT": attempt.public_id,
        "CROWD_EVENT": encoded(payloads.created(made, event_id="created")).decode(),
    }
    statuses = crowd("teller", there, processes=2, threads=4)
    # Tokens that may be guesses wait for one another; who waits, tells again.
    assert set(statuses) <= {200, 204, 429}, statuses
    assert Integration.objects.get().tenant == tenant
    assert Event.objects.get().worked_at
    attempt.refresh_from_db()
    assert attempt.integration == Integration.objects.get()
    assert Entry.objects.filter(kind=Kind.REPAIR).count() == 1
    assert truths.lost(kombo) == []
    assert not attempts.unfinished(timezone.now()).exists()

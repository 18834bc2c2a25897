"""Connecting a tool: one mapping, of the right tenant, whatever comes first, twice or never."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import Act
from integrations.kombo.errors import KomboError
from integrations.kombo.webhooks import Created, EndUser, FlowFailed
from integrations.models import (
    AuditEntry,
    CatalogueTool,
    ConnectionAttempt,
    Entry,
    Integration,
    Kind,
    RepairOutcome,
    Tenant,
    ToolCatalogue,
    UnmappedIntegration,
)
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, connecting, mapping
from integrations.tenants.attempts import AttemptStatus
from integrations.upstream.connect_links import ConnectLink, LinkRefused
from integrations.webhooks import handlers
from tests.conftest import NOW, Connect, acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
EMAIL = "alice@example.com"


@pytest.fixture
def workday(db: None) -> CatalogueTool:
    row = ToolCatalogue.objects.create(environment="production", category="HRIS")
    return CatalogueTool.objects.create(catalogue=row, tool_id="workday", label="Workday")


@pytest.fixture
def attempt(acme: Tenant, alice: User, workday: CatalogueTool) -> ConnectionAttempt:
    return attempts.plan(acme, workday, by=acting(alice))


def begun(attempt: ConnectionAttempt, by: User) -> ConnectLink:
    link = connecting.begin(attempt, email=EMAIL, language="de", by=acting(by))
    attempt.refresh_from_db()
    return link


def connected(kombo: Simulator, link: ConnectLink) -> str:
    """Go through Connect, and answer the activation token."""
    token = httpx.URL(link.url).params["token"]
    activation = kombo.world.complete(token, offered=[], shared=[])
    assert activation
    return activation


def created(kombo: Simulator, origin_id: str = "acme") -> Created:
    (made,) = [one for one in kombo.world.overview() if one["tool"]["id"] == "workday"]
    end_user = EndUser(organization_name="Acme GmbH", origin_id=origin_id)
    return Created(
        integration_id=made["id"], tool="workday", category=made["category"], end_user=end_user
    )


def test_the_link_is_asked_for_with_all_that_kombo_wants_to_know(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {
        "SCOPE_CONFIG_ID": "scope-1",
        "ENABLE_FILTERING": True,
    }
    link = begun(attempt, alice)
    (terms,) = kombo.world.store.links.values()
    body = terms["details"]
    assert (terms["kind"], terms["language"], terms["scope_config_id"]) == (
        "create",
        "de",
        "scope-1",
    )
    assert body["end_user"] == {
        "organization_name": "Acme GmbH",
        "creator_email": EMAIL,
        "origin_id": "acme",
    }
    assert (body["tool"]["id"], body["category"], body["setup_status"]) == (
        "workday",
        "HRIS",
        "INCOMPLETE",
    )
    assert link.attempt == attempt.public_id
    assert attempts.status_of(attempt, NOW) is AttemptStatus.BEGUN


def test_what_the_token_stands_for_is_mapped(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    token = connected(kombo, begun(attempt, alice))
    completion = connecting.complete(attempt, token, by=acting(alice))
    made = Integration.objects.get()
    assert (completion.outcome, completion.integration) == (RepairOutcome.DONE, made)
    assert (made.tenant, made.environment) == (attempt.tenant, "production")
    attempt.refresh_from_db()
    assert attempt.integration == made
    entry = Entry.objects.get(kind=Kind.REPAIR)
    assert (entry.what, entry.actor) == ("connect", alice)
    acts = AuditEntry.objects.order_by("pk").values_list("what", flat=True)
    assert list(acts) == [Act.CONNECT_BEGUN, Act.CONNECTED]


def test_webhook_and_token_make_one_integration_in_any_order(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    token = connected(kombo, begun(attempt, alice))
    told = handlers.handle("production", created(kombo), NOW)
    completion = connecting.complete(attempt, token, by=acting(alice))
    assert completion.integration == told
    assert handlers.handle("production", created(kombo), NOW) == told
    assert connecting.complete(attempt, token, by=acting(alice)).integration == told
    assert Integration.objects.count() == 1
    assert Entry.objects.filter(kind=Kind.REPAIR).count() == 1
    attempt.refresh_from_db()
    assert attempt.integration == told


def test_a_repeated_webhook_ends_no_later_attempt(
    attempt: ConnectionAttempt, workday: CatalogueTool, acme: Tenant, kombo: Simulator, alice: User
) -> None:
    connected(kombo, begun(attempt, alice))
    told = created(kombo)
    handlers.handle("production", told, NOW)
    later = attempts.plan(acme, workday, by=acting(alice))
    begun(later, alice)
    handlers.handle("production", told, NOW)
    later.refresh_from_db()
    assert later.connected_at is None


def test_the_webhook_alone_is_enough(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    connected(kombo, begun(attempt, alice))
    told = handlers.handle("production", created(kombo), NOW)
    attempt.refresh_from_db()
    assert attempt.integration == told
    assert Entry.objects.get(kind=Kind.REPAIR).actor == alice


def test_what_arrived_before_it_was_mapped_is_nobodys_any_more(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User, acme: Tenant
) -> None:
    token = connected(kombo, begun(attempt, alice))
    handlers.handle("production", created(kombo, origin_id="mistyped"), NOW)
    assert UnmappedIntegration.objects.exists()
    assert connecting.complete(attempt, token, by=acting(alice)).integration
    assert not UnmappedIntegration.objects.exists()


def test_a_token_of_another_tenants_maps_nothing(
    attempt: ConnectionAttempt, bolt: Tenant, kombo: Simulator, alice: User, workday: CatalogueTool
) -> None:
    begun(attempt, alice)
    theirs = attempts.plan(bolt, workday, by=acting(alice))
    token = connected(kombo, begun(theirs, alice))
    completion = connecting.complete(attempt, token, by=acting(alice))
    assert (completion.outcome, completion.integration) == (RepairOutcome.FAILED, None)
    assert not Integration.objects.exists()


def test_what_is_mapped_to_another_tenant_stays_there(
    attempt: ConnectionAttempt, bolt: Tenant, kombo: Simulator, alice: User
) -> None:
    token = connected(kombo, begun(attempt, alice))
    theirs = mapping.create(bolt, created(kombo).integration_id)
    assert connecting.complete(attempt, token, by=acting(alice)).outcome is RepairOutcome.FAILED
    theirs.refresh_from_db()
    assert theirs.tenant == bolt
    attempt.refresh_from_db()
    assert attempt.integration is None


def test_what_was_deleted_meanwhile_is_not_mapped(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    token = connected(kombo, begun(attempt, alice))
    UnmappedIntegration.objects.create(
        environment="production",
        integration_id=created(kombo).integration_id,
        seen_at=NOW,
        removed_at=NOW,
    )
    assert connecting.complete(attempt, token, by=acting(alice)).outcome is RepairOutcome.FAILED
    assert not Integration.objects.exists()


@pytest.mark.parametrize("fault", ["server_error", "reset", "html", "rate_limited"])
def test_while_kombo_fails_nothing_is_lost(
    fault: str, attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    token = connected(kombo, begun(attempt, alice))
    kombo.set_fault(fault)
    assert connecting.complete(attempt, token, by=acting(alice)).outcome == (
        RepairOutcome.UNCONFIRMED
    )
    attempt.refresh_from_db()
    assert attempts.status_of(attempt, NOW) is AttemptStatus.UNCONFIRMED
    assert not Integration.objects.exists()
    kombo.set_fault("none")
    told = handlers.handle("production", created(kombo), NOW)
    attempt.refresh_from_db()
    assert attempt.integration == told


@pytest.mark.parametrize(
    ("fault", "error"), [("server_error", KomboError), ("foreign_link", LinkRefused)]
)
def test_without_a_link_nothing_was_begun(
    fault: str, error: type[Exception], attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    kombo.set_fault(fault)
    with pytest.raises(error):
        begun(attempt, alice)
    attempt.refresh_from_db()
    assert attempts.status_of(attempt, NOW) is AttemptStatus.INVITED


def test_a_refused_sign_in_is_told_of_the_attempt(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User
) -> None:
    link = begun(attempt, alice)
    failed = FlowFailed(
        tool="workday", end_user=EndUser(organization_name="Acme GmbH", origin_id="acme")
    )
    handlers.handle("production", failed, NOW)
    attempt.refresh_from_db()
    assert attempts.status_of(attempt, NOW) is AttemptStatus.FAILED
    # Whoever mistyped a password goes on.
    assert connecting.complete(attempt, connected(kombo, link), by=acting(alice)).integration


def test_a_refused_sign_in_of_another_is_not(attempt: ConnectionAttempt, alice: User) -> None:
    for tool, origin_id in (("workday", "bolt"), ("personio", "acme"), ("workday", None)):
        end_user = EndUser(organization_name="Acme GmbH", origin_id=origin_id)
        handlers.handle("production", FlowFailed(tool=tool, end_user=end_user), NOW)
    attempt.refresh_from_db()
    assert attempt.failed_at is None


def test_an_attempt_that_nobody_ends_is_left_after_an_hour(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User, clock: TimeMachineFixture
) -> None:
    begun(attempt, alice)
    clock.shift(timedelta(minutes=61))
    now = timezone.now()
    assert attempts.status_of(attempt, now) is AttemptStatus.LEFT
    assert attempts.unfinished(now).get() == attempt
    clock.shift(timedelta(days=31))
    assert not attempts.unfinished(timezone.now()).exists()


def test_whoever_begins_again_goes_on_with_what_is_unfinished(
    attempt: ConnectionAttempt, workday: CatalogueTool, acme: Tenant, alice: User, bolt: Tenant
) -> None:
    assert attempts.plan(acme, workday, by=acting(alice)) == attempt
    assert attempts.plan(bolt, workday, by=acting(alice)) != attempt
    connecting.dismiss(attempt, acting(alice))
    assert attempts.plan(acme, workday, by=acting(alice)) != attempt
    assert AuditEntry.objects.get().what == Act.CONNECT_DISMISSED


def test_two_who_set_out_at_once_go_on_with_one_attempt(
    workday: CatalogueTool, acme: Tenant, alice: User
) -> None:
    first, second = (attempts.draft(acme, workday, by=acting(alice)) for _ in range(2))
    assert attempts.store(first) == attempts.store(second)
    assert ConnectionAttempt.objects.count() == 1


def test_two_who_connect_the_same_tool_lose_none(
    attempt: ConnectionAttempt, kombo: Simulator, alice: User, vic: User
) -> None:
    tokens = [connected(kombo, begun(attempt, user)) for user in (alice, vic)]
    made = {connecting.complete(attempt, token, by=acting(alice)).integration for token in tokens}
    assert len(made) == Integration.objects.count() == 2
    assert {one.tenant for one in Integration.objects.all()} == {attempt.tenant}


def test_old_attempts_are_forgotten(attempt: ConnectionAttempt, connect: Connect) -> None:
    assert attempts.prune(NOW) == 0
    assert attempts.prune(NOW + timedelta(days=1)) == 1

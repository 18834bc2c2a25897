"""What brings an integration back, and that a link leads nowhere but to Kombo Connect."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.utils import timezone

from integrations.history import record as history_record
from integrations.kombo.errors import AccessDenied, NotFound, Unavailable
from integrations.models import (
    Entry,
    Incident,
    Integration,
    Kind,
    Logo,
    Snapshot,
    Source,
    Tenant,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.upstream import repairs, snapshots
from integrations.upstream.connect_links import ConnectLink, LinkRefused, checked
from integrations.upstream.repairs import NothingToSetUp
from tests import copy
from tests.conftest import Connect, acting

ALLOWED = "https://connect.kombo.dev"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def minted(kombo: Simulator) -> list[dict[str, Any]]:
    return list(kombo.world.store.links.values())


def complete(kombo: Simulator, link: ConnectLink) -> str:
    """Go through Connect, and answer the activation token."""
    token = httpx.URL(link.url).params["token"]
    activation = kombo.world.complete(token, offered=[], shared=[])
    assert activation
    return activation


def watched(integration: Integration) -> bool:
    return Snapshot.objects.get(pk=integration.pk).watch_until is not None


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize(
    ("language", "sent"),
    [("de", "de"), ("en-gb", "en"), ("ja", "en"), ("fr-CA", "fr"), ("it", "it"), ("es", "es")],
)
def test_a_relink_is_embedded_and_in_the_readers_language(
    language: str, sent: str, invalid: Integration, kombo: Simulator, alice: User
) -> None:
    link = repairs.reconnect_link(invalid, language=language, by=acting(alice))
    (terms,) = minted(kombo)
    assert (terms["kind"], terms["link_type"], terms["language"]) == ("relink", "EMBEDDED", sent)
    assert terms["integration_id"] == invalid.integration_id
    assert link.url.startswith(f"{kombo.public_url}/connect/v1?token=")
    assert link.origin == kombo.public_url


def test_a_setup_link_continues_the_setup(
    acme: Tenant, connect: Connect, kombo: Simulator, alice: User
) -> None:
    repairs.setup_link(connect(acme, state="setup_incomplete"), language="de", by=acting(alice))
    (terms,) = minted(kombo)
    assert (terms["kind"], terms["link_type"], terms["language"]) == ("setup", "EMBEDDED", "de")


def test_a_finished_setup_has_nothing_to_set_up(
    acme: Tenant, connect: Connect, alice: User
) -> None:
    with pytest.raises(NothingToSetUp):
        repairs.setup_link(connect(acme), language="de", by=acting(alice))


def test_other_refusals_are_not_taken_for_a_finished_setup(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    kombo.set_state(invalid.integration_id, "deleted")
    with pytest.raises(NotFound):
        repairs.setup_link(invalid, language="de", by=acting(alice))


@pytest.mark.parametrize("mint", [repairs.reconnect_link, repairs.setup_link])
def test_a_link_to_a_foreign_origin_is_refused(
    mint: Any,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    caplog: pytest.LogCaptureFixture,
    alice: User,
) -> None:
    integration = connect(acme, state="setup_incomplete")
    kombo.set_fault("foreign_link")
    with pytest.raises(LinkRefused):
        mint(integration, language="en", by=acting(alice))
    assert "KOMBO_CONNECT_ORIGINS" in caplog.text
    assert "example.net" not in caplog.text
    assert "stolen" not in caplog.text


def test_kombos_failure_is_handed_on(invalid: Integration, kombo: Simulator, alice: User) -> None:
    kombo.set_fault("unavailable")
    with pytest.raises(Unavailable):
        repairs.reconnect_link(invalid, language="en", by=acting(alice))


@pytest.mark.parametrize(
    "url",
    [
        f"{ALLOWED}/v1?token=t",
        f"{ALLOWED}",
        f"{ALLOWED}/v1?token=t&next=https://evil.example#x@y",
        "HTTPS://Connect.KOMBO.dev/v1?token=t",
        "http://127.0.0.1:8001/connect/v1?token=t",
    ],
)
def test_links_to_an_allowed_origin_pass_unchanged(url: str, settings: Any) -> None:
    settings.KOMBO_CONNECT_ORIGINS = [ALLOWED, "http://127.0.0.1:8001"]
    link = checked(url)
    assert link.url == url
    assert link.origin in settings.KOMBO_CONNECT_ORIGINS


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/v1?token=t",
        "//connect.kombo.dev/v1",
        "connect.kombo.dev/v1",
        "http://connect.kombo.dev/v1",
        "https://connect.kombo.dev:8443/v1",
        "https://connect.kombo.dev:443/v1",
        "https://connect.kombo.dev./v1",
        "https://evil.connect.kombo.dev/v1",
        "https://connect.kombo.dev.evil.example/v1",
        "https://connect.kombo.dev@evil.example/v1",
        "https://user:password@connect.kombo.dev/v1",
        "https://evil.example\\@connect.kombo.dev/v1",
        "https://connect.kombo.dev\\.evil.example/v1",
        "https:\\\\connect.kombo.dev/v1",
        "https://connect.kombo.dev/\\evil.example",
        "https:///connect.kombo.dev/v1",
        "https:connect.kombo.dev/v1",
        " https://connect.kombo.dev/v1",
        "https://connect.kombo.dev/v1 ",
        "https://connect.kombo.dev\n/v1",
        "https://connect.kombo.dev\t.evil.example/v1",
        "https://connect.kombo.dev/v1\r\nSet-Cookie: a=b",
        "https://connect.kombo.dev/\0",
        "https://connect.kombo.dev%2eevil.example/v1",
        "https://connect.kombo.deｖ/v1",
        "https://connect.kombo.dev／v1",
        "https://[connect.kombo.dev/v1",
        "https://[connect.kombo.dev]/v1",
        "javascript:alert(1)//https://connect.kombo.dev/",
        "data:text/html,https://connect.kombo.dev/",
    ],
)
def test_links_to_anywhere_else_are_refused(
    url: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KOMBO_CONNECT_ORIGINS = [ALLOWED]
    with pytest.raises(LinkRefused):
        checked(url)
    assert "evil" not in caplog.text


@pytest.mark.parametrize(
    ("url", "framed"),
    [
        (f"{ALLOWED}/v1?token=t", f"{ALLOWED}/v1?token=t&sdkv=1.3.0"),
        (f"{ALLOWED}/v1", f"{ALLOWED}/v1?sdkv=1.3.0"),
        (f"{ALLOWED}/v1?token=t%26u#part", f"{ALLOWED}/v1?token=t%26u&sdkv=1.3.0#part"),
    ],
)
def test_the_frame_names_its_protocol(url: str, framed: str) -> None:
    assert ConnectLink(url=url, origin=ALLOWED).frame_url == framed


def test_a_repr_does_not_give_the_link_away() -> None:
    assert "secret" not in repr(ConnectLink(url=f"{ALLOWED}/v1?token=secret", origin=ALLOWED))


def test_neither_link_nor_token_reaches_a_log_or_the_database(
    invalid: Integration, kombo: Simulator, caplog: pytest.LogCaptureFixture, alice: User
) -> None:
    caplog.set_level("DEBUG")
    link = repairs.reconnect_link(invalid, language="en", by=acting(alice))
    activation = complete(kombo, link)
    assert repairs.confirm_completion(invalid, activation, by=acting(alice))
    rows = [
        row
        for model in (Integration, Snapshot, Entry, Incident, Upstream, Logo)
        for row in model._default_manager.all()
    ]
    stored = serializers.serialize("json", rows)
    for secret in (httpx.URL(link.url).params["token"], activation):
        assert secret not in caplog.text
        assert secret not in stored


def test_after_a_reconnection_the_integration_is_watched(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    activation = complete(kombo, repairs.reconnect_link(invalid, language="en", by=acting(alice)))
    before = timezone.now()
    assert repairs.confirm_completion(invalid, activation, by=acting(alice))
    until = Snapshot.objects.get(pk=invalid.pk).watch_until
    assert until is not None
    assert 55 < (until - before).total_seconds() < 65


def test_only_a_confirmed_sign_in_ends_the_early_warning(
    acme: Tenant, connect: Connect, kombo: Simulator, alice: User
) -> None:
    failing = connect(acme)
    Snapshot.objects.filter(pk=failing.pk).update(sign_in_failing_since=timezone.now())
    failing.snapshot.refresh_from_db()
    repairs.confirm_completion(failing, "bogus", by=acting(alice))
    assert Snapshot.objects.get(pk=failing.pk).sign_in_failing_since
    repairs.confirm_completion(
        failing,
        complete(kombo, repairs.reconnect_link(failing, language="en", by=acting(alice))),
        by=acting(alice),
    )
    assert Snapshot.objects.get(pk=failing.pk).sign_in_failing_since is None


def test_another_integrations_token_changes_nothing(
    invalid: Integration,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    caplog: pytest.LogCaptureFixture,
    alice: User,
) -> None:
    other = connect(acme, state="invalid")
    activation = complete(kombo, repairs.reconnect_link(other, language="en", by=acting(alice)))
    assert not repairs.confirm_completion(invalid, activation, by=acting(alice))
    assert not watched(invalid)
    assert copy.N_INTEGRATION(n="ended at another") in caplog.text
    assert activation not in caplog.text


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("token", ["bogus", "..", "\ud800", "x" * 5000, "a/b?c"])
def test_a_token_nobody_knows_only_makes_us_look_closely(
    token: str, invalid: Integration, alice: User
) -> None:
    assert repairs.confirm_completion(invalid, token, by=acting(alice))
    assert watched(invalid)
    assert Snapshot.objects.get(pk=invalid.pk).status == "INVALID"


def test_a_kombo_that_can_not_say_only_makes_us_look_closely(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    kombo.set_fault("unavailable")
    assert repairs.confirm_completion(invalid, "token", by=acting(alice))
    assert watched(invalid)


def test_a_paused_integration_resumes(
    acme: Tenant, connect: Connect, kombo: Simulator, mia: User
) -> None:
    paused = connect(acme, state="inactive")
    repairs.resume(paused, by=acting(mia))
    assert kombo.calls["PUT", "/v1/integrations/{integration_id}/enabled"] == 1
    details = kombo.details(paused.integration_id)
    assert details
    assert details["status"] == "ACTIVE"
    assert watched(paused)


def test_a_resume_that_failed_is_not_watched(
    acme: Tenant, connect: Connect, kombo: Simulator, mia: User
) -> None:
    paused = connect(acme, state="inactive")
    kombo.set_fault("key_revoked")
    with pytest.raises(AccessDenied):
        repairs.resume(paused, by=acting(mia))
    assert not watched(paused)


# --- What the history tells of it -----------------------------------------------------------------


def told() -> list[tuple[str, str, str]]:
    """Which repairs the history tells of, whose they are, and how they ended."""
    found = Entry.objects.filter(kind=Kind.REPAIR).order_by("pk")
    assert {entry.source for entry in found} <= {Source.PERSON}
    return [(entry.what, str(entry.actor), entry.data["outcome"]) for entry in found]


def test_a_link_begins_a_repair(
    acme: Tenant, connect: Connect, invalid: Integration, alice: User, vic: User
) -> None:
    repairs.reconnect_link(invalid, language="en", by=acting(alice))
    repairs.setup_link(connect(acme, state="setup_incomplete"), language="en", by=acting(vic))
    assert told() == [("reconnect", "alice", "started"), ("setup", "vic", "started")]


def test_without_a_link_nobody_began_anything(
    acme: Tenant, connect: Connect, invalid: Integration, kombo: Simulator, alice: User
) -> None:
    with pytest.raises(NothingToSetUp):
        repairs.setup_link(connect(acme), language="en", by=acting(alice))
    for fault, error in (("foreign_link", LinkRefused), ("unavailable", Unavailable)):
        kombo.set_fault(fault)
        with pytest.raises(error):
            repairs.reconnect_link(invalid, language="en", by=acting(alice))
    assert told() == []


def test_a_repair_that_kombo_confirms_is_done(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    link = repairs.reconnect_link(invalid, language="en", by=acting(alice))
    repairs.confirm_completion(invalid, complete(kombo, link), by=acting(alice))
    assert told() == [("reconnect", "alice", "done")]


def test_a_repair_that_ended_at_another_integration_failed(
    invalid: Integration, acme: Tenant, connect: Connect, kombo: Simulator, alice: User
) -> None:
    other = connect(acme, state="invalid")
    elsewhere = complete(kombo, repairs.reconnect_link(other, language="en", by=acting(alice)))
    repairs.reconnect_link(invalid, language="en", by=acting(alice))
    repairs.confirm_completion(invalid, elsewhere, by=acting(alice))
    assert told() == [("reconnect", "alice", "started"), ("reconnect", "alice", "failed")]
    assert history_record.entries(invalid, Kind.REPAIR).get().data == {"outcome": "failed"}


@pytest.mark.parametrize("fault", ["none", "unavailable", "key_revoked"])
def test_a_repair_that_kombo_can_not_tell_of_is_unconfirmed(
    fault: str, invalid: Integration, kombo: Simulator, alice: User
) -> None:
    repairs.reconnect_link(invalid, language="en", by=acting(alice))
    kombo.set_fault(fault)
    repairs.confirm_completion(invalid, "bogus", by=acting(alice))
    assert told() == [("reconnect", "alice", "unconfirmed")]


def test_a_resume_is_told_with_who_did_it(
    acme: Tenant, connect: Connect, kombo: Simulator, mia: User
) -> None:
    paused = connect(acme, state="inactive")
    kombo.set_fault("key_revoked")
    with pytest.raises(AccessDenied):
        repairs.resume(paused, by=acting(mia))
    assert told() == []
    kombo.set_fault("none")
    repairs.resume(paused, by=acting(mia))
    assert told() == [("resume", "mia", "done")]


def test_an_incident_knows_who_ended_it(
    invalid: Integration, kombo: Simulator, alice: User
) -> None:
    link = repairs.reconnect_link(invalid, language="en", by=acting(alice))
    repairs.confirm_completion(invalid, complete(kombo, link), by=acting(alice))
    snapshots.revalidate(invalid, by_person=True)
    incident = Incident.objects.get()
    assert incident.closed_at is not None
    assert (incident.ended_by, incident.repaired_by) == ("reconnect", alice)

"""Every act over HTTP leaves exactly one entry in the record."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import repair_handles
from integrations.access.audit import Act
from integrations.history import record as history_record
from integrations.models import (
    AuditEntry,
    Event,
    Integration,
    Membership,
    SavedView,
    Tenant,
    UnmappedIntegration,
)
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.embed import enter, turn_on, url
from tests.views.browsing import url_of
from tests.views.conftest import Browser

FROM = {"X-Forwarded-For": "198.51.100.66, 203.0.113.7"}  # the left one is hearsay
TOKEN = {"token": "x" * 32}  # as Kombo Connect gives one


@pytest.fixture
def acts(
    settings: Any,
    browser: Browser,
    acme: Tenant,
    bolt: Tenant,
    alice: User,
    connect: Connect,
    kombo: Simulator,
) -> dict[str, Callable[[], Any]]:
    """One of everything that can be done over HTTP, by name; each answers what the entry must say
    besides.
    """
    settings.TRUSTED_PROXY_COUNT = 1
    turn_on(settings)
    names = {name: browser(name) for name in ("alice", "mia", "root")}
    broken, half = connect(acme, state="invalid"), connect(acme, state="setup_incomplete")
    paused, doubtful = connect(acme, state="inactive"), connect(acme, origin_id="somebody else")
    frame = enter()

    def post(person: str, address: str, form: dict[str, Any] | None = None) -> Any:
        return names[person].post(address, form or {}, headers=FROM)

    def unmapped_integration(number: int) -> dict[str, int]:
        told = {
            "environment": "production",
            "seen_at": timezone.now(),
            "origin_id": "new",
            "tool_id": "hibob",
        }
        return {
            "unmapped": UnmappedIntegration.objects.create(
                integration_id=f"hibob:{number}", **told
            ).pk
        }

    def event() -> dict[str, int]:
        now = timezone.now()
        told = {
            "environment": "production",
            "type": "sync-finished",
            "received_at": now,
            "due_at": now,
        }
        return {
            "event": Event.objects.create(
                event_id="e1", attempts=1, error="x", payload="{}", **told
            ).pk
        }

    def saved() -> dict[str, str]:
        return {
            "name": SavedView.objects.create(
                user=User.objects.get(username="mia"), name="Mine"
            ).name
        }

    def chosen(one: Tenant | Integration, action: str) -> dict[str, Any]:
        return {"action": action, "_selected_action": [one.pk]}

    def completed() -> Any:
        history_record.begin_repair(broken, "reconnect", alice)
        return post("alice", url_of("completed", broken), TOKEN)

    def go() -> str:
        return reverse("embed_repair", args=[repair_handles.make(broken, "reconnect")])

    return {
        "reconnect_begun by alice": lambda: post("alice", url_of("reconnect", broken)),
        "setup_begun by alice": lambda: post("alice", url_of("set_up", half)),
        "reconnected by alice": completed,
        "resumed by mia": lambda: post("mia", url_of("resume", paused)),
        "mapped by root": lambda: post(
            "root", reverse("unmapped_assign"), {**unmapped_integration(1), "tenant": "acme"}
        ),
        "mapped by root, to a new one": lambda: post(
            "root", reverse("unmapped_assign"), unmapped_integration(2)
        ),
        "dismissed by root": lambda: post(
            "root", reverse("unmapped_dismiss"), unmapped_integration(3)
        ),
        "replayed by root": lambda: post("root", reverse("event_replay"), event()),
        "confirmed by root": lambda: post(
            "root", _admin("integration", "changelist"), chosen(doubtful, "confirm_mapping")
        ),
        "sessions_ended by root": lambda: post(
            "root", _admin("tenant", "changelist"), chosen(bolt, "end_embed_sessions")
        ),
        "view_saved by mia": lambda: post("mia", reverse("view_save"), {"name": "Mine", "q": "x"}),
        "view_deleted by mia": lambda: post("mia", reverse("view_delete"), saved()),
        "left_frame by embedded page": lambda: frame.post(
            url("reconnect", acme.public_id, broken.public_id), **FROM
        ),
        "reconnect_begun by embedded page": lambda: Client().post(go(), headers=FROM),
        **_administered(partial(post, "root"), paused, alice, bolt),
    }


def _admin(model: str, what: str, *args: object) -> str:
    return reverse(f"admin:integrations_{model}_{what}", args=args)


def _administered(
    post: Callable[..., Any], integration: Integration, member: User, other: Tenant
) -> dict[str, Callable[[], Any]]:
    """What can be done in the administration, `post` being somebody's who may."""
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    inline = {f"snapshot-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    renamed, sure = {"name": "Acme SE", "origin_id": "acme", **members}, {"post": "yes"}
    membership = Membership.objects.get(user=member)
    mapped = {
        "tenant": membership.tenant.pk,
        "integration_id": "kenjo:9",
        "environment": "production",
    }
    return {
        "administered by root: a tenant added": lambda: post(
            _admin("tenant", "add"), {**renamed, "origin_id": "cobalt"}
        ),
        "administered by root: a tenant changed": lambda: post(
            _admin("tenant", "change", other.pk), {**renamed, "origin_id": "bolt"}
        ),
        "tenant_forgotten by root": lambda: post(_admin("tenant", "delete", other.pk), sure),
        "administered by root: a membership added": lambda: post(
            _admin("membership", "add"), {"user": member.pk, "tenant": other.pk, "role": "viewer"}
        ),
        "administered by root: a membership changed": lambda: post(
            _admin("membership", "change", membership.pk),
            {"user": member.pk, "tenant": membership.tenant.pk, "role": "viewer"},
        ),
        "administered by root: a membership deleted": lambda: post(
            _admin("membership", "delete", membership.pk), sure
        ),
        "administered by root: an integration added": lambda: post(
            _admin("integration", "add"), mapped
        ),
        "administered by root: an integration changed": lambda: post(
            _admin("integration", "change", integration.pk), {**mapped, **inline}
        ),
    }


DONE = ("added", "changed", "deleted")

# With its history it can't be deleted.
OVER_HTTP = [
    "reconnect_begun by alice",
    "setup_begun by alice",
    "reconnected by alice",
    "resumed by mia",
    "mapped by root",
    "mapped by root, to a new one",
    "dismissed by root",
    "replayed by root",
    "confirmed by root",
    "sessions_ended by root",
    "view_saved by mia",
    "view_deleted by mia",
    "left_frame by embedded page",
    "reconnect_begun by embedded page",
    *(f"administered by root: a tenant {done}" for done in DONE[:2]),
    "tenant_forgotten by root",
    *(f"administered by root: a membership {done}" for done in DONE),
    *(f"administered by root: an integration {done}" for done in DONE[:2]),
]
OF_NOBODY = {"tenant_forgotten", "dismissed", "replayed", "view_saved", "view_deleted"}


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("name", OVER_HTTP)
def test_an_act_leaves_one_entry_with_who_what_and_from_where(
    name: str, acts: dict[str, Callable[[], Any]], acme: Tenant, bolt: Tenant
) -> None:
    before = timezone.now()
    assert acts[name]().status_code in {200, 302, 409}
    one = AuditEntry.objects.exclude(what=Act.SESSION_BEGUN).get()
    act, _, who = name.partition(":")[0].partition(",")[0].partition(" by ")
    assert (one.what, one.actor, one.address) == (act, who, "203.0.113.7")
    assert before <= one.at <= timezone.now()
    assert (one.actor_id is None) == (who == "embedded page")
    assert bool(one.tenant) == (act not in OF_NOBODY)
    of_one = copy.N_INTEGRATION(n="an") in name or act not in {
        *OF_NOBODY,
        "administered",
        "sessions_ended",
    }
    assert bool(one.integration) == of_one


def test_every_act_over_http_is_walked(acts: dict[str, Callable[[], Any]]) -> None:
    assert list(acts) == OVER_HTTP


def test_the_end_of_a_repair_in_a_window_is_one_too(
    acts: dict[str, Callable[[], Any]], client: Client, kombo: Simulator
) -> None:
    integration = Integration.objects.order_by("pk").first()
    assert integration
    handle = repair_handles.make(integration, "reconnect")
    client.post(reverse("embed_repair", args=[handle]), headers=FROM)
    client.post(reverse("embed_repair_completed", args=[handle]), TOKEN, headers=FROM)
    entries = [
        (one.what, one.actor, one.address, one.told) for one in AuditEntry.objects.order_by("pk")
    ]
    assert entries[1:] == [
        ("reconnect_begun", "embedded page", "203.0.113.7", {}),
        ("reconnected", "embedded page", "203.0.113.7", {"outcome": "unconfirmed"}),
    ]


def test_what_was_refused_or_failed_is_no_act(
    browser: Browser, acme: Tenant, bob: User, vic: User, connect: Connect, kombo: Simulator
) -> None:
    broken, connected = connect(acme, state="invalid"), connect(acme)
    for person in ("vic", "bob", "nobody"):
        browser(person).post(url_of("reconnect", broken))
        browser(person).post(url_of("resume", broken))
        browser(person).post(reverse("unmapped_dismiss"), {"unmapped": "1"})
    browser("mia").post(reverse("view_delete"), {"name": "none of hers"})
    browser("mia").post(reverse("view_save"), {"name": ""})
    browser("alice").post(url_of("set_up", connected))  # there is nothing to set up
    kombo.set_fault("server_error", broken.integration_id)
    browser("alice").post(url_of("reconnect", broken))
    browser("alice").get(url_of("reconnect", broken))
    assert not AuditEntry.objects.exists()


def test_no_link_and_no_key_is_in_the_record(
    acts: dict[str, Callable[[], Any]], kombo: Simulator
) -> None:
    for name, act in acts.items():
        if "deleted" not in name:
            act()
    kept = " ".join(str(list(row)) for row in AuditEntry.objects.values_list())
    assert AuditEntry.objects.count() > 10
    for secret in (kombo.public_url, "://", "/go/", "creator@"):
        assert secret not in kept

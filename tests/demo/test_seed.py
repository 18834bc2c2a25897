"""The demo's data: every headline and every reason is somewhere to be seen, and has a past that
leads to it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import DateTimeField
from django.test import Client
from django.utils import timezone

from integrations.demo.seed import beginning
from integrations.domain import coverage
from integrations.domain.coverage import Reason
from integrations.domain.headline import TROUBLES, Key, key_of
from integrations.history import days as history_days
from integrations.history import record as history_record
from integrations.models import Entry, Event, Incident, Integration, Issue, Kind, Snapshot
from integrations.simulator.app import Simulator
from integrations.simulator.payloads import encoded
from integrations.tenants import unmapped
from integrations.upstream import snapshots
from integrations.webhooks import inbox
from tests import copy
from tests.demo.seeded import BEGAN, of, shown

pytestmark = pytest.mark.django_db


def test_every_headline_is_somewhere_to_be_seen_by_a_customer(seeded: Simulator) -> None:
    assert {card.headline.key for card in shown("gina").values()} == set(Key)


def test_every_reason_is_somewhere_to_be_seen(seeded: Simulator) -> None:
    stored = Snapshot.objects.filter(integration__tenant__origin_id="gallery").exclude(coverage="")
    grids = [coverage.read(snapshot.coverage) for snapshot in stored]
    groups = [group for grid in grids for group in grid.groups]
    assert {field.reason for group in groups for field in group.fields} == set(Reason)
    assert any(card.has_grid for card in shown("gina").values())


def test_each_tool_of_the_gallery_is_in_the_state_it_was_given(seeded: Simulator) -> None:
    card = shown("gina")
    assert {
        tool: card[tool].headline.key.value
        for tool in ("hibob", "workday", "teamtailor", "kenjo", "lucca")
    } == {
        "hibob": "reconnect_required",
        "workday": "sign_in_failing",
        "teamtailor": "setup_incomplete",
        "kenjo": "paused",
        "lucca": "removed",
    }
    assert card["humaans"].is_cold
    assert card["docebo"].beta


def test_the_mapping_guard_and_markup_are_to_be_seen(seeded: Simulator) -> None:
    card = shown("gina")
    assert card["rippling"].headline.badge == copy.NOT_CONFIRMED_YET
    assert card["deel"].label == "Deel"
    assert "<" in card["sandbox"].label


def keys() -> dict[str, Key]:
    return {
        one.integration.integration_id.split(":")[0]: key_of(one) for one in Snapshot.objects.all()
    }


def test_the_last_days_of_the_first_card_are_worth_a_look(seeded: Simulator) -> None:
    strip = history_days.day_strip(of("personio"), timezone.localtime())
    assert {day.severity for day, _word in strip.days} >= {"ok", "attention", "action_required"}
    assert strip.days[0][0].severity == "ok", "the record is as long as the strip"
    entries = history_record.entries(of("personio"))
    assert {entry.kind for entry in entries} == set(Kind) - {Kind.SETTINGS, Kind.DISCONNECT}
    repaired = history_record.incidents(of("personio")).get(ended_by="reconnect")
    assert (repaired.repaired_by, repaired.key) == (
        User.objects.get(username="jana"),
        Key.SIGN_IN_FAILING,
    )


@pytest.mark.exhaustive
def test_every_integration_has_a_history(
    seeded: Simulator, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(User.objects.get(username="root"))
    for one in Integration.objects.select_related("tenant"):
        tool = one.integration_id.split(":")[0]
        page = client.get(f"/t/{one.tenant.public_id}/i/{one.public_id}/history/")
        withheld, untold = tool == "rippling", tool == "humaans"
        assert page.status_code == (404 if withheld else 200), tool
        assert b"data-entry" in page.content or withheld or untold, tool
    assert {entry.kind for entry in Entry.objects.all()} == set(Kind)
    assert {incident.ended_by for incident in Incident.objects.all()} == {
        "",
        "reconnect",
        "removed",
        "setup",
    }
    assert {incident.relapses for incident in Incident.objects.all()} == {0, 1}


def test_what_is_broken_now_has_an_incident_that_is_open(seeded: Simulator) -> None:
    broken = {tool for tool, key in keys().items() if key in TROUBLES}
    incidents = Incident.objects.filter(closed_at__isnull=True).select_related("integration")
    assert {one.integration.integration_id.split(":")[0] for one in incidents} == broken
    assert {one.key for one in incidents} == set(TROUBLES)


def test_nothing_is_in_the_future(seeded: Simulator) -> None:
    plans = {
        "check_at",
        "retry_at",
        "lease_until",
        "watch_until",
        "due_at",
        "expires_at",
        "next_at",
        "window_ends",
    }
    known: list[datetime] = []
    for model in apps.get_app_config("integrations").get_models():
        fields = [
            field.name for field in model._meta.concrete_fields if isinstance(field, DateTimeField)
        ]
        rows = (
            model._default_manager.values_list(*set(fields) - plans) if set(fields) - plans else []
        )
        known += [moment for row in rows for moment in row if moment]
    assert len(known) > 200
    assert max(known) <= timezone.now()


def test_nothing_happened_before_it_was_connected(seeded: Simulator) -> None:
    told = Entry.objects.values_list("integration__snapshot__connected_at", "at")
    assert [at for connected_at, at in told if connected_at and at < connected_at] == []


def test_what_is_connected_was_synced_today(seeded: Simulator) -> None:
    connected = [one for one in Snapshot.objects.all() if key_of(one) is Key.CONNECTED]
    assert connected
    for snapshot in connected:
        assert snapshot.synced_at
        assert BEGAN - snapshot.synced_at < timedelta(hours=3)
        assert snapshot.sync_state == "SUCCEEDED"


def test_each_event_was_worked(seeded: Simulator) -> None:
    assert Event.objects.count() > 50
    assert not Event.objects.exclude(worked_at__isnull=False, attempts=0, error="").exists()
    assert [(one.origin_id, one.tool_id) for one in unmapped.waiting()] == [("delta", "recruitee")]
    assert Event.objects.filter(integration=None).count() == 1


@pytest.mark.exhaustive
def test_a_look_at_kombo_confirms_what_was_told(seeded: Simulator) -> None:
    before, entries = keys(), Entry.objects.count()
    for one in Integration.objects.select_related("snapshot"):
        snapshots.revalidate(one, by_person=True)
    assert keys() == before
    assert before["humaans"] is Key.PENDING
    assert Entry.objects.count() == entries


def test_the_simulator_agrees(seeded: Simulator) -> None:
    known = seeded.world.overview()
    open_there = {(one["id"], issue["id"]) for one in known for issue in one["issues"]}
    open_here = {
        (one.integration.integration_id, one.issue_id)
        for one in Issue.objects.filter(resolved_at=None)
    }
    assert open_there == open_here
    assert len(open_here) == 2
    since = {
        datetime.fromisoformat(issue["first_observed_at"])
        for one in known
        for issue in one["issues"]
    }
    assert since == {one.raised_at for one in Issue.objects.filter(resolved_at=None)}
    assert [one["id"] for one in known if one["qa_status"] == "FAILED"] == [
        of("planday").integration_id
    ]
    assert [one["id"] for one in known if one["deleted"]] == [of("lucca").integration_id]


def test_what_the_simulator_switches_has_its_effect(
    seeded: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        seeded.hooks, "send", lambda event, *_, **__: inbox.receive("production", encoded(event))
    )
    seeded.resolve_issue(of("workday").integration_id)
    seeded.resolve_issue(of("factorial").integration_id)
    seeded.set_qa_status(of("planday").integration_id, "PASSED")
    seeded.set_state(of("personio").integration_id, "connected")
    assert {keys()[tool] for tool in ("workday", "factorial", "planday", "personio")} == {
        Key.CONNECTED
    }
    assert not Incident.objects.filter(integration=of("personio"), closed_at=None).exists()


def test_a_restart_keeps_the_demos_times(seeded: Simulator) -> None:
    assert beginning() == BEGAN

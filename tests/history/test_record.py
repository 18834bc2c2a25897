"""What is kept of the past: headlines, entries, the grid; and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.domain.headline import Key
from integrations.history import days as history_days
from integrations.history import record as history_record
from integrations.models import Entry, Incident, Integration, Issue, Kind, Snapshot, Source, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.conftest import NOW
from tests.history.recording import at, become, incident

pytestmark = pytest.mark.usefixtures("clock")


def states(integration: Integration) -> list[tuple[datetime, str]]:
    return history_days.states_since(integration, datetime(2000, 1, 1, tzinfo=UTC))


# --- Headlines ------------------------------------------------------------------------------------


def test_another_headline_is_an_entry(personio: Integration) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-5, source=Source.STATE)
    entry = history_record.entries(personio)[0]
    assert (entry.kind, entry.what, entry.at) == (Kind.STATE, "reconnect_required", at(-5))
    assert (entry.source, entry.data, entry.actor) == (Source.STATE, {"from": "connected"}, None)


def test_the_first_headline_comes_after_none(personio: Integration) -> None:
    assert [(entry.what, entry.data) for entry in Entry.objects.all()] == [
        ("connected", {"from": "pending"})
    ]


def test_the_same_headline_is_no_entry(personio: Integration) -> None:
    with snapshots.amend(personio, at=NOW, source=Source.CHECK) as row:
        row.tool_label, row.complete_at = "Another", NOW
    become(personio, Key.CONNECTED)
    assert Entry.objects.count() == 1


def test_a_sign_that_comes_late_begins_when_what_is_known_ends(personio: Integration) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-10)
    become(personio, Key.CONNECTED, minutes=-30)
    assert states(personio) == [
        (at(-60), "connected"),
        (at(-10), "reconnect_required"),
        (at(-10), "connected"),
    ]
    assert (incident().opened_at, incident().closed_at) == (at(-10), at(-10))


def test_nothing_begins_in_the_future(personio: Integration) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=60)
    assert states(personio)[-1] == (NOW, "reconnect_required")


def test_what_held_since_when(personio: Integration) -> None:
    become(personio, Key.DEGRADED, minutes=-30)
    become(personio, Key.CONNECTED, minutes=-20)
    become(personio, Key.UPDATING, minutes=-10)
    assert history_days.states_since(personio, at(-25)) == [
        (at(-30), "degraded"),
        (at(-20), "connected"),
        (at(-10), "updating"),
    ]
    assert history_days.states_since(personio, at(-20)) == [
        (at(-20), "connected"),
        (at(-10), "updating"),
    ]
    assert history_days.states_since(personio, at(-1)) == [(at(-10), "updating")]
    assert history_days.states_since(personio, at(-90))[0] == (at(-60), "connected")


def test_states_are_headlines_only(personio: Integration, alice: User) -> None:
    history_record.begin_repair(personio, "reconnect", alice)
    assert states(personio) == [(at(-60), "connected")]


# --- Entries --------------------------------------------------------------------------------------


def test_entries_come_newest_first_and_perhaps_of_one_kind(
    personio: Integration, acme: Tenant
) -> None:
    for kind, minutes in ((Kind.SYNC, -20), (Kind.ISSUE, -5), (Kind.SYNC, -10)):
        history_record.add_entry(personio.pk, kind, f"{minutes}", Source.SYNC, at=at(minutes))
    history_record.add_entry(
        mapping.create(acme, "personio:2").pk, Kind.SYNC, "another's", Source.SYNC
    )
    assert [entry.what for entry in history_record.entries(personio)] == [
        "-5",
        "-10",
        "-20",
        "connected",
    ]
    assert [entry.what for entry in history_record.entries(personio, Kind.SYNC)] == ["-10", "-20"]


def test_what_has_a_reference_is_told_once(personio: Integration) -> None:
    def tell(kind: Kind, reference: str) -> Entry:
        return history_record.add_entry(
            personio.pk, kind, "FAILED", Source.SYNC, reference=reference, data={"n": 1}
        )

    first = tell(Kind.SYNC, "sync 1")
    assert tell(Kind.SYNC, "sync 1") == first
    assert len({first.pk, tell(Kind.SYNC, "sync 2").pk, tell(Kind.ISSUE, "sync 1").pk}) == 3
    assert tell(Kind.SYNC, "") != tell(Kind.SYNC, "")


def test_what_is_told_twice_stays_as_it_was_told_first(personio: Integration) -> None:
    for minutes in (-5, -3):
        history_record.add_entry(
            personio.pk, Kind.SYNC, f"{minutes}", Source.SYNC, at=at(minutes), reference="sync 1"
        )
    entry = Entry.objects.get(kind=Kind.SYNC)
    assert (entry.what, entry.at) == ("-5", at(-5))


def test_an_entry_is_of_now_unless_it_says_otherwise(personio: Integration) -> None:
    assert history_record.add_entry(personio.pk, Kind.SETTINGS, "changed", Source.CHECK).at == NOW


# --- The grid -------------------------------------------------------------------------------------


def change(integration: Integration, days: float, **changes: list[str]) -> None:
    """Let datapoints change so many days ago."""
    when = NOW - timedelta(days=days)
    history_record.record_coverage(integration.pk, changes, when)
    Snapshot.objects.filter(pk=integration.pk).update(coverage_changed_at=when)
    integration.snapshot.refresh_from_db()


def test_a_change_of_the_grid_is_one_entry(personio: Integration) -> None:
    change(personio, 1, opted_out=["a", "b"], gone=["c"])
    entry = Entry.objects.get(kind=Kind.COVERAGE)
    assert (entry.what, entry.source, entry.at) == (
        "changed",
        Source.CHECK,
        NOW - timedelta(days=1),
    )
    assert entry.data == {
        "counts": {"opted_out": 2, "gone": 1},
        "datapoints": {"opted_out": ["a", "b"], "gone": ["c"]},
    }


def test_an_entry_names_so_many_datapoints_and_counts_all(personio: Integration) -> None:
    names = [f"m.f{n}" for n in range(400)]
    change(personio, 1, opted_out=names, unsupported=names, gone=names)
    entry = Entry.objects.get(kind=Kind.COVERAGE)
    assert entry.data["counts"] == {"opted_out": 400, "unsupported": 400, "gone": 400}
    assert {reason: len(named) for reason, named in entry.data["datapoints"].items()} == {
        "opted_out": 400,
        "unsupported": history_record.MOST_DATAPOINTS - 400,
        "gone": 0,
    }


def test_which_datapoints_changed_of_late_and_when_last(personio: Integration) -> None:
    change(personio, 31, available=["ages ago"])
    change(personio, 20, opted_out=["twice", "once"])
    change(personio, 5, available=["twice"], gone=["gone"])
    assert history_record.changed_datapoints(personio, NOW) == {
        "once": NOW - timedelta(days=20),
        "twice": NOW - timedelta(days=5),
        "gone": NOW - timedelta(days=5),
    }


def test_a_grid_that_did_not_change_of_late_is_not_looked_up(
    personio: Integration, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert history_record.changed_datapoints(personio, NOW) == {}
    change(personio, 31, available=["ages ago"])
    with django_assert_num_queries(0):
        assert history_record.changed_datapoints(personio, NOW) == {}


# --- Forgetting -----------------------------------------------------------------------------------


def test_what_is_old_is_forgotten_but_for_the_latest_state(
    personio: Integration, acme: Tenant
) -> None:
    quiet = mapping.create(acme, "personio:2")
    become(quiet, Key.CONNECTED, minutes=-90)
    for key, minutes in ((Key.UPDATING, -50), (Key.CONNECTED, -40), (Key.UPDATING, -10)):
        become(personio, key, minutes=minutes)
    for minutes in (-45, -5):
        history_record.add_entry(personio.pk, Kind.SYNC, "FAILED", Source.SYNC, at=at(minutes))
    assert history_record.prune(at(-30)) == 4
    assert [(entry.kind, entry.at) for entry in history_record.entries(personio)] == [
        ("sync", at(-5)),
        ("state", at(-10)),
    ]
    assert states(quiet) == [(at(-90), "connected")]
    assert history_record.prune(at(-1)) == 1
    assert states(personio) == [(at(-10), "updating")]


def test_incidents_are_forgotten_once_they_are_long_over(
    personio: Integration, acme: Tenant
) -> None:
    other, third = mapping.create(acme, "personio:2"), mapping.create(acme, "personio:3")
    for one in (personio, other, third):
        become(one, Key.RECONNECT_REQUIRED, minutes=-50)
    become(personio, Key.CONNECTED, minutes=-40)
    become(other, Key.CONNECTED, minutes=-20)
    history_record.prune(at(-30))
    assert {one.integration for one in Incident.objects.all()} == {other, third}


def test_issues_are_forgotten_once_they_are_long_resolved(personio: Integration) -> None:
    for name, raised, resolved in (
        ("open", -50, None),
        ("resolved long ago", -50, -40),
        ("resolved of late", -50, -20),
        ("raised again", -35, -40),
    ):
        Issue.objects.create(
            integration=personio,
            issue_id=name,
            raised_at=at(raised),
            resolved_at=None if resolved is None else at(resolved),
        )
    history_record.prune(at(-30))
    assert set(Issue.objects.values_list("issue_id", flat=True)) == {
        "open",
        "resolved of late",
        "raised again",
    }

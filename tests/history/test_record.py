"""What is kept of the past: every headline, every broken spell, and how it ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from time_machine import TimeMachineFixture

from integrations.domain.headline import Key
from integrations.history import record as history_record
from integrations.models import Entry, Incident, Integration, Issue, Kind, Snapshot, Source, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("clock")


HEALTHY: dict[str, Any] = {"status": "ACTIVE", "setup_status": "COMPLETED"}
NEUTRAL: dict[str, Any] = {
    **dict.fromkeys(("qa_status", "issue_title", "sync_state"), ""),
    **dict.fromkeys(("removed_at", "sign_in_failing_since", "data_expired_at")),
}
FACTS: dict[Key, dict[str, Any]] = {
    Key.REMOVED: HEALTHY | {"removed_at": NOW},
    Key.PAUSED: HEALTHY | {"status": "INACTIVE"},
    Key.RECONNECT_REQUIRED: HEALTHY | {"status": "INVALID"},
    Key.SIGN_IN_FAILING: HEALTHY | {"sign_in_failing_since": NOW},
    Key.SETUP_INCOMPLETE: HEALTHY | {"setup_status": "INCOMPLETE"},
    Key.QUALITY_CHECK: HEALTHY | {"qa_status": "FAILED"},
    Key.FIRST_SYNC: HEALTHY | {"setup_status": "FINAL_SYNC_PENDING"},
    Key.UPDATING: HEALTHY | {"data_expired_at": NOW},
    Key.DEGRADED: HEALTHY | {"issue_title": "Absences can't be read"},
    Key.CONNECTED: HEALTHY,
    Key.UNRECOGNISED: HEALTHY | {"status": "ASLEEP"},
    Key.PENDING: {"status": "", "setup_status": ""},
}
BROKEN = [Key.DEGRADED, Key.SIGN_IN_FAILING, Key.RECONNECT_REQUIRED]
RECOVERED = [Key.CONNECTED, Key.FIRST_SYNC, Key.UPDATING, Key.SETUP_INCOMPLETE, Key.QUALITY_CHECK]
UNDECIDED = [Key.PAUSED, Key.UNRECOGNISED, Key.PENDING]


@pytest.fixture
def personio(acme: Tenant) -> Integration:
    """An integration that was connected an hour ago."""
    made = mapping.create(acme, "personio:1")
    become(made, Key.CONNECTED, minutes=-60)
    return made


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def become(
    integration: Integration, key: Key, *, minutes: float = 0, source: Source = Source.CHECK
) -> None:
    """Let this headline hold, as of so many minutes from noon."""
    with snapshots.amend(integration, at=at(minutes), source=source) as row:
        for name, value in (NEUTRAL | FACTS[key]).items():
            setattr(row, name, value)


def states(integration: Integration) -> list[tuple[datetime, str]]:
    return history_record.states_since(integration, datetime(2000, 1, 1, tzinfo=UTC))


def incident() -> Incident:
    """The only one there is."""
    return Incident.objects.get()


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
    assert history_record.states_since(personio, at(-25)) == [
        (at(-30), "degraded"),
        (at(-20), "connected"),
        (at(-10), "updating"),
    ]
    assert history_record.states_since(personio, at(-20)) == [
        (at(-20), "connected"),
        (at(-10), "updating"),
    ]
    assert history_record.states_since(personio, at(-1)) == [(at(-10), "updating")]
    assert history_record.states_since(personio, at(-90))[0] == (at(-60), "connected")


def test_states_are_headlines_only(personio: Integration, alice: User) -> None:
    history_record.begin_repair(personio, "reconnect", alice)
    assert states(personio) == [(at(-60), "connected")]


# --- Incidents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BROKEN)
def test_what_is_broken_opens_an_incident(key: Key, personio: Integration) -> None:
    become(personio, key, minutes=-5, source=Source.ISSUE)
    found = incident()
    assert (found.integration, found.opened_at, found.closed_at) == (personio, at(-5), None)
    assert (found.first_key, found.key, found.detected_by) == (key, key, Source.ISSUE)
    assert (found.relapses, found.ended_by, found.repaired_by) == (0, "", None)


@pytest.mark.parametrize("key", [key for key in Key if key not in BROKEN])
def test_nothing_else_opens_one(key: Key, personio: Integration) -> None:
    become(personio, key)
    assert not Incident.objects.exists()


def test_an_incident_is_named_for_the_gravest_it_came_to(personio: Integration) -> None:
    for key in (Key.DEGRADED, Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING, Key.DEGRADED):
        become(personio, key)
    assert (incident().first_key, incident().key) == (Key.DEGRADED, Key.RECONNECT_REQUIRED)


def test_an_incident_goes_on_however_long_it_lasts(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    become(personio, Key.SIGN_IN_FAILING)
    clock.shift(timedelta(days=3))
    become(personio, Key.RECONNECT_REQUIRED, minutes=3 * 24 * 60)
    assert (incident().opened_at, incident().relapses, incident().detected_by) == (
        NOW,
        0,
        Source.CHECK,
    )


@pytest.mark.parametrize("key", RECOVERED)
def test_what_works_again_closes_it(key: Key, personio: Integration) -> None:
    become(personio, Key.SIGN_IN_FAILING, minutes=-30)
    become(personio, key, minutes=-10)
    assert (incident().closed_at, incident().ended_by, incident().repaired_by) == (
        at(-10),
        "",
        None,
    )


@pytest.mark.parametrize("key", UNDECIDED)
def test_what_is_neither_broken_nor_well_leaves_it_open(key: Key, personio: Integration) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    become(personio, key, minutes=-20)
    assert incident().closed_at is None
    become(personio, Key.RECONNECT_REQUIRED, minutes=-10)
    assert (incident().opened_at, incident().relapses) == (at(-30), 0)


def test_a_removal_closes_it_and_is_no_recovery(personio: Integration, alice: User) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(personio, "reconnect", alice)
    become(personio, Key.REMOVED, minutes=-10)
    assert (incident().closed_at, incident().ended_by, incident().repaired_by) == (
        at(-10),
        "removed",
        None,
    )


def test_every_headline_is_broken_well_undecided_or_removed() -> None:
    assert sorted([*BROKEN, *RECOVERED, *UNDECIDED, Key.REMOVED]) == sorted(Key)
    assert history_record.BROKEN == BROKEN
    assert set(RECOVERED) == history_record.WELL


def repaired(integration: Integration, user: User, *, minutes: float) -> None:
    """Let somebody have repaired it so many minutes from noon."""
    told = {"at": at(minutes), "actor": user, "data": {"outcome": "done"}}
    history_record.add_entry(integration.pk, Kind.REPAIR, "reconnect", Source.PERSON, **told)


@pytest.mark.parametrize("what", ["reconnect", "setup"])
@pytest.mark.parametrize("outcome", ["", "done", "unconfirmed"])
def test_who_repaired_it_is_kept(
    what: str, outcome: str, personio: Integration, alice: User
) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(personio, what, alice)
    if outcome:
        history_record.finish_repair(personio, outcome, alice)
    become(personio, Key.CONNECTED)
    assert (incident().ended_by, incident().repaired_by) == (what, alice)


def test_of_several_the_latest_repair_ended_it(
    personio: Integration, alice: User, vic: User
) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    for user, minutes in ((vic, -5), (alice, -20)):
        repaired(personio, user, minutes=minutes)
    become(personio, Key.CONNECTED)
    assert incident().repaired_by == vic


def test_a_repair_that_failed_did_not_end_it(personio: Integration, alice: User) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(personio, "reconnect", alice)
    history_record.finish_repair(personio, "failed", alice)
    become(personio, Key.CONNECTED)
    assert (incident().ended_by, incident().repaired_by) == ("", None)


def test_a_repair_from_before_or_of_another_did_not_end_it(
    personio: Integration, bolt: Tenant, alice: User
) -> None:
    repaired(personio, alice, minutes=-31)
    other = mapping.create(bolt, "personio:2")
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(other, "reconnect", alice)
    become(personio, Key.CONNECTED)
    assert (incident().ended_by, incident().repaired_by) == ("", None)


def test_somebody_who_left_still_repaired_it(personio: Integration, alice: User) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(personio, "reconnect", alice)
    become(personio, Key.CONNECTED)
    alice.delete()
    assert (incident().ended_by, incident().repaired_by) == ("reconnect", None)


@pytest.mark.parametrize(("minutes", "incidents"), [(1, 1), (59.99, 1), (60, 2), (600, 2)])
def test_back_within_an_hour_it_is_the_same_incident(
    minutes: float, incidents: int, personio: Integration, clock: TimeMachineFixture
) -> None:
    become(personio, Key.SIGN_IN_FAILING, minutes=-30)
    become(personio, Key.CONNECTED)
    clock.shift(timedelta(minutes=minutes))
    become(personio, Key.RECONNECT_REQUIRED, minutes=minutes)
    assert Incident.objects.count() == incidents
    assert Incident.objects.filter(closed_at__isnull=True).count() == 1


def test_a_relapse_is_counted_and_forgets_the_recovery(personio: Integration, alice: User) -> None:
    become(personio, Key.RECONNECT_REQUIRED, minutes=-30)
    history_record.begin_repair(personio, "reconnect", alice)
    become(personio, Key.CONNECTED, minutes=-20)
    become(personio, Key.DEGRADED, minutes=-10)
    found = incident()
    assert (found.opened_at, found.closed_at, found.relapses) == (at(-30), None, 1)
    assert (found.ended_by, found.repaired_by, found.key) == ("", None, Key.RECONNECT_REQUIRED)
    for key in (Key.CONNECTED, Key.DEGRADED, Key.CONNECTED):
        become(personio, key)
    assert (incident().relapses, incident().closed_at) == (2, NOW)


def test_incidents_of_one_are_not_anothers(personio: Integration, acme: Tenant) -> None:
    other = mapping.create(acme, "personio:2")
    become(other, Key.RECONNECT_REQUIRED, minutes=-30)
    become(personio, Key.RECONNECT_REQUIRED, minutes=-20)
    become(personio, Key.CONNECTED, minutes=-10)
    assert [
        one.closed_at
        for one in (*history_record.incidents(other), *history_record.incidents(personio))
    ] == [
        None,
        at(-10),
    ]


def test_no_integration_has_two_open_incidents(personio: Integration) -> None:
    become(personio, Key.DEGRADED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(integration=personio, opened_at=NOW, detected_by=Source.CHECK)


# --- Repairs --------------------------------------------------------------------------------------


def repairs(integration: Integration) -> list[tuple[str, str, str]]:
    found = history_record.entries(integration, Kind.REPAIR)
    return [(entry.what, str(entry.actor), entry.data["outcome"]) for entry in found]


def test_the_end_of_a_repair_is_told_where_it_began(personio: Integration, alice: User) -> None:
    history_record.begin_repair(personio, "setup", alice)
    history_record.finish_repair(personio, "done", alice)
    assert repairs(personio) == [("setup", "alice", "done")]


def test_the_latest_of_ones_own_repairs_ends(
    personio: Integration, alice: User, vic: User, clock: TimeMachineFixture
) -> None:
    for user in (alice, alice, vic):
        history_record.begin_repair(personio, "reconnect", user)
        clock.shift(60)
    history_record.finish_repair(personio, "done", alice)
    assert [repair[1:] for repair in repairs(personio)] == [
        ("vic", "started"),
        ("alice", "done"),
        ("alice", "started"),
    ]


def test_an_end_that_names_nobody_is_that_of_the_latest(
    personio: Integration, alice: User, vic: User, clock: TimeMachineFixture
) -> None:
    for user in (alice, vic):
        history_record.begin_repair(personio, "reconnect", user)
        clock.shift(60)
    history_record.finish_repair(personio, "failed")
    assert [repair[1:] for repair in repairs(personio)] == [("vic", "failed"), ("alice", "started")]


@pytest.mark.parametrize("began", ["never", "ended", "long ago", "another's"])
def test_an_end_without_a_beginning_is_an_entry_too(
    began: str, personio: Integration, alice: User, vic: User, clock: TimeMachineFixture
) -> None:
    if began != "never":
        history_record.begin_repair(personio, "reconnect", vic if began == "another's" else alice)
    if began == "ended":
        history_record.finish_repair(personio, "failed", alice)
    clock.shift(history_record.REPAIR_LASTS if began == "long ago" else timedelta(minutes=1))
    before = repairs(personio)
    history_record.finish_repair(personio, "done", alice)
    assert repairs(personio) == [("reconnect", "alice", "done"), *before]


def test_whose_word_the_end_is(personio: Integration, alice: User) -> None:
    history_record.finish_repair(personio, "done", alice)
    history_record.finish_repair(personio, "failed", at=at(-1))
    sources = [
        (entry.source, entry.actor, entry.at)
        for entry in history_record.entries(personio, Kind.REPAIR)
    ]
    assert sources == [(Source.PERSON, alice, NOW), (Source.STATE, None, at(-1))]


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

"""Broken spells: when one begins and ends, who repaired it, and how repairs ended."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from time_machine import TimeMachineFixture

from integrations.domain.headline import TROUBLES, Key
from integrations.history import incident_record
from integrations.history import record as history_record
from integrations.models import Incident, Integration, Kind, Source, Tenant
from integrations.tenants import mapping
from tests.conftest import NOW
from tests.history.recording import at, become, incident

pytestmark = pytest.mark.usefixtures("clock")
BROKEN = [Key.DEGRADED, Key.SETUP_INCOMPLETE, Key.SIGN_IN_FAILING, Key.RECONNECT_REQUIRED]
RECOVERED = [Key.CONNECTED, Key.FIRST_SYNC, Key.UPDATING, Key.QUALITY_CHECK]
UNDECIDED = [Key.PAUSED, Key.UNRECOGNISED, Key.PENDING]


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
    assert TROUBLES == BROKEN
    assert set(RECOVERED) == incident_record.WELL


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
    clock.shift(incident_record.REPAIR_LASTS if began == "long ago" else timedelta(minutes=1))
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

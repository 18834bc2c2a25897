"""Grids in short: made with the grid, once for all that share it, and asked for many integrations
at once.
"""

from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from integrations import retention, worker
from integrations.domain import coverage
from integrations.domain.coverage import Grid, Reason
from integrations.kombo.schema import Coverage, Details
from integrations.models import CoverageProfile, Snapshot, Summary, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import coverage_profiles, snapshot_updates, snapshots
from integrations.workspace import datapoints, features
from integrations.workspace.datapoints import DatapointAvailability, NoReason
from tests.conftest import Connect
from tests.domain.grids import action, action_field, field, model
from tests.feature_factories import declare, give

pytestmark = pytest.mark.django_db


def asked(datapoint: str) -> dict[str, str]:
    found = DatapointAvailability(Summary.objects.all(), [datapoint])
    return {row["tenant_name"]: found.of(row)[0] for row in found}


def test_an_outline_comes_with_the_grid(acme: Tenant, connect: Connect) -> None:
    made = connect(acme, coverage="everything")
    grid = coverage.read(Snapshot.objects.get(pk=made.pk).coverage)
    outline = CoverageProfile.objects.get(pk=made.snapshot.coverage_digest)
    assert outline.reasons == coverage_profiles.reasons_by_datapoint(grid)
    for group in grid.groups:
        assert outline.reasons[group.id] == group.reason
        for one in group.fields:
            own = one.reason if one.reason is not Reason.MODEL_UNAVAILABLE else group.reason
            assert outline.reasons[one.id] == own


def test_what_a_model_keeps_back_has_the_models_reason() -> None:
    grid = coverage.build(
        Coverage(
            read_models=(model(field("iban"), is_available=False, opted_out_by_customer=True),)
        )
    )
    assert grid.read[0].fields[0].reason is Reason.MODEL_UNAVAILABLE
    assert coverage_profiles.reasons_by_datapoint(grid) == {
        "hris_employees": "opted_out",
        "hris_employees.iban": "opted_out",
    }


def test_an_action_and_a_model_of_one_id_are_there_if_either_is() -> None:
    for read, write in ((True, False), (False, True)):
        reads = (model(id="both", is_available=read),)
        writes = (
            action(action_field("SUPPORTED", is_available=True), id="both", is_available=write),
        )
        assert coverage_profiles.reasons_by_datapoint(
            coverage.build(Coverage(read_models=reads, write_actions=writes))
        )["both"] == ("available")


def test_integrations_of_one_grid_share_an_outline_made_once(
    acme: Tenant, connect: Connect, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = connect(acme), connect(acme, fetched=False)
    records = kombo.world.store.records
    for half in ("read_models", "write_actions"):
        records[second.integration_id]["details"][half] = records[first.integration_id]["details"][
            half
        ]
    built: list[Details] = []
    build = coverage.build

    def counted(details: Details) -> Grid:
        built.append(details)
        return build(details)

    monkeypatch.setattr(coverage, "build", counted)
    assert snapshots.revalidate(second).coverage_digest == first.snapshot.coverage_digest
    assert built == []
    assert CoverageProfile.objects.count() == 1
    assert connect(acme).snapshot.coverage_digest != first.snapshot.coverage_digest
    assert len(built) == 1


def test_a_changed_grid_brings_another_outline_for_the_old(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    before = made.snapshot.coverage_digest
    kombo.set_opt_out(made.integration_id, "hris_employees.first_name")
    after = snapshots.revalidate(made, by_person=True).coverage_digest
    assert set(CoverageProfile.objects.values_list("pk", flat=True)) == {before, after}
    assert CoverageProfile.objects.get(pk=after).reasons["hris_employees.first_name"] == "opted_out"
    retention.prune_hourly()
    assert list(CoverageProfile.objects.values_list("pk", flat=True)) == [after]


def test_an_outline_stands_or_falls_with_the_grid(
    acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = connect(acme, fetched=False)
    monkeypatch.setattr(
        snapshot_updates, "_mark_answered", lambda _row: (_ for _ in ()).throw(IntegrityError)
    )
    with pytest.raises(IntegrityError):
        snapshots.revalidate(made)
    assert not CoverageProfile.objects.exists()


def test_what_was_stored_before_there_were_outlines_gets_one(
    acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    made, other = connect(acme), connect(bolt)
    connect(acme, fetched=False)
    declare("hris_employees")
    CoverageProfile.objects.all().delete()
    Tenant.objects.update(answers_due=False)
    assert features.create_missing_profiles() == 2
    assert {row.pk for row in CoverageProfile.objects.all()} == {
        made.snapshot.coverage_digest,
        other.snapshot.coverage_digest,
    }
    assert Tenant.objects.filter(answers_due=True).count() == 2
    assert features.create_missing_profiles() == 0
    assert features.create_missing_profiles in [task.run for task in worker.TASKS]


def test_what_many_integrations_say_is_asked_at_once(
    acme: Tenant, bolt: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give(acme, {"hris_employees.cost_center": "opted_out"})
    give(bolt, {"hris_employees": "available"})
    cold = Tenant.objects.create(name="Cold", origin_id="cold")
    give(cold, None)
    doubted = Tenant.objects.create(name="Doubted", origin_id="doubted")
    give(doubted, {"hris_employees.cost_center": "available"}, origin_id="somebody else")
    bare = Tenant.objects.create(name="No outline", origin_id="bare")
    give(bare, None, coverage_digest="0000000000000000")
    gone = Tenant.objects.create(name="Gone", origin_id="gone")
    give(gone, {"hris_employees.cost_center": "available"}, removed_at="2026-01-01T00:00:00Z")
    with django_assert_num_queries(2):
        assert asked("hris_employees.cost_center") == {
            "Acme GmbH": "opted_out",
            "Bolt & Sons": NoReason.ABSENT,
            "Cold": NoReason.PENDING,
            "Doubted": NoReason.HELD_BACK,
            "No outline": NoReason.PENDING,
        }
    assert asked("hris_employees")["Bolt & Sons"] == "available"


def test_those_of_a_kind_are_as_many_as_were_counted(acme: Tenant) -> None:
    for reason in (*Reason, Reason.OPTED_OUT, "a word of another version"):
        give(acme, {"hris_teams": str(reason)})
    give(acme, {"hris_employees": "available"})
    give(acme, None)
    give(acme, None, coverage_digest="0000000000000000")
    give(acme, {"hris_teams": "available"}, origin_id="somebody else")
    give(acme, {"hris_teams": "available"}, removed_at="2026-01-01T00:00:00Z")
    found = DatapointAvailability(Summary.objects.all(), ["hris_teams"])
    counted = found.tally()
    expected: dict[str, int] = dict.fromkeys(Reason, 1) | {"a word of another version": 1}
    expected |= {
        Reason.OPTED_OUT: 2,
        NoReason.ABSENT: 1,
        NoReason.PENDING: 2,
        NoReason.HELD_BACK: 1,
    }
    assert counted == expected
    assert counted.total() == found.keys().count()
    for standing, number in counted.items():
        only = found.only({standing})
        assert [only.of(row)[0] for row in only] == [standing] * number
    several = {Reason.OPTED_OUT, NoReason.PENDING, NoReason.HELD_BACK}
    keys = found.only(several).keys()
    assert keys.count() == len(found.read(keys[:99])) == 5


@pytest.mark.parametrize(
    "name", ["a.b", "hris_employees.home_address.tax_id", "x-1:y/z.0", "_a.b-c", "hris_employees.1"]
)
def test_a_datapoint_is_found_whatever_it_is_called(acme: Tenant, name: str) -> None:
    give(acme, {name: "available", name.rpartition(".")[0]: "opted_out"})
    assert asked(name) == {"Acme GmbH": "available"}
    assert datapoints.unknown_datapoints([name, f"{name}x"]) == [f"{name}x"]


@pytest.mark.parametrize(
    "name", ["", "1", "1.a", "a b", 'a"b', "a\\b", "a..b", ".a", "a.", "ä.b", "a\0", "a" * 201]
)
def test_what_can_not_be_a_datapoint(name: str) -> None:
    assert not datapoints.is_datapoint(name)


def test_names_are_those_of_all_grids_and_follow_them(acme: Tenant, bolt: Tenant) -> None:
    assert datapoints.known_datapoints() == ()
    give(
        acme,
        {
            "hris_teams": "available",
            "hris_employees.cost_center": "opted_out",
            "not <one>": "available",
        },
    )
    assert datapoints.known_datapoints() == ("hris_employees.cost_center", "hris_teams")
    give(bolt, {"ats_jobs": "available"})
    assert datapoints.known_datapoints() == ("ats_jobs", "hris_employees.cost_center", "hris_teams")
    assert datapoints.matching("Cost CENTER", datapoints.known_datapoints(), most=9) == [
        "hris_employees.cost_center",
        "hris_teams",
    ]
    assert datapoints.matching("employees cost", datapoints.known_datapoints(), most=9) == [
        "hris_employees.cost_center"
    ]
    assert datapoints.matching("", datapoints.known_datapoints(), most=2) == [
        "ats_jobs",
        "hris_employees.cost_center",
    ]


@pytest.mark.parametrize("standing", [*Reason, *NoReason, "a word of another version"])
def test_every_standing_has_words_and_a_sign(standing: Any) -> None:
    assert datapoints.reason_text(standing, "Personio")
    assert datapoints.short_reason(standing)
    assert datapoints.who_can_change(standing, "Personio") or standing is Reason.AVAILABLE
    assert datapoints.severity_of(standing) in {"ok", "attention", "none", "unknown"}


def test_of_what_is_held_back_the_tool_alone_is_told(acme: Tenant) -> None:
    give(acme, {"hris_teams": "available"}, origin_id="somebody else", tool="Secretive")
    found = DatapointAvailability(Summary.objects.all(), ["hris_teams"])
    (row,) = found
    assert datapoints.tool_name(row) == "Secretive"
    assert found.of(row) == [NoReason.HELD_BACK]


@pytest.mark.parametrize(
    ("language", "query"), [("en", "boss"), ("de", "Vorgesetzte"), ("fr", "employees manager")]
)
def test_a_datapoint_is_found_by_what_people_call_it(language: str, query: str) -> None:
    known = ("hris_employees.manager_id", "hris_employees.ssn", "hris_teams")
    with translation.override(language):
        assert datapoints.matching(query, known, most=9) == ["hris_employees.manager_id"]


def test_the_example_is_one_that_is_known() -> None:
    assert datapoints.example(()) == ""
    assert datapoints.example(("ats_tags", "ats_users.email")) == "Candidate tags"
    assert datapoints.example(("a", "hris_employees.manager_id")) == "Employees (manager)"

"""Does a feature work for a tenant, and why not: against cases that were worked out by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.access.audit import Act
from integrations.domain.coverage import Reason
from integrations.models import AuditEntry, Feature, FeatureAnswer, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.workspace import feature_editor, features
from integrations.workspace.feature_editor import FeatureDraft, InvalidFeature
from integrations.workspace.features import ToolCoverage, Verdict, evaluate
from tests.concurrency import crowd
from tests.conftest import Connect, acting
from tests.feature_factories import answer, declare, give

pytestmark = pytest.mark.django_db
ALL = {"m": "available", "n": "available", "b": "available"}

# The feature needs m and n, and is better with b. Each integration of the tenant is a column of
# words: what its grid says of m, n and b, where "-" is not listed. Then the verdict, and each
# datapoint that lacks with its reason.
CASES = """
available,available,available                                     works
available,available,opted_out                                     partly   b:opted_out
available,available,unknown                                       partly   b:unknown
available,available,-                                             partly   b:absent
available,available,a_word_of_tomorrow                            partly   b:a_word_of_tomorrow
opted_out,available,available                                     not      m:opted_out
not_requested,available,available                                 not      m:not_requested
unsupported,available,available                                   not      m:unsupported
not_implemented,available,available                               not      m:not_implemented
model_unavailable,available,available                             not      m:model_unavailable
unclear,available,available                                       not      m:unclear
-,available,available                                             not      m:absent
-,-,-                                                            not      m:absent,n:absent,b:absent
a_word_of_tomorrow,available,available                            not      m:a_word_of_tomorrow
unknown,available,available                                       unknown  m:unknown
unknown,unknown,available                                         unknown  m:unknown,n:unknown
unknown,available,opted_out                                       unknown  m:unknown,b:opted_out
unknown,opted_out,available                                       not      m:unknown,n:opted_out
opted_out,available,available   available,-,-                     works
available,-,available           -,available,-                     works
-,-,-                           available,available,available     works
unsupported,available,available opted_out,-,-                     not      m:opted_out
unsupported,available,available not_requested,-,-                 not      m:not_requested
not_requested,available,available opted_out,-,-                   not      m:opted_out
-,available,available           unsupported,-,-                   not      m:unsupported
unknown,available,available     unsupported,-,-                   unknown  m:unknown
opted_out,available,available   unknown,-,-                       unknown  m:unknown
unknown,available,available     available,-,-                     works
"""


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_the_answer_to_a_case_made_by_hand(line: str) -> None:
    *grids, verdict, lacks = line.split() if ":" in line else [*line.split(), ""]
    told = []
    for number, grid in enumerate(grids):
        words = zip("mnb", grid.split(","), strict=True)
        told.append(
            ToolCoverage(f"Tool {number}", {name: word for name, word in words if word != "-"})
        )
    said, found = evaluate(Feature(needs=["m", "n"], better_with=["b"]), told)
    assert said == verdict
    assert ",".join(f"{lack.datapoint}:{lack.reason}" for lack in found) == lacks
    assert all(lack.kind == ("better" if lack.datapoint == "b" else "need") for lack in found)
    for lack in found:
        givers = {one.tool for one in told if one.reasons.get(lack.datapoint) == lack.reason}
        assert lack.tool in (givers or {""})


def test_with_no_grid_nothing_is_known() -> None:
    assert evaluate(Feature(needs=["m"]), []) == (Verdict.UNKNOWN, [])


def test_every_reason_has_its_place_in_the_order() -> None:
    assert {*Reason, "absent"} - {Reason.AVAILABLE} == set(features._ORDER)


# --- Which integrations count ---------------------------------------------------------------------


def test_a_tenant_is_answered_from_exactly_its_integrations(acme: Tenant, bolt: Tenant) -> None:
    declare("m n", "b")
    give(acme, {"m": "available"}, tool="Personio")
    give(acme, {"n": "opted_out"}, tool="Workday")
    give(bolt, ALL)
    assert answer(bolt).verdict == "works"
    found = answer(acme)
    assert found.verdict == "not"
    assert found.missing == [
        {"datapoint": "n", "reason": "opted_out", "tool": "Workday", "kind": "need"},
        {"datapoint": "b", "reason": "absent", "tool": "", "kind": "better"},
    ]


def test_what_was_removed_does_not_count(acme: Tenant) -> None:
    declare("m")
    give(acme, {"m": "unsupported"})
    give(acme, ALL, removed_at=timezone.now())
    assert answer(acme).verdict == "not"


def test_what_the_mapping_guard_holds_back_does_not_count(acme: Tenant, mia: User) -> None:
    declare("m")
    give(acme, {"m": "unsupported"})
    held = give(acme, ALL, origin_id="somebody else")
    assert answer(acme).verdict == "not"
    held.snapshot = Snapshot.objects.get(pk=held.pk)
    mapping.confirm(held, acting(mia))
    assert answer(acme).verdict == "works"


def test_one_that_was_never_read_says_nothing(acme: Tenant, bolt: Tenant) -> None:
    declare("m")
    give(acme, None)
    give(bolt, None)
    give(bolt, {"m": "opted_out"})
    assert answer(acme).verdict == "unknown"
    assert answer(bolt).verdict == "not"


def test_a_tenant_with_nothing_connected_is_not_answered_for(acme: Tenant) -> None:
    declare("m")
    assert answer(acme).verdict == "unknown"


# --- Kept true ------------------------------------------------------------------------------------


def test_an_opt_out_at_kombo_changes_the_answer(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    declare("hris_employees.first_name", "hris_employees.no_such_field")
    assert answer(acme).verdict == "partly"
    kombo.set_opt_out(made.integration_id, "hris_employees.first_name")
    made.snapshot = snapshots.revalidate(made, by_person=True)
    found = answer(acme)
    assert found.verdict == "not"
    assert found.missing[0]["reason"] == "opted_out"
    assert found.missing[0]["tool"] == made.snapshot.tool_label


def test_a_model_that_vanishes_is_missing_until_it_comes_back(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    declare("hris_employees")
    assert answer(acme).verdict == "works"
    models = kombo.world.store.records[made.integration_id]["details"]["read_models"]
    kept = models.pop(
        next(number for number, one in enumerate(models) if one["id"] == "hris_employees")
    )
    made.snapshot = snapshots.revalidate(made, by_person=True)
    assert (answer(acme).verdict, answer(acme).missing[0]["reason"]) == ("not", "absent")
    models.append(kept)
    made.snapshot = snapshots.revalidate(made, by_person=True)
    assert answer(acme).verdict == "works"


def test_a_removal_changes_the_answer(acme: Tenant, connect: Connect, kombo: Simulator) -> None:
    made = connect(acme)
    declare("hris_employees")
    assert answer(acme).verdict == "works"
    kombo.set_state(made.integration_id, "deleted")
    snapshots.revalidate(made, by_person=True)
    assert answer(acme).verdict == "unknown"


def test_a_move_changes_the_answers_of_both(acme: Tenant, bolt: Tenant) -> None:
    declare("m")
    made = give(acme, ALL, origin_id="")
    assert (answer(acme).verdict, answer(bolt).verdict) == ("works", "unknown")
    known = Snapshot.objects.get(pk=made.pk)
    made.tenant = bolt
    made.save()
    mapping.announce(made, left=acme)
    assert (answer(acme).verdict, answer(bolt).verdict) == ("unknown", "unknown")  # not asked yet
    Snapshot.objects.filter(pk=made.pk).update(coverage_digest=known.coverage_digest)
    features.mark_stale(pk=bolt.pk)
    assert (answer(acme).verdict, answer(bolt).verdict) == ("unknown", "works")


def test_a_check_that_finds_nothing_new_makes_nothing_due(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    declare("hris_employees")
    answer(acme)
    snapshots.revalidate(made, by_person=True)
    assert not Tenant.objects.filter(answers_due=True).exists()


def test_what_did_not_change_is_not_written(
    acme: Tenant, bolt: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    declare("m")
    give(acme, ALL)
    answer(acme)
    features.mark_stale()
    # Is anything due, a savepoint and its end, what is claimed, features, answers, coverage
    # profiles, snapshots: nothing else.
    with django_assert_num_queries(9):
        assert features.evaluate_stale() == 2
    with django_assert_num_queries(1):
        assert features.evaluate_stale() == 0


def test_many_tenants_cost_as_many_queries_as_few(
    acme: Tenant,
    bolt: Tenant,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "BATCH", 6)
    declare("m")
    more = Tenant.objects.bulk_create(
        Tenant(name=f"{n}", origin_id=f"t{n}") for n in range(features.BATCH - 2)
    )
    for tenant in (acme, bolt, *more):
        give(tenant, {"m": "available", "of": tenant.origin_id})
    FeatureAnswer.objects.all().delete()
    with django_assert_num_queries(11):  # one to write them, and one to see that no more are due
        assert features.evaluate_stale() == features.BATCH
    assert FeatureAnswer.objects.filter(verdict="works").count() == features.BATCH


def test_several_workers_answer_each_tenant_once(shared_database: Mapping[str, str]) -> None:
    declare("hris_employees.manager_id")
    Tenant.objects.bulk_create(Tenant(name=f"{n}", origin_id=f"{n}") for n in range(120))
    shared = crowd("answerer", shared_database, processes=2, threads=4)
    assert sum(shared) == 120
    assert FeatureAnswer.objects.count() == 120
    assert not Tenant.objects.filter(answers_due=True).exists()


# --- Declaring ------------------------------------------------------------------------------------


def test_a_feature_is_answered_recorded_and_goes_with_answers(acme: Tenant, mia: User) -> None:
    give(acme, ALL)
    made = feature_editor.save(
        None,
        FeatureDraft(" Org chart ", "", "m\n\n m \r\nn", "b\nm\nb", is_public=True),
        acting(mia),
    )
    assert (made.name, made.needs, made.better_with, made.is_public) == (
        "Org chart",
        ["m", "n"],
        ["b"],
        True,
    )
    assert FeatureAnswer.objects.get().verdict == "works"
    feature_editor.save(made, FeatureDraft("Org chart", "", "x"), acting(mia))
    assert FeatureAnswer.objects.get().verdict == "not"
    feature_editor.remove(made, acting(mia))
    assert not Feature.objects.exists()
    assert not FeatureAnswer.objects.exists()
    record = AuditEntry.objects.filter(what=Act.FEATURE_CHANGED, actor="mia").order_by("pk")
    assert [one.told for one in record] == [
        {"name": "Org chart", "done": done} for done in ("created", "changed", "deleted")
    ]


def test_with_many_tenants_nobody_waits_for_the_answers(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "AT_ONCE", 0)
    declare("m")
    assert not FeatureAnswer.objects.exists()
    assert Tenant.objects.get().answers_due


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 81),
        ("name", "a\0b"),
        ("name", "a\nb"),
        ("description", "x" * 301),
        ("description", "a\0b"),
        ("needs", ""),
        ("needs", " \n "),
        ("needs", "hris employees"),
        ("needs", "m\n<script>"),
        ("needs", "a\0b"),
        ("needs", "x" * 201),
        ("needs", "\n".join(f"m{n}" for n in range(51))),
        ("better_with", "1"),
    ],
)
def test_a_draft_that_makes_no_feature_says_why(
    acme: Tenant, mia: User, field: str, bad: str
) -> None:
    changed: dict[str, Any] = {field: bad}
    draft = replace(FeatureDraft("Org chart", "", "m"), **changed)
    with pytest.raises(InvalidFeature) as error:
        feature_editor.save(None, draft, acting(mia))
    assert list(error.value.problems) == [field]
    assert not Feature.objects.exists()


def test_what_somebody_deleted_meanwhile_does_not_come_back(acme: Tenant, mia: User) -> None:
    made = declare("m")
    feature_editor.remove(Feature.objects.get(), acting(mia))
    with pytest.raises(Feature.NotUpdated):
        feature_editor.save(made, FeatureDraft("Org chart", "", "x"), acting(mia))
    assert not Feature.objects.exists()
    assert AuditEntry.objects.filter(actor="mia").count() == 1


def test_two_features_have_two_names(acme: Tenant, mia: User) -> None:
    declare(name="Org chart")
    with pytest.raises(InvalidFeature) as error:
        feature_editor.save(None, FeatureDraft("Org chart", "", "m"), acting(mia))
    assert list(error.value.problems) == ["name"]
    assert not AuditEntry.objects.filter(actor="mia").exists()

"""The one thing that would change whether a feature works: against cases that were worked out by
hand.
"""

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.access.audit import COMMAND
from integrations.domain.coverage import Reason
from integrations.models import CatalogueTool, Feature, Tenant, ToolCatalogue
from integrations.workspace import feature_editor, feature_text, features, gains
from integrations.workspace.feature_editor import FeatureDraft
from integrations.workspace.features import MissingDatapoint, ToolCoverage, Verdict, evaluate
from integrations.workspace.gain_text import gain_text
from integrations.workspace.gains import Gain, Offer, Step, ToolVerdict
from tests.feature_factories import answer, declare, give

pytestmark = pytest.mark.django_db

# The feature needs m.a and m.b, and is better with n.c. Each integration of the tenant is a column
# of words: what its grid says of m.a, m.b and n.c, where "-" is not listed; "+": the vendor asks
# for another scope config by now. Then the step, and what it would bring, by which tool.
CASES = """
available,available,available                                        -
opted_out,available,available                                        share    m.a      0
opted_out,opted_out,available                                        share    m.a,m.b  0
available,opted_out,opted_out                                        share    m.b      0
not_requested,available,available                                    ask      m.a      0
not_requested,available,available+                                   scope    m.a      0
not_requested,opted_out,available+                                   scope    m.a      0
not_requested,opted_out,available                                    ask      m.a      0
unclear,available,available                                          ask      m.a      0
model_unavailable,available,available                                ask      m.a      0
a_word_of_tomorrow,available,available                               ask      m.a      0
unknown,available,available                                          wait     m.a      0
unknown,unknown,available                                            wait     m.a,m.b  0
unknown,opted_out,available                                          share    m.b      0
unknown,unsupported,available                                        nothing  m.b      0
unsupported,available,available                                      nothing  m.a      0
not_implemented,available,available                                  nothing  m.a      0
unsupported,opted_out,available                                      nothing  m.a      0
unsupported,not_requested,available+                                 nothing  m.a      0
available,available,opted_out                                        share    n.c      0
available,available,not_requested                                    ask      n.c      0
available,available,not_requested+                                   scope    n.c      0
available,available,unknown                                          wait     n.c      0
available,available,unsupported                                      nothing  n.c      0
available,available,-                                                connect  n.c      -
-,-,available                                                        connect  m.a,m.b  -
-,available,available                                                connect  m.a      -
unsupported,available,available     opted_out,-,-                    share    m.a      1
unknown,available,available         opted_out,-,-                    share    m.a      1
unknown,available,available         not_requested,-,-                wait     m.a      0
not_requested,available,available   not_requested,-,-+               scope    m.a      1
opted_out,available,available       -,opted_out,-                    share    m.a      0
unsupported,available,available     unknown,-,-                      wait     m.a      1
"""
NAMES = ("m.a", "m.b", "n.c")


def told(grid: str, number: int) -> Offer:
    words = zip(NAMES, grid.rstrip("+").split(","), strict=True)
    reasons = {name: word for name, word in words if word != "-"}
    return Offer(f"Tool {number}", reasons, str(number), grid.endswith("+"))


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_the_step_in_a_case_made_by_hand(line: str) -> None:
    words = line.split()
    grids = [word for word in words if word.count(",") == 2]
    step, *brings = words[len(grids) :]
    offers = [told(grid, number) for number, grid in enumerate(grids)]
    grids_told = [ToolCoverage(offer.tool, dict(offer.reasons)) for offer in offers]
    verdict, lacks = evaluate(Feature(needs=["m.a", "m.b"], better_with=["n.c"]), grids_told)
    found = gains.gain(verdict, lacks, offers, is_connected=True)
    if step == "-":
        assert found is None
        return
    names, tool = brings
    assert found
    assert (found.step, ",".join(found.datapoints)) == (step, names)
    number = "" if tool == "-" else tool
    assert (found.integration, found.tool) == (number, f"Tool {number}" if number else "")


def test_what_a_tool_lists_elsewhere_is_not_to_be_had_by_another() -> None:
    offer = Offer("Personio", {"m": "available", "m.a": "available"}, "1")
    verdict, lacks = evaluate(Feature(needs=["m.b"]), [ToolCoverage("", dict(offer.reasons))])
    assert gains.gain(verdict, lacks, [offer], is_connected=True) == Gain(Step.NOTHING, ("m.b",))


@pytest.mark.parametrize(("is_connected", "step"), [(False, Step.CONNECT), (True, Step.WAIT)])
def test_without_a_grid_there_is_to_connect_or_to_wait(is_connected: bool, step: Step) -> None:
    assert gains.gain("unknown", [], [], is_connected=is_connected) == Gain(step)


def test_every_reason_has_its_step() -> None:
    offer = Offer("", {}, "")
    assert {gains._step(reason, offer) for reason in (*Reason, "of tomorrow")} < set(Step)
    for order in (gains._EASIEST, gains._EASIEST_WAY, gains._HARDEST):
        assert sorted(order) == sorted(Step)


# Of a tenant


def gain_of(tenant: Tenant) -> Gain | None:
    found = answer(tenant)
    lacks = [MissingDatapoint(**lack) for lack in found.missing]
    return gains.gains_of(tenant, [(found.feature, found.verdict, lacks)])[0]


def test_it_is_the_integration_that_can_be_reconnected(acme: Tenant, bolt: Tenant) -> None:
    declare("m.a")
    give(bolt, {"m.a": "opted_out"}, tool="Elsewhere", status="ACTIVE")
    made = give(acme, {"m.a": "opted_out"}, status="ACTIVE", setup_status="COMPLETED")
    found = gain_of(acme)
    assert found == Gain(Step.SHARE, ("m.a",), "Personio", made.public_id)


@pytest.mark.parametrize(
    ("columns", "step"),
    [
        ({"status": "INACTIVE"}, Step.SHARE),
        ({"origin_id": "somebody else"}, Step.WAIT),
        ({"removed_at": "2026-01-01T00:00:00Z"}, Step.CONNECT),
    ],
)
def test_what_is_paused_hidden_or_gone_is_not_reconnected(
    acme: Tenant, columns: dict[str, Any], step: Step
) -> None:
    declare("m.a")
    give(acme, {"m.a": "opted_out"}, **columns)
    found = gain_of(acme)
    assert found
    assert (found.step, found.integration) == (step, "")


@pytest.mark.parametrize(
    ("configured", "has", "step"),
    [
        ("new", "old", Step.SCOPE),
        ("new", "new", Step.ASK),
        ("", "old", Step.ASK),
        ("new", "", Step.ASK),  # nobody knows which one it has
    ],
)
def test_another_scope_config_is_a_gain(
    acme: Tenant, kombo: object, settings: Any, configured: str, has: str, step: Step
) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"SCOPE_CONFIG_ID": configured}
    declare("m.a")
    give(acme, {"m.a": "not_requested"}, scope_id=has, status="INVALID")
    found = gain_of(acme)
    assert found
    assert found.step is step


def test_an_environment_that_is_gone_has_no_scope_config(acme: Tenant, settings: Any) -> None:
    declare("m.a")
    give(acme, {"m.a": "not_requested"}, scope_id="old")
    settings.KOMBO_ENVIRONMENTS = {}
    found = gain_of(acme)
    assert found
    assert found.step is Step.ASK


@pytest.mark.parametrize("number", [1, 4])
def test_gains_cost_the_same_for_few_and_many(
    acme: Tenant, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(number):
        declare(f"m.a{n}", name=f"Feature {n}", is_public=True)
        give(acme, {f"m.a{n}": "opted_out"}, status="ACTIVE", setup_status="COMPLETED")
    while features.evaluate_stale():
        continue
    with django_assert_num_queries(3):  # answers, snapshots, grids
        said = feature_text.answers_of(acme, for_customer=True)
    assert [one.gain.step for one in said if one.gain] == ["share"] * number


def test_where_all_works_nothing_is_asked(
    acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    declare("m.a", is_public=True)
    give(acme, {"m.a": "available"})
    answer(acme)
    with django_assert_num_queries(1):
        assert feature_text.answers_of(acme, for_customer=True)[0].gain is None


@pytest.mark.parametrize("step", Step)
def test_every_step_has_words_for_both(step: Step) -> None:
    both = [gain_text(Gain(step, (), "Personio"), for_customer=one) for one in (True, False)]
    assert all(said and said.sentence and "%" not in said.sentence for said in both)


# Tools that can be connected


def tool_that(**statuses: str) -> CatalogueTool:
    """A tool that has these fields of employees, each in some way."""
    row = ToolCatalogue.objects.get_or_create(environment="production", category="HRIS")[0]
    fields = [
        {"id": name, "is_available": status == "SUPPORTED", "coverage_status": status}
        for name, status in statuses.items()
    ]
    model = {"id": "m", "label": "M", "is_available": True, "coverage_status": "SUPPORTED"}
    told = {"read_models": [model | {"fields": fields}], "write_actions": []}
    number = CatalogueTool.objects.count()
    return CatalogueTool.objects.create(
        catalogue=row, tool_id=f"tool{number}", label="Tool", coverage=json.dumps(told)
    )


@pytest.mark.parametrize(
    ("a", "b", "verdict", "missing"),
    [
        ("SUPPORTED", "SUPPORTED", Verdict.WORKS, ()),
        ("SUPPORTED", "UNSUPPORTED", Verdict.PARTLY, ("m.b",)),
        ("SUPPORTED", "UNKNOWN", Verdict.PARTLY, ("m.b",)),
        ("UNSUPPORTED", "SUPPORTED", Verdict.NOT, ("m.a",)),
        ("NOT_IMPLEMENTED", "UNSUPPORTED", Verdict.NOT, ("m.a",)),
        ("UNKNOWN", "UNSUPPORTED", Verdict.UNKNOWN, ("m.a",)),
        ("OF_TOMORROW", "SUPPORTED", Verdict.NOT, ("m.a",)),
    ],
)
def test_a_tool_is_judged_by_what_it_offers(
    a: str, b: str, verdict: Verdict, missing: tuple[str, ...]
) -> None:
    tool = tool_that(a=a, b=b)
    feature = declare("m.a", "m.b", is_public=True)
    for is_due in (False, True):  # as it is kept, and worked out anew
        tool.refresh_from_db()
        tool.verdicts_due = is_due
        assert gains.verdicts_of(tool, [feature]) == [ToolVerdict(feature, verdict, missing)]
    (said,) = feature_text.of_tool(tool, [feature])
    assert (said.verdict, bool(said.sentence)) == (verdict, verdict is not Verdict.WORKS)


def test_public_features_are_counted_by_their_verdicts() -> None:
    tool = tool_that(a="SUPPORTED", b="UNSUPPORTED", c="UNKNOWN")
    for name, needs in (("One", "m.a"), ("Two", "m.b"), ("Three", "m.c"), ("Four", "m.a")):
        declare(needs, "m.b" if name == "Four" else "", name=name, is_public=True)
    declare("m.a", name="Our secret")
    tool.refresh_from_db()
    assert gains.summary_of(tool, gains.public_features()) == (1, 1, 1, 1)


def test_before_it_was_judged_nothing_is_known_of_a_tool() -> None:
    feature = declare("m.a", is_public=True)
    assert gains.summary_of(tool_that(a="SUPPORTED"), [feature]) == (0, 0, 0, 1)


def test_a_feature_that_changes_has_tools_judged_anew() -> None:
    tool = tool_that(a="SUPPORTED", b="UNSUPPORTED")
    feature = declare("m.b", is_public=True)
    tool.refresh_from_db()
    assert gains.summary_of(tool, [feature]) == (0, 0, 1, 0)
    feature_editor.save(feature, FeatureDraft(feature.name, "", "m.a", "", True), COMMAND)
    tool.refresh_from_db()
    assert gains.summary_of(tool, [feature]) == (1, 0, 0, 0)


def test_many_tools_are_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gains, "AT_ONCE", 2)
    monkeypatch.setattr(gains, "BATCH", 2)
    for _number in range(5):
        tool_that(a="SUPPORTED")
    feature = declare("m.a")
    assert CatalogueTool.objects.filter(verdicts_due=True).count() == 5
    assert (gains.judge_stale_tools(), gains.judge_stale_tools()) == (5, 0)
    for tool in CatalogueTool.objects.all():
        assert gains.summary_of(tool, [feature]) == (1, 0, 0, 0)


def test_a_feature_that_is_gone_is_forgotten() -> None:
    tool = tool_that(a="SUPPORTED")
    feature = declare("m.a")
    feature_editor.remove(feature, COMMAND)
    gains.judge_stale_tools()
    tool.refresh_from_db()
    assert tool.verdicts == {}

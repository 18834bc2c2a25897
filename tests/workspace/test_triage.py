"""The list of all integrations: whose it is, what filters leave, how it is counted and ordered."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise, product
from operator import attrgetter

import pytest
from django.contrib.auth.models import User
from django.http import Http404
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain.headline import UNCONFIRMED, Key, Severity, staff_severity
from integrations.history.incident_record import FLAPPING
from integrations.models import Feature, FeatureAnswer, Integration, Snapshot, Summary, Tenant
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import saved_views, summaries, triage, triage_counts
from integrations.workspace.summaries import RANKS
from integrations.workspace.triage_filter import SORTS, TriageFilter
from tests.conftest import Connect

ALL = TriageFilter(scope="all")
A_DAY = timedelta(days=1)

type Listed = Callable[..., list[Integration]]


@pytest.fixture
def three(acme: Tenant, bolt: Tenant, connect: Connect) -> list[Integration]:
    """Two of acme's, the first broken, and one of bolt's."""
    return [
        connect(acme, state="invalid"),
        connect(acme, tool_id="greenhouse", category="ATS", beta=True),
        connect(bolt, tool_id="bamboohr"),
    ]


def listed(user: User, state: TriageFilter = ALL) -> list[int]:
    state, rows = triage.scoped(user, state)
    return [row.pk for row in triage.page(triage.ordered(triage.narrow(rows, state), state), state)]


def found(user: User, **asked: str) -> set[int]:
    return set(listed(user, TriageFilter.of({"scope": "all", **asked})))


def test_staff_who_see_all_begin_with_their_own_if_they_have_any(
    mia: User, bolt: Tenant, three: list[Integration]
) -> None:
    assert len(listed(mia, TriageFilter())) == 3
    bolt.owner = mia
    bolt.save()
    summaries.recompute_tenants([bolt])
    assert listed(mia, TriageFilter()) == [three[2].pk]
    assert len(listed(mia)) == 3


def test_an_account_manager_sees_their_own_whatever_they_ask_for(
    amy: User, acme: Tenant, three: list[Integration]
) -> None:
    acme.refresh_from_db()
    assert acme.owner == amy
    summaries.recompute_tenants([acme])
    for scope in ("", "mine", "all", "everything"):
        assert set(listed(amy, TriageFilter(scope=scope))) == {three[0].pk, three[1].pk}


def test_who_has_no_customers_sees_none_customers_have_no_list(
    ned: User, alice: User, three: list[Integration]
) -> None:
    assert listed(ned) == []
    with pytest.raises(Http404):
        triage.scoped(alice, ALL)


FILTERS: list[tuple[dict[str, str], set[int]]] = [
    ({"tool": "Greenhouse"}, {1}),
    ({"category": "HRIS"}, {0, 2}),
    ({"tenant": "acme"}, {0, 1}),
    ({"environment": "production"}, {0, 1, 2}),
    ({"environment": "staging"}, set()),
    ({"beta": "1"}, {1}),
    ({"untold": "1"}, {0}),
    ({"snoozed": "1"}, set()),
    ({"owner": "nobody"}, {2}),
    ({"owner": "amy"}, {0, 1}),
    ({"headline": "reconnect_required"}, {0}),
    ({"headline": "connected", "tenant": "bolt"}, {2}),
    ({"headline": "no such headline"}, set()),
    ({"tool": "Greenhouse", "category": "HRIS"}, set()),
]


def test_each_filter_leaves_what_it_says(
    mia: User, amy: User, acme: Tenant, three: list[Integration], subtests: pytest.Subtests
) -> None:
    summaries.recompute_tenants([acme])
    for asked, wanted in FILTERS:
        with subtests.test(str(asked)):
            assert found(mia, **asked) == {three[number].pk for number in wanted}


def test_a_tenant_can_be_named_by_its_public_id_too(
    mia: User, bolt: Tenant, three: list[Integration]
) -> None:
    assert found(mia, tenant=bolt.public_id) == {three[2].pk}


SEARCHES: list[tuple[str, set[int]]] = [
    ("acme", {0, 1}),
    ("ACME gmbh", {0, 1}),
    ("gmb acm", {0, 1}),
    ("green", {1}),
    ("greenhouse acme", {1}),
    ("greenhouse bolt", set()),
    ("creator@bolt.example", {2}),
    ("creator", {0, 1, 2}),
    ("cme", set()),
    ("&", set()),
    ("% @@@", set()),
    ("& acme", {0, 1}),
    ("acme\0", {0, 1}),
    ("a" * 5000, set()),
    ("🦄", set()),
]


def test_a_search_finds_words_by_how_they_begin(
    mia: User, three: list[Integration], subtests: pytest.Subtests
) -> None:
    for query, wanted in SEARCHES:
        with subtests.test(query[:40]):
            assert found(mia, q=query) == {three[number].pk for number in wanted}


def test_a_search_finds_names_in_any_script(mia: User, connect: Connect) -> None:
    made = connect(Tenant.objects.create(name="Ökostrom Straße 東京", origin_id="öko_1"))
    for query in ("ökostrom", "STRASSE", "東", "öko 1"):
        assert found(mia, q=query) == {made.pk}, query


def test_features_filter_by_their_answer(
    mia: User, acme: Tenant, bolt: Tenant, three: list[Integration]
) -> None:
    feature = Feature.objects.create(name="Org chart")
    FeatureAnswer.objects.create(feature=feature, tenant=acme, verdict="not")
    FeatureAnswer.objects.create(feature=feature, tenant=bolt, verdict="works")
    assert found(mia, feature=feature.public_id, answer="not") == {three[0].pk, three[1].pk}
    assert found(mia, feature=feature.public_id, answer="works") == {three[2].pk}
    assert len(found(mia, feature=feature.public_id)) == 3
    assert found(mia, feature="no such feature", answer="not") == set()


def test_many_are_found_as_few_are(
    mia: User,
    acme: Tenant,
    three: list[Integration],
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    feature = Feature.objects.create(name="Org chart")
    FeatureAnswer.objects.create(feature=feature, tenant=acme, verdict="not")
    named = {"feature": feature.public_id, "answer": "not"}
    narrower: list[dict[str, str]] = [{}, {"sort": "tool"}, {"headline": "connected"}]
    for asked, more in product((named, {"q": "acme"}, {**named, "q": "a"}), narrower):
        with subtests.test(str(asked | more)):
            state = TriageFilter.of({"scope": "all", **asked, **more})
            _state, rows = triage.scoped(mia, state)
            seen = []
            for many in (5000, 0):
                monkeypatch.setattr(triage_counts, "MANY", many)
                left, counts = triage_counts.narrowed(rows, state)
                page = triage.page(triage.ordered(left, state), state)
                seen.append((counts, [row.pk for row in page]))
            assert seen[0] == seen[1]
            assert seen[0][0].total == 2


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_is_no_account_manager_any_more_is_nobody(
    change: dict[str, bool], mia: User, amy: User, acme: Tenant, three: list[Integration]
) -> None:
    summaries.recompute_tenants([acme])
    User.objects.filter(pk=amy.pk).update(**change)
    assert found(mia, owner="nobody") == {one.pk for one in three}
    assert found(mia, owner="amy") == {three[0].pk, three[1].pk}


def test_who_was_told_waits_no_more_until_it_breaks_anew(
    mia: User, acme: Tenant, connect: Connect, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    made = connect(acme, state="invalid")
    assert found(mia, untold="1") == {made.pk}
    summaries.mark_contacted([made.pk], timezone.now())
    assert found(mia, untold="1") == set()
    for state in ("connected", "invalid"):
        clock.shift(FLAPPING)  # else it is the same incident
        kombo.set_state(made.integration_id, state)
        made.snapshot = snapshots.revalidate(made, by_person=True)
    assert found(mia, untold="1") == {made.pk}


def test_counts_follow_the_filters_but_not_the_headline(
    mia: User, three: list[Integration]
) -> None:
    state, rows = triage.scoped(
        mia, TriageFilter(scope="all", category="HRIS", headline="connected")
    )
    counts = triage_counts.count(triage.narrow(rows, state))
    assert counts.by_group() == {Severity.ACTION_REQUIRED: 1, Severity.OK: 1}
    assert (counts.total, counts.broken) == (2, 1)
    assert counts.by_rank(state) == {RANKS[Severity.OK]: 1}


def test_the_urgent_come_first_or_a_sort_is_seen(mia: User, acme: Tenant, connect: Connect) -> None:
    for number, state in enumerate([*states.STATES, *states.STATES]):
        connect(acme, state=state, tool_id=("personio", "workday", "hibob")[number % 3])
    connect(acme, origin_id="somebody else")
    for sort, column in SORTS.items():
        asked, rows = triage.scoped(mia, TriageFilter(scope="all", sort=sort))
        page = triage.page(triage.ordered(rows, asked), asked)
        assert len(page) == Integration.objects.count()
        if asked.is_by_urgency:
            places = [row.rank for row in page]
            assert places == sorted(places), sort
        value_of = attrgetter(column.removeprefix("-").rpartition("__")[2])
        for one, other in pairwise(page):
            if one.rank == other.rank or not asked.is_by_urgency:
                values = [value_of(row) for row in (one, other)]
                assert values == sorted(values, reverse=column.startswith("-")), sort


def test_what_was_never_checked_comes_before_the_oldest(
    mia: User, three: list[Integration]
) -> None:
    Snapshot.objects.filter(pk=three[1].pk).update(fetched_at=None)
    Snapshot.objects.filter(pk=three[2].pk).update(fetched_at=timezone.now() - A_DAY)
    order = [three[1].pk, three[2].pk, three[0].pk]
    assert listed(mia, TriageFilter(scope="all", sort="check")) == order


def test_a_group_has_its_headlines_snoozed_or_not(
    mia: User, acme: Tenant, connect: Connect, subtests: pytest.Subtests
) -> None:
    for state in states.STATES:
        connect(acme, state=state)
    connect(acme, origin_id="somebody else")  # the mapping is unconfirmed
    broken = Summary.objects.filter(rank__lt=summaries.SNOOZED)
    summaries.snooze(list(broken.values_list("pk", flat=True))[::2], timezone.now() + A_DAY)
    listed = list(Summary.objects.all())
    for group in Severity:
        with subtests.test(str(group)):
            expected = {row.pk for row in listed if staff_severity(row.headline) is group}
            assert expected
            assert found(mia, group=group) == expected
            asked, rows = triage.scoped(mia, TriageFilter(scope="all", group=group))
            counts = triage_counts.count(triage.narrow(rows, asked))
            assert counts.by_group()[group] == counts.by_rank(asked).total() == len(expected)
            assert triage_counts.narrowed(rows, asked)[1] == counts


def test_what_is_snoozed_comes_after_the_broken_uncounted(
    mia: User, three: list[Integration]
) -> None:
    first = three[0]
    summaries.snooze([first.pk], timezone.now() + A_DAY)
    _state, rows = triage.scoped(mia, ALL)
    assert triage_counts.count(rows).broken == 0
    assert found(mia, snoozed="1") == {first.pk}
    assert listed(mia)[0] == first.pk  # still before what is well


def test_what_the_guard_holds_back_is_the_vendors_to_settle(
    mia: User, acme: Tenant, connect: Connect
) -> None:
    connect(acme, origin_id="somebody else")
    _state, rows = triage.scoped(mia, ALL)
    assert triage_counts.count(rows).by_group() == {Severity.ATTENTION: 1}
    assert Summary.objects.get().headline == UNCONFIRMED
    assert Summary.objects.get().next_actor == "vendor"


def test_every_headline_has_its_place_in_the_filter() -> None:
    assert set(triage.ORDER) == {*Key, UNCONFIRMED}


def test_pages_hold_all_and_none_twice(mia: User, acme: Tenant) -> None:
    made = Integration.objects.bulk_create(
        [Integration(tenant=acme, integration_id=f"personio:{number}") for number in range(120)]
    )
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in made])
    assert summaries.create_missing() == 120
    pages = [listed(mia, TriageFilter(scope="all", page=str(number))) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert {pk for page in pages for pk in page} == {one.pk for one in made}


def test_no_page_number_is_an_error(
    mia: User, three: list[Integration], subtests: pytest.Subtests
) -> None:
    for page in ("0", "-1", "x", "²", "9" * 40, "", "1e3"):
        with subtests.test(page):
            assert TriageFilter(page=page).number >= 1
            listed(mia, TriageFilter(scope="all", page=page))


def test_an_address_says_all_of_a_state_and_reads_back_the_same() -> None:
    state = TriageFilter(
        scope="all", headline="paused", tool="A & B", q="x y", sort="tenant", page="3", untold="1"
    )
    assert TriageFilter.of(dict(state.pairs)) == state
    assert state.query() == "?scope=all&headline=paused&tool=A+%26+B&untold=1&q=x+y&sort=tenant"
    assert TriageFilter.of({"sort": "password", "unknown": "x"}) == TriageFilter()


def test_without_a_feature_there_is_no_answer_to_filter_by() -> None:
    assert TriageFilter.of({"answer": "works", "q": "x"}) == TriageFilter(q="x")
    assert TriageFilter.of({"answer": "works", "feature": "y"}) == TriageFilter(
        answer="works", feature="y"
    )


def test_only_what_is_theirs_can_be_ticked(
    amy: User, acme: Tenant, three: list[Integration]
) -> None:
    summaries.recompute_tenants([acme])
    names = [one.public_id for one in three]
    assert {one.pk for one in triage.selected(amy, [*names, "nobody's"])} == {
        three[0].pk,
        three[1].pk,
    }
    assert {one.pk for one in triage.matching(amy, ALL)} == {three[0].pk, three[1].pk}


def test_saved_views_are_ones_own_and_bounded(
    mia: User, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    assert saved_views.save(mia, "Broken", TriageFilter(headline="paused"))
    assert saved_views.save(mia, "Broken", TriageFilter(headline="degraded", page="7"))
    assert saved_views.save(mia, "Mine", TriageFilter(scope="mine"))
    assert not saved_views.save(mia, "One more", TriageFilter())
    assert [(view.name, view.query) for view in saved_views.of_user(mia)] == [
        ("Broken", "?headline=degraded"),
        ("Mine", "?scope=mine"),
    ]
    assert saved_views.of_user(root) == []
    saved_views.delete(root, "Broken")
    saved_views.delete(mia, "Mine")
    assert [view.name for view in saved_views.of_user(mia)] == ["Broken"]


def test_account_managers_are_offered_tools_of_their_own_alone(
    amy: User, mia: User, acme: Tenant, three: list[Integration]
) -> None:
    summaries.recompute_tenants([acme])
    assert triage.tools(amy) == ["Greenhouse", "Personio"]
    assert triage.tools(mia) == ["BambooHR", "Greenhouse", "Personio"]


def test_no_more_than_a_bound_is_chosen_at_once(
    mia: User, three: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [one.public_id for one in three]
    assert len(triage.selected(mia, names)) == 3
    monkeypatch.setattr(triage, "MOST_AT_ONCE", 2)
    assert {one.public_id for one in triage.selected(mia, names)} == set(names[:2])


@pytest.mark.parametrize(
    ("page", "number"), [("2000", 2000), ("2001", 2000), ("999999999", 2000), ("0", 1), ("-3", 1)]
)
def test_a_page_has_a_bound(page: str, number: int) -> None:
    assert TriageFilter.of({"page": page}).number == number

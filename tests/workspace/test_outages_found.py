"""Made histories: which tools are found to be down, at every look of the worker's.

`Histories.fail` and `recover` return what is down right after, so that every line is a verdict.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from integrations.domain import events
from integrations.domain.events import SnapshotChanged
from integrations.models import Incident, Integration, Outage, Source, Upstream
from integrations.workspace import outage_detection, summaries
from tests.conftest import NOW
from tests.outage_histories import (
    FINE,
    RECONNECT,
    SIGN_IN,
    SYNC,
    Histories,
    at,
    failed_before,
)

pytestmark = pytest.mark.django_db
NONE = set[str]()
PERSONIO = {"personio"}


@pytest.fixture
def histories(clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch) -> Histories:
    """Of whoever else is told of a change, what is found asks for none but the summaries."""
    follower = (SnapshotChanged, summaries.on_snapshot_changed)
    monkeypatch.setattr(events, "_followers", [follower])
    return Histories(clock)


# --- Down ---


@pytest.mark.parametrize("facts", [SIGN_IN, RECONNECT, SYNC])
def test_three_customers_within_fifteen_minutes(
    histories: Histories, facts: dict[str, object]
) -> None:
    a, b, c, *_others = histories.connect("personio", 10)
    assert histories.fail([a], 5, facts) == NONE
    assert histories.fail([b], 12, facts) == NONE
    assert histories.fail([c], 20, facts) == PERSONIO
    outage = Outage.objects.get()
    assert (outage.started_at, outage.detected_at, outage.total) == (at(5), at(20), 10)
    assert outage.incidents.count() == 3


def test_five_of_forty_eight_and_who_fails_later(histories: Histories) -> None:
    made = histories.connect("personio", 48)
    for number, expected in enumerate([NONE, NONE, PERSONIO, PERSONIO, PERSONIO]):
        assert histories.fail([made[number]], 5 + number, SIGN_IN) == expected
    assert histories.fail(made[5:8], 90) == PERSONIO
    outage = Outage.objects.get()
    assert (outage.incidents.count(), outage.total) == (8, 48)


def test_all_customers_at_the_same_moment(histories: Histories) -> None:
    assert histories.fail(histories.connect("personio", 8), 0) == PERSONIO
    assert Outage.objects.get().incidents.count() == 8


def test_a_tiny_tool_that_only_three_customers_have(histories: Histories) -> None:
    assert histories.fail(histories.connect("personio", 3), 0) == PERSONIO


def test_three_customers_of_one_account_manager(histories: Histories, amy: User) -> None:
    made = histories.connect("personio", 3, owner=amy)
    histories.connect("personio", 20)
    assert histories.fail(made, 0) == PERSONIO


def test_one_tool_in_two_environments(histories: Histories) -> None:
    made = histories.connect("personio", 3)
    Integration.objects.filter(pk=made[0].pk).update(environment="sandbox")
    assert histories.fail(made, 0) == PERSONIO


def test_two_tools_at_once_and_a_stray_of_a_third(histories: Histories) -> None:
    personio, workday = histories.connect("personio", 20), histories.connect("workday", 20)
    stray = histories.connect("hibob", 20)[:1]
    assert histories.fail([*personio[:2], *workday[:2], *stray], 0) == NONE
    assert histories.fail([personio[2], workday[2]], 3) == {"personio", "workday"}


def test_an_ordinary_incident_beside_it_is_no_part_of_it(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    assert histories.fail(made[:1], -3 * 24 * 60, RECONNECT) == NONE
    assert histories.fail(made[1:5], 0) == PERSONIO
    assert not Outage.objects.get().incidents.filter(integration=made[0]).exists()


def test_a_limited_connection_that_now_fails_is_part(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    histories.become(made[:1], -600, {"issue_title": "Absences can't be read"})
    assert histories.fail(made[:3], 0) == PERSONIO


def test_an_outage_does_not_make_the_next_one_usual(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    for days in range(5, 80, 10):
        began = NOW - timedelta(days=days)
        earlier = Outage.objects.create(
            tool="personio", started_at=began, detected_at=began, closed_at=began, total=20
        )
        failed_before(made[:8], [days], outage=earlier)
    assert histories.fail(made[:3], 0) == PERSONIO


def test_a_few_bad_days_do_not_hide_an_outage(histories: Histories) -> None:
    made = histories.connect("personio", 48)
    failed_before(made[:10], [11, 40, 77])
    assert histories.fail(made[20:24], 0) == PERSONIO


@pytest.mark.exhaustive
def test_many_more_than_a_large_tool_has_every_day(histories: Histories) -> None:
    made = histories.connect("personio", 3000)
    for day in range(1, 90):  # twenty a day
        failed_before(made[day * 20 : day * 20 + 20 : 2], [day + 0.3])
        failed_before(made[day * 20 + 1 : day * 20 + 21 : 2], [day + 0.6])
    assert histories.fail(made[-8:], 0) == NONE  # ten at once are nothing new
    assert histories.fail(made[-40:-8], 2) == PERSONIO


def test_late_news_of_what_began_hours_ago(histories: Histories) -> None:
    made = histories.connect("personio", 10)
    histories.become(made[:4], 0, SIGN_IN)
    assert histories.down(200) == PERSONIO
    assert Outage.objects.get().started_at == at(0)


# --- Not down ---


def test_a_flapping_customer(histories: Histories) -> None:
    (one, *_others) = histories.connect("personio", 10)
    for minutes in range(0, 100, 20):
        assert histories.fail([one], minutes) == NONE
        assert histories.recover([one], minutes + 10) == NONE


def test_flapping_customers_are_no_evidence(histories: Histories) -> None:
    a, b, c, *_others = histories.connect("personio", 10)
    for minutes in range(0, 100, 20):
        assert histories.fail([a, b], minutes) == NONE
        histories.recover([a, b], minutes + 10)
    assert histories.fail([a, b, c], 110) == NONE


def test_who_fails_every_other_day_is_no_evidence(histories: Histories) -> None:
    made = histories.connect("personio", 10)
    failed_before(made[:2], [0.9, 2.2, 3.7, 5.1])
    assert histories.fail(made[:3], 0) == NONE
    assert histories.fail(made[3:5], 5) == PERSONIO


def test_a_slow_day(histories: Histories) -> None:
    for number, one in enumerate(histories.connect("personio", 48)[:10]):
        assert histories.fail([one], number * 55) == NONE


def test_a_slow_trickle(histories: Histories) -> None:
    for number, one in enumerate(histories.connect("personio", 48)[:12]):
        assert histories.fail([one], number * 8) == NONE


def test_ten_integrations_of_one_customer(histories: Histories) -> None:
    assert histories.fail(histories.connect("personio", 1, each=10), 0) == NONE


def test_two_customers_even_if_they_are_all(histories: Histories) -> None:
    assert histories.fail(histories.connect("personio", 2, each=3), 0) == NONE


def test_three_of_very_many(histories: Histories) -> None:
    assert histories.fail(histories.connect("personio", 400)[:3], 0) == NONE


def test_passwords_that_expire_every_week(histories: Histories) -> None:
    made = histories.connect("personio", 48)
    failed_before(made[:6], range(7, 84, 7))
    assert histories.fail(made[10:16], 0) == NONE
    assert histories.fail(made[16:18], 5) == PERSONIO


def test_all_tools_fail_because_kombo_does(histories: Histories) -> None:
    tools = [histories.connect(f"tool{n}", 20) for n in range(6)]
    for number in range(3):
        assert histories.fail([made[number] for made in tools], number * 2) == NONE


def test_what_is_found_too_early_is_taken_back(histories: Histories) -> None:
    tools = [histories.connect(f"tool{n}", 20) for n in range(4)]
    assert histories.fail(tools[0][:3], 0) == {"tool0"}
    assert histories.fail(tools[1][:3], 1) == {"tool0", "tool1"}
    assert histories.fail([*tools[2][:3], *tools[3][:3]], 2) == NONE
    assert not Outage.objects.exists()


def test_what_kombo_says_while_it_does_not_answer(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    silent = Upstream.objects.create(environment="production", silent_until=at(10))
    assert histories.fail(made[:4], 0) == NONE
    silent.delete()
    assert histories.down(11) == PERSONIO


def test_checks_that_fail_are_no_failure_of_the_tool(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    histories.become(made, 0, {"error_kind": "timed_out", "failures": 3}, Source.CHECK)
    assert histories.down() == NONE


def test_what_can_not_be_checked_is_no_evidence(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    assert histories.fail(made[:4], 0, SIGN_IN | {"error_kind": "timed_out"}) == NONE


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "INACTIVE"},
        {"status": "ASLEEP"},
        {"setup_status": "INCOMPLETE"},
        {"issue_title": "Absences can't be read"},
        {"removed_at": NOW},
        {"sync_state": "CANCELLED"},
    ],
)
def test_what_is_unknown_wanted_or_the_customers(
    histories: Histories, facts: dict[str, object]
) -> None:
    assert histories.fail(histories.connect("personio", 10), 0, facts) == NONE


def test_what_was_broken_when_it_was_first_seen(histories: Histories) -> None:
    made = histories.connect("personio", 10)
    histories.become(made, -30, {"status": "", "setup_status": ""})
    assert histories.fail(made, 0, FINE | RECONNECT) == NONE


def test_what_was_paused_and_is_broken_when_resumed(histories: Histories) -> None:
    made = histories.connect("personio", 10)
    histories.become(made, -30, {"status": "INACTIVE"})
    assert histories.fail(made, 0, FINE | SIGN_IN) == NONE


def test_all_that_a_worker_finds_who_was_away(histories: Histories) -> None:
    made = histories.connect("personio", 48)
    histories.become(made[:6], 300, SIGN_IN, Source.CHECK)  # the last check was at noon
    assert histories.down() == NONE
    histories.become(made[6:10], 20, SIGN_IN, Source.CHECK)
    assert histories.down() == PERSONIO


def test_a_mapping_in_doubt_is_no_customers(histories: Histories) -> None:
    made = histories.connect("personio", 10)
    assert histories.fail(made[:3], 0, SIGN_IN | {"origin_id": "somebody"}) == NONE


# --- What a look costs ---


def look(histories: Histories, failing: list[Integration], minutes: float) -> set[str]:
    """Let connections fail, and the worker look as it does: it knows what is usual, or counts."""
    histories.become(failing, minutes, SIGN_IN)
    outage_detection.watch()
    return set(Outage.objects.filter(closed_at=None).values_list("tool", flat=True))


def test_what_is_usual_is_counted_once_an_hour(
    histories: Histories, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = histories.connect("personio", 60)
    failed_before(made[:6], range(7, 84, 7))
    outage_detection.forget_usual()
    assert look(histories, made[10:16], 0) == NONE
    Incident.objects.filter(closed_at__isnull=False).delete()
    with django_assert_num_queries(3):
        assert outage_detection.watch() == 0
    assert look(histories, made[20:26], 59) == NONE
    assert look(histories, [], 60) == PERSONIO


def test_a_clock_that_was_wrong_keeps_nothing_usual(histories: Histories) -> None:
    made = histories.connect("personio", 60)
    failed_before(made[:6], range(7, 84, 7))
    outage_detection.forget_usual()
    assert look(histories, made[10:16], 600) == NONE
    Incident.objects.all().delete()
    assert look(histories, made[20:26], 0) == PERSONIO


# --- The end ---


def test_it_ends_when_most_work_again(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    assert histories.fail(made[:5], 0) == PERSONIO
    assert histories.recover(made[:2], 60) == PERSONIO
    assert histories.recover(made[2:3], 70) == NONE
    assert Outage.objects.get().closed_at == at(70)
    assert histories.down(75) == NONE  # the other two are no new one


def test_a_relapse_within_the_hour_is_the_same_outage(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    assert histories.fail(made[:3], 0) == PERSONIO
    for minutes in range(30, 230, 50):  # the tool flaps, not its customers
        assert histories.recover(made[:3], minutes) == NONE
        assert histories.fail(made[:3], minutes + 20) == PERSONIO
    outage = Outage.objects.get()
    assert (outage.started_at, outage.total) == (at(0), 20)


def test_what_breaks_on_another_day_is_another_outage(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    histories.fail(made[:5], 0)
    assert histories.recover(made[:5], 30) == NONE
    assert histories.fail(made[3:7], 2000) == PERSONIO
    assert Outage.objects.count() == 2
    assert Incident.objects.filter(outage__closed_at=None).count() == 4


def test_after_a_day_without_news_it_is_the_customers_turn(histories: Histories) -> None:
    made = histories.connect("personio", 20)
    assert histories.fail(made[:4], 0) == PERSONIO
    assert histories.down(24 * 60 - 1) == PERSONIO
    assert histories.down(24 * 60) == NONE


def test_an_outage_that_still_spreads_lasts_three_days(histories: Histories) -> None:
    made = histories.connect("personio", 40)
    assert histories.fail(made[:4], 0) == PERSONIO
    assert histories.fail(made[4:7], 23.5 * 60) == PERSONIO
    assert histories.down(24 * 60) == PERSONIO
    assert histories.fail(made[7:10], 71.5 * 60) == PERSONIO
    assert histories.down(72 * 60) == NONE


def test_an_outage_of_which_all_customers_left_ends(histories: Histories) -> None:
    made = histories.connect("personio", 4)
    assert histories.fail(made, 0) == PERSONIO
    Integration.objects.all().delete()
    assert histories.down(1) == NONE

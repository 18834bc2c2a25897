"""The short row of each integration: true after whatever happened, however it happened."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from integrations.models import NEVER, Entry, Integration, Kind, Summary, Tenant, Word
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.workspace import summaries
from tests.conftest import Connect, acting
from tests.workspace.summing_up import NOW, STATES, break_it, change, row, told_of

pytestmark = pytest.mark.django_db


# --- Made, and followed


@pytest.mark.parametrize("state", STATES)
def test_it_tells_headline_place_and_step(state: str, acme: Tenant, connect: Connect) -> None:
    found = row(connect(acme, state=state))
    assert (found.headline, found.rank, found.next_actor) == STATES[state]


def test_it_tells_what_the_list_shows(acme: Tenant, amy: User, connect: Connect) -> None:
    made = connect(acme, category="ATS", tool_id="greenhouse")
    change(made, synced_at=NOW, beta=True)
    found = row(made)
    assert (found.tenant, found.tenant_name, found.owner, found.environment) == (
        acme,
        "Acme GmbH",
        amy,
        "production",
    )
    assert (found.tool, found.category, found.beta, found.synced_at) == (
        "Greenhouse",
        "ATS",
        True,
        NOW,
    )
    assert (found.contacted_at, found.snoozed_until) == (NEVER, None)


def test_what_was_never_looked_at_waits(acme: Tenant, connect: Connect) -> None:
    found = row(connect(acme, fetched=False))
    assert (found.headline, found.tool, found.category, found.next_actor) == (
        "pending",
        "",
        "",
        "nobody",
    )
    assert found.synced_at == NEVER


def test_since_is_when_the_record_says_that_the_headline_began(
    acme: Tenant, connect: Connect, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    made = connect(acme)
    time_machine.move_to(NOW + timedelta(days=2), tick=False)
    change(made, at=NOW + timedelta(days=1), status="INVALID")
    assert row(made).since == NOW + timedelta(days=1)
    # Which does not change the headline.
    change(made, at=NOW + timedelta(days=2), setup_status="INCOMPLETE")
    assert row(made).since == NOW + timedelta(days=1)
    assert Entry.objects.filter(kind=Kind.STATE).first().at == row(made).since  # type: ignore[union-attr]


def test_made_anew_it_is_since_the_record_says(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    change(made, at=timezone.now(), status="INVALID")
    before = row(made)
    Summary.objects.all().delete()
    summaries.recompute([made.pk])
    assert row(made).since == before.since
    cold = connect(acme, fetched=False)
    Summary.objects.all().delete()
    summaries.recompute([cold.pk])
    assert row(cold).since == cold.created_at


def test_a_change_that_it_does_not_tell_of_writes_nothing(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    with CaptureQueriesContext(connection) as queries:
        change(made, data_changed_at=NOW)
    written = [
        query["sql"]
        for query in queries
        if "summary" in query["sql"] and not query["sql"].startswith("SELECT")
    ]
    assert written == []


def test_without_its_row_a_change_makes_it(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    Summary.objects.all().delete()
    break_it(made)
    assert row(made).headline == "reconnect_required"
    assert "personio" in told_of(made)["found by"]


def test_the_missing_are_made_in_batches(
    acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [connect(acme) for _ in range(5)]
    before = [told_of(one) for one in made]
    Summary.objects.all().delete()
    monkeypatch.setattr(summaries, "BATCH", 2)
    assert [summaries.create_missing() for _ in range(4)] == [2, 2, 1, 0]
    assert [told_of(one) for one in made] == before


def test_many_are_settled_in_as_many_queries_as_few(acme: Tenant, connect: Connect) -> None:
    made = [connect(acme).pk for _ in range(12)]
    cost = []
    for ids in (made[:2], made):
        Summary.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            summaries.recompute(ids)
        cost.append(len(queries))
    assert cost[0] == cost[1]


def test_what_is_not_there_is_left_out(acme: Tenant, connect: Connect) -> None:
    connect(acme)
    summaries.recompute([10**6])
    summaries.recompute([])
    assert Summary.objects.count() == 1


def test_it_goes_with_its_integration(acme: Tenant, connect: Connect) -> None:
    connect(acme)
    Integration.objects.all().delete()
    assert not Summary.objects.exists()
    assert not Word.objects.exists()


# --- What a search finds it by


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Acme GmbH", ["acme", "gmbh"]),
        ("Müller & Söhne", ["muller", "sohne"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("eve.smith+hr@customer.example", ["eve", "smith", "hr", "customer", "example"]),
        ("snake_case-and-123", ["snake", "case", "and", "123"]),
        ("人事 部", ["人事", "部"]),
        ("", []),
        ("—·%_\\", []),
        ("x" * 100, ["x" * 40]),
        ("\0", []),
    ],
)
def test_words_are_compared_without_case_and_punctuation(text: str, words: list[str]) -> None:
    assert summaries.search_words(text) == words


def test_it_is_found_by_tenant_origin_id_tool_and_creator(acme: Tenant, connect: Connect) -> None:
    made = connect(acme, creator_email="Eve@Customer.example")
    expected = ["acme", "customer", "eve", "example", "gmbh", "personio"]
    assert told_of(made)["found by"] == expected
    assert row(made).words.split() == expected


def test_the_words_follow_what_they_are_taken_from(acme: Tenant, connect: Connect) -> None:
    made, other = connect(acme), connect(acme)
    change(made, tool_label="HiBob", creator_email="")
    assert told_of(made)["found by"] == ["acme", "gmbh", "hibob"]
    assert "personio" in told_of(other)["found by"]


def test_the_longest_words_of_any_alphabet_are_kept(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    change(made, tool_label="𐐀" * 200)
    assert ("𐐀" * 40).casefold() in told_of(made)["found by"]


# --- All ways lead to the same row

STEPS = [*states.STATES, "deleted", "fault", "rename", "confirm", "snooze", "wake"]
paths = st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), min_size=1, max_size=8)


@pytest.mark.exhaustive
@hypothesis(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=paths)
def test_whatever_happened_the_row_is_as_if_it_were_made_now(
    path: list[tuple[str, bool]], acme: Tenant, root: User, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    for step, in_doubt in path:
        match step:
            case "fault":
                kombo.set_fault("server_error", made.integration_id)
            case "rename":
                Tenant.objects.filter(pk=acme.pk).update(name=f"Acme {in_doubt}")
                summaries.recompute_tenants([acme])
            case "confirm":
                mapping.confirm(Integration.objects.get(pk=made.pk), acting(root))
            case "snooze":
                summaries.snooze([made.pk], timezone.now() + timedelta(days=1))
            case "wake":
                summaries.wake([made.pk])
            case _:
                kombo.set_fault("none", made.integration_id)
                kombo.set_state(made.integration_id, step)
        found = Integration.objects.get(pk=made.pk)
        if in_doubt:
            change(found, origin_id="somebody else")
        snapshots.revalidate(found, by_person=True)
    summaries.wake([made.pk])
    followed = told_of(made)
    Summary.objects.filter(pk=made.pk).delete()
    summaries.recompute([made.pk])
    assert told_of(made) == followed


def test_settling_writes_only_what_changed(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    words = list(Word.objects.values_list("pk", flat=True))
    Summary.objects.update(tool="another")
    summaries.recompute([made.pk])
    assert Summary.objects.get().tool == "Personio"
    assert list(Word.objects.values_list("pk", flat=True)) == words

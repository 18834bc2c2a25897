"""The demo's data: every headline and every reason is somewhere to be seen, and has a past that
leads to it.
"""

import pickle
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, DateTimeField, F, Model
from django.http import QueryDict
from django.test import Client, override_settings
from django.utils import timezone, translation
from pytest_django.plugin import DjangoDbBlocker

from integrations.access import hand_offs, permissions
from integrations.demo import environment, staff
from integrations.demo.seed import PASSWORD, PEOPLE, TENANTS, beginning, bodies, seed
from integrations.domain import coverage
from integrations.domain.coverage import Reason
from integrations.domain.headline import Key, key_of
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.kombo.http import Http
from integrations.models import (
    AuditEntry,
    Entry,
    Event,
    Feature,
    FeatureAnswer,
    HandOff,
    Incident,
    Integration,
    Issue,
    Kind,
    Mail,
    Note,
    Reminder,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.simulator.payloads import encoded
from integrations.simulator.states import PUBLIC_URL
from integrations.tenants import unmapped
from integrations.upstream import gateway, rate_limiter, snapshots
from integrations.views.customer import cards
from integrations.views.customer.cards import Card
from integrations.webhooks import inbox
from integrations.workspace import (
    datapoints,
    features,
    saved_views,
    staff_actions,
    triage,
    triage_filter,
)
from tests.conftest import API_KEY, Nearby, kombo_environment
from tests.mailbox import sent

pytestmark = pytest.mark.django_db

BEGAN = timezone.now()


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Simulator]:
    """The demo as it begins, made once for all tests: each is a savepoint within the transaction
    that takes it back.
    """
    simulator = Simulator(api_key=API_KEY, seed=bodies(PUBLIC_URL, BEGAN))
    production = {"KOMBO_ENVIRONMENTS": {"production": kombo_environment(f"{PUBLIC_URL}/v1")}}
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**production, **environment.REMINDED),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(rate_limiter, "LATE", timedelta.max)
        patch.setattr(gateway, "_http", Http(transport=Nearby(simulator)))
        with translation.override("en"):
            seed(simulator, BEGAN)
        yield simulator
        transaction.set_rollback(True)


@pytest.fixture
def seeded(began: Simulator, db: None) -> Iterator[Simulator]:
    """The demo as it begins; what a test does to it is taken back."""
    store, names = began.world.store, ("records", "links", "activations", "settings")
    before = pickle.dumps({name: getattr(store, name) for name in names})
    yield began
    vars(store).update(pickle.loads(before))  # noqa: S301 - it is ours


def shown(name: str) -> dict[str, Card]:
    """The cards of everything this person sees, by tool."""
    user = User.objects.get(username=name)
    found: dict[str, Card] = {}
    for tenant in permissions.tenants_of(user):
        place, integrations = permissions.integrations(user, tenant.public_id)
        found |= {one.integration_id.split(":")[0]: cards.card(place, one) for one in integrations}
    return found


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
    assert card["rippling"].headline.badge == "Not confirmed yet"
    assert card["deel"].label == "Deel"
    assert "<" in card["sandbox"].label


def of(tool: str) -> Integration:
    return Integration.objects.select_related("snapshot").get(integration_id__startswith=f"{tool}:")


def keys() -> dict[str, Key]:
    return {
        one.integration.integration_id.split(":")[0]: key_of(one) for one in Snapshot.objects.all()
    }


def test_the_last_days_of_the_first_card_are_worth_a_look(seeded: Simulator) -> None:
    strip = history_text.day_strip(of("personio"), timezone.localtime())
    assert {day.severity for day, _word in strip.days} >= {"ok", "attention", "action_required"}
    assert strip.days[0][0].severity == "ok", "the record is as long as the strip"
    entries = history_record.entries(of("personio"))
    assert {entry.kind for entry in entries} == set(Kind) - {Kind.SETTINGS}
    repaired = history_record.incidents(of("personio")).get(ended_by="reconnect")
    assert (repaired.repaired_by, repaired.key) == (
        User.objects.get(username="jana"),
        Key.SIGN_IN_FAILING,
    )


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
    }
    assert {incident.relapses for incident in Incident.objects.all()} == {0, 1}


def test_what_is_broken_now_has_an_incident_that_is_open(seeded: Simulator) -> None:
    broken = {tool for tool, key in keys().items() if key in history_record.BROKEN}
    incidents = Incident.objects.filter(closed_at__isnull=True).select_related("integration")
    assert {one.integration.integration_id.split(":")[0] for one in incidents} == broken
    assert {one.key for one in incidents} == set(history_record.BROKEN)


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
    for snapshot in Snapshot.objects.defer("coverage"):
        if key_of(snapshot) is Key.CONNECTED:
            assert snapshot.synced_at
            assert BEGAN - snapshot.synced_at < timedelta(hours=3)
            assert snapshot.sync_state == "SUCCEEDED"


def test_each_event_was_worked(seeded: Simulator) -> None:
    assert Event.objects.count() > 50
    assert not Event.objects.exclude(worked_at__isnull=False, attempts=0, error="").exists()
    assert [(one.origin_id, one.tool_id) for one in unmapped.waiting()] == [("delta", "recruitee")]
    assert Event.objects.filter(integration=None).count() == 1


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


def test_everybody_can_sign_in_and_sees_their_own(seeded: Simulator) -> None:
    for name in ("alice", "bob", "gina", "vic", "mia", "max", "root"):
        assert User.objects.get(username=name).check_password(PASSWORD)
    for name, places in PEOPLE.items():
        user = User.objects.get(username=name)
        assert {tenant.origin_id for tenant in permissions.tenants_of(user)} == set(places)
    assert set(shown("mia")) == set(shown("root"))
    assert Tenant.objects.count() == len(TENANTS)
    place = permissions.grant_access(
        User.objects.get(username="vic"), Tenant.objects.get(origin_id="acme").public_id
    )
    assert not place.may_repair


def test_each_account_manager_has_customers_of_their_own(seeded: Simulator) -> None:
    mia, max_ = User.objects.get(username="mia"), User.objects.get(username="max")
    owners = {tenant.origin_id: tenant.owner for tenant in Tenant.objects.select_related("owner")}
    assert owners == {
        "acme": mia, "gallery": mia, "bolt": max_, "mismatch": max_, "hostile": None, "cobalt": None
    }  # fmt: skip
    assert {tenant.origin_id for tenant in permissions.tenants_for_staff(mia)} == set(TENANTS)
    assert {tenant.origin_id for tenant in permissions.tenants_for_staff(max_)} == {
        "bolt",
        "mismatch",
    }


def test_account_managers_may_do_what_the_docs_recommend(seeded: Simulator) -> None:
    section = (
        (settings.BASE_DIR / "docs/deploying.md").read_text().partition("## Account managers")[2]
    )
    recommended = set(re.findall(r"“(.+?)”", section.partition("\n## ")[0]))
    for name, codenames in {"max": staff.MAY, "mia": (*staff.MAY, *staff.SEES_ALL)}.items():
        granted = User.objects.get(username=name).user_permissions
        assert set(granted.values_list("codename", flat=True)) == set(codenames)
        assert set(granted.values_list("name", flat=True)) <= recommended
    assert (
        set(User.objects.get(username="mia").user_permissions.values_list("name", flat=True))
        == recommended
    )


def test_what_was_due_to_be_written_was_sent_then(seeded: Simulator) -> None:
    assert not Mail.objects.exclude(sent_at=F("created_at"), due_at=None, error="").exists()
    assert not Reminder.objects.filter(next_at__lte=BEGAN).exists()
    assert not sent(), "nothing of it goes out now"
    open_reminders = Reminder.objects.filter(ended_at=None, closed_at=None)
    must_act = Summary.objects.filter(rank=0)
    assert {one.integration_id for one in open_reminders} == {one.pk for one in must_act}
    assert {mail.kind for mail in Mail.objects.all()} >= {"reminder", "recovered"}
    numbers = {one.integration.integration_id.partition(":")[0]: one.sent for one in open_reminders}
    assert numbers == {"personio": 3, "hibob": 4, "workday": 2, "teamtailor": 4}
    last = Mail.objects.filter(kind="reminder", integration=of("personio")).latest("created_at")
    assert Summary.objects.get(pk=of("personio").pk).contacted_at == last.sent_at
    assert {last.to, Tenant.objects.get(origin_id="acme").language} == {"hr@acme.example", "de"}


def test_a_link_was_opened_and_not_used_yet(seeded: Simulator) -> None:
    opened = HandOff.objects.filter(opened_at__isnull=False)
    assert {one.integration.integration_id.partition(":")[0] for one in opened} == {
        "personio",
        "hibob",
    }
    assert {hand_offs.status_of(one, timezone.now()) for one in opened} == {
        hand_offs.HandOffStatus.OPEN
    }
    acts = AuditEntry.objects.filter(what="hand_off_opened")
    assert {(act.at, act.tool) for act in acts} == {
        (one.opened_at, one.integration.snapshot.tool_label) for one in opened
    }
    assert not AuditEntry.objects.filter(what="hand_off_created", tool="").exists()


def test_features_have_every_answer_somewhere(seeded: Simulator) -> None:
    assert set(FeatureAnswer.objects.values_list("verdict", flat=True)) == set(features.Verdict)
    per_feature = (
        FeatureAnswer.objects.order_by()
        .values("feature")
        .annotate(n=Count("verdict", distinct=True))
    )
    assert all(row["n"] > 1 for row in per_feature)
    assert [one.name for one in Feature.objects.filter(is_public=True)] == ["Birthdays"]
    named = {
        one for feature in Feature.objects.all() for one in (*feature.needs, *feature.better_with)
    }
    assert datapoints.unknown_datapoints(sorted(named)) == []


def test_notes_and_a_view_lie_on_the_desks(seeded: Simulator) -> None:
    mia = User.objects.get(username="mia")
    [view] = saved_views.of_user(mia)
    state, rows = triage.scoped(mia, triage_filter.TriageFilter.of(QueryDict(view.query[1:])))
    assert triage.page(triage.ordered(triage.narrow(rows, state), state), state)
    assert staff_actions.notes(of("hibob").tenant, of("hibob")).get().author == mia
    assert Note.objects.filter(integration=None).count() == 1


def everything() -> dict[str, list[dict[str, Any]]]:
    models: list[type[Model]] = [*apps.get_app_config("integrations").get_models(), User]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


def test_a_second_start_changes_nothing(seeded: Simulator) -> None:
    before, calls = everything(), seeded.calls
    seed(seeded, BEGAN)
    assert everything() == before
    assert seeded.calls == calls


def test_what_somebody_changed_since_stays(seeded: Simulator) -> None:
    Tenant.objects.filter(origin_id="acme").update(name="Renamed")
    moved = Integration.objects.filter(tenant__origin_id="acme").first()
    assert moved
    Integration.objects.filter(pk=moved.pk).update(tenant=Tenant.objects.get(origin_id="bolt"))
    before = everything()
    seed(seeded, BEGAN)
    assert everything() == before

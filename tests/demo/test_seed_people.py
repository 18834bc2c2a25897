"""The demo's people: their customers, mails, links, features and notes; and a second start."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Count, F, Model
from django.http import QueryDict
from django.utils import timezone

from integrations.access import hand_offs, permissions, roles
from integrations.access.roles import StaffRole
from integrations.demo.seed import PASSWORD, PEOPLE, TENANTS, seed
from integrations.models import (
    AuditEntry,
    Feature,
    FeatureAnswer,
    HandOff,
    Integration,
    Mail,
    Note,
    Reminder,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.workspace import (
    datapoints,
    features,
    saved_views,
    staff_actions,
    triage,
    triage_filter,
)
from tests.demo.seeded import BEGAN, of, shown
from tests.mailbox import sent

pytestmark = pytest.mark.django_db


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


def test_account_managers_have_the_roles_of_such(seeded: Simulator) -> None:
    for name, role in {"max": StaffRole.ACCOUNT_MANAGER, "mia": StaffRole.LEAD}.items():
        user = User.objects.get(username=name)
        assert roles.role_of(user) is role
        granted = {name.partition(".")[2] for name in user.get_all_permissions()}
        assert granted == roles.PERMISSIONS[role]


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
    assert {
        one.integration.integration_id.partition(":")[0] for one in opened if one.integration
    } == {
        "personio",
        "hibob",
    }
    assert {hand_offs.status_of(one, timezone.now()) for one in opened} == {
        hand_offs.HandOffStatus.OPEN
    }
    acts = AuditEntry.objects.filter(what="hand_off_opened")
    assert {(act.at, act.tool) for act in acts} == {
        (one.opened_at, one.integration.snapshot.tool_label) for one in opened if one.integration
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


@pytest.mark.exhaustive
def test_a_second_start_changes_nothing(seeded: Simulator) -> None:
    before, calls = everything(), seeded.calls
    seed(seeded, BEGAN)
    assert everything() == before
    assert seeded.calls == calls


@pytest.mark.exhaustive
def test_what_somebody_changed_since_stays(seeded: Simulator) -> None:
    Tenant.objects.filter(origin_id="acme").update(name="Renamed")
    moved = Integration.objects.filter(tenant__origin_id="acme").first()
    assert moved
    Integration.objects.filter(pk=moved.pk).update(tenant=Tenant.objects.get(origin_id="bolt"))
    before = everything()
    seed(seeded, BEGAN)
    assert everything() == before

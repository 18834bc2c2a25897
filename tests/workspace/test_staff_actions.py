"""What account managers do: assign, snooze, wake, tell, write notes; and that each is in the audit
record.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.history import record as history_record
from integrations.mail import preferences
from integrations.models import NEVER, AuditEntry, Integration, Note, Reminder, Summary, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import staff_actions, summaries
from tests.conftest import NOW, Connect, acting

pytestmark = pytest.mark.usefixtures("clock")


TOMORROW = NOW + timedelta(days=1)


def acts() -> list[tuple[str, str, str, dict[str, Any]]]:
    """Who did what, for which tenant, with which details; the latest last."""
    found = AuditEntry.objects.order_by("pk")
    return [(one.actor, one.what, one.tenant, one.told) for one in found]


def summary(made: Integration) -> Summary:
    return Summary.objects.get(pk=made.pk)


def test_only_active_staff_can_be_account_managers(
    alice: User, amy: User, ned: User, root: User
) -> None:
    User.objects.filter(pk=ned.pk).update(is_active=False)
    assert list(staff_actions.account_managers()) == [amy, root]


def test_a_tenant_is_assigned_with_all_its_integrations(
    acme: Tenant, bolt: Tenant, connect: Connect, ned: User, root: User
) -> None:
    made = [connect(acme), connect(acme), connect(bolt)]
    staff_actions.assign([acme, bolt], ned, acting(root))
    assert set(Tenant.objects.values_list("owner__username", flat=True)) == {"ned"}
    assert {summary(one).owner_id for one in made} == {ned.pk}
    assert acts() == [
        ("root", "assigned", "Acme GmbH", {"changes": {"owner": ["", "ned"]}}),
        ("root", "assigned", "Bolt & Sons", {"changes": {"owner": ["", "ned"]}}),
    ]


def test_a_tenant_can_be_nobodys(acme: Tenant, amy: User, invalid: Integration, root: User) -> None:
    staff_actions.assign([acme], None, acting(root))
    acme.refresh_from_db()
    assert (acme.owner, summary(invalid).owner) == (None, None)
    assert acts() == [("root", "assigned", "Acme GmbH", {"changes": {"owner": ["amy", ""]}})]


def test_who_has_a_tenant_already_is_not_assigned_it_again(
    acme: Tenant, amy: User, root: User
) -> None:
    staff_actions.assign([acme], amy, acting(root))
    assert acts() == []


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}])
def test_a_tenant_is_never_given_to_somebody_who_is_no_manager(
    acme: Tenant, ned: User, root: User, change: dict[str, bool]
) -> None:
    for name, value in change.items():
        setattr(ned, name, value)
    with pytest.raises(ValueError, match="no account manager"):
        staff_actions.assign([acme], ned, acting(root))
    acme.refresh_from_db()
    assert (acme.owner, acts()) == (None, [])


def test_only_what_is_broken_is_snoozed(
    acme: Tenant, invalid: Integration, connect: Connect, amy: User
) -> None:
    fine = connect(acme)
    staff_actions.snooze([invalid, fine], TOMORROW, acting(amy))
    assert (summary(invalid).snoozed_until, summary(fine).snoozed_until) == (TOMORROW, None)
    assert summary(invalid).rank == summaries.SNOOZED
    assert acts() == [("amy", "snoozed", "Acme GmbH", {"until": "2026-11-21T12:00+00:00"})]


@pytest.mark.parametrize(
    "until", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=90, seconds=1)]
)
def test_a_snooze_ends_within_90_days(invalid: Integration, amy: User, until: datetime) -> None:
    with pytest.raises(ValueError, match="no instant"):
        staff_actions.snooze([invalid], until, acting(amy))
    assert (summary(invalid).snoozed_until, acts()) == (None, [])
    staff_actions.snooze([invalid], NOW + timedelta(days=90), acting(amy))
    assert summary(invalid).snoozed_until == NOW + timedelta(days=90)


def test_a_snooze_can_be_ended(
    acme: Tenant, invalid: Integration, connect: Connect, amy: User
) -> None:
    other = connect(acme, state="invalid")
    staff_actions.snooze([invalid], TOMORROW, acting(amy))
    staff_actions.wake([invalid, other], acting(amy))
    assert (summary(invalid).snoozed_until, summary(invalid).rank) == (None, 0)
    assert [what for _who, what, *_ in acts()] == ["snoozed", "woken"]


def test_a_snooze_ends_by_itself_with_another_state(
    invalid: Integration, kombo: Simulator, amy: User
) -> None:
    staff_actions.snooze([invalid], TOMORROW, acting(amy))
    kombo.set_state(invalid.integration_id, "inactive")
    snapshots.revalidate(invalid, by_person=True)
    assert (summary(invalid).headline, summary(invalid).snoozed_until) == ("paused", None)


def test_that_the_customer_was_told_is_kept(invalid: Integration, amy: User) -> None:
    assert summary(invalid).contacted_at == NEVER
    staff_actions.mark_contacted(invalid, acting(amy))
    assert summary(invalid).contacted_at == NOW
    assert acts() == [("amy", "announced", "Acme GmbH", {})]


def test_a_note_is_about_a_tenant_or_one_of_its_integrations(
    acme: Tenant, bolt: Tenant, invalid: Integration, amy: User, clock: TimeMachineFixture
) -> None:
    staff_actions.write_note("Their administrator is away", acting(amy), tenant=acme)
    clock.shift(60)
    staff_actions.write_note("Waits for Monday", acting(amy), tenant=acme, integration=invalid)
    staff_actions.write_note("Another one's", acting(amy), tenant=bolt)
    assert [note.text for note in staff_actions.notes(acme)] == [
        "Waits for Monday",
        "Their administrator is away",
    ]
    assert [note.text for note in staff_actions.notes(acme, invalid)] == ["Waits for Monday"]
    assert [what for _who, what, *_ in acts()] == ["noted"] * 3


def test_a_note_outlives_who_wrote_it(acme: Tenant, amy: User) -> None:
    staff_actions.write_note("Kept", acting(amy), tenant=acme)
    amy.delete()
    assert Note.objects.get().author is None


def test_who_changes_the_reminders_has_those_at_work_look_again(
    acme: Tenant, bolt: Tenant, invalid: Integration, connect: Connect, amy: User
) -> None:
    other = connect(bolt, state="invalid")
    later = NOW + timedelta(days=3)
    assert Reminder.objects.update(next_at=later) == 2
    acme.quiet_hours = "none"
    preferences.change_reminders(acme, ["quiet_hours"], acting(amy))
    assert Reminder.objects.get(integration=invalid).next_at == NOW
    assert Reminder.objects.get(integration=other).next_at == later
    assert Tenant.objects.get(pk=acme.pk).quiet_hours == "none"
    became = {"changes": {"quiet_hours": ["", "none"]}}
    assert acts() == [("amy", "reminders_changed", "Acme GmbH", became)]


def test_who_saw_what_is_there_no_more_changes_nothing(acme: Tenant, amy: User) -> None:
    early, late = Tenant.objects.get(pk=acme.pk), Tenant.objects.get(pk=acme.pk)
    early.contact_email, late.contact_email, late.language = (
        "early@acme.example",
        "late@acme.example",
        "de",
    )
    seen = {"contact_email": "", "language": ""}
    preferences.change_reminders(early, ["contact_email"], acting(amy), seen=seen)
    with pytest.raises(preferences.ChangedMeanwhile):
        preferences.change_reminders(late, ["language", "contact_email"], acting(amy), seen=seen)
    # As it is: nothing is overtaken.
    preferences.change_reminders(early, ["contact_email"], acting(amy), seen=seen)
    acme.refresh_from_db()
    assert (acme.contact_email, acme.language) == ("early@acme.example", "")
    assert [detail for *_, detail in acts()] == [{"fields": ["contact_email"]}]


def test_what_was_never_summed_up_is_when_it_is_looked_at(invalid: Integration) -> None:
    Summary.objects.all().delete()
    assert (
        staff_actions.summary_of(Integration.objects.get(pk=invalid.pk)).headline
        == "reconnect_required"
    )


def test_what_changed_of_late_is_told_but_for_the_withheld(
    acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    made = [connect(acme), connect(acme, origin_id="somebody else"), connect(bolt)]
    for one in made:
        history_record.record_coverage(one.pk, {"available": ["hris_teams"]}, NOW)
    assert [entry.integration_id for entry in staff_actions.recent_changes(acme)] == [made[0].pk]
    found = history_record.coverage_changes(Summary.objects.all(), NOW)
    assert {entry.integration_id for entry in found} == {made[0].pk, made[2].pk}

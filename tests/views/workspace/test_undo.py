"""Undoing what was just done to the list brings back what was before, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.models import AuditEntry, Integration, SavedView, Summary, Tenant
from integrations.workspace import summaries
from integrations.workspace.undo import LASTS
from tests import copy
from tests.conftest import Connect, allow
from tests.views.browsing import read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import LIST, bulk, said, undo

UNDO = "/workspace/undo/"


@pytest.fixture
def three(two: list[Integration], acme: Tenant, connect: Connect) -> list[Integration]:
    """Of which two are broken."""
    return [*two, connect(acme, state="inactive", tool_id="kenjo")]


def note_of(client: Client, answer: object) -> str:
    page = read(client.get(answer["Location"]))  # type: ignore[index]
    return page.one("input", "name", "note")["value"]


def states() -> dict[int, tuple[object, int]]:
    return {row.pk: (row.snoozed_until, row.rank) for row in Summary.objects.all()}


def test_a_snooze_is_undone_exactly(mias: Client, three: list[Integration]) -> None:
    summaries.snooze([three[2].pk], timezone.now() + timedelta(days=5))
    before = states()
    told = mias.get(bulk(mias, "snooze", *three, days="1", scope="all")["Location"])
    assert states() != before
    answer = undo(mias, told)
    assert answer["Location"] == f"{LIST}?scope=all"
    assert said(mias.get(answer["Location"])) == [copy.UNDONE]
    assert states() == before
    acts = AuditEntry.objects.filter(actor="mia").order_by("pk")
    assert [one.what for one in acts if one.what in {"snoozed", "woken"}] == [
        *("snoozed", "snoozed"),
        *("snoozed", "woken"),
    ]


def test_a_snooze_that_is_another_by_now_stays(mias: Client, three: list[Integration]) -> None:
    told = mias.get(bulk(mias, "snooze", three[0], three[2], days="1")["Location"])
    later = timezone.now() + timedelta(days=9)
    summaries.snooze([three[0].pk], later)
    undo(mias, told)
    assert {pk: until for pk, (until, _rank) in states().items()} == {
        three[0].pk: later,
        three[1].pk: None,
        three[2].pk: None,
    }


def test_an_assignment_is_undone_for_each_as_it_was(
    mias: Client, mia: User, amy: User, ned: User, two: list[Integration]
) -> None:
    allow(mia, "assign_tenant")
    User.objects.filter(pk=amy.pk).update(is_active=False)  # whoever has left had it all the same
    told = mias.get(bulk(mias, "assign", *two, to="ned")["Location"])
    assert set(Tenant.objects.values_list("owner", flat=True)) == {ned.pk}
    undo(mias, told)
    owners = dict(Tenant.objects.values_list("origin_id", "owner"))
    assert owners == {"acme": amy.pk, "bolt": None}
    assert Summary.objects.get(pk=two[0].pk).owner == amy
    assert AuditEntry.objects.filter(what="assigned").count() == 4


def test_who_gave_a_customer_away_can_take_them_back(
    amys: Client, amy: User, ned: User, two: list[Integration], acme: Tenant
) -> None:
    allow(amy, "assign_tenant")
    told = amys.get(bulk(amys, "assign", two[0], to="ned")["Location"])
    undo(amys, told)
    acme.refresh_from_db()
    assert acme.owner == amy


def test_without_the_right_to_assign_nothing_is_taken_back(
    mias: Client, mia: User, ned: User, two: list[Integration], acme: Tenant
) -> None:
    allow(mia, "assign_tenant")
    told = mias.get(bulk(mias, "assign", two[0], to="ned")["Location"])
    mia.user_permissions.filter(codename="assign_tenant").delete()
    undo(mias, told)
    acme.refresh_from_db()
    assert acme.owner == ned


def test_a_note_is_its_doers_alone_once_and_for_a_while(
    mias: Client, browser: Browser, two: list[Integration], clock: TimeMachineFixture
) -> None:
    def refused(client: Client, note: str) -> bool:
        answer = client.post(UNDO, {"note": note})
        return said(client.get(answer["Location"])) == [copy.CAN_NOT_BE_UNDONE]

    note = note_of(mias, bulk(mias, "snooze", two[0], days="1"))
    assert refused(browser("root"), note)
    assert refused(mias, note[:-1])
    assert refused(mias, "")
    clock.shift(LASTS + timedelta(seconds=1))
    assert refused(mias, note)
    assert Summary.objects.exclude(snoozed_until=None).exists()
    clock.shift(-LASTS)
    assert not refused(mias, note)
    assert refused(mias, note)  # it is as it was


def test_a_check_and_what_changed_nothing_offer_no_undo(
    mias: Client, two: list[Integration]
) -> None:
    for answer in (bulk(mias, "check", two[0]), bulk(mias, "snooze", two[1], days="1")):
        assert not read(mias.get(answer["Location"])).all("input", "name", "note")


def test_a_view_does_not_come_back_over_another(
    mias: Client, mia: User, two: list[Integration]
) -> None:
    SavedView.objects.create(user=mia, name="Mine", query="?scope=mine")
    told = mias.get(mias.post("/workspace/views/delete/", {"name": "Mine"})["Location"])
    SavedView.objects.create(user=mia, name="Mine", query="?scope=all")
    undo(mias, told)
    assert [view.query for view in SavedView.objects.all()] == ["?scope=all"]

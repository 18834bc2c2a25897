"""What helps with a repair: of the right tool, counted, and nothing that is not known."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import COMMAND
from integrations.history import record as history_record
from integrations.models import (
    CatalogueTool,
    ConnectionAttempt,
    Incident,
    Integration,
    RepairAct,
    RepairOutcome,
    RepairTime,
    Tenant,
    ToolNote,
)
from integrations.tenants import attempts
from integrations.workspace import repair_guides
from integrations.workspace.repair_guides import RepairGuide
from tests.conftest import NOW, Connect
from tests.views.to_connect import offered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


def guide(integration: Integration) -> RepairGuide:
    return repair_guides.of_integrations([integration])[integration.pk]


def failed(integration: Integration, *spells: tuple[int, int | None]) -> None:
    """Have its sign-in failed, each time from and to so many days ago; None goes on."""
    Incident.objects.filter(integration=integration).delete()
    for began, ended in spells:
        integration.incidents.create(
            opened_at=NOW - began * DAY,
            closed_at=None if ended is None else NOW - ended * DAY,
            first_key="reconnect_required",
            key="reconnect_required",
            detected_by="check",
        )


def repaired(integration: Integration, user: User, *lengths: int) -> None:
    """Have it repaired, each time in so many seconds."""
    for seconds in lengths:
        at = timezone.now() + timedelta(seconds=seconds)
        name = history_record.begin_repair(integration, RepairAct.RECONNECT, user)
        history_record.finish_repair(integration, RepairOutcome.DONE, user, attempt=name, at=at)


def test_of_nothing_known_nothing_is_said(broken: Integration) -> None:
    Incident.objects.all().delete()
    assert guide(broken) == RepairGuide()
    assert repair_guides.of_integrations([]) == {}


def test_instructions_and_the_vendors_words_are_of_its_tool(broken: Integration) -> None:
    offered("personio", "Personio")
    CatalogueTool.objects.update(guide_url="https://help.example/personio")
    for tool_id in ("personio", "hibob"):
        ToolNote.objects.create(
            tool_id=tool_id, text=f"For {tool_id}", needed_person=f"{tool_id} admin", updated_at=NOW
        )
    known = guide(broken)
    assert known.guide_url == "https://help.example/personio"
    assert (known.note, known.needed_person) == ("For personio", "personio admin")


def test_how_long_it_takes_is_said_from_three_repairs_on(
    broken: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    repaired(broken, alice, 60, 240)
    repair_guides.count_due()
    assert guide(broken).minutes == 0
    repaired(broken, alice, 180, 5 * 3600)  # the last did something else meanwhile
    assert repair_guides.count_due() == 0  # once an hour
    clock.shift(timedelta(hours=1, seconds=1))
    assert repair_guides.count_due() == 1
    assert guide(broken).minutes == 3
    clock.shift(repair_guides.COUNTED_DAYS)
    repair_guides.count_due()
    assert not RepairTime.objects.exists()


def test_connecting_is_counted_apart(acme: Tenant) -> None:
    tool = offered()
    for minutes in (4, 6, 8):
        made = attempts.plan(acme, tool, by=COMMAND)
        ConnectionAttempt.objects.filter(pk=made.pk).update(
            begun_at=NOW - minutes * MINUTE, connected_at=NOW
        )
    repair_guides.count_due()
    assert repair_guides.of_tool(tool).minutes == 6
    assert repair_guides.minutes_of([tool.tool_id], RepairAct.RECONNECT) == {}


@pytest.mark.parametrize(
    ("spells", "before", "every_days"),
    [
        ([(2, None)], [], 0),
        ([(2, None), (40, 39)], [40], 0),
        ([(2, None), (93, 92), (184, 183)], [93, 184], 90),
        ([(2, None), (93, 92), (120, 119)], [93, 120], 0),  # irregularly
        ([(1, None), (3, 2), (5, 4)], [3, 5], 0),  # too often for a password
    ],
)
def test_a_password_that_expires_shows_in_the_times(
    spells: list[tuple[int, int | None]], before: list[int], every_days: int, broken: Integration
) -> None:
    failed(broken, *spells)
    known = guide(broken)
    assert known.before == tuple(NOW - days * DAY for days in before)
    assert known.every_days == every_days

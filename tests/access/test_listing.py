"""Who of many integrations comes first, and how many there are."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import permissions
from integrations.access.listing import Part
from integrations.models import Integration, Snapshot, Summary, Tenant
from integrations.workspace import summaries
from tests.conftest import Connect


def labels(user: User, tenant: Tenant, part: Part) -> list[str]:
    _grant, found = permissions.integrations(user, tenant.public_id, part)
    return [one.snapshot.tool_label for one in found]


def counts(user: User, tenant: Tenant) -> tuple[int, int]:
    return permissions.rows(user, tenant.public_id, Part(most=2))[1].counts


def test_who_must_act_comes_first_and_then_by_name(
    alice: User, acme: Tenant, connect: Connect
) -> None:
    connect(acme, tool_id="workday")
    connect(acme, tool_id="bamboohr")
    connect(acme, tool_id="personio", state="invalid")
    connect(acme, tool_id="hibob", state="inactive")
    found = [*labels(alice, acme, Part(most=2)), *labels(alice, acme, Part(first=2, most=2))]
    assert found == ["Personio", "HiBob", "BambooHR", "Workday"]
    assert labels(alice, acme, Part(first=4, most=2)) == []


def test_counts_are_of_all_there_are(
    alice: User, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    assert counts(alice, acme) == (0, 0)
    for state in ("connected", "invalid", "invalid", "inactive"):
        connect(acme, state=state)
    connect(bolt, state="invalid")
    assert counts(alice, acme) == (4, 2)


def test_what_was_just_repaired_needs_nobody(alice: User, acme: Tenant, connect: Connect) -> None:
    connect(acme, tool_id="bamboohr")
    repaired = connect(acme, tool_id="personio", state="invalid")
    soon = timezone.now() + timedelta(seconds=30)
    Snapshot.objects.filter(pk=repaired.pk).update(watch_until=soon)
    connect(acme, tool_id="hibob", state="inactive")
    assert counts(alice, acme) == (3, 0)
    assert labels(alice, acme, Part(most=3)) == ["HiBob", "Personio", "BambooHR"]


def test_what_staff_snooze_is_no_less_urgent_to_the_customer(
    alice: User, acme: Tenant, connect: Connect
) -> None:
    connect(acme, tool_id="hibob", state="inactive")
    broken = connect(acme, tool_id="personio", state="invalid")
    summaries.snooze([broken.pk], timezone.now() + timedelta(days=1))
    assert labels(alice, acme, Part(most=1)) == ["Personio"]


def test_what_is_withheld_stands_nowhere_by_its_name(
    alice: User, acme: Tenant, connect: Connect
) -> None:
    """It is unknown: behind what is broken, before what works, and its tool is not even a hint."""
    connect(acme, tool_id="bamboohr")
    connect(acme, tool_id="workday", state="invalid", origin_id="somebody else")
    pending = connect(acme, tool_id="hibob", fetched=False)
    connect(acme, tool_id="personio", state="inactive")
    _grant, found = permissions.integrations(alice, acme.public_id, Part(most=4))
    assert [one.snapshot.tool_label for one in (found[0], found[3])] == ["Personio", "BambooHR"]
    assert {one.pk for one in found[1:3]} >= {pending.pk}
    assert counts(alice, acme) == (4, 0)


def test_one_without_a_short_row_is_there_too(alice: User, acme: Tenant, connect: Connect) -> None:
    connect(acme, tool_id="bamboohr")
    connect(acme, tool_id="personio")
    Summary.objects.filter(integration__snapshot__tool_label="Personio").delete()
    Integration.objects.create(tenant=acme, integration_id="hibob:bare")
    assert counts(alice, acme) == (3, 0)
    assert labels(alice, acme, Part(most=3))[-1] == "BambooHR"


def test_some_by_their_ids_are_those_of_this_tenant(
    alice: User, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    own, other, theirs = connect(acme), connect(acme), connect(bolt)
    part = Part(only=[own.public_id, theirs.public_id])
    _grant, found = permissions.integrations(alice, acme.public_id, part)
    assert [one.pk for one in found] == [own.pk]
    assert other.pk not in {one.pk for one in found}

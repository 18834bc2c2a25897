"""The vendor's fields: asked for by the worker after somebody looked, and changed by one call."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import Act
from integrations.kombo.errors import BadAnswer, KomboError, NotFound
from integrations.kombo.schema import CustomField, CustomFields
from integrations.models import AuditEntry, FieldMapping, Integration
from integrations.simulator.app import Simulator
from integrations.simulator.fields import CUSTOM
from integrations.upstream import field_mappings, gateway
from integrations.upstream.field_mappings import ChangedMeanwhile, UnknownField
from tests.conftest import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ROUTE = "/v1/integrations/{integration_id}/custom-fields"


def looked(integration: Integration) -> bool:
    return field_mappings.want(field_mappings.of_integration(integration))


def loaded(integration: Integration) -> FieldMapping:
    """What is known after somebody looked and the worker did its part."""
    looked(integration)
    while field_mappings.refresh_due():
        continue
    return field_mappings.of_integration(integration)


def asked(kombo: Simulator) -> int:
    return kombo.world.calls["GET", ROUTE]


def first(row: FieldMapping) -> CustomField:
    return field_mappings.custom_fields(row)[0]


def some_source(row: FieldMapping) -> str:
    return field_mappings.integration_fields(row)[3].id


def test_nobody_asks_before_somebody_looks(personio: Integration, kombo: Simulator) -> None:
    assert field_mappings.refresh_due() == 0
    assert looked(personio)
    assert asked(kombo) == 0, "a look asks nobody"
    assert field_mappings.refresh_due() == 1
    assert asked(kombo) == 1


def test_all_fields_are_known_with_what_they_read(personio: Integration, kombo: Simulator) -> None:
    row = loaded(personio)
    assert {field.key for field in field_mappings.custom_fields(row)} == {one[0] for one in CUSTOM}
    assert {field_mappings.source_of(one) for one in field_mappings.custom_fields(row)} == {""}
    details = kombo.details(personio.integration_id)
    assert details
    fields = sum(len(model["fields"]) + 1 for model in details["read_models"])
    assert len(field_mappings.integration_fields(row)) == fields


def test_pages_are_read_to_the_end(personio: Integration, kombo: Simulator) -> None:
    found = gateway.call(
        "production",
        lambda kombo: kombo._pages(
            f"/integrations/{personio.integration_id}/custom-fields?page_size=1",
            CustomFields,
        ),
    )
    assert len(found) == asked(kombo) == len(CUSTOM)


def test_they_are_asked_for_again_when_somebody_looks_later(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    loaded(personio)
    clock.shift(field_mappings.MAX_AGE - timedelta(minutes=1))
    loaded(personio)
    assert asked(kombo) == 1
    clock.shift(timedelta(minutes=2))
    assert field_mappings.refresh_due() == 0  # nobody looks
    loaded(personio)
    assert asked(kombo) == 2


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "html", "key_revoked", "reset"])
def test_while_kombo_fails_the_last_fields_stay(
    fault: str, personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    before = loaded(personio).custom_fields
    clock.shift(timedelta(hours=1))
    kombo.set_fault(fault)
    row = loaded(personio)
    assert (row.custom_fields, row.failures, bool(row.error_kind)) == (before, 1, True)
    kombo.set_fault("none")
    clock.shift(field_mappings.LAST_RETRY)
    row = loaded(personio)
    assert (row.failures, row.error_kind) == (0, "")


def test_what_is_gone_is_not_asked_for(personio: Integration, kombo: Simulator) -> None:
    looked(personio)
    personio.snapshot.removed_at = timezone.now()
    personio.snapshot.save()
    assert field_mappings.refresh_due() == 0


def test_who_did_not_get_the_lease_does_not_ask(personio: Integration, kombo: Simulator) -> None:
    looked(personio)
    until = timezone.now() + timedelta(seconds=5)
    FieldMapping.objects.update(lease="other", lease_until=until)
    assert not field_mappings.refresh(field_mappings.of_integration(personio))
    assert asked(kombo) == 0


# A change


def test_a_mapping_is_changed_and_taken_back(
    personio: Integration, kombo: Simulator, mia: User
) -> None:
    row = loaded(personio)
    field, source = first(row).id, some_source(row)
    field_mappings.change(personio, field, source, seen="", by=acting(mia))
    row = field_mappings.of_integration(personio)
    assert field_mappings.source_of(first(row)) == source
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.told["name"]) == (
        Act.FIELD_MAPPED,
        f"hris_employees.{first(row).key}",
    )
    assert field_mappings.source_of(first(loaded(personio))) == source
    field_mappings.change(personio, field, "", seen=source, by=acting(mia))
    assert field_mappings.source_of(first(loaded(personio))) == ""


def test_a_form_of_another_tab_changes_nothing(personio: Integration, mia: User) -> None:
    row = loaded(personio)
    field, source = first(row).id, some_source(row)
    field_mappings.change(personio, field, source, seen="", by=acting(mia))
    with pytest.raises(ChangedMeanwhile):
        field_mappings.change(personio, field, "", seen="", by=acting(mia))
    assert field_mappings.source_of(first(field_mappings.of_integration(personio))) == source


@pytest.mark.parametrize(("is_field", "is_source"), [(False, True), (True, False)])
def test_what_there_is_not_is_not_asked_for(
    is_field: bool, is_source: bool, personio: Integration, kombo: Simulator, mia: User
) -> None:
    row = loaded(personio)
    field = first(row).id if is_field else "nothing"
    source = some_source(row) if is_source else "nothing"
    calls = sum(kombo.world.calls.values())
    with pytest.raises(UnknownField):
        field_mappings.change(personio, field, source, seen="", by=acting(mia))
    assert sum(kombo.world.calls.values()) == calls


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("fault", "is_on_record"),
    [("server_error", True), ("key_revoked", False), ("reset", True), ("html", True)],
)
def test_what_may_have_happened_is_on_record_and_looked_after(
    fault: str,
    is_on_record: bool,
    personio: Integration,
    kombo: Simulator,
    mia: User,
    clock: TimeMachineFixture,
) -> None:
    row = loaded(personio)
    clock.shift(timedelta(seconds=1))
    kombo.set_fault(fault)
    with pytest.raises(KomboError):
        field_mappings.change(personio, first(row).id, some_source(row), seen="", by=acting(mia))
    known = AuditEntry.objects.filter(what=Act.FIELD_MAPPED)
    assert [entry.told["outcome"] for entry in known] == ["unconfirmed"] * is_on_record
    kombo.set_fault("none")
    clock.shift(timedelta(minutes=5))  # after a wrong key nobody is asked for a while
    before = asked(kombo)
    while field_mappings.refresh_due():
        continue
    assert asked(kombo) == before + 1


def test_a_deleted_integration_has_no_fields(
    personio: Integration, kombo: Simulator, mia: User
) -> None:
    row = loaded(personio)
    kombo.set_state(personio.integration_id, "deleted")
    with pytest.raises(NotFound):
        field_mappings.change(personio, first(row).id, "", seen="", by=acting(mia))


def test_a_refresh_that_began_before_a_change_is_dropped(
    personio: Integration, mia: User, monkeypatch: pytest.MonkeyPatch, clock: TimeMachineFixture
) -> None:
    row = loaded(personio)
    field, source = first(row).id, some_source(row)
    call = gateway.call

    def late(environment: str, ask: Any, **more: Any) -> Any:
        answer = call(environment, ask, **more)
        monkeypatch.setattr(gateway, "call", call)
        field_mappings.change(personio, field, source, seen="", by=acting(mia))
        return answer

    clock.shift(timedelta(hours=1))
    looked(personio)
    monkeypatch.setattr(gateway, "call", late)
    field_mappings.refresh(field_mappings.of_integration(personio))
    assert field_mappings.source_of(first(field_mappings.of_integration(personio))) == source


def test_an_answer_about_another_field_is_no_answer(
    personio: Integration, kombo: Simulator, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = loaded(personio)
    monkeypatch.setattr(kombo.world, "set_field", lambda *_: None)  # it says yes and does nothing
    with pytest.raises(BadAnswer):
        field_mappings.change(personio, first(row).id, some_source(row), seen="", by=acting(mia))

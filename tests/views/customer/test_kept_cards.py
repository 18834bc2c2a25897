"""Cards that a process keeps: never another than what would be made now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import FieldFetchBlocked
from django.db.models import Model
from django.utils import timezone, translation
from time_machine import TimeMachineFixture

from integrations.access import columns, permissions
from integrations.access.embed_sessions import Guest
from integrations.domain import accounts, freshness, open_issues
from integrations.domain.accounts import Account
from integrations.domain.clock import SKEW
from integrations.domain.open_issues import OpenIssue
from integrations.history import record as history_record
from integrations.models import (
    DisconnectOutcome,
    Incident,
    Integration,
    Kind,
    Logo,
    Outage,
    Snapshot,
    Source,
    Tenant,
)
from integrations.tenants import mapping
from integrations.upstream.accounts import TOLD_FOR
from integrations.views.customer import cards, kept_cards
from integrations.views.customer.card import Card
from tests.conftest import NOW, allow
from tests.views.conftest import Meanwhile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

WORKS: dict[str, Any] = {
    "status": "ACTIVE",
    "setup_status": "COMPLETED",
    "tool_label": "Personio",
    "category": "HRIS",
    "fetched_at": NOW,
    "synced_at": NOW - timedelta(hours=1),
    "sync_state": "SUCCEEDED",
}
STATES: dict[str, dict[str, Any]] = {
    "works": WORKS,
    "setup": WORKS | {"setup_status": "INCOMPLETE"},
    "issue": WORKS | {"issue_title": "Permission", "trouble_since": NOW},
    "paused": WORKS | {"status": "INACTIVE"},
    "ended": WORKS | {"status": "INVALID", "trouble_since": NOW},
    "repaired": WORKS | {"repaired_at": NOW, "watch_until": NOW + freshness.WATCH},
    "waiting": WORKS | {"sync_state": "AUTHENTICATION_FAILED"},
    "removed": WORKS | {"removed_at": NOW},
    "cold": {},
}
# The others are looked at by CI.
SOME_STATES = [
    one if one in {"works", "ended"} else pytest.param(one, marks=pytest.mark.exhaustive)
    for one in STATES
]
# Besides what `other` would make of them.
VALUES: dict[str, list[Any]] = {
    "status": ["", "ACTIVE", "INVALID", "INACTIVE"],
    "setup_status": ["", "COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING"],
    "qa_status": ["FAILED"],
    "sync_state": ["", "FAILED", "AUTHENTICATION_FAILED"],
    "logo": ["a" * 32],
    "former_account": [accounts.encode(Account("Before", "eve@acme.example", "acme"))],
    "open_issues": [
        open_issues.encode([OpenIssue(id="1", type="x", title="T", message="**M**", since=NOW)])
    ],
    "origin_id": ["", "acme", "bolt"],
}
SNAPSHOT = [name.removeprefix("snapshot__") for name in columns.SHOWN if "snapshot" in name]
MODELS: dict[str, type[Model]] = {"snapshot": Snapshot, "tenant": Tenant}
LENGTHS = [
    *(freshness.LEASE, freshness.WATCH, freshness.JUST_NOW, freshness.WATCHED_MAX_AGE, TOLD_FOR),
    *(timedelta(seconds=freshness.LAST_RETRY), timedelta(seconds=60), timedelta(0), SKEW),
]


@pytest.fixture
def made(acme: Tenant) -> Integration:
    Logo.objects.create(key="a" * 32)
    return mapping.create(acme, "personio:1")


@pytest.fixture
def people(alice: User, vic: User, mia: User, acme: Tenant) -> list[Any]:
    """One of each kind who looks at acme's cards."""
    return [alice, vic, mia, Guest("1", acme, may_repair=True), Guest("2", acme, may_repair=False)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cards were made, each time that some were."""
    numbers: list[int] = []
    make = cards.made

    def made(rights: Any, integrations: list[Integration]) -> list[Card]:
        numbers.append(len(integrations))
        return make(rights, integrations)

    monkeypatch.setattr(cards, "made", made)
    return numbers


def put(integration: Integration, **facts: Any) -> None:
    Snapshot.objects.filter(pk=integration.pk).update(**facts)


def look(user: Any, tenant: Tenant) -> list[Card]:
    """What somebody is shown, which is what would be made anew."""
    shown = cards.in_order(kept_of(user, tenant))
    anew = cards.cards(*permissions.integrations(user, tenant.public_id))
    assert shown == anew
    assert [card.version for card in shown] == [card.version for card in anew]
    return shown


def kept_of(user: Any, tenant: Tenant) -> list[Card]:
    return kept_cards.cards_of(*permissions.rows(user, tenant.public_id))


def others(model: type[Model], name: str) -> list[Any]:
    """Values that a column may come to have."""
    field = model._meta.get_field(name)
    known = VALUES.get(name, []) if model is Snapshot else []
    match field.get_internal_type():
        case "BooleanField":
            return [True, False]
        case "DateTimeField":
            ends = [None] if field.null else []
            return [NOW - timedelta(days=3), NOW + timedelta(seconds=30), NOW, *ends]
        case "PositiveIntegerField":
            return [1, 5]
        case "ForeignKey" | "OneToOneField":
            return known
    return known or ["another"]


@pytest.mark.parametrize("state", SOME_STATES)
def test_a_change_of_any_column_is_seen(
    made: Integration, alice: User, counted: list[int], state: str
) -> None:
    tenant = made.tenant
    put(made, **STATES[state])
    for column in columns.SHOWN:
        owner, _, name = column.rpartition("__")
        model = MODELS.get(owner, Integration)
        row = model._base_manager.filter(pk=tenant.pk if model is Tenant else made.pk)
        first = before = row.values_list(name, flat=True)[0]
        for value in others(model, name):
            kept_cards.KEPT.clear()  # where this one isn't kept, no other is
            kept_of(alice, tenant)
            row.update(**{name: value})
            counted.clear()
            tenant.refresh_from_db()
            look(alice, tenant)
            is_made = sum(counted) > 1  # not only to be compared with
            assert is_made or before == value, (column, value)
            before = value
        row.update(**{name: first})
        tenant.refresh_from_db()


def test_a_card_is_kept_by_what_it_was_made_of(
    made: Integration, alice: User, meanwhile: Meanwhile
) -> None:
    put(made, **WORKS)
    meanwhile(lambda: put(made, tool_label="HiBob"))
    [between] = kept_of(alice, made.tenant)
    put(made, **WORKS)
    [after] = look(alice, made.tenant)
    assert (between.label, after.label) == ("HiBob", "Personio")


def test_a_card_can_not_read_what_is_not_compared(made: Integration, alice: User) -> None:
    _grant, rows = permissions.rows(alice, made.tenant.public_id)
    [row] = rows.integrations(rows.columns)
    read = {f"snapshot__{field.name}" for field in Snapshot._meta.concrete_fields}
    for name in sorted(read - {*columns.SHOWN, "snapshot__integration"}):
        with pytest.raises(FieldFetchBlocked):
            getattr(row.snapshot, name.removeprefix("snapshot__"))


@pytest.mark.parametrize("state", STATES)
def test_each_kind_of_person_has_cards_of_their_own(
    made: Integration, people: list[Any], mia: User, state: str
) -> None:
    put(made, **STATES[state], error_kind="timed_out")
    for user in [*people, *reversed(people)]:
        look(user, made.tenant)
    allow(mia, "view_integration")
    [card] = look(User.objects.get(pk=mia.pk), made.tenant)
    assert card.admin_id == made.pk
    assert [one.admin_id for user in people for one in look(user, made.tenant)] == [None] * 5


def moments(at: datetime) -> list[datetime]:
    """Instants around which something may change that depends on a column, and others."""
    lengths = {a + b for a in LENGTHS for b in LENGTHS}
    tick = timedelta(microseconds=1)
    each = [at + way * length for length in lengths for way in (-1, 1)]
    return sorted({one + step for one in each for step in (-tick, timedelta(0), tick)})


@pytest.mark.parametrize(
    "status", ["ACTIVE", pytest.param("INACTIVE", marks=pytest.mark.exhaustive)]
)
@pytest.mark.parametrize("column", [one for one in SNAPSHOT if one.endswith(("_at", "_until"))])
def test_time_alone_changes_a_card_at_once(
    made: Integration,
    alice: User,
    counted: list[int],
    column: str,
    status: str,
    clock: TimeMachineFixture,
) -> None:
    at = NOW + timedelta(days=60)
    put(made, **STATES["works"] | {"status": status, "failures": 1})
    put(made, former_account=VALUES["former_account"][0])
    put(made, **{"watch_until": at + timedelta(seconds=30)} | {column: at})
    grant, rows = permissions.rows(alice, made.tenant.public_id)
    [row] = rows.integrations(rows.columns)
    # A clock that is set back has them all once more.
    for moment in [*moments(at), *reversed(moments(at))]:
        clock.move_to(moment, tick=False)
        assert kept_cards.cards_of(grant, rows) == cards.made(grant.rights, [row]), moment
    assert column == "removed_at" or sum(counted) < 3.9 * len(moments(at))


def test_a_new_year_is_another_one(
    made: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    put(made, **STATES["works"] | {"data_expired_at": NOW})
    [before] = look(alice, made.tenant)
    clock.move_to(datetime(2027, 1, 1, tzinfo=UTC), tick=False)
    [after] = look(alice, made.tenant)
    assert ("2026" in before.headline.sentence, "2026" in after.headline.sentence) == (False, True)


def reconnected(made: Integration, alice: User) -> None:
    attempt = history_record.begin_repair(made, "reconnect", alice)
    history_record.finish_repair(made, "done", alice, attempt=attempt)


def disconnected(made: Integration, alice: User) -> None:
    data = {"outcome": DisconnectOutcome.DONE}
    history_record.add_entry(
        made.pk, Kind.DISCONNECT, "disconnect", Source.PERSON, actor=alice, data=data
    )


def down(made: Integration, _alice: User) -> None:
    told = {"started_at": NOW, "detected_at": NOW, "total": 3, "tool": "personio"}
    Incident.objects.create(
        integration=made,
        opened_at=NOW,
        key="reconnect_required",
        detected_by=Source.CHECK,
        outage=Outage.objects.create(tool_label="Personio", **told),
    )


def released(made: Integration, _alice: User) -> None:
    down(made, _alice)
    look(_alice, made.tenant)
    Outage.objects.update(released_at=NOW)


def renamed(_made: Integration, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(first_name="Alicia")


@pytest.mark.parametrize("happens", [reconnected, disconnected, down, released, renamed])
@pytest.mark.parametrize("state", SOME_STATES)
def test_what_is_written_elsewhere_is_seen(
    made: Integration, people: list[Any], state: str, happens: Callable[[Integration, User], None]
) -> None:
    alice, *_others = people
    put(made, **STATES[state])
    for user in people:
        look(user, made.tenant)
    happens(made, alice)
    for user in people:
        look(user, made.tenant)


def test_another_language_and_zone_are_others(made: Integration, alice: User) -> None:
    put(made, **STATES["ended"] | {"status": "INACTIVE"})
    english, german = look(alice, made.tenant), []
    with translation.override("de"):
        german = look(alice, made.tenant)
    assert english != german
    with timezone.override("Asia/Tokyo"):
        look(alice, made.tenant)
    assert look(alice, made.tenant) == english


def test_when_it_was_checked_is_said_in_the_readers_zone(made: Integration, alice: User) -> None:
    put(made, **WORKS)
    texts = []
    for zone in ("UTC", "Asia/Tokyo", "UTC"):
        with timezone.override(zone):
            [card] = kept_of(alice, made.tenant)
            texts.append(card.checked_text)
    assert [datetime.fromisoformat(text) for text in texts] == [NOW] * 3
    assert texts[0] == texts[2] != texts[1]
    with pytest.raises(TypeError):
        card.but(checked_at=None)


def test_what_became_anothers_shows_nothing_of_before(
    made: Integration, alice: User, bob: User, bolt: Tenant
) -> None:
    put(made, **STATES["works"])
    look(alice, made.tenant)
    Integration.objects.filter(pk=made.pk).update(tenant=bolt)
    assert look(alice, made.tenant) == []
    [card] = look(bob, bolt)
    assert card.tenant_id == bolt.public_id


def test_a_setting_counts_from_its_change_on(made: Integration, alice: User, settings: Any) -> None:
    put(made, **STATES["paused"])
    [before] = look(alice, made.tenant)
    settings.VENDOR_NAME = "Vendo"
    [after] = look(alice, made.tenant)
    assert before != after


def test_unchanged_rows_are_made_once_and_few_are_kept(
    made: Integration, alice: User, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_cards, "MOST", 2)
    for number in (2, 3):
        mapping.create(made.tenant, f"personio:{number}")
    grant, rows = permissions.rows(alice, made.tenant.public_id)
    first, second = rows.integrations(rows.columns)[0].pk, len(rows)
    for _time in range(2):
        kept_cards.cards_of(grant, rows)
    assert (counted, second) == ([3, 2], 3)
    assert sum(map(len, kept_cards.KEPT._kept.values())) <= 2
    assert first in rows.columns

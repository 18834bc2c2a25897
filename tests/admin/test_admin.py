"""The administration: everything is there, snapshots are to look at only, and nothing secret
shows.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import (
    embed_sessions,
    hand_offs,
    mapping_guard,
    permissions,
    repair_handles,
)
from integrations.models import (
    AuditEntry,
    Entry,
    Event,
    HandOff,
    Incident,
    Integration,
    Kind,
    Membership,
    Reminder,
    RepairHandle,
    Snapshot,
    Tenant,
)
from integrations.tenants import mapping
from tests.conftest import API_KEY, Connect, acting
from tests.embed import token, turn_on
from tests.tenants.test_mapping import against_a_check

MODELS = ["tenant", "membership", "integration", "snapshot"]


@pytest.fixture
def staff(root: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(root)


@pytest.fixture
def theirs(acme: Tenant, alice: User, connect: Connect) -> Integration:
    """An integration of acme of which Kombo says that it is bolt's."""
    return connect(acme, origin_id="bolt", creator_email="eve@customer.example")


def page(name: str, *args: object, query: str = "") -> str:
    return reverse(f"admin:integrations_{name}", args=args) + query


def every_page(integration: Integration) -> list[str]:
    objects = [integration.tenant, Membership.objects.get(), integration, integration.snapshot]
    lists = [page(f"{model}_changelist") for model in MODELS]
    return [
        reverse("admin:index"),
        *lists,
        *(f"{address}?q=acme" for address in lists),
        *(page(f"{model}_change", one.pk) for model, one in zip(MODELS, objects, strict=True)),
        *(page(f"{model}_add") for model in MODELS[:3]),
        page("integration_delete", integration.pk),
        page("integration_history", integration.pk),
    ]


def test_every_page_loads_and_none_shows_a_customers_address_or_our_key(
    staff: Client, theirs: Integration
) -> None:
    for address in every_page(theirs):
        response = staff.get(address)
        assert response.status_code == 200, address
        assert b"eve@" not in response.content, address
        assert API_KEY.encode() not in response.content, address
        assert b"lease" not in response.content, address


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        ("tenant", "Acme", True),
        ("tenant", "acme", True),
        ("tenant", "nobody", False),
        ("membership", "alice", True),
        ("membership", "bolt", False),
        ("integration", "personio:", True),
        ("integration", "Personio", True),
        ("integration", "GmbH", True),
        ("integration", "nobody", False),
        ("snapshot", "personio:", True),
        ("snapshot", "eve@customer", False),
    ],
)
def test_search(model: str, query: str, found: bool, staff: Client, theirs: Integration) -> None:
    response = staff.get(page(f"{model}_changelist"), {"q": query})
    assert response.context["cl"].result_count == int(found)


def test_snapshots_are_to_look_at_only(staff: Client, theirs: Integration) -> None:
    assert staff.get(page("snapshot_add")).status_code == 403
    assert staff.get(page("snapshot_delete", theirs.pk)).status_code == 403
    assert staff.post(page("snapshot_change", theirs.pk), {"status": "INVALID"}).status_code == 403
    assert b'name="status"' not in staff.get(page("snapshot_change", theirs.pk)).content
    form = staff.get(page("integration_change", theirs.pk)).content
    assert b"Personio" in form
    assert b'name="snapshot-0-status"' not in form
    assert Snapshot.objects.get().status == "ACTIVE"


def saved(staff: Client, integration: Integration | None, **terms: Any) -> None:
    address = page("integration_change", integration.pk) if integration else page("integration_add")
    hidden = re.findall(
        r'name="(snapshot-[A-Z_]+)" value="(\d*)"', staff.get(address).content.decode()
    )
    response = staff.post(address, {"environment": "production", **dict(hidden), **terms})
    assert response.status_code == 302, response.context["errors"]


def test_a_new_integration_comes_with_its_snapshot(staff: Client, acme: Tenant) -> None:
    saved(staff, None, tenant=acme.pk, integration_id="personio:1")
    assert Snapshot.objects.get().integration.integration_id == "personio:1"


def test_an_integration_is_not_given_to_two_tenants(
    staff: Client, theirs: Integration, bolt: Tenant
) -> None:
    terms = {
        "environment": "production",
        "tenant": bolt.pk,
        "integration_id": theirs.integration_id,
    }
    response = staff.post(page("integration_add"), terms)
    assert "This integration is already mapped to a tenant." in response.content.decode()
    assert Integration.objects.count() == 1


def confirm(client: Client, *integrations: Integration) -> None:
    chosen = {"action": "confirm_mapping", "_selected_action": [one.pk for one in integrations]}
    client.post(page("integration_changelist"), chosen)


def test_a_confirmation_records_who_and_when_and_opens_the_guard(
    staff: Client, root: User, alice: User, acme: Tenant, theirs: Integration
) -> None:
    where = acme.public_id, theirs.public_id
    assert mapping_guard.is_withheld(permissions.integration(alice, *where)[1])
    before = timezone.now()
    confirm(staff, theirs)
    theirs.refresh_from_db()
    assert (theirs.confirmed_origin_id, theirs.confirmed_by) == ("bolt", root)
    assert theirs.confirmed_at
    assert theirs.confirmed_at >= before
    assert not mapping_guard.is_withheld(permissions.integration(alice, *where)[1])
    assert LogEntry.objects.get().get_change_message() == "Confirmed origin id bolt"
    assert (
        "Confirmed by root on " in staff.get(page("integration_change", theirs.pk)).content.decode()
    )


def test_staff_see_why_an_integration_is_withheld(staff: Client, theirs: Integration) -> None:
    assert ">Withheld<" in staff.get(page("integration_changelist")).content.decode()
    shown = staff.get(page("integration_change", theirs.pk)).content.decode()
    assert "Kombo names origin id “bolt”, the tenant&#x27;s is “acme”" in shown


def test_what_needs_no_confirmation_is_not_confirmed(
    staff: Client, acme: Tenant, connect: Connect
) -> None:
    integration = connect(acme)
    confirm(staff, integration)
    integration.refresh_from_db()
    assert integration.confirmed_by is None
    assert not LogEntry.objects.exists()


def test_confirming_takes_the_permission_to_change(
    mia: User, sign_in: Callable[[User], Client], theirs: Integration
) -> None:
    mia.user_permissions.add(Permission.objects.get(codename="view_integration"))
    confirm(sign_in(mia), theirs)
    theirs.refresh_from_db()
    assert theirs.confirmed_by is None


def test_nobody_but_staff_gets_in(
    alice: User, sign_in: Callable[[User], Client], theirs: Integration
) -> None:
    for address in every_page(theirs):
        assert sign_in(alice).get(address).status_code == 302, address


def test_an_integration_that_moves_must_be_confirmed_anew(
    staff: Client, root: User, theirs: Integration, bolt: Tenant
) -> None:
    mapping.confirm(theirs, acting(root))
    saved(staff, theirs, tenant=bolt.pk, integration_id=theirs.integration_id)
    theirs.refresh_from_db()
    assert (theirs.tenant, theirs.confirmed_origin_id, theirs.confirmed_by) == (bolt, "", None)
    assert theirs.snapshot.tool_label == "Personio"


@pytest.mark.parametrize("change", [{"integration_id": "personio:another"}, {"environment": "us"}])
def test_another_integration_in_its_place_shows_nothing_of_the_old_one(
    change: dict[str, str], staff: Client, root: User, theirs: Integration, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS = dict.fromkeys(
        ("production", "us"), settings.KOMBO_ENVIRONMENTS["production"]
    )
    mapping.confirm(theirs, acting(root))
    saved(
        staff,
        theirs,
        **{"tenant": theirs.tenant.pk, "integration_id": theirs.integration_id} | change,
    )
    changed = Integration.objects.get()
    assert (changed.confirmed_origin_id, changed.confirmed_by) == ("", None)
    assert (
        changed.snapshot.fetched_at,
        changed.snapshot.coverage,
        changed.snapshot.creator_email,
    ) == (None, "", "")


def test_saving_without_a_change_keeps_all_of_it(
    staff: Client, root: User, theirs: Integration
) -> None:
    mapping.confirm(theirs, acting(root))
    saved(staff, theirs, tenant=theirs.tenant.pk, integration_id=theirs.integration_id)
    theirs.refresh_from_db()
    assert (theirs.confirmed_by, theirs.snapshot.tool_label) == (root, "Personio")


def test_a_list_takes_the_same_queries_however_long(
    staff: Client, root: User, acme: Tenant, connect: Connect, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        mapping.confirm(connect(acme, origin_id="bolt"), acting(root))
    with django_assert_max_num_queries(8):
        staff.get(page("integration_changelist"))


@pytest.mark.parametrize("allowed", [True, False])
def test_embedded_sessions_of_the_chosen_tenants_are_ended(
    allowed: bool,
    root: User,
    mia: User,
    sign_in: Callable[[User], Client],
    acme: Tenant,
    bolt: Tenant,
    settings: Any,
) -> None:
    turn_on(settings)
    keys = {
        name: [embed_sessions.exchange(token(sub=name)).key for _ in range(2)]
        for name in ("acme", "bolt")
    }
    chosen = {"action": "end_embed_sessions", "_selected_action": [acme.pk]}
    done = sign_in(root if allowed else mia).post(page("tenant_changelist"), chosen, follow=True)
    assert ("2 sessions ended." in done.content.decode()) == allowed
    alive = {
        name: [bool(embed_sessions.guest_of(key)) for key in those] for name, those in keys.items()
    }
    assert alive == {"acme": [not allowed] * 2, "bolt": [True, True]}
    assert not [key for those in keys.values() for key in those if key in done.content.decode()]


def renamed(staff: Client, tenant: Tenant, **terms: str) -> None:
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    told = {"name": tenant.name, "origin_id": tenant.origin_id, **members, **terms}
    response = staff.post(page("tenant_change", tenant.pk), told)
    assert response.status_code == 302, response.context["errors"]


def test_another_origin_id_has_the_answers_worked_out_anew(
    staff: Client, acme: Tenant, theirs: Integration
) -> None:
    Tenant.objects.update(answers_due=False)
    renamed(staff, acme, origin_id="bolt")
    assert Tenant.objects.get().answers_due


@pytest.mark.parametrize("change", [{"integration_id": "personio:another"}, {"environment": "us"}])
def test_no_way_to_the_old_one_leads_to_another_integration_in_its_place(
    change: dict[str, str],
    staff: Client,
    acme: Tenant,
    connect: Connect,
    alice: User,
    settings: Any,
) -> None:
    settings.KOMBO_ENVIRONMENTS = dict.fromkeys(
        ("production", "us"), settings.KOMBO_ENVIRONMENTS["production"]
    )
    made = connect(acme, state="invalid")
    hand_offs.create(made, "reconnect", by=acting(alice))
    repair_handles.make(made, "reconnect")
    saved(staff, made, **{"tenant": acme.pk, "integration_id": made.integration_id} | change)
    assert HandOff.objects.get().revoked_at
    assert not RepairHandle.objects.exists()
    assert Reminder.objects.get().ended_at


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite only one writes at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["tenant", "integration"])
def test_no_change_waits_for_a_check_that_waits_for_it(
    what: str, staff: Client, acme: Tenant, bolt: Tenant
) -> None:
    def act(made: Integration) -> None:
        if what == "tenant":
            renamed(staff, acme, name="Acme SE")
        else:
            saved(staff, made, tenant=bolt.pk, integration_id="personio:another")

    against_a_check(mapping.create(acme, "personio:1"), act)


# --- On record


def recorded() -> list[tuple[str, str, str, str]]:
    found = AuditEntry.objects.order_by("pk")
    return list(found.values_list("tenant", "integration", "tool", "detail"))


def test_a_move_is_on_record_with_both_tenants_and_without_kombos_id(
    staff: Client, theirs: Integration, bolt: Tenant
) -> None:
    saved(staff, theirs, tenant=bolt.pk, integration_id=theirs.integration_id)
    assert recorded() == [
        ("Acme GmbH", theirs.public_id, "Personio", "integration: moved away"),
        ("Bolt & Sons", theirs.public_id, "Personio", "integration: Changed Tenant."),
    ]


def test_no_entry_holds_kombos_id(staff: Client, acme: Tenant) -> None:
    made = Integration.objects.create(
        tenant=acme, integration_id="personio:secret", environment="production"
    )
    saved(staff, made, tenant=acme.pk, integration_id="personio:secret2")
    staff.post(page("integration_delete", made.pk), {"post": "yes"})
    saved(staff, None, tenant=acme.pk, integration_id="personio:secret")
    assert len(recorded()) >= 2
    assert "secret" not in str(list(AuditEntry.objects.values()))


def test_accounts_and_roles_are_on_record(staff: Client, alice: User) -> None:
    new = {
        "username": "zoe",
        "password1": "a good one 4711",
        "password2": "a good one 4711",
        "usable_password": "true",
    }
    staff.post(reverse("admin:auth_user_add"), new)
    changed = {"username": "alice", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    staff.post(reverse("admin:auth_user_change", args=[alice.pk]), changed | joined)
    again = {
        "password1": "another one 4711",
        "password2": "another one 4711",
        "usable_password": "true",
    }
    staff.post(reverse("admin:auth_user_password_change", args=[alice.pk]), again)
    staff.post(reverse("admin:auth_group_add"), {"name": "Managers"})
    staff.post(reverse("admin:auth_user_delete", args=[alice.pk]), {"post": "yes"})
    said = [detail for *_rest, detail in recorded()]
    assert [one.partition(":")[0] for one in said] == [
        *("user zoe", "user alice", "user alice", "group Managers", "user alice")
    ]
    assert "Superuser status" in said[1]
    assert said[2] == "user alice: Changed password."
    assert "4711" not in str(said)


def test_whose_account_ends_leaves_no_link_behind(
    staff: Client, acme: Tenant, alice: User, connect: Connect
) -> None:
    hand_offs.create(connect(acme, state="invalid"), "reconnect", by=acting(alice))
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    staff.post(
        reverse("admin:auth_user_change", args=[alice.pk]),
        {"username": "alice", "is_active": "on"} | joined,
    )
    assert HandOff.objects.get().revoked_at is None
    staff.post(reverse("admin:auth_user_change", args=[alice.pk]), {"username": "alice"} | joined)
    assert not User.objects.get(pk=alice.pk).is_active
    assert HandOff.objects.get().revoked_at


def test_who_looks_after_some_tenants_finds_no_other_here(
    acme: Tenant, bolt: Tenant, alice: User, connect: Connect, sign_in: Callable[[User], Client]
) -> None:
    amy = User.objects.create_user("amy-in-admin", is_staff=True)
    kinds = ("tenant", "membership", "integration", "snapshot", "event", "incident", "entry")
    names = [f"{act}_{kind}" for kind in kinds for act in ("view", "change", "delete")]
    names.remove("view_tenant")
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    Membership.objects.create(user=amy, tenant=bolt)
    mine, other = connect(acme), connect(bolt)
    staff = sign_in(amy)
    for kind, own, strange in (
        ("tenant", acme, bolt),
        ("membership", alice.memberships.get(), bolt.memberships.get()),
        ("integration", mine, other),
        ("snapshot", mine.snapshot, other.snapshot),
    ):
        listed = staff.get(page(f"{kind}_changelist")).content.decode()
        assert reverse(f"admin:integrations_{kind}_change", args=[own.pk]) in listed
        assert reverse(f"admin:integrations_{kind}_change", args=[strange.pk]) not in listed
        assert staff.get(page(f"{kind}_change", own.pk)).status_code == 200
        assert staff.get(page(f"{kind}_change", strange.pk)).status_code == 302
        assert staff.post(page(f"{kind}_delete", strange.pk), {"post": "yes"}).status_code in {
            302,
            403,
        }
    assert Integration.objects.filter(pk=other.pk).exists()
    assert Membership.objects.filter(tenant=bolt).exists()
    for one in (mine, other):
        Entry.objects.create(integration=one, at=timezone.now(), kind=Kind.STATE, what="connected")
        Incident.objects.create(integration=one, key="degraded", opened_at=timezone.now())
        Event.objects.create(integration=one, event_id=one.public_id, received_at=timezone.now())
    for kind in ("event", "incident", "entry"):
        listed = staff.get(page(f"{kind}_changelist")).content.decode()
        assert mine.integration_id in listed
        assert other.integration_id not in listed
    values = {
        "tenant": bolt.pk,
        "integration_id": mine.integration_id,
        "environment": mine.environment,
    }
    assert staff.post(page("integration_change", mine.pk), values).status_code == 200, (
        "refused, with words"
    )
    assert Integration.objects.get(pk=mine.pk).tenant == acme


@pytest.mark.parametrize("may_assign", [False, True])
def test_an_account_manager_is_assigned_with_the_permission_only(
    acme: Tenant, root: User, sign_in: Callable[[User], Client], may_assign: bool
) -> None:
    amy = User.objects.create_user("amy-in-admin", is_staff=True)
    names = ["change_tenant", *(["assign_tenant"] if may_assign else [])]
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    values = {"name": acme.name, "origin_id": acme.origin_id, "owner": root.pk}
    assert sign_in(amy).post(page("tenant_change", acme.pk), values).status_code == 302
    assert Tenant.objects.get(pk=acme.pk).owner == (root if may_assign else amy)

"""One customer as account managers see it: integrations, who takes care, whom we write to, notes,
and latest acts.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.access import hand_offs
from integrations.access.audit import WORKER
from integrations.history import record as history_record
from integrations.models import AuditEntry, Feature, Integration, Note, Snapshot, Summary, Tenant
from integrations.workspace import features
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import read, url_of
from tests.views.conftest import Browser
from tests.views.workspace.tenant_pages import TYPED, acts, address, look, wrong

ACTS = ("tenant_assign", "tenant_note", "tenant_reminders")
PERMITTED = {"tenant_assign": "assign_tenant", "tenant_reminders": "contact_tenant"}


def test_only_who_takes_care_of_the_customer_gets_in(
    browser: Browser, acme: Tenant, amy: User
) -> None:
    for name, status in {
        "amy": 200,
        "mia": 200,
        "root": 200,
        "ned": 404,
        "alice": 404,
        "bob": 404,
    }.items():
        assert browser(name).get(address(acme)).status_code == status, name


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_can_do_anything(
    browser: Browser, acme: Tenant, amy: User, ned: User, act: str
) -> None:
    ned.user_permissions.set(Permission.objects.filter(codename__in=PERMITTED.values()))
    for name in ("ned", "alice", "bob"):
        assert browser(name).post(address(acme, act), TYPED | {"text": "x"}).status_code == 404
    acme.refresh_from_db()
    assert (acme.owner, acme.contact_email, acts()) == (amy, "", [])


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_a_post_with_the_forms_token(acme: Tenant, amy: User, act: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    assert strict.get(address(acme, act))["Location"] == address(acme)
    assert strict.post(address(acme, act)).status_code == 403


def test_its_integrations_are_listed_the_broken_first(
    browser: Browser, acme: Tenant, bolt: Tenant, connect: Connect, root: User
) -> None:
    fine, broken, other = connect(acme), connect(acme, state="invalid"), connect(bolt)
    page = look(browser("root"), acme)
    rows = page.all("li", "data-integration")
    assert [row["data-integration"] for row in rows] == [broken.public_id, fine.public_id]
    assert copy.RECONNECT_REQUIRED in rows[0].text
    assert copy.WAITING_ON_NEXT_ACTOR(next_actor=copy.CUSTOMER) in rows[0].text
    assert copy.WAITING_ON_NEXT_ACTOR(next_actor="") not in rows[1].text  # it waits on no one
    assert rows[0].one("a")["href"] == url_of("workspace_integration", broken)
    assert other.public_id not in browser("root").get(address(acme)).content.decode()


def test_more_than_it_can_show_are_in_the_list(
    browser: Browser, acme: Tenant, amy: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [connect(acme) for _ in range(2)]
    monkeypatch.setattr("integrations.views.workspace.tenant.MOST_INTEGRATIONS", 2)
    address = f"{reverse('triage')}?scope=all&tenant={acme.public_id}"
    assert not look(browser("amy"), acme).all("a", "href", address)
    made.append(connect(acme))
    page = look(browser("amy"), acme)
    assert len(page.all("li", "data-integration")) == 2
    assert copy.ONLY_THE_FIRST_MOST_ARE_SHOWN(most=2) in page.text
    listed = read(browser("amy").get(page.one("a", "href", address)["href"])).all(
        "tr", "data-integration"
    )
    assert {row["data-integration"] for row in listed} == {one.public_id for one in made}


def test_it_leads_to_what_the_customer_sees(browser: Browser, acme: Tenant, amy: User) -> None:
    page = look(browser("amy"), acme)
    assert "read-only" in page.one("main").text, "how the two differ"
    links = {a["href"] for a in page.all("a")}
    assert {reverse("preview", args=[acme.public_id]), address(acme, "tenant")} <= links


def test_an_account_manager_is_chosen(
    permit: Callable[..., Client], acme: Tenant, invalid: Integration, ned: User
) -> None:
    client = permit("assign_tenant", "view_tenant")
    options = look(client, acme).one("select", "name", "owner").all("option")
    assert [(one.text, "selected" in one.attributes) for one in options] == [
        (copy.UNASSIGNED, False), ("amy", True), ("ned", False)
    ]  # fmt: skip
    assert client.post(address(acme, "tenant_assign"), {"owner": ned.pk})["Location"] == address(
        acme
    )
    acme.refresh_from_db()
    assert (acme.owner, Summary.objects.get(pk=invalid.pk).owner) == (ned, ned)
    assert acts() == [("assigned", {"changes": {"owner": ["amy", "ned"]}})]


def test_who_gave_the_customer_away_is_led_to_their_own(
    permit: Callable[..., Client], acme: Tenant, ned: User
) -> None:
    client = permit("assign_tenant")
    response = client.post(address(acme, "tenant_assign"), {"owner": ned.pk})
    assert response["Location"] == reverse("triage")
    assert client.get(address(acme)).status_code == 404


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_has_left_stays_until_another_is_chosen(
    browser: Browser, root: User, acme: Tenant, amy: User, change: dict[str, bool]
) -> None:
    User.objects.filter(pk=amy.pk).update(**change)
    client = browser("root")
    field = look(client, acme).one("select", "name", "owner")
    assert [one.text for one in field.all("option", "selected")] == [copy.NAME_INACTIVE(name="amy")]
    for chosen, owner in ((amy.pk, amy), ("", None)):
        assert client.post(address(acme, "tenant_assign"), {"owner": chosen}).status_code == 302
        acme.refresh_from_db()
        assert acme.owner == owner
    assert acts() == [("assigned", {"changes": {"owner": ["amy", ""]}})]
    assert "amy" not in look(client, acme).one("select", "name", "owner").text


@pytest.mark.parametrize("who", ["alice", "left"])
def test_nobody_but_staff_can_be_chosen(
    permit: Callable[..., Client], acme: Tenant, amy: User, alice: User, who: str
) -> None:
    left = User.objects.create_user("left", is_staff=True, is_active=False)
    chosen = {"alice": alice.pk, "left": left.pk}[who]
    assert wrong(
        permit("assign_tenant").post(address(acme, "tenant_assign"), {"owner": chosen})
    ) == {"owner"}
    acme.refresh_from_db()
    assert (acme.owner, acts()) == (amy, [])


@pytest.mark.parametrize("act", PERMITTED)
def test_what_is_not_permitted_is_neither_offered_nor_there(
    permit: Callable[..., Client], acme: Tenant, act: str
) -> None:
    client = permit(*set(PERMITTED.values()) - {PERMITTED[act]})
    assert address(acme, act) not in {form["action"] for form in look(client, acme).all("form")}
    assert client.post(address(acme, act), TYPED | {"owner": ""}).status_code == 404
    assert acts() == []


def test_notes_are_those_of_the_customer_and_its_integrations(
    browser: Browser, acme: Tenant, bolt: Tenant, amy: User, invalid: Integration
) -> None:
    Note.objects.create(
        tenant=acme, integration=invalid, author=amy, at=timezone.now(), text="Of one"
    )
    Note.objects.create(tenant=bolt, author=amy, at=timezone.now(), text="Of bolt")
    client = browser("amy")
    assert client.post(address(acme, "tenant_note"), {"text": "Of all"}).status_code == 302
    notes = look(client, acme).all("li", "data-note")
    assert [note.all("p")[1].text for note in notes] == ["Of all", "Of one"]
    assert notes[1].one("a")["href"] == url_of("workspace_integration", invalid)
    assert acts() == [("noted", {})]


def test_a_note_of_what_is_anothers_by_now_tells_nothing(
    browser: Browser, acme: Tenant, bolt: Tenant, amy: User, invalid: Integration
) -> None:
    Note.objects.create(
        tenant=acme, integration=invalid, author=amy, at=timezone.now(), text="Of one"
    )
    invalid.tenant = bolt
    invalid.save()
    Snapshot.objects.filter(pk=invalid.pk).update(tool_label="Bolt's own")
    note = look(browser("amy"), acme).one("li", "data-note")
    assert "Of one" in note.text
    assert "Bolt's own" not in note.text
    assert not note.all("a")


def test_pressed_twice_it_is_one_note(browser: Browser, acme: Tenant, amy: User) -> None:
    client = browser("amy")
    form = look(client, acme).one("form", "action", address(acme, "tenant_note"))
    for _ in range(2):
        typed = {
            "text": "x",
            "idempotency_key": form.one("input", "name", "idempotency_key")["value"],
        }
        assert client.post(address(acme, "tenant_note"), typed).status_code == 302
    assert acts() == [("noted", {})]


def test_a_note_that_can_not_be_kept_stays_in_its_field(
    browser: Browser, acme: Tenant, amy: User
) -> None:
    response = browser("amy").post(address(acme, "tenant_note"), {"text": "x" * 4001})
    assert wrong(response) == {"text"}
    assert read(response).one("textarea").text == "x" * 4001


def test_it_says_which_features_work_and_what_changed_lately(
    browser: Browser, acme: Tenant, amy: User, invalid: Integration
) -> None:
    Feature.objects.create(name="Org chart", needs=["hris_employees.no_such_field"])
    features.mark_stale(pk=acme.pk)
    features.evaluate_stale()
    history_record.record_coverage(
        invalid.pk, {"opted_out": ["hris_employees.gender"]}, timezone.now()
    )
    page = look(browser("amy"), acme)
    feature = page.one("li", "data-feature", "Org chart")
    assert feature["data-verdict"] == "not"
    assert feature.one("p", "class", "named").text == "Org chart Doesn’t work", (
        "before what explains it"
    )
    assert copy.OPTED_OUT_OF_N_FIELD(n=1) in page.one("li", "data-entry", "coverage").text
    assert "hris_employees.gender" in page.one("li", "data-entry", "coverage").text


def test_the_latest_acts_are_for_who_may_see_the_record(
    permit: Callable[..., Client], acme: Tenant, bolt: Tenant, invalid: Integration
) -> None:
    permit().post(address(acme, "tenant_note"), {"text": "x"})
    AuditEntry.objects.create(at=timezone.now(), what="paused", actor="root", tenant_id=bolt.pk)
    hand_offs.create(invalid, "reconnect", by=WORKER)
    assert not look(permit(), acme).all("", "id", "audit-title")
    shown = look(permit("view_auditentry"), acme).all("li", "data-act")
    assert [(one["data-act"], one.all("p")[0].text) for one in shown] == [
        ("noted", copy.NOTE_ADDED)
    ]


def test_it_says_who_has_access_with_which_role(
    browser: Browser, acme: Tenant, alice: User, vic: User, amy: User
) -> None:
    User.objects.filter(pk=vic.pk).update(is_active=False)
    members = look(browser("amy"), acme).all("li", "data-member")
    assert [one["data-member"] for one in members] == ["alice", "vic"]
    assert "Member" in members[0].text
    assert "Viewer" in members[1].text
    assert copy.INACTIVE in members[1].text


@pytest.mark.parametrize(
    ("permissions", "ways"),
    [([], set()), (["view_tenant"], {"admin"}), (["view_event"], {"unmapped"})],
)
def test_it_leads_to_members_and_mapping_who_may_go_there(
    permit: Callable[..., Client], acme: Tenant, permissions: list[str], ways: set[str]
) -> None:
    links = {a["href"] for a in look(permit(*permissions), acme).all("a")}
    known = {
        "admin": reverse("admin:integrations_tenant_change", args=[acme.pk]),
        "unmapped": f"{reverse('webhook_log')}#unmapped-title",
    }
    assert {way for way, url in known.items() if url in links} == ways


@pytest.mark.parametrize("number", [2, 6])
def test_the_page_costs_the_same_for_few_and_many(
    permit: Callable[..., Client],
    acme: Tenant,
    amy: User,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    made = [connect(acme) for _ in range(number)]
    Note.objects.bulk_create(
        Note(tenant=acme, integration=one, author=amy, at=timezone.now(), text="t") for one in made
    )
    for one in made:
        history_record.record_coverage(one.pk, {"opted_out": ["a"]}, timezone.now())
    client = permit(*PERMITTED.values(), "view_auditentry")
    # Session and user, two for permissions, the tenant, its integrations, who could take care of
    # it, what was begun to be connected, its features, notes with their number, changes and acts,
    # who has access, and the vendor's identity.
    with django_assert_num_queries(17):
        look(client, acme)

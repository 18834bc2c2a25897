"""One customer as account managers see it: integrations, who takes care, whom we write to, notes,
and latest acts.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
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
from tests.conftest import Connect
from tests.views.browsing import Element, read, url_of
from tests.views.conftest import Browser

ACTS = ("tenant_assign", "tenant_note", "tenant_reminders")
PERMITTED = {"tenant_assign": "assign_tenant", "tenant_reminders": "contact_tenant"}
TYPED = {
    "contact_email": "hr@acme.example",
    "language": "de",
    "reminders": "2h 2d",
    "quiet_hours": "19-7",
    "reminder_cap": "3",
}


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


@pytest.fixture
def permit(amy: User, browser: Browser) -> Callable[..., Client]:
    """The browser of acme's account manager with some permissions."""

    def permit(*names: str) -> Client:
        amy.user_permissions.set(Permission.objects.filter(codename__in=names))
        assert amy.user_permissions.count() == len(names)
        return browser("amy")

    return permit


def address(tenant: Tenant, name: str = "workspace_tenant") -> str:
    return reverse(name, args=[tenant.public_id])


def look(client: Client, tenant: Tenant) -> Element:
    response = client.get(address(tenant))
    assert response.status_code == 200
    return read(response)


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("what", "detail"))


def wrong(response: Any) -> set[str]:
    """The fields that the page points at."""
    assert response.status_code == 422
    return {one["name"] for one in read(response).all("", "aria-invalid", "true")}


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
    assert "Reconnect needed" in rows[0].text
    assert "Whose step: Customer" in rows[0].text
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
    assert "Only the first 2 are shown." in page.text
    listed = read(browser("amy").get(page.one("a", "href", address)["href"])).all(
        "tr", "data-integration"
    )
    assert {row["data-integration"] for row in listed} == {one.public_id for one in made}


def test_it_leads_to_what_the_customer_sees(browser: Browser, acme: Tenant, amy: User) -> None:
    page = look(browser("amy"), acme)
    assert "nothing can be pressed" in page.one("main").text, "how the two differ"
    links = {a["href"] for a in page.all("a")}
    assert {reverse("preview", args=[acme.public_id]), address(acme, "tenant")} <= links


def test_an_account_manager_is_chosen(
    permit: Callable[..., Client], acme: Tenant, made: Integration, ned: User
) -> None:
    client = permit("assign_tenant", "view_tenant")
    options = look(client, acme).one("select", "name", "owner").all("option")
    assert [(one.text, "selected" in one.attributes) for one in options] == [
        ("Nobody", False), ("amy", True), ("ned", False)
    ]  # fmt: skip
    assert client.post(address(acme, "tenant_assign"), {"owner": ned.pk})["Location"] == address(
        acme
    )
    acme.refresh_from_db()
    assert (acme.owner, Summary.objects.get(pk=made.pk).owner) == (ned, ned)
    assert acts() == [("assigned", "ned")]


def test_who_gave_the_customer_away_is_led_to_their_own(
    permit: Callable[..., Client], acme: Tenant, ned: User
) -> None:
    client = permit("assign_tenant")
    response = client.post(address(acme, "tenant_assign"), {"owner": ned.pk})
    assert response["Location"] == reverse("triage")
    assert client.get(address(acme)).status_code == 404


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_whoever_has_left_stays_the_account_manager_until_another_is_chosen(
    browser: Browser, root: User, acme: Tenant, amy: User, change: dict[str, bool]
) -> None:
    User.objects.filter(pk=amy.pk).update(**change)
    client = browser("root")
    field = look(client, acme).one("select", "name", "owner")
    assert [one.text for one in field.all("option", "selected")] == ["amy (has left)"]
    for chosen, owner in ((amy.pk, amy), ("", None)):
        assert client.post(address(acme, "tenant_assign"), {"owner": chosen}).status_code == 302
        acme.refresh_from_db()
        assert acme.owner == owner
    assert acts() == [("assigned", "–")]
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


def test_contact_and_reminders_are_kept(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    assert client.post(address(acme, "tenant_reminders"), TYPED)["Location"] == address(acme)
    acme.refresh_from_db()
    assert {name: str(getattr(acme, name)) for name in TYPED} == TYPED
    form = look(client, acme).one("form", "action", address(acme, "tenant_reminders"))
    assert form.one("input", "name", "contact_email")["value"] == "hr@acme.example"
    assert acts() == [
        ("reminders_changed", f"{name}: – → {value}") for name, value in TYPED.items()
    ]


def test_who_may_not_change_contact_and_reminders_reads_them_in_words(
    browser: Browser, acme: Tenant, amy: User
) -> None:
    def words() -> list[str]:
        section = look(browser("amy"), acme).one("section", "aria-labelledby", "contact-title")
        return [one.text for one in section.all("dd")]

    everybodys = "As for everybody"
    assert words() == ["Whoever connected the tool", *[everybodys] * 4]
    Tenant.objects.filter(pk=acme.pk).update(
        contact_email="hr@acme.example", language="de", reminder_cap=0
    )
    assert words() == [
        "hr@acme.example",
        dict(settings.LANGUAGES)["de"],
        everybodys,
        everybodys,
        "None",
    ]


def test_what_stays_empty_is_as_for_everybody(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    client.post(address(acme, "tenant_reminders"), TYPED)
    client.post(
        address(acme, "tenant_reminders"),
        form_of(look(client, acme), acme) | dict.fromkeys(TYPED, ""),
    )
    acme.refresh_from_db()
    assert {getattr(acme, name) for name in TYPED} == {"", None}
    assert acts()[-1] == ("reminders_changed", "reminder_cap: 3 → –")


def test_saving_what_was_there_changes_nothing(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    for typed in (dict.fromkeys(TYPED, ""), form_of(look(client, acme), acme)):
        assert client.post(address(acme, "tenant_reminders"), typed).status_code == 302
    assert acts() == []


def form_of(page: Element, acme: Tenant) -> dict[str, str]:
    """What a browser sends if nothing was typed, but for the forms' token."""
    form = page.one("form", "action", address(acme, "tenant_reminders"))
    chosen = {one["name"]: one.one("option", "selected")["value"] for one in form.all("select")}
    typed = {one["name"]: one["value"] for one in form.all("input")}
    return {name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"} | chosen


def test_two_who_change_different_fields_at_a_time_are_both_heard(
    permit: Callable[..., Client], acme: Tenant
) -> None:
    client = permit("contact_tenant")
    seen = form_of(look(client, acme), acme)
    for typed in ({"contact_email": "new@acme.example", "reminder_cap": "2"}, {"language": "de"}):
        assert client.post(address(acme, "tenant_reminders"), seen | typed).status_code == 302
    acme.refresh_from_db()
    assert (acme.contact_email, acme.reminder_cap, acme.language) == ("new@acme.example", 2, "de")


def test_of_two_who_change_the_same_at_a_time_the_second_is_told(
    permit: Callable[..., Client], acme: Tenant
) -> None:
    client = permit("contact_tenant")
    seen = form_of(look(client, acme), acme)
    client.post(address(acme, "tenant_reminders"), seen | {"contact_email": "first@acme.example"})
    second = seen | {"contact_email": "second@acme.example", "language": "de"}
    response = client.post(address(acme, "tenant_reminders"), second)
    assert response.status_code == 409
    page = read(response)
    assert "Somebody else has just changed the same." in page.one("p", "data-problem").text
    assert form_of(page, acme) == form_of(look(client, acme), acme)
    assert form_of(page, acme)["contact_email"] == "first@acme.example"
    acme.refresh_from_db()
    assert (acme.contact_email, acme.language) == ("first@acme.example", "")
    assert acts() == [("reminders_changed", "contact_email: – → first@acme.example")]
    assert (
        client.post(
            address(acme, "tenant_reminders"), form_of(page, acme) | {"language": "de"}
        ).status_code
        == 302
    )
    same = client.post(
        address(acme, "tenant_reminders"), seen | {"contact_email": "first@acme.example"}
    )
    assert same.status_code == 302, "they agree"


@pytest.mark.parametrize("name", TYPED)
def test_what_was_seen_may_be_anything(
    permit: Callable[..., Client], acme: Tenant, name: str
) -> None:
    for seen in ("x" * 100_000, "-1"):
        typed = TYPED | {f"initial-{name}": seen}
        assert (
            permit("contact_tenant").post(address(acme, "tenant_reminders"), typed).status_code
            == 409
        )
    assert acts() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contact_email", "nobody"),
        ("contact_email", f"{'x' * 255}@acme.example"),
        ("language", "xx"),
        ("reminders", "now and then"),
        ("reminders", "3d 1h"),
        ("quiet_hours", "25-8"),
        ("reminder_cap", "-1"),
        ("reminder_cap", "9" * 400),
    ],
)
def test_what_can_not_be_is_pointed_at_and_stays_in_its_field(
    permit: Callable[..., Client], acme: Tenant, name: str, value: str
) -> None:
    response = permit("contact_tenant").post(
        address(acme, "tenant_reminders"), TYPED | {name: value}
    )
    assert wrong(response) == {name}
    assert [one["name"] for one in read(response).all("", "autofocus")] == [name]
    for field in read(response).all("input", "name", name):
        assert field["value"] == value
    acme.refresh_from_db()
    assert (acme.contact_email, acts()) == ("", [])


def test_notes_are_those_of_the_customer_and_its_integrations(
    browser: Browser, acme: Tenant, bolt: Tenant, amy: User, made: Integration
) -> None:
    Note.objects.create(tenant=acme, integration=made, author=amy, at=timezone.now(), text="Of one")
    Note.objects.create(tenant=bolt, author=amy, at=timezone.now(), text="Of bolt")
    client = browser("amy")
    assert client.post(address(acme, "tenant_note"), {"text": "Of all"}).status_code == 302
    notes = look(client, acme).all("li", "data-note")
    assert [note.all("p")[0].text for note in notes] == ["Of all", "Of one"]
    assert notes[1].one("a")["href"] == url_of("workspace_integration", made)
    assert acts() == [("noted", "")]


def test_a_note_about_what_is_anothers_by_now_tells_nothing_of_it(
    browser: Browser, acme: Tenant, bolt: Tenant, amy: User, made: Integration
) -> None:
    Note.objects.create(tenant=acme, integration=made, author=amy, at=timezone.now(), text="Of one")
    made.tenant = bolt
    made.save()
    Snapshot.objects.filter(pk=made.pk).update(tool_label="Bolt's own")
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
    assert acts() == [("noted", "")]


def test_a_note_that_can_not_be_kept_stays_in_its_field(
    browser: Browser, acme: Tenant, amy: User
) -> None:
    response = browser("amy").post(address(acme, "tenant_note"), {"text": "x" * 4001})
    assert wrong(response) == {"text"}
    assert read(response).one("textarea").text == "x" * 4001


def test_it_says_which_features_work_and_what_changed_lately(
    browser: Browser, acme: Tenant, amy: User, made: Integration
) -> None:
    Feature.objects.create(name="Org chart", needs=["hris_employees.no_such_field"])
    features.mark_stale(pk=acme.pk)
    features.evaluate_stale()
    history_record.record_coverage(
        made.pk, {"opted_out": ["hris_employees.gender"]}, timezone.now()
    )
    page = look(browser("amy"), acme)
    feature = page.one("li", "data-feature", "Org chart")
    assert feature["data-verdict"] == "not"
    assert feature.one("p", "class", "named").text == "Org chart Does not work", (
        "before what explains it"
    )
    assert "1 was opted out of" in page.one("li", "data-entry", "coverage").text
    assert "hris_employees.gender" in page.one("li", "data-entry", "coverage").text


def test_the_latest_acts_are_for_who_may_see_the_record(
    permit: Callable[..., Client], acme: Tenant, bolt: Tenant, made: Integration
) -> None:
    permit().post(address(acme, "tenant_note"), {"text": "x"})
    AuditEntry.objects.create(at=timezone.now(), what="paused", actor="root", tenant_id=bolt.pk)
    hand_offs.create(made, "reconnect", by=WORKER)
    assert not look(permit(), acme).all("", "id", "audit-title")
    shown = look(permit("view_auditentry"), acme).all("li", "data-act")
    assert [(one["data-act"], one.all("p")[0].text) for one in shown] == [("noted", "Note written")]


@pytest.mark.parametrize("number", [2, 30])
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
    # it, its features, notes with their number, changes and acts.
    with django_assert_num_queries(12):
        look(client, acme)

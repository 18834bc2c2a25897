"""The page of the record: who may read what of it, and what it shows."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, audit_retention, audit_words
from integrations.access.audit import Act, Actor
from integrations.mail import delivery
from integrations.models import AuditEntry, Mail, Snapshot, Tenant
from integrations.simulator.hostile import NASTY
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import Element, page_at, read
from tests.views.conftest import Browser

PAGE, FILE = "/workspace/audit/", "/workspace/audit.csv"


def look(client: Client, **query: str) -> Element:
    return page_at(client, PAGE, query)


def shown(page: Element) -> list[str]:
    return [row["data-act"] for row in page.all("tr", "data-act")]


def lines(client: Client, **query: str) -> list[list[str]]:
    text = b"".join(client.get(FILE, query)).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))[1:]


@pytest.fixture
def amys(browser: Browser, amy: User) -> Client:
    """Of an account manager who may read the record."""
    amy.user_permissions.set(Permission.objects.filter(codename="view_auditentry"))
    return browser("amy")


@pytest.fixture
def record(root: User, acme: Tenant, bolt: Tenant) -> None:
    audit.record(acting(root), Act.IMPORTED, created=9)
    audit.record(acting(root), Act.NOTED, tenant=bolt)
    by = Actor(None, copy.EMBEDDED_VIEW, "203.0.113.7")
    audit.record(by, Act.LEFT_FRAME, tenant=acme, purpose="reconnect")


# --- Who may read it


@pytest.mark.parametrize("address", [PAGE, FILE])
@pytest.mark.parametrize("person", ["alice", "amy", "ned", "mia"])
def test_it_takes_the_permission(browser: Browser, person: str, address: str) -> None:
    assert browser(person).get(address).status_code == 404


def test_the_permission_takes_staff(browser: Browser, alice: User, record: None) -> None:
    alice.user_permissions.set(Permission.objects.filter(codename="view_auditentry"))
    assert browser("alice").get(PAGE).status_code == 404


def test_account_managers_read_what_was_done_for_their_own(
    amys: Client, record: None, bolt: Tenant
) -> None:
    assert shown(look(amys)) == ["left_frame"]
    assert [row[3] for row in lines(amys)] == ["left_frame"]
    for query in (
        {"tenant": bolt.public_id},
        {"q": "Bolt"},
        {"act": "noted"},
        {"tenant": "nowhere"},
    ):
        assert not shown(look(amys, **query))
        assert not lines(amys, **query)
        assert "Bolt & Sons" not in look(amys, **query).text


def test_whoever_sees_all_reads_what_is_of_nobody_too(browser: Browser, record: None) -> None:
    assert shown(look(browser("root"))) == ["left_frame", "noted", "imported"]


def test_of_a_tenant_that_is_gone_the_name_stays(
    browser: Browser, record: None, bolt: Tenant
) -> None:
    bolt.delete()
    page = look(browser("root"))
    row = page.one("tr", "data-act", "noted")
    assert "Bolt & Sons" in row.text
    assert not row.all("a")


def test_a_mail_sent_again_tells_nothing_of_anothers(
    amys: Client, acme: Tenant, bolt: Tenant, connect: Connect, amy: User
) -> None:
    made, now = connect(acme), timezone.now()
    told = {
        "kind": "reminder",
        "tenant": acme,
        "to": "x@acme.example",
        "error": "refused 550",
        "created_at": now,
    }
    mail = Mail.objects.create(key="1", integration=made, **told)
    made.tenant = bolt
    made.save()
    Snapshot.objects.filter(pk=made.pk).update(tool_label="Bolt's own")
    assert delivery.resend(mail, acting(amy))
    row = look(amys).one("tr", "data-act", "mail_resent")
    assert "Acme GmbH" in row.text
    assert "Bolt's own" not in row.text
    assert AuditEntry.objects.get().integration == ""


# --- What it shows


def test_a_row_says_who_what_when_for_whom_and_from_where(
    browser: Browser, record: None, acme: Tenant
) -> None:
    row = look(browser("root")).one("tr", "data-act", "left_frame")
    for said in (
        copy.EMBEDDED_VIEW,
        copy.RECONNECT_STARTED_IN_EMBEDDED_VIEW,
        "reconnect",
        "Acme GmbH",
        "203.0.113.7",
    ):
        assert said in row.text
    assert row.one("time")["datetime"]
    assert row.one("a")["href"] == f"{PAGE}?tenant={acme.public_id}"


def test_the_page_says_it_in_words_and_so_do_the_latest_acts(
    browser: Browser, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    became = {"quiet_hours": ["", "none"]}
    audit.record(audit.WORKER, Act.REMINDERS_CHANGED, tenant=acme, changes=became)
    marked = {act: f"({name})" for act, name in audit_words.NAMES.items()}
    monkeypatch.setattr(audit_words, "NAMES", marked)
    monkeypatch.setattr(audit_words, "_", lambda text: f"({text})")
    roots = browser("root")
    latest = read(roots.get(reverse("workspace_tenant", args=[acme.public_id]))).one(
        "li", "data-act", "reminders_changed"
    )
    for shown in (look(roots).one("tr", "data-act", "reminders_changed"), latest):
        for said in (
            "(background worker)",
            "(Contact and reminders changed)",
            "Quiet hours: – → none",
        ):
            assert said in shown.text


def test_filters_narrow_page_and_file_alike(browser: Browser, record: None, acme: Tenant) -> None:
    roots = browser("root")
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                at=timezone.now() - timedelta(days=8),
                what=Act.SYNCED,
                actor="root",
                tenant="Gone AG",
                words="root gone ag",
            )
        ]
    )
    for query, found in (
        ({}, ["left_frame", "noted", "imported", "synced"]),
        ({"q": "embedded"}, ["left_frame"]),
        ({"act": "noted"}, ["noted"]),
        ({"act": "no such act"}, ["left_frame", "noted", "imported", "synced"]),
        ({"tenant": acme.public_id}, ["left_frame"]),
        ({"days": "7"}, ["left_frame", "noted", "imported"]),
        ({"days": "30", "q": "root"}, ["noted", "imported", "synced"]),
        ({"days": "-1"}, ["left_frame", "noted", "imported", "synced"]),
    ):
        page = look(roots, **query)
        assert shown(page) == found, query
        address = page.one("a", "download")["href"]
        assert address.partition("?")[0] == FILE
        text = b"".join(roots.get(address)).decode()
        rows = [row[3] for row in csv.reader(io.StringIO(text))][1:]
        assert [act for act in rows if act != "exported"] == found
        with audit_retention.guard_lifted() as entries:
            entries.filter(what=Act.EXPORTED).delete()


def test_what_was_asked_stays_in_the_form(browser: Browser, record: None, acme: Tenant) -> None:
    page = look(browser("root"), q='a "quoted" word', act="noted", days="30", tenant=acme.public_id)
    assert page.one("input", "id", "audit-q")["value"] == 'a "quoted" word'
    assert [
        one["value"] for one in page.one("form", "class", "desk-bar").all("option", "selected")
    ] == ["noted", "30"]
    assert page.one("input", "name", "tenant")["value"] == acme.public_id
    assert copy.ACTIVITY_FOR_NAME(name="Acme GmbH") in page.text


def test_nothing_found_is_another_thing_than_nothing_done(browser: Browser) -> None:
    roots = browser("root")
    assert copy.NO_ACTIVITY_YET in look(roots).text
    assert copy.NO_MATCHING_ENTRIES in look(roots, q="x").text


def test_a_long_record_comes_in_pages_that_go_on(browser: Browser, root: User) -> None:
    for number in range(120):
        audit.record(acting(root), Act.NOTED, name=f"note {number:03}")
    roots, seen = browser("root"), []
    address = PAGE + "?q=note"
    while address:
        page = read(roots.get(address))
        seen += [row.one("span", "class", "muted").text for row in page.all("tr", "data-act")]
        audit.record(acting(root), Act.NOTED, name="note made meanwhile")
        following = page.all("a", "rel", "next")
        address = f"{following[0]['href']}" if following else ""
    assert seen == [f"Name: note {number:03}" for number in reversed(range(120))]
    assert len(lines(roots)) == 124  # and that it was taken away


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("value", ["x" * 100_000, "%", "'", "²", "-1", "9" * 30, *NASTY])
def test_no_question_is_an_error(browser: Browser, record: None, value: str) -> None:
    roots = browser("root")
    for name in ("q", "act", "tenant", "days", "up_to", "page"):
        assert roots.get(PAGE, {name: value}).status_code == 200
        response = roots.get(FILE, {name: value})
        assert b"".join(response)


def test_hostile_names_are_words(browser: Browser, root: User, acme: Tenant) -> None:
    for nasty in NASTY:
        if "\0" not in nasty:
            audit.record(Actor(root, nasty[:100]), Act.NOTED, tenant=acme, name=nasty[:150])
    page = look(browser("root"))
    assert len(shown(page)) == len([nasty for nasty in NASTY if "\0" not in nasty])
    assert not page.all("img")
    assert len(page.all("script")) == len(look(browser("root"), act="imported").all("script"))


@pytest.mark.parametrize("number", [3, 50])
def test_the_page_costs_the_same_for_few_and_many(
    browser: Browser, root: User, number: int
) -> None:
    for one in range(number):
        tenant = Tenant.objects.create(name=f"Tenant {one}", origin_id=f"{one}")
        audit.record(acting(root), Act.NOTED, tenant=tenant)
    roots = browser("root")
    with CaptureQueriesContext(connection) as queries:
        page = look(roots)
    assert len(shown(page)) == number
    # Session and user, the entries, their number and their tenants, the identity; the installation
    # in two.
    assert len(queries) == 8


def test_reading_is_no_act(browser: Browser, record: None) -> None:
    roots, before = browser("root"), AuditEntry.objects.count()
    look(roots)
    assert AuditEntry.objects.count() == before
    assert roots.post(PAGE).status_code == roots.post(FILE).status_code == 405


def test_it_is_offered_to_those_who_may_read_it(browser: Browser, amys: Client, ned: User) -> None:
    ned.user_permissions.set(Permission.objects.filter(codename="view_event"))
    assert PAGE in [a["href"] for a in look(amys).one("nav", "class", "side-nav").all("a")]
    inbox = read(browser("ned").get("/workspace/webhooks/"))
    assert PAGE not in [a["href"] for a in inbox.one("nav", "class", "side-nav").all("a")]

"""One integration as account managers see it: who gets in, and what is known."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import (
    Entry,
    Event,
    Incident,
    Integration,
    Issue,
    Kind,
    Mail,
    Note,
    Snapshot,
    Source,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import url_of
from tests.views.conftest import Browser
from tests.views.workspace.workbench import PERMITTED, acts, addresses, fact, look, problem

ACTS = (
    "pause",
    "workspace_resume",
    "sync",
    "workspace_check",
    "snooze",
    "wake",
    "note",
    "mark_contacted",
)
TABS = ("workspace_integration", "workspace_data", "workspace_history", "workspace_technical")
LOG_URL = "https://app.kombo.dev/demo/logs/7"


# --- Who gets in


def test_only_who_takes_care_of_the_customer_gets_in(
    browser: Browser, amy: User, broken: Integration
) -> None:
    let_in = dict(zip(TABS, ("amy", "mia", "root", "amy"), strict=True))
    for name in ("amy", "mia", "root", "ned", "alice", "bob"):
        client = browser(name)
        for tab in TABS:
            if let_in[tab] == name:
                assert client.get(url_of(tab, broken)).status_code == 200, (name, tab)
            elif name in {"ned", "alice", "bob"}:
                assert client.get(url_of(tab, broken)).status_code == 404, (name, tab)


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_can_do_anything(
    browser: Browser, amy: User, ned: User, broken: Integration, kombo: Simulator, act: str
) -> None:
    ned.user_permissions.set(Permission.objects.filter(codename__in=PERMITTED.values()))
    before = kombo.calls
    for name in ("ned", "alice", "bob"):
        assert (
            browser(name).post(url_of(act, broken), {"days": "1", "text": "x"}).status_code == 404
        )
    assert (kombo.calls, acts()) == (before, [])


def test_another_tenants_address_leads_nowhere(
    amys: Client, bolt: Tenant, broken: Integration, connect: Connect
) -> None:
    other = connect(bolt)
    for act in ACTS:
        address = url_of(act, other)
        for url in (address, address.replace(bolt.public_id, broken.tenant.public_id)):
            assert amys.post(url, {"days": "1", "text": "x"}).status_code == 404, url


def test_an_act_that_is_got_instead_of_posted_leads_to_the_page(
    amys: Client, broken: Integration
) -> None:
    for act in ACTS:
        led = amys.get(url_of(act, broken)).headers.get("Location")
        assert led == url_of("workspace_integration", broken), act
    assert acts() == []


def test_an_act_needs_the_forms_token(amy: User, broken: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    for act in ACTS:
        assert strict.post(url_of(act, broken)).status_code == 403, act
    assert acts() == []


# --- What is known


def test_it_says_what_the_customer_sees_and_since_when(amys: Client, broken: Integration) -> None:
    page = look(amys, broken)
    assert page.one("", "data-standing", "reconnect_required").text == copy.RECONNECT_REQUIRED
    assert page.one("article", "data-headline", "reconnect_required")
    assert (
        copy.WAITING_ON_NEXT_ACTOR(next_actor=copy.CUSTOMER) in page.one("", "id", "standing").text
    )
    assert page.one("h1").text == "Acme GmbH Personio"
    assert page.all("title")[0].text == "Personio · Acme GmbH"


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("state", ["invalid", "connected"])
@pytest.mark.parametrize(
    ("tab", "ids"),
    [
        ("integration", {"acts", "way", "hand-offs", "log", "facts"}),
        ("data", {"acts"}),
        ("history", {"acts", "incidents"}),
        ("technical", {"acts", "kombo", "checks"}),
    ],
)
def test_what_a_check_may_change_is_there_to_be_asked_for_anew(
    amys: Client, acme: Tenant, connect: Connect, state: str, tab: str, ids: set[str]
) -> None:
    made = connect(acme, state=state)
    page = look(amys, made, tab)
    standing = page.one("", "id", "standing")
    parts = [page.one("", "id", name.strip("#")) for name in standing["hx-select-oob"].split(",")]
    assert not [one for one in parts if one.all("textarea", "name", "text")], (
        "a note that is being written stays"
    )
    assert {one["id"] for one in parts} == ids
    assert standing["hx-get"] == url_of(f"workspace_{tab}", made)
    assert standing["data-checked"] == page.one("time", "data-checked")["datetime"]


def test_it_says_what_only_staff_may_know(amys: Client, broken: Integration) -> None:
    Snapshot.objects.filter(pk=broken.pk).update(
        internal_label="Pilot, be careful", scope_name="Everything but salaries", qa_status="PASSED"
    )
    assert "creator@acme.example" in look(amys, broken).one("main").text
    page = look(amys, broken, "technical")
    for known in ("Pilot, be careful", "Everything but salaries", "production", "personio"):
        assert known in page.one("main").text
    assert fact(page, "status") == "INVALID / COMPLETED / PASSED"


def test_kombos_id_stays_with_us(permit: Callable[..., Client], broken: Integration) -> None:
    client = permit(*PERMITTED.values())
    for tab in TABS:
        content = client.get(url_of(tab, broken)).content.decode()
        assert broken.integration_id.partition(":")[2] not in content, tab


def test_it_says_why_the_last_check_failed(
    amys: Client, broken: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("server_error", broken.integration_id)
    snapshots.revalidate(broken, by_person=True)
    told = Snapshot.objects.get(pk=broken.pk)
    assert told.error_code
    assert fact(look(amys, broken), "failure").startswith(
        f"Kombo returned a server error. {told.error_code}"
    )


def test_kombos_log_is_a_link_only_if_it_can_be_one(amys: Client, broken: Integration) -> None:
    for url, links in ((LOG_URL, 1), ("http://app.kombo.dev/", 0), ("javascript:alert(1)", 0)):
        Snapshot.objects.filter(pk=broken.pk).update(error_kind="refused", error_log_url=url)
        found = [a for a in look(amys, broken).all("a") if a["href"] == url]
        assert [a["rel"] for a in found] == ["noreferrer"] * links, url


def test_a_mapping_in_doubt_is_said_and_nothing_can_be_done(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, doubtful = permit(*PERMITTED.values()), connect(acme, origin_id="somebody else")
    page, before = look(client, doubtful), kombo.calls
    assert (
        "Kombo reports origin ID “somebody else”, but the integration is mapped to “acme”"
        in fact(page, "mapping")
    )
    assert page.one("", "data-standing", "unconfirmed")
    assert not {"pause", "resume", "sync"} & addresses(page)
    for act in PERMITTED:
        assert problem(client.post(url_of(act, doubtful)), 409)
    assert kombo.calls == before


@pytest.mark.parametrize("may", [True, False])
def test_a_mapping_in_doubt_leads_to_where_or_who_corrects_it(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, may: bool
) -> None:
    doubtful = connect(acme, origin_id="somebody else")
    where = look(permit(*["view_integration", "confirm_integration"] * may), doubtful).one(
        "dd", "data-fact", "mapping"
    )
    links = [reverse("admin:integrations_integration_change", args=[doubtful.pk])] * may
    assert [a["href"] for a in where.all("a")] == links
    assert (copy.SOMEONE_WITH_PERMISSION_TO_CHANGE in where.text) != may


def test_the_raw_triple_stands_behind_each_verdict(
    amys: Client, broken_with_grid: Integration, kombo: Simulator
) -> None:
    kombo.set_opt_out(broken_with_grid.integration_id, "hris_employees.gender")
    snapshots.revalidate(broken_with_grid, by_person=True)
    page = look(amys, broken_with_grid, "data")
    row = page.one("tr", "data-raw", "hris_employees.gender")
    assert [cell.text for cell in row.all("td")] == [
        "opted_out",
        "false",
        "OPTIONAL",
        "true",
        "SUPPORTED",
    ]
    action = next(
        one
        for one in page.all("tr", "data-raw")
        if one["data-raw"].startswith("hris_create_employee.")
    )
    assert [cell.text for cell in action.all("td")][2:4] == ["–", "–"]
    assert page.one("tr", "data-raw", "hris_absence_types").all("td")[0].text == "unsupported"


def test_the_raw_grid_can_be_searched(amys: Client, broken_with_grid: Integration) -> None:
    page = look(amys, broken_with_grid, "data", q="Gender")
    assert {row["data-raw"].rpartition(".")[2] for row in page.all("tr", "data-raw")} >= {"gender"}
    assert {"open" in one.attributes for one in page.all("details", "class", "raw")} == {True}
    assert page.one("input", "id", "raw-query")["value"] == "Gender"
    assert not look(amys, broken_with_grid, "data", q="no such thing").all("tr", "data-raw")


def test_a_raw_grid_without_end_is_cut(
    amys: Client, broken_with_grid: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(look(amys, broken_with_grid, "data").all("tr", "data-raw"))
    monkeypatch.setattr("integrations.views.workspace.integration_facts.MOST_RAW", 20)
    page = look(amys, broken_with_grid, "data")
    assert 20 <= len(page.all("tr", "data-raw")) <= 21 < whole
    assert copy.SHOWING_THE_FIRST_DATA_POINTS(n=20) in page.one("main").text


def test_issues_events_incidents_and_notes_are_there(
    amys: Client, amy: User, broken: Integration
) -> None:
    now = timezone.now()
    for number, resolved in enumerate((None, now)):
        Issue.objects.create(
            integration=broken,
            issue_id=f"i{number}",
            type="t",
            title="No teams",
            raised_at=now,
            resolved_at=resolved,
        )
    common = {
        "environment": "production",
        "integration": broken,
        "payload": '{"secret": 1}',
        "received_at": now,
    }
    Event.objects.create(event_id="1", type="sync-finished", worked_at=now, **common)
    Event.objects.create(
        event_id="2", type="integration-state-changed", error="KeyError", attempts=2, **common
    )
    Note.objects.create(
        tenant=broken.tenant,
        integration=broken,
        author=amy,
        at=now,
        text="Away <b>until</b> Monday",
    )
    page = look(amys, broken, "technical")
    assert [one["data-issue"] for one in page.all("li", "data-issue")] == ["solved", "open"]
    events = [one.text for one in page.all("tr", "data-event")]
    assert copy.FAILED_AFTER_N_ATTEMPTS_ERROR(n=2, error="KeyError") in events[0]
    assert events[1].endswith(copy.PROCESSED), copy.N_MINUTE(n="in the same")
    Event.objects.filter(event_id="1").update(received_at=now - timedelta(hours=1))
    assert "Processed " in look(amys, broken, "technical").all("tr", "data-event")[1].text
    assert "secret" not in page.one("main").text
    assert "Away <b>until</b> Monday" in look(amys, broken).one("li", "data-note").text
    assert look(amys, broken, "history").one("li", "data-incident", "open")


@pytest.mark.parametrize("number", [1, 31])  # and a page of the timeline more
def test_the_page_costs_the_same_for_few_and_many(
    amys: Client,
    amy: User,
    broken: Integration,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    moments = [timezone.now() - timedelta(hours=hours) for hours in range(number)]
    Issue.objects.bulk_create(
        Issue(integration=broken, issue_id=f"{n}", type="t", title="t", raised_at=at)
        for n, at in enumerate(moments)
    )
    Event.objects.bulk_create(
        Event(
            environment="production",
            event_id=f"{n}",
            type="t",
            payload="{}",
            integration=broken,
            received_at=at,
        )
        for n, at in enumerate(moments)
    )
    Note.objects.bulk_create(
        Note(tenant=broken.tenant, integration=broken, author=amy, at=at, text="t")
        for at in moments
    )
    Entry.objects.bulk_create(
        Entry(integration=broken, kind=Kind.STATE, what="connected", source=Source.CHECK, at=at)
        for at in moments
    )
    Incident.objects.bulk_create(
        Incident(
            integration=broken,
            key="degraded",
            opened_at=at,
            closed_at=at,
            detected_by=Source.CHECK,
            repaired_by=amy,
        )
        for at in moments
    )
    Mail.objects.bulk_create(
        Mail(
            key=f"{n}",
            kind="reminder",
            to="hr@acme.example",
            tenant=broken.tenant,
            integration=broken,
            created_at=at,
        )
        for n, at in enumerate(moments)
    )
    # Session and user, two for permissions, two about the installation, the integration, whether a
    # member, the tenant; of the overview also the incident, its links and its attempts, the
    # timeline with its number and each of its three kinds, guest links, the states and the one
    # before them, whether its data holds up features, and the reminder; of
    # each an outage of its tool, what waits for approval and the vendor's identity.
    for tab, queries in {"integration": 25, "data": 17, "history": 16, "technical": 14}.items():
        with django_assert_num_queries(queries):
            look(amys, broken, tab)

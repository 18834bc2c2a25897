"""One integration as account managers see it, and what they can do about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import (
    NEVER,
    AuditEntry,
    Entry,
    Event,
    Incident,
    Integration,
    Issue,
    Kind,
    Note,
    Snapshot,
    Source,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, rate_limiter, snapshots
from tests.conftest import Connect
from tests.views.browsing import Element, read, url_of
from tests.views.conftest import Browser

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
PERMITTED = {
    "pause": "pause_integration",
    "workspace_resume": "resume_integration",
    "sync": "sync_integration",
}
NOT_ASKED = (rate_limiter.RateLimitBusy(retry_after=2.0), gateway.CircuitOpen(retry_after=20.0))
LOG_URL = "https://app.kombo.dev/demo/logs/7"


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid", coverage="everything")


@pytest.fixture
def amys(amy: User, browser: Browser) -> Client:
    """The browser of acme's account manager, who has no other permission."""
    return browser("amy")


@pytest.fixture
def permit(amy: User, browser: Browser) -> Callable[..., Client]:
    """The browser of acme's account manager with some permissions."""

    def permit(*names: str) -> Client:
        amy.user_permissions.set(Permission.objects.filter(codename__in=names))
        assert amy.user_permissions.count() == len(names)
        return browser("amy")

    return permit


def look(client: Client, made: Integration, **query: str) -> Element:
    response = client.get(url_of("workspace_integration", made), query)
    assert response.status_code == 200
    return read(response)


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("what", flat=True))


def problem(response: Any, status: int) -> str:
    """What the page says went wrong; it says so with its status too, and nothing is recorded as
    done.
    """
    assert response.status_code == status
    assert acts() == []
    return read(response).one("p", "data-problem").text


def said(client: Client, made: Integration) -> list[str]:
    return [
        one.text
        for one in look(client, made).all("p", "class", "notice")
        if one["role"] == "status"
    ]


def fact(page: Element, name: str) -> str:
    return page.one("dd", "data-fact", name).text


def addresses(page: Element) -> set[str]:
    """Where the page's forms go to, by the last part."""
    return {form["action"].rstrip("/").rpartition("/")[2] for form in page.one("main").all("form")}


# --- Who gets in


def test_only_who_takes_care_of_the_customer_gets_in(
    browser: Browser, amy: User, broken: Integration
) -> None:
    for name, status in {
        "amy": 200,
        "mia": 200,
        "root": 200,
        "ned": 404,
        "alice": 404,
        "bob": 404,
    }.items():
        assert browser(name).get(url_of("workspace_integration", broken)).status_code == status, (
            name
        )


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


@pytest.mark.parametrize("act", ACTS)
def test_another_tenants_address_leads_nowhere(
    amys: Client, bolt: Tenant, broken: Integration, connect: Connect, act: str
) -> None:
    other = connect(bolt)
    address = url_of(act, other)
    for url in (address, address.replace(bolt.public_id, broken.tenant.public_id)):
        assert amys.post(url, {"days": "1", "text": "x"}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_is_got_instead_of_posted_leads_to_the_page(
    amys: Client, broken: Integration, act: str
) -> None:
    assert amys.get(url_of(act, broken))["Location"] == url_of("workspace_integration", broken)
    assert acts() == []


@pytest.mark.parametrize("act", ACTS)
def test_an_act_needs_the_forms_token(amy: User, broken: Integration, act: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    assert strict.post(url_of(act, broken)).status_code == 403
    assert acts() == []


# --- What is known


def test_it_says_what_the_customer_sees_and_since_when(amys: Client, broken: Integration) -> None:
    page = look(amys, broken)
    assert page.one("", "data-standing", "reconnect_required").text == "Reconnect needed"
    assert page.one("article", "data-headline", "reconnect_required")
    assert "Whose step: Customer" in page.one("", "id", "standing").text
    assert page.one("h1").text == "Personio"
    assert page.all("title")[0].text == "Personio · Acme GmbH"


@pytest.mark.parametrize("state", ["invalid", "connected"])
def test_what_a_check_may_change_is_there_to_be_asked_for_anew(
    amys: Client, acme: Tenant, connect: Connect, state: str
) -> None:
    page = look(amys, connect(acme, state=state))
    standing = page.one("", "id", "standing")
    sections = [
        page.one("section", "id", name.strip("#")) for name in standing["hx-select-oob"].split(",")
    ]
    assert not [one for one in sections if one.all("textarea")], (
        "a note that is being written stays"
    )
    assert {one["id"] for one in sections} >= {"facts", "acts", "hand-offs"}
    assert standing["data-checked"] == page.one("time", "data-checked")["datetime"]


def test_it_says_what_only_staff_may_know(amys: Client, broken: Integration) -> None:
    Snapshot.objects.filter(pk=broken.pk).update(
        internal_label="Pilot, be careful", scope_name="Everything but salaries", qa_status="PASSED"
    )
    text = look(amys, broken).one("main").text
    for known in (
        "Pilot, be careful",
        "Everything but salaries",
        "production",
        "creator@acme.example",
        "personio",
    ):
        assert known in text
    assert fact(look(amys, broken), "status") == "INVALID / COMPLETED / PASSED"


def test_kombos_id_stays_with_us(permit: Callable[..., Client], broken: Integration) -> None:
    content = (
        permit(*PERMITTED.values()).get(url_of("workspace_integration", broken)).content.decode()
    )
    assert broken.integration_id.partition(":")[2] not in content


def test_it_says_why_the_last_check_failed(
    amys: Client, broken: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("server_error", broken.integration_id)
    snapshots.revalidate(broken, by_person=True)
    told = Snapshot.objects.get(pk=broken.pk)
    assert told.error_code
    assert fact(look(amys, broken), "failure").startswith(
        f"Kombo failed to answer. {told.error_code}"
    )


@pytest.mark.parametrize(
    ("url", "links"), [(LOG_URL, 1), ("http://app.kombo.dev/", 0), ("javascript:alert(1)", 0)]
)
def test_kombos_log_is_a_link_only_if_it_can_be_one(
    amys: Client, broken: Integration, url: str, links: int
) -> None:
    Snapshot.objects.filter(pk=broken.pk).update(error_kind="refused", error_log_url=url)
    found = [a for a in look(amys, broken).all("a") if a["href"] == url]
    assert [a["rel"] for a in found] == ["noreferrer"] * links


def test_a_mapping_in_doubt_is_said_and_nothing_can_be_done_to_it(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, doubtful = permit(*PERMITTED.values()), connect(acme, origin_id="somebody else")
    page, before = look(client, doubtful), kombo.calls
    assert "Kombo names the origin id “somebody else”, and it is mapped to “acme”" in fact(
        page, "mapping"
    )
    assert page.one("", "data-standing", "unconfirmed")
    assert not {"pause", "resume", "sync"} & addresses(page)
    for act in PERMITTED:
        assert problem(client.post(url_of(act, doubtful)), 409)
    assert kombo.calls == before


@pytest.mark.parametrize("may", [True, False])
def test_a_mapping_in_doubt_leads_to_where_it_is_corrected_or_to_who_may(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, may: bool
) -> None:
    doubtful = connect(acme, origin_id="somebody else")
    where = look(permit(*["change_integration"] * may), doubtful).one("dd", "data-fact", "mapping")
    links = [reverse("admin:integrations_integration_change", args=[doubtful.pk])] * may
    assert [a["href"] for a in where.all("a")] == links
    assert ("Somebody with the permission to change integrations" in where.text) != may


def test_the_raw_triple_stands_behind_each_verdict(
    amys: Client, broken: Integration, kombo: Simulator
) -> None:
    kombo.set_opt_out(broken.integration_id, "hris_employees.gender")
    snapshots.revalidate(broken, by_person=True)
    page = look(amys, broken)
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


def test_the_raw_grid_can_be_searched(amys: Client, broken: Integration) -> None:
    page = look(amys, broken, q="Gender")
    assert {row["data-raw"].rpartition(".")[2] for row in page.all("tr", "data-raw")} >= {"gender"}
    assert all("open" in one.attributes for one in page.all("details", "class", "raw"))
    assert page.one("input", "name", "q")["value"] == "Gender"
    assert not look(amys, broken, q="no such thing").all("tr", "data-raw")


def test_a_raw_grid_without_end_is_cut(
    amys: Client, broken: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(look(amys, broken).all("tr", "data-raw"))
    monkeypatch.setattr("integrations.views.workspace.integration.MOST_RAW", 20)
    page = look(amys, broken)
    assert 20 <= len(page.all("tr", "data-raw")) <= 21 < whole
    assert "These are the first 20 datapoints. Search for the others." in page.one("main").text


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
    page = look(amys, broken)
    assert [one["data-issue"] for one in page.all("li", "data-issue")] == ["solved", "open"]
    events = [one.text for one in page.all("tr", "data-event")]
    assert "Failed 2 times: KeyError" in events[0]
    assert events[1].endswith("Worked"), "in the same minute"
    folded = page.one("section", "aria-labelledby", "events-title").one("details")
    assert "open" not in folded.attributes
    assert "2 webhooks" in folded.one("summary").text
    Event.objects.filter(event_id="1").update(received_at=now - timedelta(hours=1))
    assert "Worked " in look(amys, broken).all("tr", "data-event")[1].text
    assert "secret" not in page.one("main").text
    assert "Away <b>until</b> Monday" in page.one("li", "data-note").text
    assert page.one("li", "data-incident", "open")


@pytest.mark.parametrize("number", [1, 60])
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
    # Session and user, two for permissions, the integration, whether a member, the tenant, issues,
    # the states and the one before them, incidents, events, hand-offs, and the notes with their
    # number.
    with django_assert_num_queries(15):
        look(amys, broken)


# --- What can be done


def test_only_what_is_permitted_and_possible_is_offered(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, broken: Integration
) -> None:
    fine, paused = connect(acme), connect(acme, state="inactive")
    switches = {"pause", "resume", "sync"}
    assert not addresses(look(permit(), fine)) & {"pause", "sync"}
    client = permit(*PERMITTED.values())
    assert addresses(look(client, fine)) & switches == {"pause", "sync"}
    assert addresses(look(client, broken)) & switches == {"pause"}
    assert "sync" not in addresses(look(client, paused))
    assert url_of("workspace_resume", paused) in {
        form["action"] for form in look(client, paused).all("form")
    }


@pytest.mark.parametrize("act", PERMITTED)
def test_what_is_not_permitted_is_not_there(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator, act: str
) -> None:
    made = connect(acme, state="inactive" if act == "workspace_resume" else "connected")
    client, before = permit(*set(PERMITTED.values()) - {PERMITTED[act]}), kombo.calls
    assert client.post(url_of(act, made)).status_code == 404
    assert (kombo.calls, acts()) == (before, [])


def test_an_integration_is_paused_and_resumed(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme)
    assert client.post(url_of("pause", made))["Location"] == url_of("workspace_integration", made)
    assert said(client, made) == ["Paused. Kombo reads nothing from it until it is resumed."]
    client.post(url_of("workspace_check", made))
    assert look(client, made).one("", "data-standing", "paused")
    assert client.post(url_of("workspace_resume", made)).status_code == 302
    client.post(url_of("workspace_check", made))
    assert look(client, made).one("", "data-standing", "connected")
    assert acts() == ["paused", "resumed"]


def test_pausing_takes_a_second_step(
    permit: Callable[..., Client], acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    page = look(permit(*PERMITTED.values()), made)
    form = next(form for form in page.all("form") if form["action"] == url_of("pause", made))
    assert any(one.tag == "details" and "open" not in one.attributes for one in form.ancestors)


def test_a_sync_is_queued_once(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    client, made = permit("sync_integration"), connect(acme)
    told = []
    for _ in range(2):
        client.post(url_of("sync", made))
        told += said(client, made)
    assert told == ["A sync is queued.", "A sync was queued already."]
    assert acts() == ["synced", "synced"]


@pytest.mark.parametrize(
    ("act", "state"),
    [("pause", "inactive"), ("workspace_resume", "connected"), ("sync", "invalid")],
)
def test_what_does_not_fit_the_state_is_refused_in_words(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    state: str,
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme, state=state)
    before = kombo.calls
    assert problem(client.post(url_of(act, made)), 409)
    assert kombo.calls == before


@pytest.mark.parametrize("act", PERMITTED)
@pytest.mark.parametrize("fault", ["rate_limited", "key_revoked", "forbidden"])
def test_if_kombo_refuses_it_is_said_and_nothing_is_recorded(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    fault: str,
) -> None:
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    kombo.set_fault(fault)
    words = problem(client.post(url_of(act, made)), 409)
    assert words == "Kombo could not do that just now. Please try again in a moment."
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()


@pytest.mark.parametrize("fault", ["truncated", "html", "server_error"])
@pytest.mark.parametrize(
    ("act", "what"), [("pause", "paused"), ("workspace_resume", "resumed"), ("sync", "synced")]
)
def test_what_kombo_may_have_done_is_said_and_recorded_and_looked_after(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    act: str,
    what: str,
    fault: str,
) -> None:
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    kombo.set_fault(fault)
    response = client.post(url_of(act, made))
    assert response.status_code == 409
    words = read(response).one("p", "data-problem").text
    assert (
        words
        == "Kombo did not confirm it, but it may have happened. Please look again in a minute."
    )
    assert list(AuditEntry.objects.values_list("what", "actor", "detail")) == [
        (what, "amy", "unconfirmed")
    ]
    watched = Snapshot.objects.get(pk=made.pk)
    assert freshness.is_watched(watched, timezone.now())
    if fault == "truncated":  # and so it was
        kombo.set_fault("none")
        snapshots.revalidate(made, by_person=True)
        status = {"pause": "INACTIVE", "workspace_resume": "ACTIVE", "sync": "ACTIVE"}[act]
        assert Snapshot.objects.get(pk=made.pk).status == status


@pytest.mark.parametrize("act", PERMITTED)
@pytest.mark.parametrize("error", NOT_ASKED)
def test_what_kombo_was_never_asked_is_not_recorded(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    act: str, error: Exception,
) -> None:  # fmt: skip
    client, made = (
        permit(*PERMITTED.values()),
        connect(acme, state="inactive" if "resume" in act else "connected"),
    )
    monkeypatch.setattr(rate_limiter, "wait_for_slot", Mock(side_effect=error))
    words = problem(client.post(url_of(act, made)), 409)
    assert words == "Kombo could not do that just now. Please try again in a moment."
    assert not freshness.is_watched(Snapshot.objects.get(pk=made.pk), timezone.now())


@pytest.mark.parametrize(("act", "times"), [("workspace_check", 6), ("pause", 10)])
def test_how_often_kombo_is_asked_is_bounded(
    permit: Callable[..., Client], acme: Tenant, connect: Connect, act: str, times: int
) -> None:
    client, made = permit(*PERMITTED.values()), connect(acme)
    got = [client.post(url_of(act, made)).status_code for _ in range(times + 1)]
    assert got == [302] * times + [429]


def test_checking_asks_kombo_now(amys: Client, broken: Integration, kombo: Simulator) -> None:
    kombo.set_state(broken.integration_id, "connected")
    amys.post(url_of("workspace_check", broken))
    assert said(amys, broken) == ["Checked."]
    assert look(amys, broken).one("", "data-standing", "connected")


def test_what_somebody_else_checks_is_not_said_to_be_checked(
    amys: Client, broken: Integration
) -> None:
    assert snapshots.take_lease(broken.snapshot)
    amys.post(url_of("workspace_check", broken))
    assert said(amys, broken) == ["It is being checked already."]


@pytest.mark.parametrize("error", NOT_ASKED)
def test_where_kombo_can_not_be_asked_the_worker_is_as_soon_as_it_may(
    amys: Client,
    broken: Integration,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    before = kombo.calls
    monkeypatch.setattr(rate_limiter, "wait_for_slot", Mock(side_effect=error))
    response = amys.post(url_of("workspace_check", broken))
    assert response.status_code == 302
    assert Snapshot.objects.get(pk=broken.pk).check_at == snapshots.FIRST
    words = "Kombo can't be asked more often just now. It is checked as soon as possible."
    assert said(amys, broken) == [words]
    assert kombo.calls == before


def test_a_check_that_fails_is_said(amys: Client, broken: Integration, kombo: Simulator) -> None:
    kombo.set_fault("server_error")
    response = amys.post(url_of("workspace_check", broken))
    assert problem(response, 409) == "Kombo did not tell."
    assert fact(read(response), "failure").startswith("Kombo failed to answer.")


@pytest.fixture
def noon(time_machine: TimeMachineFixture) -> datetime:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    return now


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ({"days": "1"}, datetime(2026, 11, 21, 12, 0, tzinfo=UTC)),
        ({"days": "7"}, datetime(2026, 11, 27, 12, 0, tzinfo=UTC)),
        ({"day": "2026-11-21"}, datetime(2026, 11, 21, tzinfo=UTC)),
        ({"day": "2027-02-18"}, datetime(2027, 2, 18, tzinfo=UTC)),
    ],
)
def test_it_is_snoozed_for_some_days_or_until_one(
    noon: datetime, amys: Client, broken: Integration, typed: dict[str, str], until: datetime
) -> None:
    assert amys.post(url_of("snooze", broken), typed).status_code == 302
    assert Summary.objects.get(pk=broken.pk).snoozed_until == until
    assert acts() == ["snoozed"]


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"days": "2"},
        {"days": "x"},
        {"day": "2026-11-20"},
        {"day": "2027-02-19"},
        {"day": "soon"},
    ],
)
def test_a_day_that_can_not_be_is_refused_in_words(
    noon: datetime, amys: Client, broken: Integration, typed: dict[str, str]
) -> None:
    response = amys.post(url_of("snooze", broken), typed)
    assert response.status_code == 422
    if "day" in typed:
        field = read(response).one("input", "name", "day")
        assert (field["aria-invalid"], field["value"]) == ("true", typed["day"])
        assert read(response).all("ul", "class", "errorlist")
    assert (Summary.objects.get(pk=broken.pk).snoozed_until, acts()) == (None, [])


def test_a_snooze_is_ended(amys: Client, broken: Integration) -> None:
    amys.post(url_of("snooze", broken), {"days": "3"})
    assert "wake" in addresses(look(amys, broken))
    amys.post(url_of("wake", broken))
    page = look(amys, broken)
    assert {"snooze"} == addresses(page) & {"snooze", "wake"}
    assert acts() == ["snoozed", "woken"]


def test_what_works_is_not_snoozed(amys: Client, acme: Tenant, connect: Connect) -> None:
    fine = connect(acme)
    assert "snooze" not in addresses(look(amys, fine))
    assert (
        problem(amys.post(url_of("snooze", fine), {"days": "1"}), 409)
        == "Only what is broken can be snoozed."
    )


def test_that_the_customer_was_told_is_kept(amys: Client, broken: Integration) -> None:
    assert fact(look(amys, broken), "told") == "Not yet"
    amys.post(url_of("mark_contacted", broken))
    assert Summary.objects.get(pk=broken.pk).contacted_at != NEVER
    assert fact(look(amys, broken), "told") != "Not yet"
    assert acts() == ["announced"]


def test_a_note_is_kept(amys: Client, broken: Integration) -> None:
    assert (
        amys.post(url_of("note", broken), {"text": " They are moving to HiBob. "}).status_code
        == 302
    )
    assert (
        look(amys, broken).one("li", "data-note").text.startswith("They are moving to HiBob. amy,")
    )
    assert acts() == ["noted"]


def test_the_same_form_keeps_one_note_and_another_keeps_another(
    amys: Client, broken: Integration
) -> None:
    page = look(amys, broken)
    form = next(one for one in page.all("form") if one["action"] == url_of("note", broken))
    first = {"text": "x", "idempotency_key": form.one("input", "name", "idempotency_key")["value"]}
    assert (
        first["idempotency_key"]
        != look(amys, broken).all("input", "name", "idempotency_key")[-1]["value"]
    )
    assert amys.post(url_of("note", broken), first | {"text": ""}).status_code == 422, (
        "which uses nothing up"
    )
    for typed in (first, first, {"text": "x"}, {"text": "x"}):
        assert amys.post(url_of("note", broken), typed).status_code == 302
        assert said(amys, broken) == ["The note is kept."]
    assert acts() == ["noted"] * Note.objects.count() == ["noted"] * 3


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_note_that_can_not_be_kept_stays_in_its_field(
    amys: Client, broken: Integration, text: str
) -> None:
    response = amys.post(url_of("note", broken), {"text": text})
    assert response.status_code == 422
    field = read(response).one("textarea", "name", "text")
    assert field["aria-invalid"] == "true"
    assert field.text == text.strip()
    assert (Note.objects.count(), acts()) == (0, [])

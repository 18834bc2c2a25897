"""What happened around one integration, on one timeline; and how far its repair has come."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import WORKER
from integrations.history import record as history_record
from integrations.models import (
    Entry,
    HandOff,
    Incident,
    Integration,
    Mail,
    Note,
    PeriodCount,
    Summary,
    Tenant,
)
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import Element, read, url_of
from tests.views.workspace.workbench import look

SHOWN = {
    "": {"entry", "note", "email", "link_created", "link_opened"},
    "notes": {"note"},
    "status": {"entry"},
    "emails": {"email", "link_created", "link_opened"},
    "x": {"entry", "note", "email", "link_created", "link_opened"},  # no such filter
}


@pytest.fixture
def eventful(broken: Integration, amy: User) -> Integration:
    """One with something of every kind, an hour apart."""
    now = timezone.now()
    Note.objects.create(
        tenant=broken.tenant, integration=broken, author=amy, at=now, text="Called them"
    )
    made = hand_offs.create(broken, "reconnect", by=acting(amy), at=now - timedelta(hours=3))
    HandOff.objects.filter(pk=made.pk).update(opened_at=now - timedelta(hours=2))
    emailed(broken, now - timedelta(hours=1), sent_at=now - timedelta(hours=1))
    Entry.objects.filter(integration=broken).update(at=now - timedelta(hours=4))
    return broken


def emailed(integration: Integration, at: datetime, **more: Any) -> Mail:
    return Mail.objects.create(
        key=f"{at}",
        kind="reminder",
        to="hr@acme.example",
        subject="Reconnect",
        tenant=integration.tenant,
        integration=integration,
        created_at=at,
        **more,
    )


def kinds(page: Element) -> list[str]:
    """The kinds of what is listed, in order; the history's own kinds count as one."""
    of_links = {"email", "link_created", "link_opened"}
    return [
        "note" if "data-note" in one.attributes
        else one["data-event"] if one["data-event"] in of_links
        else "entry"
        for one in page.one("", "id", "log").all("li", "class", "event")
    ]  # fmt: skip


def test_everything_or_one_kind_is_shown_with_the_latest_first(
    amys: Client, eventful: Integration
) -> None:
    for show, shown in SHOWN.items():
        page = look(amys, eventful, show=show)
        assert set(kinds(page)) == shown
        if show != "x":
            log = page.one("section", "aria-labelledby", "log-title")
            [current] = log.all("a", "aria-current", "true")
            assert current["href"].endswith(f"?show={show}#log-title" if show else "/#log-title")
        if not show:
            assert kinds(page) == ["note", "email", "link_opened", "link_created", "entry"]


def test_an_email_leads_to_its_page_for_who_may_read_it(
    permit: Callable[..., Client], eventful: Integration
) -> None:
    url = reverse("email", args=[Mail.objects.get().pk])
    for names, links in (([], 0), (["view_mail"], 1)):
        log = look(permit(*names), eventful).one("", "id", "log")
        assert len(log.all("a", "href", url)) == links
        assert "hr@acme.example" in log.text


def test_an_emailed_link_is_told_of_once(amys: Client, broken: Integration) -> None:
    hand_offs.create(broken, "reconnect", by=WORKER, sent_to="hr@acme.example")
    assert "link_created" not in kinds(look(amys, broken))


def test_what_is_of_another_customer_is_not_told(
    amys: Client, eventful: Integration, bolt: Tenant
) -> None:
    Note.objects.update(tenant=bolt)
    Mail.objects.update(tenant=bolt)
    assert not {"note", "email"} & set(kinds(look(amys, eventful)))


def test_a_long_timeline_has_pages_that_keep_the_filter(
    amys: Client, amy: User, broken: Integration
) -> None:
    Note.objects.bulk_create(
        Note(tenant=broken.tenant, integration=broken, author=amy, at=timezone.now(), text=f"{n}")
        for n in range(31)
    )
    page = look(amys, broken, show="notes")
    assert len(kinds(page)) == 30
    older = page.one("a", "rel", "next")["href"]
    assert "show=notes" in older
    assert kinds(read(amys.get(older.partition("#")[0]))) == ["note"]


# --- Until it works again


def steps(page: Element) -> dict[str, bool]:
    return {one["data-step"]: "data-done" in one.attributes for one in page.all("li", "data-step")}


def test_the_way_to_repair_says_what_was_done(amys: Client, broken: Integration) -> None:
    assert not any(steps(look(amys, broken)).values())
    made = hand_offs.create(broken, "reconnect", by=WORKER, sent_to="hr@acme.example")
    now = timezone.now()
    HandOff.objects.filter(pk=made.pk).update(sent_at=now, opened_at=now)
    done = {"notified": True, "opened": True, "begun": False, "restored": False}
    assert steps(look(amys, broken)) == done
    history_record.begin_repair(broken, "reconnect", None)
    page = look(amys, broken)
    assert steps(page) == done | {"begun": True}
    assert copy.NOT_FINISHED in page.one("li", "data-step", "begun").text
    assert "hidden" not in page.one("section", "id", "way").attributes


def test_what_staff_told_by_themselves_counts_as_notified(
    amys: Client, broken: Integration
) -> None:
    amys.post(url_of("mark_contacted", broken))
    assert steps(look(amys, broken))["notified"]


def test_what_was_before_the_incident_counts_for_nothing(amys: Client, broken: Integration) -> None:
    before = timezone.now() - timedelta(days=30)
    hand_offs.create(broken, "reconnect", by=WORKER, at=before)
    HandOff.objects.update(opened_at=before, sent_at=before)
    Summary.objects.filter(pk=broken.pk).update(contacted_at=before)
    assert not any(steps(look(amys, broken)).values())


@pytest.mark.parametrize(("days", "is_shown"), [(1, True), (4, False)])
def test_a_repair_is_shown_for_a_while(
    amys: Client, acme: Tenant, connect: Connect, days: int, is_shown: bool
) -> None:
    made = connect(acme)
    closed = timezone.now() - timedelta(days=days)
    Incident.objects.create(
        integration=made,
        opened_at=closed - timedelta(days=1),
        closed_at=closed,
        first_key="reconnect_required",
        key="reconnect_required",
        detected_by="check",
    )
    assert bool(steps(look(amys, made))) is is_shown
    if is_shown:
        counted(made.tenant.owner, ["Personio", 9, 7200])
        page = look(amys, made)
        assert steps(page)["restored"]
        assert not page.all("", "data-usual")


def test_what_the_customer_can_not_end_has_no_such_way(
    amys: Client, acme: Tenant, connect: Connect
) -> None:
    assert not steps(look(amys, connect(acme, state="inactive")))
    assert not steps(look(amys, connect(acme)))


def counted(owner: User | None, *tools: list[str | int | None]) -> None:
    PeriodCount.objects.create(owner=owner, days=90, counted_at=timezone.now(), tools=[*tools])


def test_it_says_how_long_it_usually_takes(
    amys: Client, mias: Client, amy: User, broken: Integration
) -> None:
    assert not look(amys, broken).all("", "data-usual")
    counted(None, ["HiBob", 9, 600], ["Personio", 7, 3 * 3600])
    counted(amy, ["Personio", 5, 2 * 3600])
    assert not {"2", "Personio"} - {*look(amys, broken).one("", "data-usual").text.split()}
    assert "3" in look(mias, broken).one("", "data-usual").text


def test_too_few_say_nothing_of_what_is_usual(mias: Client, broken: Integration) -> None:
    tools: list[list[str | int | None]] = [["Personio", 4, 7200], ["Personio", 9, None]]
    tools.append(["Workday", 9, 7200])
    for tool in tools:
        PeriodCount.objects.all().delete()
        counted(None, tool)
        assert not look(mias, broken).all("", "data-usual"), tool


# --- The one thing to press


def primary(page: Element) -> list[str]:
    return [one.text for one in page.one("main").all("", "data-kind", "primary")]


@pytest.mark.parametrize(
    ("state", "permissions", "words"),
    [
        ("invalid", [], [copy.SEND_LINK_TO_CUSTOMER]),
        ("connected", [], []),
        ("inactive", ["resume_integration"], [copy.RESUME]),
        ("inactive", [], []),
    ],
)
def test_there_is_at_most_one_thing_to_press(
    permit: Callable[..., Client],
    acme: Tenant,
    connect: Connect,
    state: str,
    permissions: list[str],
    words: list[str],
) -> None:
    made, client = connect(acme, state=state), permit(*permissions)
    # It stands in the head of all tabs.
    tabs = ("integration", "data", "history", "technical") if state == "invalid" else ("history",)
    for tab in tabs:
        assert primary(look(client, made, tab)) == words, tab


def test_the_customers_contact_gets_a_link_at_two_presses(
    amys: Client, broken: Integration
) -> None:
    [form] = [
        one
        for one in look(amys, broken).one("", "id", "acts").all("form")
        if one["action"] == url_of("hand_off_create", broken)
    ]
    assert any(one.tag == "details" and "open" not in one.attributes for one in form.ancestors)
    typed = {one["name"]: one["value"] for one in form.all("input")}
    assert amys.post(form["action"], typed).status_code == 200
    assert HandOff.objects.get().sent_to == "creator@acme.example"


def test_who_was_notified_is_reminded(amys: Client, broken: Integration) -> None:
    amys.post(url_of("mark_contacted", broken))
    assert primary(look(amys, broken)) == [copy.REMIND_CUSTOMER]


def test_without_mail_it_leads_to_guest_links(
    amys: Client, broken: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    page = look(amys, broken)
    assert primary(page) == [copy.CREATE_A_GUEST_LINK]
    forms = page.one("", "id", "acts").all("form")
    assert url_of("hand_off_create", broken) not in {form["action"] for form in forms}

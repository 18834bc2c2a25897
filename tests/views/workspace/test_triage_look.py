"""How the account managers' list looks: groups, chips of filters, columns of one's own."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.models import Integration, Summary, Tenant
from integrations.workspace import summaries
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import read
from tests.views.workspace.triage_rows import LIST, rows

DISPLAY = "/workspace/display/"


def headings(client: Client, **asked: str) -> list[tuple[str, int]]:
    """The text of each group's heading, and how many rows are below it."""
    bodies = read(client.get(LIST, asked)).all("tbody")
    return [
        (body.one("tr", "class", "triage-group").text, len(body.all("tr", "data-integration")))
        for body in bodies
        if body.all("tr", "class", "triage-group")
    ]


def test_groups_stand_in_the_table_by_urgency(
    mias: Client, two: list[Integration], connect: Connect
) -> None:
    connect(two[0].tenant, state="inactive", tool_id="kenjo")
    assert headings(mias) == [
        (f"{copy.WAITING_ON_CUSTOMER} 1", 1),
        (f"{copy.WAITING_ON_VENDOR(vendor='Northwind')} 1", 1),
        ("Working 1", 1),
    ]
    summaries.snooze([two[0].pk], timezone.now() + timedelta(days=1))
    assert [text for text, _rows in headings(mias)][1] == f"{copy.SNOOZED} 1"
    assert headings(mias, group="action_required") == [(f"{copy.SNOOZED} 1", 1)]


def test_another_order_has_no_groups_and_shows_itself(mias: Client, two: list[Integration]) -> None:
    Summary.objects.filter(pk=two[0].pk).update(tool="Zenjob")
    assert headings(mias, sort="tool") == []
    page = read(mias.get(LIST, {"sort": "tool"}))
    assert [row["data-headline"] for row in page.all("tr", "data-integration")] == [
        "connected",
        "reconnect_required",
    ]
    (head,) = page.all("th", "aria-sort")
    assert [link.text for link in head.all("a", "aria-current")] == [copy.TOOL]


def test_what_a_group_has_is_counted_beyond_the_page(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.workspace.triage.PER_PAGE", 1)
    assert headings(mias, q="acme") == [(f"{copy.WAITING_ON_CUSTOMER} 1", 1)]
    assert headings(mias, page="2") == [("Working 1", 1)]


def test_each_filter_that_is_on_can_be_taken_off(
    mias: Client, two: list[Integration], acme: Tenant
) -> None:
    asked = {"scope": "all", "tool": "Personio", "tenant": "acme", "untold": "1", "q": "acme"}
    page = read(mias.get(LIST, asked))
    chips = page.one("ul", "aria-label", copy.ACTIVE_FILTERS).all("a", "class", "chip")
    assert [chip.text.removeprefix(f"{copy.REMOVE_FILTER} ") for chip in chips] == [
        f"{copy.TOOL} Personio",
        f"{copy.CUSTOMER} Acme GmbH",
        copy.CUSTOMER_NOT_NOTIFIED,
    ]
    assert [chip["href"] for chip in chips] == [
        f"{LIST}?scope=all&tenant=acme&untold=1&q=acme",
        f"{LIST}?scope=all&tool=Personio&untold=1&q=acme",
        f"{LIST}?scope=all&tool=Personio&tenant=acme&q=acme",
    ]


def test_a_chip_names_no_customer_of_somebody_else(amys: Client, two: list[Integration]) -> None:
    page = amys.get(LIST, {"tenant": two[1].tenant.public_id}).content.decode()
    assert "Bolt" not in page


def test_columns_and_height_are_kept_for_the_person(
    mias: Client, amys: Client, two: list[Integration]
) -> None:
    shown = {"owner", "days", "nonsense"}
    answer = mias.post(DISPLAY, {"column": list(shown), "compact": "1", "sort": "tool"})
    assert answer["Location"] == f"{LIST}?sort=tool"
    page = read(mias.get(LIST))
    classes = {head["class"].removeprefix("triage-") for head in page.all("th", "scope", "col")}
    assert classes == {"pick", "who", "status", "owner", "days"}
    assert "data-compact" in page.one("table", "class", "triage").attributes
    row = page.all("tr", "data-integration")[0]
    assert not row.all("td", "class", "triage-since")
    assert "data-compact" not in read(amys.get(LIST)).one("table", "class", "triage").attributes


def test_what_the_list_is_ordered_by_is_never_hidden(mias: Client, two: list[Integration]) -> None:
    assert not read(mias.get(LIST)).all("th", "class", "triage-check")
    page = read(mias.get(LIST, {"sort": "check"}))
    assert page.one("th", "class", "triage-check")["aria-sort"] == "ascending"


def test_a_row_waits_on_whoever_can_act(
    mias: Client, two: list[Integration], acme: Tenant, amy: User, connect: Connect
) -> None:
    def waits() -> list[str]:
        cells = [row.all("td", "class", "triage-waiting") for row in rows(mias.get(LIST))]
        return [cell[0].text for cell in cells if cell]

    connect(acme, state="inactive", tool_id="kenjo")
    summaries.recompute_tenants([acme])
    assert waits() == ["creator@acme.example", "amy", "–"]
    acme.contact_email = "hr@acme.example"
    acme.save()
    assert waits()[0] == "hr@acme.example"
    two[0].snapshot.creator_email = acme.contact_email = ""
    two[0].snapshot.save()
    acme.save()
    assert waits()[0] == copy.NO_CONTACT


def test_who_was_not_told_is_seen(mias: Client, two: list[Integration]) -> None:
    def told() -> str:
        return rows(mias.get(LIST))[0].one("td", "class", "triage-contact").text

    assert told() == copy.NOT_YET
    summaries.mark_contacted([two[0].pk], timezone.now())
    assert told() == "now"

"""The account managers' list on its page: what it says, its filters, bulk acts, saved views, and CSV."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations import limits, summaries, triage
from integrations.models import (
    Answer,
    AuditEntry,
    BulkCheck,
    Feature,
    Integration,
    SavedView,
    Snapshot,
    Summary,
    Tenant,
)
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, read
from tests.views.conftest import Browser

LIST = "/accounts/"


@pytest.fixture
def mias(browser: Browser) -> Client:
    return browser("mia")


@pytest.fixture
def two(acme: Tenant, bolt: Tenant, connect: Connect) -> list[Integration]:
    return [connect(acme, state="invalid"), connect(bolt, tool_id="bamboohr", beta=True)]


def rows(response: Any) -> list[Element]:
    return read(response).all("tr", "data-integration")


def may(user: User, *names: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def test_a_row_says_all_that_one_begins_the_day_with(mias: Client, two: list[Integration], amy: User) -> None:
    Summary.objects.filter(pk=two[0].pk).update(since=timezone.now() - timedelta(days=3, hours=1))
    summaries.told([two[0].pk], timezone.now() - timedelta(hours=5))
    first = rows(mias.get(LIST))[0]
    assert first["data-headline"] == "reconnect_required"
    for said in ("Personio", "Acme GmbH", "Reconnect needed", "3 days", "Customer", "just now", "amy", "5 hours ago"):
        assert said in first.text, said
    links = {link["href"] for link in first.all("a")}
    ids = (two[0].tenant.public_id, two[0].public_id)
    assert links == {reverse("workbench", args=ids), reverse("account", args=ids[:1])}


def test_title_and_icon_carry_the_number_broken(mias: Client, two: list[Integration]) -> None:
    page = read(mias.get(LIST))
    assert page.one("title").text == "(1) Customers"
    assert page.one("link", "rel", "icon")["href"] == "/accounts/favicon/1.svg"
    calm = read(mias.get(LIST, {"tenant": "bolt"}))
    assert calm.one("title").text == "Customers"
    assert "1" in mias.get("/accounts/favicon/1.svg").content.decode()
    assert "99+" in mias.get("/accounts/favicon/12345.svg").content.decode()


def test_chips_count_what_the_filters_leave_and_keep_them(mias: Client, two: list[Integration]) -> None:
    page = read(mias.get(LIST, {"category": "HRIS", "headline": "connected"}))
    chips = {
        chip.text: chip for chip in page.all("a", "class", "chip") if "headline" in chip["href"] or "All" in chip.text
    }
    assert {"All 2", "Reconnect needed 1", "Connected 1"} <= set(chips)
    assert chips["Connected 1"]["aria-current"] == "true"
    assert "category=HRIS" in chips["Reconnect needed 1"]["href"]
    assert len(page.all("tr", "data-integration")) == 1


def test_the_state_of_the_list_is_in_its_form_too(mias: Client, two: list[Integration]) -> None:
    page = read(mias.get(LIST, {"q": "acme", "tool": "Personio", "sort": "tool", "headline": "reconnect_required"}))
    form = page.one("form", "id", "filters")
    assert form.one("input", "name", "q")["value"] == "acme"
    assert [one.text for one in form.one("select", "name", "tool").all("option", "selected")] == ["Personio"]
    outside = {one["name"]: one["value"] for one in page.all("input", "form", "filters")}
    assert outside == {"headline": "reconnect_required", "sort": "tool"}


def test_nothing_yet_and_nothing_matches_are_two_things(mias: Client, browser: Browser, two: list[Integration]) -> None:
    assert read(mias.get(LIST, {"q": "nobody"})).one("div", "data-empty")["data-empty"] == "no-match"
    nothing = read(browser("ned").get(LIST)).one("div", "data-empty")
    assert nothing["data-empty"] == "nothing"
    assert "assigned to you" in nothing.text


def test_htmx_gets_the_list_alone_with_its_title(mias: Client, two: list[Integration]) -> None:
    response = mias.get(LIST, headers=HTMX)
    part = read(response)
    assert not part.all("html")
    assert part.one("title").text == "(1) Customers"
    assert len(part.all("tr", "data-integration")) == 2
    assert "HX-Request" in response["Vary"]


def test_headings_say_how_the_list_is_ordered_and_turn_it(mias: Client, two: list[Integration]) -> None:
    ordered = read(mias.get(LIST)).all("th", "aria-sort")
    assert [(head.text, head["aria-sort"]) for head in ordered] == [("How long", "descending")]
    turned = read(mias.get(LIST + ordered[0].one("a")["href"].removeprefix(LIST)))
    assert [(head.text, head["aria-sort"]) for head in turned.all("th", "aria-sort")] == [("How long", "ascending")]


def test_a_feature_is_a_column_with_its_answer(mias: Client, two: list[Integration], acme: Tenant) -> None:
    feature = Feature.objects.create(name="Org chart")
    Answer.objects.create(feature=feature, tenant=acme, verdict="not")
    page = read(mias.get(LIST, {"feature": feature.public_id}))
    assert page.all("th", "scope", "col")[-1].text == "Org chart"
    (row,) = page.all("tr", "data-integration")
    assert row.one("td", "data-label", "Org chart").text
    response = mias.get("/accounts/integrations.csv", {"feature": feature.public_id})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (line,) = csv.DictReader(io.StringIO(text))
    assert line["Org chart"] == row.one("td", "data-label", "Org chart").text


def test_hostile_names_stay_text(mias: Client, connect: Connect) -> None:
    evil = "<script>alert(1)</script>"
    connect(Tenant.objects.create(name=evil, origin_id=evil))
    page = read(mias.get(LIST, {"q": evil}))
    assert [script for script in page.all("script") if not script["src"]] == []
    assert evil in rows(mias.get(LIST))[0].text


@pytest.mark.parametrize(
    "query",
    [
        "?page=x",
        "?sort=;",
        "?headline=%00",
        "?q=" + "a+" * 3000,
        "?tenant=%00",
        "?check=%00",
        "?owner='",
        "?feature=x&answer=y",
        "?check=x",
    ],
)
def test_no_address_is_an_error(query: str, mias: Client, two: list[Integration]) -> None:
    assert mias.get(LIST + query).status_code == 200
    assert mias.get("/accounts/integrations.csv" + query).status_code == 200


def test_the_csv_has_what_the_list_has_and_no_formula(mias: Client, two: list[Integration], connect: Connect) -> None:
    connect(Tenant.objects.create(name="=1+1", origin_id="formula"), state="invalid")
    response = mias.get("/accounts/integrations.csv", {"headline": "reconnect_required", "sort": "tenant"})
    assert "attachment" in response["Content-Disposition"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    table = list(csv.DictReader(io.StringIO(text)))
    assert [line["Customer"] for line in table] == ["'=1+1", "Acme GmbH"]
    assert table[1]["State"] == "Reconnect needed"
    assert table[1]["Whose step"] == "Customer"


def test_an_account_managers_csv_holds_their_own_alone(browser: Browser, two: list[Integration]) -> None:
    amys = browser("amy")
    text = b"".join(amys.get("/accounts/integrations.csv?scope=all").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Acme" in text
    assert "Bolt" not in text


def count_queries(client: Client, query: str = "") -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST + query).status_code == 200
    return len(queries)


@pytest.mark.parametrize("query", ["", "?scope=all", "?q=acme", "?sort=tool", "?untold=1"])
def test_the_number_of_queries_is_the_same_for_few_and_many(
    query: str, mias: Client, two: list[Integration], acme: Tenant
) -> None:
    few = count_queries(mias, query)
    made = [Integration(tenant=acme, integration_id=f"personio:{number}") for number in range(80)]
    Integration.objects.bulk_create(made)
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in made])
    summaries.settle_missing()
    assert count_queries(mias, query) == few <= 16


def bulk(client: Client, act: str, *integrations: Integration, **more: str) -> Any:
    ticked = {"integration": [one.public_id for one in integrations]}
    return client.post("/accounts/bulk/", {"act": act, **ticked, **more})


def test_a_check_of_the_ticked_ones_shows_how_far_it_is(mias: Client, two: list[Integration]) -> None:
    answer = bulk(mias, "check", *two, q="x", scope="all")
    asked = BulkCheck.objects.get()
    assert answer["Location"] == f"/accounts/?scope=all&q=x&check={asked.public_id}"
    notice = read(mias.get(LIST, {"check": asked.public_id})).one("div", "id", "check-progress")
    assert "0 of 2" in notice.text
    assert notice["hx-get"] == f"/accounts/checks/{asked.public_id}/"
    Snapshot.objects.update(fetched_at=timezone.now())
    done = read(mias.get(notice["hx-get"], headers=HTMX)).one("div", "id", "check-progress")
    assert "2 of 2" in done.text
    assert "hx-get" not in done.attributes
    assert mias.get(notice["hx-get"])["Location"] == f"/accounts/?check={asked.public_id}"


def test_somebody_elses_check_is_not_there(mias: Client, browser: Browser, two: list[Integration]) -> None:
    bulk(mias, "check", *two)
    assert browser("root").get(f"/accounts/checks/{BulkCheck.objects.get().public_id}/").status_code == 404


def test_checks_of_many_are_bounded(mias: Client, two: list[Integration]) -> None:
    answers = [bulk(mias, "check", *two).status_code for _attempt in range(limits.BULK_CHECK.times + 1)]
    assert answers[-2:] == [302, 429]


def test_all_that_the_list_has_is_within_a_bound(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk(mias, "check", everything="1", tenant="acme")
    assert BulkCheck.objects.get().integrations == [two[0].pk]
    BulkCheck.objects.all().delete()
    monkeypatch.setattr(triage, "MOST_AT_ONCE", 1)
    bulk(mias, "check", everything="1")
    assert len(BulkCheck.objects.get().integrations) == 1


def test_the_broken_ones_among_the_ticked_are_snoozed(mias: Client, two: list[Integration]) -> None:
    assert bulk(mias, "snooze", *two, days="3").status_code == 302
    asleep = Summary.objects.exclude(snoozed_until=None)
    assert [row.pk for row in asleep] == [two[0].pk]
    assert timedelta(days=2.9) < asleep[0].snoozed_until - timezone.now() < timedelta(days=3)  # type: ignore[operator]
    assert "data-snoozed" in rows(mias.get(LIST))[0].attributes
    assert AuditEntry.objects.filter(what="snoozed").count() == 1


def test_customers_are_assigned_by_whoever_may(mias: Client, mia: User, amy: User, two: list[Integration]) -> None:
    assert bulk(mias, "assign", two[1], owner="amy").status_code == 404
    may(mia, "assign_tenant")
    assert bulk(mias, "assign", two[1], owner="amy").status_code == 302
    assert set(Summary.objects.filter(owner=amy).values_list("pk", flat=True)) == {one.pk for one in two}
    assert bulk(mias, "assign", two[1], owner="nobody").status_code == 302
    assert Tenant.objects.get(origin_id="bolt").owner is None
    assert AuditEntry.objects.filter(what="assigned").count() == 2


@pytest.mark.parametrize("more", [{}, {"days": "100"}, {"days": "\0"}])
def test_what_is_missing_is_said(more: dict[str, str], mias: Client, two: list[Integration]) -> None:
    for answer in (bulk(mias, "snooze", *two, **more), bulk(mias, "", *two), bulk(mias, "check")):
        assert answer.status_code == 409
        assert read(answer).one("p", "data-message").text
    assert not Summary.objects.exclude(snoozed_until=None).exists()


def test_an_owner_who_is_nobodys_account_manager_is_refused(
    mias: Client, mia: User, alice: User, two: list[Integration]
) -> None:
    may(mia, "assign_tenant")
    for name in ("alice", "", "no such user", "\0"):
        assert bulk(mias, "assign", *two, owner=name).status_code == 409


def test_somebody_elses_integrations_can_not_be_ticked(browser: Browser, two: list[Integration]) -> None:
    answer = bulk(browser("amy"), "snooze", two[1], days="1")
    assert answer.status_code == 409
    bulk(browser("amy"), "check", *two)
    assert BulkCheck.objects.get().integrations == [two[0].pk]


def test_a_view_is_saved_shown_and_deleted(mias: Client, mia: User, two: list[Integration]) -> None:
    saved = mias.post("/accounts/views/", {"name": "My broken ones", "headline": "reconnect_required", "scope": "all"})
    assert saved["Location"] == "/accounts/?scope=all&headline=reconnect_required"
    page = read(mias.get(saved["Location"]))
    chips = [chip for chip in page.all("a", "class", "chip") if chip.text == "My broken ones"]
    assert [(chip["href"], chip["aria-current"]) for chip in chips] == [(saved["Location"], "true")]
    assert mias.post("/accounts/views/delete/", {"name": "My broken ones"}).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_and_there_are_not_endlessly_many(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "  ", "\0"):
        assert mias.post("/accounts/views/", {"name": name}).status_code == 409
    assert not SavedView.objects.exists()
    monkeypatch.setattr(triage, "MOST_VIEWS", 0)
    assert mias.post("/accounts/views/", {"name": "One"}).status_code == 409


@pytest.mark.parametrize("path", ["", "integrations.csv", "favicon/1.svg", "bulk/", "views/", "views/delete/"])
def test_customers_have_no_workspace(path: str, browser: Browser, sign_in: Callable[[User], Client]) -> None:
    for person in ("alice", "bob", "vic"):
        got = browser(person).get(LIST + path)  # an act leads to the list, which is not there for them
        assert (got.status_code, got.headers.get("Location", LIST)) in {(404, LIST), (302, LIST)}
        assert browser(person).post(LIST + path).status_code in {404, 405}

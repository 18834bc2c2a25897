"""The account managers' list on its page: what it says, its filters, bulk acts, saved views, and
CSV.
"""

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

from integrations.access import rate_limits
from integrations.models import (
    AuditEntry,
    BulkCheck,
    Feature,
    FeatureAnswer,
    Integration,
    SavedView,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.workspace import saved_views, summaries, triage
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, read
from tests.views.conftest import Browser

LIST = "/workspace/"


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


def test_a_row_says_all_that_one_begins_the_day_with(
    mias: Client, two: list[Integration], amy: User
) -> None:
    Summary.objects.filter(pk=two[0].pk).update(since=timezone.now() - timedelta(days=3, hours=1))
    summaries.mark_contacted([two[0].pk], timezone.now() - timedelta(hours=5))
    first = rows(mias.get(LIST))[0]
    assert first["data-headline"] == "reconnect_required"
    for said in (
        "Personio",
        "Acme GmbH",
        "Reconnect needed",
        "3 days",
        "Customer",
        "just now",
        "amy",
        "5 hours ago",
    ):
        assert said in first.text, said
    links = {link["href"] for link in first.all("a")}
    ids = (two[0].tenant.public_id, two[0].public_id)
    assert links == {
        reverse("workspace_integration", args=ids),
        reverse("workspace_tenant", args=ids[:1]),
    }


def test_title_and_icon_carry_the_number_broken(mias: Client, two: list[Integration]) -> None:
    page = read(mias.get(LIST))
    assert page.one("title").text == "(1) Customers"
    assert page.one("link", "rel", "icon")["href"] == "/workspace/favicon/1.svg"
    calm = read(mias.get(LIST, {"tenant": "bolt"}))
    assert calm.one("title").text == "Customers"
    assert "1" in mias.get("/workspace/favicon/1.svg").content.decode()
    assert "99+" in mias.get("/workspace/favicon/12345.svg").content.decode()


def test_chips_count_what_the_filters_leave_and_keep_them(
    mias: Client, two: list[Integration]
) -> None:
    page = read(mias.get(LIST, {"category": "HRIS", "headline": "connected"}))
    chips = {
        chip.text: chip
        for chip in page.all("a", "class", "chip")
        if "headline" in chip["href"] or "All" in chip.text
    }
    assert {"All 2", "Reconnect needed 1", "Connected 1"} <= set(chips)
    assert chips["Connected 1"]["aria-current"] == "true"
    assert "category=HRIS" in chips["Reconnect needed 1"]["href"]
    assert len(page.all("tr", "data-integration")) == 1


def test_the_state_of_the_list_is_in_its_form_too(mias: Client, two: list[Integration]) -> None:
    page = read(
        mias.get(
            LIST,
            {"q": "acme", "tool": "Personio", "sort": "tool", "headline": "reconnect_required"},
        )
    )
    form = page.one("form", "id", "filters")
    assert form.one("input", "name", "q")["value"] == "acme"
    assert [one.text for one in form.one("select", "name", "tool").all("option", "selected")] == [
        "Personio"
    ]
    outside = {one["name"]: one["value"] for one in page.all("input", "form", "filters")}
    assert outside == {"headline": "reconnect_required", "sort": "tool"}


def test_nothing_yet_and_nothing_matches_are_two_things(
    mias: Client, browser: Browser, two: list[Integration]
) -> None:
    assert (
        read(mias.get(LIST, {"q": "nobody"})).one("div", "data-empty")["data-empty"] == "no-match"
    )
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


def test_headings_say_how_the_list_is_ordered_and_turn_it(
    mias: Client, two: list[Integration]
) -> None:
    ordered = read(mias.get(LIST)).all("th", "aria-sort")
    assert [(head.text, head["aria-sort"]) for head in ordered] == [("How long", "descending")]
    turned = read(mias.get(LIST + ordered[0].one("a")["href"].removeprefix(LIST)))
    assert [(head.text, head["aria-sort"]) for head in turned.all("th", "aria-sort")] == [
        ("How long", "ascending")
    ]


def test_a_feature_is_a_column_with_its_answer(
    mias: Client, two: list[Integration], acme: Tenant
) -> None:
    feature = Feature.objects.create(name="Org chart")
    FeatureAnswer.objects.create(feature=feature, tenant=acme, verdict="not")
    page = read(mias.get(LIST, {"feature": feature.public_id}))
    assert page.all("th", "scope", "col")[-1].text == "Org chart"
    (row,) = page.all("tr", "data-integration")
    assert row.one("td", "data-label", "Org chart").text
    response = mias.get("/workspace/integrations.csv", {"feature": feature.public_id})
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
        "?q=" + "a+" * 3000,
        "?owner='",
        "?feature=x&answer=y",
        "?check=x",
    ],
)
def test_no_address_is_an_error(query: str, mias: Client, two: list[Integration]) -> None:
    assert mias.get(LIST + query).status_code == 200
    assert mias.get("/workspace/integrations.csv" + query).status_code == 200


def test_the_csv_has_what_the_list_has_and_no_formula(
    mias: Client, two: list[Integration], connect: Connect
) -> None:
    connect(Tenant.objects.create(name="=1+1", origin_id="formula"), state="invalid")
    response = mias.get(
        "/workspace/integrations.csv", {"headline": "reconnect_required", "sort": "tenant"}
    )
    assert "attachment" in response["Content-Disposition"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    table = list(csv.DictReader(io.StringIO(text)))
    assert [line["Customer"] for line in table] == ["'=1+1", "Acme GmbH"]
    assert table[1]["State"] == "Reconnect needed"
    assert table[1]["Whose step"] == "Customer"


def test_an_account_managers_csv_holds_their_own_alone(
    browser: Browser, two: list[Integration]
) -> None:
    amys = browser("amy")
    text = b"".join(amys.get("/workspace/integrations.csv?scope=all").streaming_content).decode()  # type: ignore[attr-defined]
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
    summaries.create_missing()
    assert count_queries(mias, query) == few <= 16


def test_beyond_the_end_the_last_page_is_shown(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PER_PAGE", 1)
    for query in ({"page": "2"}, {"page": "7"}, {"page": "7", "headline": "connected"}):
        response = mias.get(LIST, query)
        assert [row["data-headline"] for row in rows(response)] == ["connected"], query
        assert "page=3" not in response.content.decode()
    assert "Page 2 of 2" in read(mias.get(LIST, {"page": "7"})).text


def test_what_looks_again_by_itself_stays_on_its_page(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PER_PAGE", 1)
    again = read(mias.get(LIST, {"page": "2", "scope": "all"})).one("div", "data-here")["data-here"]
    assert [row["data-headline"] for row in rows(mias.get(again))] == ["connected"]


def bulk(client: Client, act: str, *integrations: Integration, **more: str) -> Any:
    ticked = {"integration": [one.public_id for one in integrations]}
    return client.post("/workspace/bulk/", {"act": act, **ticked, **more})


def test_a_check_of_the_ticked_ones_shows_how_far_it_is(
    mias: Client, two: list[Integration]
) -> None:
    answer = bulk(mias, "check", *two, q="x", scope="all")
    asked = BulkCheck.objects.get()
    assert answer["Location"] == f"/workspace/?scope=all&q=x&check={asked.public_id}"
    region = read(mias.get(LIST, {"check": asked.public_id, "scope": "all"})).one(
        "div", "role", "status"
    )
    notice = region.one("div", "id", "check-progress")
    assert "0 of 2" in notice.text
    assert notice["aria-live"] == "off"  # only its end is announced
    assert notice["hx-get"] == f"/workspace/checks/{asked.public_id}/?scope=all"
    assert notice.one("a")["href"] == f"{LIST}?scope=all&check={asked.public_id}"
    Snapshot.objects.update(fetched_at=timezone.now())
    answer = read(mias.get(notice["hx-get"], headers=HTMX))
    done = answer.one("div", "id", "check-progress")
    assert "2 of 2" in done.text
    assert not answer.all("", "role")  # the region stays, and only what it holds is another
    assert "aria-live" not in done.attributes
    assert "hx-get" not in done.attributes
    assert mias.get(notice["hx-get"])["Location"] == f"{LIST}?scope=all&check={asked.public_id}"


def test_somebody_elses_check_is_not_there(
    mias: Client, browser: Browser, two: list[Integration]
) -> None:
    bulk(mias, "check", *two)
    assert (
        browser("root").get(f"/workspace/checks/{BulkCheck.objects.get().public_id}/").status_code
        == 404
    )


def test_checks_of_many_are_bounded(mias: Client, two: list[Integration]) -> None:
    answers = [
        bulk(mias, "check", *two).status_code
        for _attempt in range(rate_limits.BULK_CHECK.times + 1)
    ]
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


def said(response: Any) -> list[str]:
    return [
        one.text for one in read(response).all("p", "class", "notice") if one["role"] == "status"
    ]


def test_a_bulk_act_says_what_became_of_it(
    mias: Client, mia: User, amy: User, two: list[Integration]
) -> None:
    may(mia, "assign_tenant")
    assert said(mias.get(bulk(mias, "snooze", *two, days="3")["Location"])) == [
        "Snoozed: 1 of 2. Only what is broken can be snoozed."
    ]
    assert said(mias.get(LIST)) == []
    assert said(mias.get(bulk(mias, "snooze", two[0], days="1")["Location"])) == [
        "Snoozed: 1 of 1."
    ]
    assert said(mias.get(bulk(mias, "assign", *two, to="amy")["Location"])) == [
        "2 customers are assigned."
    ]
    assert said(mias.get(bulk(mias, "assign", two[0], to="amy")["Location"])) == [
        "1 customer is assigned."
    ]


def test_what_is_of_no_environment_any_more_is_left_out_of_a_check(
    mias: Client, two: list[Integration]
) -> None:
    Integration.objects.update(environment="gone")
    page = read(mias.get(bulk(mias, "check", *two)["Location"]))
    notice = page.one("div", "id", "check-progress")
    assert "Checked: 0 of 0." in notice.text
    assert "2 are of an environment that is not configured any more" in notice.text
    assert "hx-get" not in notice.attributes
    assert not notice.all("progress")


def test_customers_are_assigned_by_whoever_may(
    mias: Client, mia: User, amy: User, two: list[Integration]
) -> None:
    assert bulk(mias, "assign", two[1], to="amy").status_code == 404
    may(mia, "assign_tenant")
    assert bulk(mias, "assign", two[1], to="amy").status_code == 302
    assert set(Summary.objects.filter(owner=amy).values_list("pk", flat=True)) == {
        one.pk for one in two
    }
    assert bulk(mias, "assign", two[1], to="nobody").status_code == 302
    assert Tenant.objects.get(origin_id="bolt").owner is None
    assert AuditEntry.objects.filter(what="assigned").count() == 2


def test_a_bulk_act_keeps_to_the_list_it_is_of(
    mias: Client, mia: User, amy: User, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    may(mia, "assign_tenant")
    form = read(mias.get(LIST, {"scope": "all", "owner": "nobody", "sort": "tool"})).one(
        "form", "id", "bulk"
    )
    kept = {field["name"] for field in form.all("input") if field["type"] == "hidden"}
    assert kept == {"csrfmiddlewaretoken", "scope", "owner", "sort"}
    choices = {field["name"] for field in form.all("select")}
    assert choices == {"days", "to"}
    answer = bulk(
        mias, "assign", everything="1", scope="all", owner="nobody", sort="tool", to="amy"
    )
    assert answer["Location"] == f"{LIST}?scope=all&owner=nobody&sort=tool"
    assert not Tenant.objects.filter(owner=None, integrations__in=two).exists()


def test_the_filters_put_only_what_was_asked_for_into_the_address(
    mias: Client, two: list[Integration]
) -> None:
    asked = {"scope": "all", "q": "", "tool": "", "category": "HRIS", "page": ""}
    answer = mias.get(LIST, asked, headers=HTMX | {"HX-Trigger": "filters"})
    assert answer["HX-Push-Url"] == f"{LIST}?scope=all&category=HRIS"
    assert "HX-Push-Url" not in mias.get(LIST, asked, headers=HTMX)


def test_who_sees_all_is_led_on_from_an_empty_list(
    mias: Client, browser: Browser, two: list[Integration]
) -> None:
    empty = read(mias.get(LIST, {"scope": "mine", "q": "bolt"})).one("div", "data-empty")
    assert f"{LIST}?scope=all&q=bolt" in [link["href"] for link in empty.all("a")]
    nothing = read(browser("root").get(LIST, {"scope": "mine"})).one("div", "data-empty")
    assert nothing["data-empty"] == "nothing"
    assert [link["href"] for link in nothing.all("a")] == [f"{LIST}?scope=all"]


@pytest.mark.parametrize("more", [{}, {"days": "100"}])
def test_what_is_missing_is_said(
    more: dict[str, str], mias: Client, two: list[Integration]
) -> None:
    for act, ticked in (("snooze", two), ("", two), ("check", [])):
        (told,) = said(mias.get(bulk(mias, act, *ticked, **more)["Location"]))
        assert told == (
            "Choose what to do first." if ticked else "Tick at least one integration first."
        )
    assert not Summary.objects.exclude(snoozed_until=None).exists()


def test_whoever_has_left_is_a_filter_while_customers_are_theirs_and_no_choice(
    mias: Client, acme: Tenant, amy: User
) -> None:
    User.objects.filter(pk=amy.pk).update(is_active=False)
    User.objects.create_user("gone", is_staff=True, is_active=False)
    page = read(mias.get(LIST, {"scope": "all", "owner": "amy"}))
    field = page.one("select", "id", "f-owner")
    assert [one.text for one in field.all("option", "selected")] == ["amy (has left)"]
    assert "gone" not in field.text


def test_an_owner_who_is_nobodys_account_manager_is_refused(
    mias: Client, mia: User, alice: User, two: list[Integration]
) -> None:
    may(mia, "assign_tenant")
    for name in ("alice", "", "no such user"):
        assert said(mias.get(bulk(mias, "assign", *two, to=name)["Location"])) == [
            "Choose an account manager first."
        ]
    assert not Tenant.objects.filter(owner=alice).exists()


def test_somebody_elses_integrations_can_not_be_ticked(
    browser: Browser, two: list[Integration]
) -> None:
    bulk(browser("amy"), "snooze", two[1], days="1")
    assert not Summary.objects.exclude(snoozed_until=None).exists()
    bulk(browser("amy"), "check", *two)
    assert BulkCheck.objects.get().integrations == [two[0].pk]


def test_a_view_is_saved_shown_and_deleted(mias: Client, mia: User, two: list[Integration]) -> None:
    saved = mias.post(
        "/workspace/views/",
        {"name": "My broken ones", "headline": "reconnect_required", "scope": "all"},
    )
    assert saved["Location"] == "/workspace/?scope=all&headline=reconnect_required"
    page = read(mias.get(saved["Location"]))
    chips = [chip for chip in page.all("a", "class", "chip") if chip.text == "My broken ones"]
    assert [(chip["href"], chip["aria-current"]) for chip in chips] == [(saved["Location"], "true")]
    gone = mias.post(
        "/workspace/views/delete/", {"name": "My broken ones", "headline": "connected"}
    )
    assert gone["Location"] == "/workspace/?headline=connected"
    assert said(mias.get(gone["Location"])) == ["The view is deleted."]
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_and_there_are_not_endlessly_many(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "  "):
        assert said(mias.get(mias.post("/workspace/views/", {"name": name})["Location"])) == [
            "Give the view a name."
        ]
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 0)
    (told,) = said(mias.get(mias.post("/workspace/views/", {"name": "One"})["Location"]))
    assert told.startswith("You have saved as many views as there can be.")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "path", ["", "integrations.csv", "favicon/1.svg", "bulk/", "views/", "views/delete/"]
)
def test_customers_have_no_workspace(
    path: str, browser: Browser, sign_in: Callable[[User], Client]
) -> None:
    for person in ("alice", "bob", "vic"):
        # An act leads to the list, which is not there for them.
        got = browser(person).get(LIST + path)
        assert (got.status_code, got.headers.get("Location", LIST)) in {(404, LIST), (302, LIST)}
        assert browser(person).post(LIST + path).status_code in {404, 405}

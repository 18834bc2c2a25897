"""The account managers' list on its page: what it says, its filters, its file, what it costs."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Feature, FeatureAnswer, Integration, Snapshot, Summary, Tenant
from integrations.workspace import summaries, triage
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import LIST, bulk, rows, said


def test_a_row_says_all_that_one_begins_the_day_with(
    mias: Client, two: list[Integration], amy: User
) -> None:
    Summary.objects.filter(pk=two[0].pk).update(since=timezone.now() - timedelta(days=3, hours=1))
    summaries.mark_contacted([two[0].pk], timezone.now() - timedelta(hours=5))
    first = rows(mias.get(LIST))[0]
    assert first["data-headline"] == "reconnect_required"
    for words in (
        "Personio",
        "Acme GmbH",
        copy.RECONNECT_REQUIRED,
        "3 d",
        "creator@acme.example",
        "amy",
        copy.N_H_AGO(n=5),
    ):
        assert words in first.text, words
    links = {link["href"] for link in first.all("a")}
    ids = (two[0].tenant.public_id, two[0].public_id)
    assert links == {reverse("workspace_integration", args=ids)}


def test_title_and_icon_carry_the_number_broken(mias: Client, two: list[Integration]) -> None:
    page = read(mias.get(LIST))
    assert page.one("title").text == "(1) Integrations"
    assert page.one("link", "rel", "icon")["href"] == "/workspace/favicon/1.svg"
    calm = read(mias.get(LIST, {"tenant": "bolt"}))
    assert calm.one("title").text == copy.INTEGRATIONS
    assert "1" in mias.get("/workspace/favicon/1.svg").content.decode()
    assert "99+" in mias.get("/workspace/favicon/12345.svg").content.decode()


def test_groups_count_what_the_filters_leave_and_keep_them(
    mias: Client, two: list[Integration]
) -> None:
    page = read(mias.get(LIST, {"category": "HRIS", "group": "ok"}))
    links = {link["data-severity"]: link for link in page.all("a", "class", "groups-link")}
    assert [link.text[-1] for link in links.values()] == ["1", "1"]
    assert links["ok"]["aria-current"] == "true"
    assert "group" not in links["ok"]["href"]  # once more, and all are there again
    assert (
        links["action_required"]["href"] == f"{LIST}?scope=all&group=action_required&category=HRIS"
    )
    assert [row["data-headline"] for row in page.all("tr", "data-integration")] == ["connected"]


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
    assert outside == {"group": "", "sort": "tool"}
    chosen = form.one("select", "name", "headline").all("option", "selected")
    assert [one["value"] for one in chosen] == ["reconnect_required"]


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
    assert part.one("title").text == "(1) Integrations"
    assert len(part.all("tr", "data-integration")) == 2
    assert "HX-Request" in response["Vary"]


def test_headings_say_how_the_list_is_ordered_and_turn_it(
    mias: Client, two: list[Integration]
) -> None:
    ordered = read(mias.get(LIST)).all("th", "aria-sort")
    assert [(head.text, head["aria-sort"]) for head in ordered] == [(copy.DURATION, "descending")]
    turned = read(mias.get(LIST + ordered[0].one("a")["href"].removeprefix(LIST)))
    assert [(head.text, head["aria-sort"]) for head in turned.all("th", "aria-sort")] == [
        (copy.DURATION, "ascending")
    ]


def test_a_feature_is_a_column_with_its_answer(
    mias: Client, two: list[Integration], acme: Tenant
) -> None:
    feature = Feature.objects.create(name="Org chart")
    FeatureAnswer.objects.create(feature=feature, tenant=acme, verdict="not")
    page = read(mias.get(LIST, {"feature": feature.public_id}))
    assert "Org chart" in [head.text for head in page.all("th", "scope", "col")]
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


def test_no_address_is_an_error(mias: Client, two: list[Integration]) -> None:
    for query in (
        "?page=x",
        "?sort=;",
        "?group=;&headline=;",
        "?q=" + "a+" * 3000,
        "?owner='",
        "?feature=x&answer=y",
        "?check=x",
    ):
        assert mias.get(LIST + query).status_code == 200, query
        assert mias.get("/workspace/integrations.csv" + query).status_code == 200, query


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
    assert table[1]["Status"] == copy.RECONNECT_REQUIRED
    assert table[1][copy.WAITING_ON] == copy.CUSTOMER


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


def test_the_number_of_queries_is_the_same_for_few_and_many(
    mias: Client, two: list[Integration], acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PER_PAGE", 5)
    queries = ("", "?scope=all", "?q=acme", "?sort=tool", "?untold=1")
    few = {query: count_queries(mias, query) for query in queries}
    made = [Integration(tenant=acme, integration_id=f"personio:{number}") for number in range(6)]
    Integration.objects.bulk_create(made)
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in made])
    summaries.create_missing()
    assert {query: count_queries(mias, query) for query in queries} == few
    assert max(few.values()) <= 23


def test_beyond_the_end_the_last_page_is_shown(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PER_PAGE", 1)
    for query in ({"page": "2"}, {"page": "7"}, {"page": "7", "headline": "connected"}):
        response = mias.get(LIST, query)
        assert [row["data-headline"] for row in rows(response)] == ["connected"], query
        assert "page=3" not in response.content.decode()
    assert copy.PAGE_N_OF_ALL(n=2, all=2) in read(mias.get(LIST, {"page": "7"})).text


def test_what_looks_again_by_itself_stays_on_its_page(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PER_PAGE", 1)
    again = read(mias.get(LIST, {"page": "2", "scope": "all"})).one("div", "data-here")["data-here"]
    assert [row["data-headline"] for row in rows(mias.get(again))] == ["connected"]


def test_filters_put_only_what_was_asked_into_the_address(
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


def test_what_is_missing_is_said(mias: Client, two: list[Integration]) -> None:
    for act, ticked, days in (
        ("snooze", two, {}),
        ("snooze", two, {"days": "100"}),
        ("", two, {}),
        ("check", [], {}),
    ):
        (told,) = said(mias.get(bulk(mias, act, *ticked, **days)["Location"]))
        assert told == (copy.CHOOSE_AN_ACTION if ticked else copy.SELECT_AT_LEAST_ONE_INTEGRATION)
    assert not Summary.objects.exclude(snoozed_until=None).exists()


def test_who_has_left_is_a_filter_while_needed_and_no_choice(
    mias: Client, acme: Tenant, amy: User
) -> None:
    User.objects.filter(pk=amy.pk).update(is_active=False)
    User.objects.create_user("gone", is_staff=True, is_active=False)
    page = read(mias.get(LIST, {"scope": "all", "owner": "amy"}))
    field = page.one("select", "id", "f-owner")
    assert [one.text for one in field.all("option", "selected")] == [copy.NAME_INACTIVE(name="amy")]
    assert "gone" not in field.text

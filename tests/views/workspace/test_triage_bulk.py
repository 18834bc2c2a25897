"""Acts on many integrations of the list at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.access import rate_limits
from integrations.models import (
    AuditEntry,
    BulkCheck,
    Integration,
    RateLimit,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.workspace import triage
from tests import copy
from tests.conftest import allow
from tests.views.browsing import HTMX, read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import LIST, bulk, rows, said


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
    bulk(mias, "check", *two)
    spent = rate_limits.BULK_CHECK.times - 1
    assert RateLimit.objects.filter(count=1).update(count=spent) == 1
    assert [bulk(mias, "check", *two).status_code for _attempt in range(2)] == [302, 429]


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


def test_a_bulk_act_says_what_became_of_it(
    mias: Client, mia: User, amy: User, two: list[Integration]
) -> None:
    allow(mia, "assign_tenant")
    assert said(mias.get(bulk(mias, "snooze", *two, days="3")["Location"])) == [
        copy.SNOOZED_OF_ONLY_INTEGRATIONS(n=1, total=2)
    ]
    assert said(mias.get(LIST)) == []
    assert said(mias.get(bulk(mias, "snooze", two[0], days="1")["Location"])) == [
        copy.N_INTEGRATION_SNOOZED(n=1)
    ]
    assert said(mias.get(bulk(mias, "assign", *two, to="amy")["Location"])) == [
        copy.N_CUSTOMERS_ASSIGNED(n=2)
    ]
    assert said(mias.get(bulk(mias, "assign", two[0], to="amy")["Location"])) == [
        copy.N_CUSTOMER_ASSIGNED(n=1)
    ]


def test_without_an_environment_it_is_left_out_of_a_check(
    mias: Client, two: list[Integration]
) -> None:
    Integration.objects.update(environment="gone")
    page = read(mias.get(bulk(mias, "check", *two)["Location"]))
    notice = page.one("div", "id", "check-progress")
    assert copy.CHECKED_DONE_OF_TOTAL(done=0, total=0) in notice.text
    assert "2 belong to an environment that is no longer configured" in notice.text
    assert "hx-get" not in notice.attributes
    assert not notice.all("progress")


def test_customers_are_assigned_by_whoever_may(
    mias: Client, mia: User, amy: User, two: list[Integration]
) -> None:
    assert bulk(mias, "assign", two[1], to="amy").status_code == 404
    allow(mia, "assign_tenant")
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
    allow(mia, "assign_tenant")
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


def test_an_owner_who_is_nobodys_account_manager_is_refused(
    mias: Client, mia: User, alice: User, two: list[Integration]
) -> None:
    allow(mia, "assign_tenant")
    for name in ("alice", "", "no such user"):
        assert said(mias.get(bulk(mias, "assign", *two, to=name)["Location"])) == [
            copy.CHOOSE_AN_ACCOUNT_MANAGER
        ]
    assert not Tenant.objects.filter(owner=alice).exists()


def test_somebody_elses_integrations_can_not_be_ticked(
    browser: Browser, two: list[Integration]
) -> None:
    bulk(browser("amy"), "snooze", two[1], days="1")
    assert not Summary.objects.exclude(snoozed_until=None).exists()
    bulk(browser("amy"), "check", *two)
    assert BulkCheck.objects.get().integrations == [two[0].pk]

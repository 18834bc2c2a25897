"""The page of an integration's past: its days, its incidents, and who may not see what of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from integrations.domain.bidi import isolate
from integrations.domain.headline import Key
from integrations.models import Entry, Incident, Integration, Kind, Snapshot, Source, Tenant
from integrations.simulator.hostile import NASTY
from integrations.tenants import mapping
from integrations.views.customer.history import MOST_INCIDENTS
from tests import copy
from tests.conftest import NOW, acting
from tests.views import markup
from tests.views.browsing import Element, url_of
from tests.views.conftest import Browser
from tests.views.past import ID, ago, connected, entries, look, note, titles

pytestmark = pytest.mark.usefixtures("clock")


LOG_URL, ERROR_CODE = "https://app.kombo.dev/demo/logs/1", "PLATFORM.AUTHENTICATION_INVALID"


@pytest.fixture
def made(acme: Tenant) -> Integration:
    return connected(acme)


def legend(page: Element) -> dict[str, str]:
    return {one["data-severity"]: one.text for one in page.one("ul", "class", "legend").all("li")}


def marks(page: Element) -> list[str]:
    """The days' severities as they are drawn."""
    return [rect["data-severity"] for rect in page.one("svg", "class", "strip").all("rect")]


def incident(made: Integration, **fields: Any) -> Incident:
    """One that began five hours ago."""
    usual = {"key": Key.RECONNECT_REQUIRED, "opened_at": ago(hours=5), "detected_by": Source.SYNC}
    return Incident.objects.create(integration=made, **usual | fields)


def spells(page: Element) -> list[Element]:
    return page.all("li", "data-incident")


# --- Days


def test_the_last_90_days_are_drawn_and_told_in_words(alices: Client, made: Integration) -> None:
    for key, days in (
        (Key.CONNECTED, 79),
        (Key.RECONNECT_REQUIRED, 20),
        (Key.CONNECTED, 15),
        (Key.DEGRADED, 0),
    ):
        note(made, Kind.STATE, key, days * 24 * 60)
    page = look(alices, made)
    drawn = ["", "action_required", "attention", "ok"]
    assert marks(page) == [""] * 10 + ["ok"] * 59 + ["action_required"] * 6 + ["ok"] * 14 + [
        "attention"
    ]
    assert legend(page) == {
        "action_required": "Action required: 6 days",
        "attention": "Limited: 1 day",
        "ok": "Operational: 73 days",
        "": "No data: 10 days",
    }
    counted = {kind: int(text.split()[-2]) for kind, text in legend(page).items()}
    assert counted == {kind: marks(page).count(kind) for kind in drawn}
    assert sum(counted.values()) == 90


def test_the_drawing_is_for_the_eyes_and_words_for_everyone(
    alices: Client, made: Integration
) -> None:
    section = next(
        one for one in look(alices, made).all("section") if one["aria-labelledby"] == "strip-title"
    )
    drawing = section.one("svg", "class", "strip")
    assert drawing["aria-hidden"] == "true"
    assert drawing["viewbox"] == "0 0 90 10"
    assert [int(rect["x"]) for rect in drawing.all("rect")] == list(range(90))
    assert "aria-hidden" not in section.one("ul", "class", "legend").attributes
    days = [title.text for title in drawing.all("title")]
    assert (days[0], days[-1]) == ("23 August: No data", "20 November: No data")


def test_a_day_is_one_of_the_sites_time_zone(
    alices: Client, made: Integration, settings: Any
) -> None:
    note(made, Kind.STATE, Key.CONNECTED, 30 * 24 * 60)
    # 23:30 of the 19th in UTC, 00:30 of the 20th in Berlin.
    note(made, Kind.STATE, Key.RECONNECT_REQUIRED, 12 * 60 + 30)
    note(made, Kind.STATE, Key.CONNECTED, 11 * 60)
    assert marks(look(alices, made))[-2:] == ["action_required"] * 2
    settings.TIME_ZONE = "Europe/Berlin"
    assert marks(look(alices, made))[-2:] == ["ok", "action_required"]


# --- Incidents


def test_an_open_incident_stands_there_with_its_beginning(
    alices: Client, made: Integration
) -> None:
    incident(made, relapses=2)
    [shown] = spells(look(alices, made))
    assert (shown["data-incident"], shown["data-severity"]) == ("open", "action_required")
    assert shown.one("p", "class", "badge").text == copy.RECONNECT_REQUIRED
    assert shown.one("strong").text == "Since 20 November, 07:00 (5 hours so far)"
    assert shown.one("p", "class", "muted").text == ("Detected during a sync · Recurred 2 times")


def test_a_closed_incident_says_its_length_and_what_ended_it(
    alices: Client, made: Integration, alice: User
) -> None:
    incident(
        made, key=Key.DEGRADED, closed_at=ago(hours=2), ended_by="reconnect", repaired_by=alice
    )
    [shown] = spells(look(alices, made))
    assert (shown["data-incident"], shown["data-severity"]) == ("closed", "attention")
    assert "20 November, 07:00–10:00 (3 hours)" in shown.text
    assert shown.one("p", "class", "muted").text == "Detected during a sync · Reconnected by alice"
    assert not shown.all("strong")


def test_incidents_stand_newest_first_and_no_more_than_so_many(
    alices: Client, made: Integration
) -> None:
    for days in range(MOST_INCIDENTS + 5):
        incident(made, opened_at=ago(days=days, hours=1), closed_at=ago(days=days))
    shown = [one.one("div").all("p")[0].text for one in spells(look(alices, made))]
    assert len(shown) == MOST_INCIDENTS
    assert [text.split()[0] for text in shown[:3]] == ["20", "19", "18"]


# --- What never stands there


def test_another_tenants_integration_is_not_there(
    browser: Browser, made: Integration, bolt: Tenant
) -> None:
    note(made, Kind.ISSUE, "raised", 1, data={"title": "Acme's own"})
    bob, theirs = browser("bob"), url_of("history", made)
    assert bob.get(theirs).status_code == 404
    assert bob.get(theirs.replace(made.tenant.public_id, bolt.public_id)).status_code == 404
    for person in ("alice", "vic", "mia"):
        assert titles(look(browser(person), made)) == [copy.DETECTED_ISSUE(issue="Acme's own")]


def test_it_can_only_be_read(browser: Browser, made: Integration) -> None:
    alice = browser("alice")
    assert alice.post(url_of("history", made)).status_code == 405
    assert alice.head(url_of("history", made)).status_code == 200


def test_what_may_be_somebody_elses_shows_nothing_of_its_past(
    browser: Browser, made: Integration, root: User
) -> None:
    note(made, Kind.ISSUE, "raised", 1, data={"title": "Bolt's own"})
    Snapshot.objects.update(origin_id="bolt")
    for person in ("alice", "vic", "mia", "root"):
        assert browser(person).get(url_of("history", made)).status_code == 404
    assert (
        url_of("history", made)
        not in browser("alice").get(url_of("integration", made)).content.decode()
    )
    made.snapshot.refresh_from_db()
    mapping.confirm(made, acting(root))
    assert titles(look(browser("alice"), made)) == [copy.DETECTED_ISSUE(issue="Bolt's own")]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("person", ["alice", "vic"])
def test_a_customer_learns_no_id_no_log_and_no_code(
    browser: Browser, made: Integration, person: str
) -> None:
    error = {"error_kind": "access_denied", "error_code": ERROR_CODE, "error_log_url": LOG_URL}
    Snapshot.objects.filter(pk=made.pk).update(
        **error, failures=3, internal_label="Internal Label 7f3"
    )
    for kind in Kind.values:
        note(
            made,
            Kind(kind),
            "FAILED",
            1,
            reference=f"sync-id-1 {ID}",
            data={"log_url": LOG_URL, "type": "issue.type"},
        )
    incident(made)
    for kind in ("", *Kind.values):
        page = browser(person).get(url_of("history", made, kind=kind))
        text = f"{page.content.decode()}{page.headers}"
        secrets = (
            ID,
            ID.partition(":")[2],
            LOG_URL,
            "logs/1",
            ERROR_CODE,
            "Internal Label",
            "sync-id-1",
            "issue.type",
        )
        assert not [secret for secret in secrets if secret in text]


def test_the_vendors_staff_are_the_vendor(alices: Client, made: Integration, mia: User) -> None:
    mia.first_name, mia.last_name = "Mia", "Secret"
    mia.save()
    note(made, Kind.REPAIR, "resume", 1, actor=mia, data={"outcome": "done"})
    incident(made, closed_at=NOW, ended_by="resume", repaired_by=mia)
    page = look(alices, made)
    assert titles(page) == [copy.WHO_RESUMED_TOOL(who="Northwind", tool="Personio")]
    assert copy.RESUMED_BY_WHO(who="Northwind") in page.text
    assert "Mia" not in page.text
    assert "mia" not in page.text


# --- Hostile strings


def shapes(page: Element) -> set[tuple[str, str]]:
    return {(one.tag, attribute) for one in page for attribute in ("", *one.attributes)}


def fill(made: Integration, actor: User, text: str) -> None:
    """Put a text wherever one of somebody else's can stand."""
    Snapshot.objects.filter(pk=made.pk).update(tool_label=text)
    User.objects.filter(pk=actor.pk).update(first_name=text[:150], last_name="")
    note(made, Kind.STATE, Key.CONNECTED, 50)
    note(made, Kind.REPAIR, "reconnect", 40, actor=actor, data={"outcome": "done"})
    note(made, Kind.ISSUE, "raised", 30, data={"title": text, "type": text})
    note(made, Kind.SYNC, text, 20, data={"log_url": text})
    note(
        made,
        Kind.COVERAGE,
        text,
        10,
        data={"counts": {text: 20}, "datapoints": {text: [text] * 20}},
    )
    incident(made, closed_at=NOW, ended_by="reconnect", repaired_by=actor)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("text", NASTY)
def test_no_string_is_anything_but_text(
    alices: Client, made: Integration, alice: User, text: str
) -> None:
    fill(made, alice, "harmless")
    usual = shapes(look(alices, made))
    for model in (Entry, Incident):
        model.objects.all().delete()
    fill(made, alice, text)
    page, plain = look(alices, made), " ".join(text.split())
    assert shapes(page) - {("bdi", "")} == usual
    assert page.one("h1").text == plain
    named, name = isolate(plain), isolate(" ".join(text[:150].split()))
    coverage, sync, issue, repair, _state = entries(page)
    assert {code.text for code in coverage.all("code")} == {plain}
    assert sync.one("p").text == copy.SYNC_WITH_TOOL_FAILED(tool=named)
    assert issue.one("p").text == copy.DETECTED_ISSUE(issue=named)
    assert repair.one("p").text == copy.WHO_RECONNECTED_TOOL(who=name, tool=named)
    assert copy.RECONNECTED_BY_WHO(who=name) in spells(page)[0].text


# --- For everyone


def test_it_keeps_the_rules_of_every_page(alices: Client, made: Integration, alice: User) -> None:
    fill(made, alice, "harmless")
    page = look(alices, made)
    for rule in (
        *(markup.inline_code, markup.repeated_ids, markup.forms_without_token),
        *(
            markup.inputs_without_label,
            markup.dangling_references,
            markup.buttons_and_links_without_name,
        ),
    ):
        assert not list(rule(page)), rule.__name__
    assert (page.one("html")["lang"], len(page.all("h1")), len(page.all("main"))) == ("en", 1, 1)


def test_it_speaks_the_readers_language(alices: Client, made: Integration, alice: User) -> None:
    note(made, Kind.REPAIR, "reconnect", 60, actor=alice, data={"outcome": "done"})
    note(made, Kind.STATE, Key.CONNECTED, 50)
    incident(made, closed_at=ago(hours=2), ended_by="reconnect", repaired_by=alice)
    page = look(alices, made, language="de")
    assert page.one("html")["lang"] == "de"
    assert page.one("h1").text == "Personio"
    assert titles(page) == ["Verbunden", "alice hat Personio neu verbunden"]
    assert entries(page)[0].one("time").text == "20. November, 11:10 Uhr"
    assert legend(page) == {"ok": "Betriebsbereit: 1 Tag", "": "Keine Daten: 89 Tage"}
    assert "Neu verbunden von alice" in spells(page)[0].text
    for word in ("Incidents", "Activity", "Today"):
        assert word not in page.text


def test_an_incident_runs_on_as_time_goes_by(
    alices: Client, made: Integration, clock: TimeMachineFixture
) -> None:
    incident(made)
    clock.shift(timedelta(days=3))
    assert "(3 days so far)" in spells(look(alices, made))[0].text

"""The staff's page about Kombo's webhooks: who gets in, and what it says of each environment and
each failed event.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.kombo.client import Kombo
from integrations.kombo.errors import TimedOut
from integrations.models import Event, Integration, Tenant, UnmappedIntegration, Upstream
from integrations.upstream import gateway
from integrations.webhooks import handlers, inbox
from tests import copy
from tests.conftest import NOW, kombo_environment
from tests.views.browsing import Element, page_at, problem, read
from tests.views.conftest import Browser
from tests.webhook_payloads import encoded, event

pytestmark = pytest.mark.usefixtures("clock")


PAGE = "/workspace/webhooks/"
ACTS = ("event_replay", "unmapped_assign", "unmapped_dismiss")


@pytest.fixture(autouse=True)
def configured(settings: Any, db: None) -> None:
    """Two environments with a webhook, and one whose webhook was never set up."""
    config = kombo_environment("http://127.0.0.1:9/v1")
    settings.KOMBO_ENVIRONMENTS = {
        "production": {**config, "WEBHOOK_SECRETS": ["secret-of-production"]},
        "us": {**config, "WEBHOOK_SECRETS": ["secret-of-us"]},
        "sandbox": config,
    }


@pytest.fixture
def permit(mia: User, browser: Browser) -> Callable[..., Client]:
    """The browser of staff with no other permissions than these."""

    def permit(*names: str) -> Client:
        mia.user_permissions.set(Permission.objects.filter(codename__in=names))
        assert mia.user_permissions.count() == len(names)
        return browser("mia")

    return permit


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Switches a fault of our own in working an event on and off."""
    apply = handlers.handle

    def fail(*_args: Any) -> Integration | None:
        raise RuntimeError("a secret of eve@bolt.example")

    def switch(is_faulty: bool) -> None:
        monkeypatch.setattr(handlers, "handle", fail if is_faulty else apply)

    switch(True)
    return switch


def look(client: Client) -> Element:
    return page_at(client, PAGE)


@pytest.fixture(autouse=True)
def lasting(settings: Any) -> None:
    """Hours pass here, and nobody has to sign in anew."""
    settings.STAFF_SESSION_LIMITS = settings.SESSION_LIMITS


def receive(
    environment: str = "production", event_id: str = "", kind: str = "integration-state-changed"
) -> Event:
    stored = inbox.receive(environment, encoded(event(kind, event_id)))
    assert stored
    return stored


def standing(page: Element, environment: str) -> Element:
    return page.one("li", "data-environment", environment)


def badges(page: Element, environment: str) -> list[str]:
    return [badge.text for badge in standing(page, environment).all("p", "class", "badge")]


def failed(page: Element) -> list[Element]:
    return page.all("li", "data-event")


# --- Who gets in


def test_whoever_may_not_see_events_finds_nothing_there(
    permit: Callable[..., Client], browser: Browser
) -> None:
    everything_else = [
        *(
            "view_tenant",
            "add_tenant",
            "add_integration",
            "change_integration",
            "change_event",
            "resume_integration",
        )
    ]
    for client in (browser("alice"), browser("vic"), permit(), permit(*everything_else)):
        assert client.get(PAGE).status_code == 404
        assert PAGE not in client.get("/").content.decode()
    assert browser("nobody").get(PAGE)["Location"].startswith(reverse("login"))


def test_who_may_see_events_may_do_nothing_with_them(
    permit: Callable[..., Client], faulty: Any
) -> None:
    stored = receive()
    unmapped_integration = UnmappedIntegration.objects.create(
        environment="us", integration_id="hibob:1", origin_id="acme", seen_at=NOW
    )
    client = permit("view_event", "view_tenant")
    page = look(client)
    assert (len(failed(page)), len(page.all("li", "data-arrival"))) == (1, 1)
    assert not page.one("main").all("form")
    assert not page.all("datalist", "id", "tenants")[0].all("option")
    for act in ACTS:
        assert (
            client.post(
                reverse(act), {"event": stored.pk, "unmapped": unmapped_integration.pk}
            ).status_code
            == 404
        )
    unmapped_integration.refresh_from_db()
    assert unmapped_integration.dismissed_at is None
    assert not Integration.objects.exists()
    assert Event.objects.get().attempts == 1


def test_the_permission_without_being_staff_opens_nothing(alice: User, browser: Browser) -> None:
    alice.user_permissions.set(Permission.objects.filter(content_type__app_label="integrations"))
    client = browser("alice")
    assert client.get(PAGE).status_code == 404
    assert [client.post(reverse(act), {"event": 1, "unmapped": 1}).status_code for act in ACTS] == [
        404
    ] * 3


def test_staff_are_led_there_from_every_page(permit: Callable[..., Client]) -> None:
    client = permit("view_event", "view_tenant")
    desk = reverse("triage")
    assert desk in {a["href"] for a in read(client.get("/", follow=True)).all("a")}
    assert PAGE in [
        a["href"] for a in read(client.get(desk)).one("nav", "class", "side-nav").all("a")
    ]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_takes_a_post_with_the_token_of_the_page(
    act: str, root: User, faulty: Any, acme: Tenant
) -> None:
    stored = receive()
    unmapped_integration = UnmappedIntegration.objects.create(
        environment="us", integration_id="hibob:1", origin_id="acme", seen_at=NOW
    )
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    fields: dict[str, Any] = {
        "event": stored.pk,
        "unmapped": unmapped_integration.pk,
        "tenant": "acme",
    }
    assert client.get(reverse(act), fields).headers["Location"] == PAGE
    assert client.post(reverse(act), fields).status_code == 403
    assert (Event.objects.get().attempts, Integration.objects.count()) == (1, 0)
    forms = [
        form for form in look(client).one("main").all("form") if form["action"] == reverse(act)
    ]
    assert {form["method"] for form in forms} == {"post"}
    token = forms[0].one("input", "name", "csrfmiddlewaretoken")["value"]
    assert client.post(reverse(act), fields | {"csrfmiddlewaretoken": token}).status_code in {
        302,
        409,
    }


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "number", ["", "x", "-1", "1.0", " 1", "²", "١", "1" * 19, "1" * 5000, None]
)
def test_what_is_no_row_of_ours_is_not_there(
    roots: Client, acme: Tenant, act: str, number: str | None
) -> None:
    fields = {} if number is None else {"event": number, "unmapped": number}
    assert roots.post(reverse(act), fields | {"tenant": "acme"}).status_code == 404


# --- Environments


def test_each_environment_says_when_its_last_webhook_came(
    roots: Client, clock: TimeMachineFixture
) -> None:
    receive("production")
    clock.shift(timedelta(hours=3))
    receive("us")
    page = look(roots)
    assert [one["data-environment"] for one in page.all("li", "data-environment")] == [
        "production",
        "us",
        "sandbox",
    ]
    moment = standing(page, "production").one("time")
    assert datetime.fromisoformat(moment["datetime"]) == NOW
    assert standing(page, "production").text.startswith(
        "production Last webhook received 3 hours ago"
    )
    assert standing(page, "us").one("time").text == "now"
    assert badges(page, "production") == badges(page, "us") == [copy.RECEIVING_WEBHOOKS]


def test_an_environment_that_never_heard_anything_says_so(roots: Client) -> None:
    page = look(roots)
    assert badges(page, "us") == [copy.NO_WEBHOOK_RECEIVED_YET]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("hours", "is_quiet"), [(24, False), (24.01, True), (1, False), (240, True)]
)
def test_silence_for_more_than_a_day_warns(
    roots: Client, clock: TimeMachineFixture, hours: float, is_quiet: bool
) -> None:
    receive("us")
    clock.shift(timedelta(hours=hours))
    assert badges(look(roots), "us") == [
        copy.NO_WEBHOOKS_FOR_MORE_THAN if is_quiet else copy.RECEIVING_WEBHOOKS
    ]


def test_without_a_secret_no_webhook_can_arrive(roots: Client) -> None:
    Event.objects.create(environment="sandbox", event_id="1", received_at=NOW, worked_at=NOW)
    assert badges(look(roots), "sandbox") == [copy.NO_WEBHOOK_SECRET_SET]


def test_no_secret_and_no_key_stand_there(roots: Client, settings: Any, faulty: Any) -> None:
    receive()
    text = roots.get(PAGE).content.decode()
    config = settings.KOMBO_ENVIRONMENTS.values()
    secrets = [secret for one in config for secret in (one["API_KEY"], *one["WEBHOOK_SECRETS"])]
    assert secrets
    assert not [
        secret for secret in (*secrets, "eve@bolt.example", "127.0.0.1:9") if secret in text
    ]


def test_an_environment_that_is_not_called_says_until_when(roots: Client) -> None:
    soon, later = NOW + timedelta(minutes=2), NOW + timedelta(minutes=7)
    Upstream.objects.create(environment="production", failures=5, silent_until=soon)
    Upstream.objects.create(environment="us", silent_until=soon, limited_until=later)
    Upstream.objects.create(
        environment="sandbox", failures=3, silent_until=NOW, limited_until=NOW - timedelta(hours=1)
    )
    page = look(roots)
    assert badges(page, "production")[1:] == [copy.REQUESTS_PAUSED_UNTIL_TIME(time="12:02:00")]
    assert badges(page, "us")[1:] == [copy.REQUESTS_PAUSED_UNTIL_TIME(time="12:07:00")]
    assert badges(page, "sandbox")[1:] == []


def test_a_circuit_that_opens_is_told(roots: Client) -> None:
    def ask(_kombo: Kombo) -> None:
        raise TimedOut

    for _ in range(gateway.FAILURES_TO_OPEN):
        assert badges(look(roots), "us")[1:] == []
        with pytest.raises(TimedOut):
            gateway.call("us", ask)
    assert badges(look(roots), "us")[1:] == [copy.REQUESTS_PAUSED_UNTIL_TIME(time="12:00:30")]


# --- Events that failed


def test_an_event_that_failed_is_listed_with_all_we_know(roots: Client, faulty: Any) -> None:
    receive("us", "event-1", "sync-finished")
    page = look(roots)
    [row] = failed(page)
    assert row.one("strong").text == "sync-finished"
    assert row.one("code").text == "event-1"
    assert (
        "us · now · Failed after 1 attempt: RuntimeError · Next attempt: 20 Nov, 12:00" in row.text
    )
    assert row.one("form").one("button").text == copy.REPLAY
    assert badges(page, "us") == [copy.RECEIVING_WEBHOOKS]  # it was received, after all


def test_events_that_failed_stand_newest_first(
    roots: Client, faulty: Any, clock: TimeMachineFixture
) -> None:
    for name in ("first", "second"):
        receive(event_id=name)
        clock.shift(60)
    faulty(False)
    receive(event_id="third, which had its effect")
    assert [row.one("code").text for row in failed(look(roots))] == ["second", "first"]


def replay(client: Client, stored: Event) -> Any:
    [row] = [row for row in failed(look(client)) if row["data-event"] == str(stored.pk)]
    [number] = row.all("input", "name", "event")
    return client.post(row.one("form")["action"], {"event": number["value"]})


def test_replay_works_what_is_mended(roots: Client, faulty: Callable[[bool], None]) -> None:
    stored, other = receive(), receive("us")
    faulty(False)
    response = replay(roots, stored)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    stored.refresh_from_db()
    other.refresh_from_db()
    assert (stored.worked_at, stored.error, other.worked_at) == (NOW, "", None)
    assert [row["data-event"] for row in failed(look(roots))] == [str(other.pk)]
    replay(roots, other)
    assert copy.NO_FAILED_EVENTS in look(roots).text


def test_replay_says_that_it_failed_again(roots: Client, faulty: Any) -> None:
    stored = receive()
    response = replay(roots, stored)
    assert problem(response) == copy.IT_FAILED_AGAIN_IT_WILL
    [row] = failed(read(response))
    assert copy.FAILED_AFTER_N_ATTEMPTS_ERROR(n=2, error="RuntimeError") in row.text
    stored.refresh_from_db()
    assert (stored.worked_at, stored.attempts) == (None, 2)


def test_replay_of_what_was_worked_meanwhile_leads_back(
    roots: Client, faulty: Callable[[bool], None]
) -> None:
    stored = receive()
    faulty(False)
    assert inbox.replay(stored)
    faulty(True)  # so that working it once more would show
    for number in (stored.pk, stored.pk + 1):
        response = roots.post(reverse("event_replay"), {"event": number})
        assert (response.status_code, response["Location"]) == (302, PAGE)
    stored.refresh_from_db()
    assert (stored.worked_at, stored.attempts) == (NOW, 1)

"""What staff see of an outage and can do about it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.access.audit import Act
from integrations.models import AuditEntry, Integration, Outage
from tests import copy
from tests.outage_histories import Histories
from tests.views.browsing import HTMX, Element, read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import LIST, rows, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def histories(clock: TimeMachineFixture) -> Histories:
    return Histories(clock)


@pytest.fixture
def made(histories: Histories) -> list[Integration]:
    """Twenty connections, of which the first four fail: at noon, and seven minutes later."""
    made = histories.connect("personio", 20)
    histories.fail(made[:3], 0)
    histories.fail(made[3:4], 7)
    return made


@pytest.fixture
def roots(made: list[Integration], browser: Browser) -> Client:
    return browser("root")


def notice(client: Client, **query: str) -> Element:
    return read(client.get(LIST, query)).one("section", "data-outage")


def release() -> str:
    return reverse("outage_release", args=[Outage.objects.get().public_id])


def test_the_list_says_it_above_all_rows(roots: Client) -> None:
    text = notice(roots).text.replace(" .", ".")
    assert copy.PROBABLY_TOOL_ITSELF(tool="Personio") in text.replace("Personio  itself", "")
    for words in ("4 of 20", "12:00", "12:07", copy.THEIR_REMINDERS_ARE_ON_HOLD):
        assert words in text


def test_without_an_outage_it_says_nothing(
    histories: Histories, made: list[Integration], roots: Client
) -> None:
    histories.recover(made, 30)
    page = read(roots.get(LIST))
    assert not page.all("", "data-outage")
    assert not page.all("select", "name", "outage")


def test_its_link_leads_to_who_is_affected(
    histories: Histories, made: list[Integration], roots: Client
) -> None:
    link = notice(roots).one("a")
    assert link.text == copy.SHOW_ALL_N(n=4)
    affected = {one.public_id for one in made[:4]}
    assert {row["data-integration"] for row in rows(roots.get(link["href"]))} == affected
    histories.recover(made[:3], 30)  # over, and yet to be found
    page = roots.get(link["href"])
    assert {row["data-integration"] for row in rows(page)} == affected
    assert copy.A_PAST_OUTAGE in read(page).one("select", "name", "outage").text


def test_any_open_outage_is_a_filter(
    histories: Histories, made: list[Integration], roots: Client
) -> None:
    histories.fail(histories.connect("workday", 5)[:3], 20)
    assert len(rows(roots.get(LIST, {"outage": "any"}, headers=HTMX))) == 7
    histories.recover(made[:4], 40)
    assert len(rows(roots.get(LIST, {"outage": "any"}))) == 3
    assert rows(roots.get(LIST, {"outage": "no such thing"})) == []
    lines = b"".join(roots.get("/workspace/integrations.csv", {"outage": "any"})).decode()
    assert lines.count("Workday") == 3
    assert "Personio" not in lines


def test_releasing_is_on_record_and_said(roots: Client, root: User) -> None:
    assert notice(roots).one("button").text == copy.SEND_REMINDERS_ANYWAY
    response = roots.post(release(), follow=True)
    assert copy.REMINDERS_ARE_SENT_AS_USUAL.core in said(response)[0]
    entry = AuditEntry.objects.get(what=Act.REMINDERS_RELEASED)
    assert (entry.actor_id, entry.tenant_id, entry.told) == (root.pk, None, {"tool": "Personio"})
    outage = Outage.objects.get()
    assert outage.released_by == root
    assert copy.THEIR_REMINDERS_ARE_SENT in notice(roots).text
    assert not notice(roots).all("button")


def test_releasing_twice_changes_nothing(roots: Client) -> None:
    roots.post(release())
    first = Outage.objects.get().released_at
    assert copy.THIS_OUTAGE_IS_OVER in roots.post(release(), follow=True).content.decode()
    assert Outage.objects.get().released_at == first
    assert AuditEntry.objects.filter(what=Act.REMINDERS_RELEASED).count() == 1


def test_who_may_not_release_sees_no_button(
    made: list[Integration], permit: Callable[..., Client]
) -> None:
    for name in ("contact_tenant", "view_tenant"):
        client = permit(name)
        assert not notice(client).all("button"), name
        assert client.post(release()).status_code == 404, name
    assert Outage.objects.get().released_at is None


def test_account_managers_find_only_their_own_by_it(
    made: list[Integration], amy: User, permit: Callable[..., Client]
) -> None:
    page = permit().get(notice(permit()).one("a")["href"])
    assert rows(page) == []
    assert "Customer No." not in page.content.decode()


def test_what_failed_within_a_minute_has_one_time(histories: Histories, browser: Browser) -> None:
    histories.fail(histories.connect("personio", 20)[:3], 0)
    assert notice(browser("root")).text.count("12:00") == 1

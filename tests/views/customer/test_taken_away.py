"""What is taken from a customer while their page is made is not on it, and no error."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration, Membership, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.views.customer import kept_cards, pages
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import HTMX, Element, make_stale, read, tenant_url
from tests.views.conftest import Meanwhile

THEIRS = "Theirs"  # a name that nobody of acme may read

type Take = Callable[[Integration], object]


def delete(taken: Integration) -> None:
    Integration.objects.filter(pk=taken.pk).delete()


def move(taken: Integration) -> None:
    bolt, _ = Tenant.objects.get_or_create(origin_id="bolt")
    Integration.objects.filter(pk=taken.pk).update(tenant=bolt)
    Snapshot.objects.filter(pk=taken.pk).update(tool_label=THEIRS)


@pytest.fixture(params=[delete, move])
def take(request: pytest.FixtureRequest) -> Take:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> list[Integration]:
    return [connect(acme, state=state) for state in ("invalid", "connected", "connected")]


def ids(page: Element) -> set[str]:
    return {one["data-integration"] for one in page.all("article", "data-integration")}


def of(integrations: list[Integration]) -> set[str]:
    return {one.public_id for one in integrations}


def look(client: Client, page: Element, integration: Integration) -> Element:
    """Return what a poll brings to a page."""
    cards = page.all("article")
    seen = "~".join(f"{one['data-integration']}.{one['data-version']}" for one in cards)
    response = client.get(
        tenant_url(integration, "poll"), {"seen": seen, "page": "1"}, headers=HTMX
    )
    assert response.status_code == 200
    assert THEIRS not in response.content.decode()
    return read(response)


def removed(body: Element) -> set[str]:
    return {one["id"] for one in body.all("article", "hx-swap-oob", "delete")}


@pytest.mark.parametrize("per_page", [2, 50])
def test_a_page_is_of_what_is_left(
    alices: Client,
    made: list[Integration],
    meanwhile: Meanwhile,
    take: Take,
    monkeypatch: pytest.MonkeyPatch,
    per_page: int,
) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", per_page)
    meanwhile(lambda: take(made[0]))
    response = alices.get(tenant_url(made[0]))
    assert (response.status_code, THEIRS in response.content.decode()) == (200, False)
    page = read(response)
    assert ids(page) <= of(made[1:])
    assert len(ids(page)) == min(per_page, len(made)) - 1
    banner = page.one("div", "id", "banner")
    assert (banner["data-acts"], banner["data-total"]) == ("0", "2")


def test_nothing_is_left(
    alices: Client, made: list[Integration], meanwhile: Meanwhile, take: Take
) -> None:
    meanwhile(lambda: [take(one) for one in made])
    response = alices.get(tenant_url(made[0]))
    assert (response.status_code, ids(read(response))) == (200, set())


def test_the_only_one_is_taken(
    alices: Client, acme: Tenant, connect: Connect, meanwhile: Meanwhile, take: Take
) -> None:
    only = connect(acme, state="invalid")
    meanwhile(lambda: take(only))
    banner = read(alices.get(tenant_url(only, "banner"))).one("div", "id", "banner")
    assert (banner["data-acts"], banner["data-total"], banner.text) == ("0", "0", "")


def test_a_poll_removes_it(
    alices: Client, made: list[Integration], meanwhile: Meanwhile, take: Take
) -> None:
    page = read(alices.get(tenant_url(made[0])))
    Snapshot.objects.update(tool_label="Another")
    meanwhile(lambda: take(made[1]))
    body = look(alices, page, made[0])
    assert removed(body) == {f"card-{made[1].public_id}"}
    assert ids(body) == {made[0].public_id, made[2].public_id}


def test_a_poll_does_not_check_it(
    alices: Client, made: list[Integration], meanwhile: Meanwhile, take: Take, kombo: Simulator
) -> None:
    page = read(alices.get(tenant_url(made[0])))
    make_stale(*made)
    page = read(alices.get(tenant_url(made[0])))  # they are due, and kept
    asked = kombo.calls.total()
    meanwhile(lambda: take(made[1]))
    assert removed(look(alices, page, made[0])) == {f"card-{made[1].public_id}"}
    assert kombo.calls.total() - asked == 2


def test_who_is_no_member_any_more_is_shown_nothing(
    alices: Client, alice: User, made: list[Integration], meanwhile: Meanwhile
) -> None:
    page = read(alices.get(tenant_url(made[0])))
    Snapshot.objects.update(tool_label=THEIRS)
    meanwhile(lambda: Membership.objects.filter(user=alice).delete())
    assert ids(look(alices, page, made[0])) == set()


def test_a_frame_is_of_what_is_left(
    settings: object, made: list[Integration], meanwhile: Meanwhile, take: Take
) -> None:
    turn_on(settings)
    frame = enter()
    kept_cards.KEPT.clear()
    meanwhile(lambda: take(made[0]))
    response = frame.get(frame.on("tenant"))
    assert (response.status_code, THEIRS in response.content.decode()) == (200, False)
    assert ids(read(response)) == of(made[1:])

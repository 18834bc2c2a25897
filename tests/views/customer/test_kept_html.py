"""Rows of the list that a process keeps: never another than what would be rendered now."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Engine
from django.test import Client
from django.urls import set_urlconf
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from time_machine import TimeMachineFixture

from integrations.access import permissions
from integrations.domain.headline import Severity
from integrations.history import record as history_record
from integrations.models import Integration, Snapshot, Tenant
from integrations.templatetags import kept
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from integrations.views.customer.card_details import one_with_details, with_details
from integrations.views.types import EMBED_URLCONF
from tests.conftest import NOW, Connect
from tests.views.browsing import tenant_url, url_of
from tests.views.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
DIFFERS = re.compile(rf'{TOKEN.pattern}|data-poll="[0-9.]+"')  # in each answer
LIST = "{% load kept %}{% card_groups groups %}"
ABOUT_CARD = '{%% load kept %%}{%% about_card "components/%s.html" %%}'
NOTHING_READ: dict[str, list[Any]] = {"read_models": [], "write_actions": []}
ABOUT = ["integration_head", "settings_panel", "disconnect_panel"]


@pytest.fixture
def works(acme: Tenant, connect: Connect) -> Integration:
    """One that works, and another that makes the page a list."""
    connect(acme)
    return connect(acme)


def rendered(card: Card, grant: Any, *, token: str = "t" * 64, **page: Any) -> str:
    groups = [(card.group, "Group", [card])]
    context = {"groups": groups, "has_twins": False, "grant": grant, "csrf_token": token} | page
    html = Engine.get_default().from_string(LIST).render(Context(context))
    return re.sub(r'data-poll="[0-9.]+"', "", html)


def about(name: str, card: Card, grant: Any, *, token: str = "t" * 64, **page: Any) -> str:
    """Return one of the parts of a card's own page, without when it is looked at again."""
    shown = {"VENDOR_NAME": "Northwind", "identity": SimpleNamespace(icon_url="")}
    page = shown | {"only": card.id, "tab": "shared", "cards": [card]} | page
    context = Context({"card": card, "grant": grant, "csrf_token": token} | page)
    html = Engine.get_default().from_string(ABOUT_CARD % name).render(context)
    return re.sub(r'data-poll="[0-9.]+"', "", html)


def grid(html: str) -> str:
    """Return the grid of a page, without tokens."""
    start = html.index('id="coverage"')
    return TOKEN.sub("", html[start : html.index("</section>\n", start)])


def looks(
    browser: Browser, integration: Integration, language: str, member: str = "bob"
) -> list[str]:
    """Return an integration's page as its member and as one of the staff sees it in the preview."""
    own = url_of("integration", integration)
    pages = ((member, own), ("mia", f"/workspace/preview{own}"))
    headers = {"accept-language": language}
    return [browser(name).get(page, headers=headers).text for name, page in pages]


@contextmanager
def urlconf(name: str | None) -> Iterator[None]:
    """The addresses of another part of the site."""
    set_urlconf(name)
    try:
        yield
    finally:
        set_urlconf(None)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}2"
        case int() | float():
            return value + 1
        case datetime():
            return value - timedelta(days=3)
    return value


def test_whatever_of_a_card_changes_the_row_is_what_it_would_be(
    works: Integration, alice: User
) -> None:
    grant, found = permissions.integrations(alice, works.tenant.public_id)
    for card in with_details(grant, cards.cards(grant, found), lambda _pks: found):
        variants = [replace(card, **{f.name: other(getattr(card, f.name))}) for f in fields(card)]
        variants += [
            replace(card, days=tuple(day._replace(severity=severity) for day in card.days))
            for severity in Severity
        ]
        variants += [replace(card, connected_at=None, checked_at=None, synced_at=None)]
        rendered(card, grant)
        known = [rendered(variant, grant) for variant in variants]
        kept.KEPT.clear()
        for variant, row in zip(variants, known, strict=True):
            kept.KEPT.clear()
            assert row == rendered(variant, grant)
        assert len({*known}) > 10


def test_a_group_is_what_it_would_be_however_it_changes(works: Integration, alice: User) -> None:
    grant, found = permissions.integrations(alice, works.tenant.public_id)
    # Of each list its groups: the key, the name, and which of the two cards are in it.
    lists: tuple[Any, ...] = (
        [("working", "Working", [0])],
        [("working", "Working", [0, 1])],
        [("working", "Working", [1])],
        [("working", "Working", [])],
        [("working", "Works", [0])],
        [("recent", "Working", [0]), ("working", "Working", [1])],
    )
    variants = list(product(("en", "de"), lists, (False, True)))

    def written(code: str, groups: Any, has_twins: Any) -> str:
        with translation.override(code):
            made = cards.cards(grant, found)
            members = [(key, title, [made[at] for at in which]) for key, title, which in groups]
            return rendered(made[0], grant, groups=members, has_twins=has_twins)

    known = [written(*each) for each in variants]
    assert len({*known}) == len(variants)
    for each, html in zip(variants, known, strict=True):
        kept.KEPT.clear()
        assert html == written(*each)


def test_what_the_page_and_the_reader_are_counts_too(works: Integration, alice: User) -> None:
    grant, found = permissions.integrations(alice, works.tenant.public_id)
    looking = permissions.preview_guest(alice, works.tenant)
    (card, _other) = cards.cards(grant, found)
    assert "disabled" not in rendered(card, grant)
    assert "disabled" in rendered(card, replace(grant, user=looking))
    with urlconf(EMBED_URLCONF):
        assert "/embed/" in rendered(card, grant)
    assert "/embed/" not in rendered(card, grant)
    shown = {name: rendered(card, grant, **{name: "1"}) for name in kept._OF_PAGE}
    for name, html in shown.items():
        kept.KEPT.clear()
        assert html == rendered(card, grant, **{name: "1"})
    assert TOKEN.findall(rendered(card, grant, token="")) == []
    with translation.override("de"):
        (german, _other) = cards.cards(grant, found)
        assert rendered(german, grant) != rendered(card, grant)
    with timezone.override("Asia/Tokyo"):
        assert "GMT+9" in rendered(card, grant) or "JST" in rendered(card, grant)


def test_everyone_gets_a_token_of_their_own(works: Integration, alice: User) -> None:
    grant, found = permissions.integrations(alice, works.tenant.public_id)
    (card, _other) = cards.cards(grant, found)
    for token in ("a" * 64, "b" * 64):
        assert TOKEN.findall(rendered(card, grant, token=token)) == [token]


def test_a_page_seen_twice_is_the_same_but_for_tokens_and_delay(
    alices: Client, works: Integration, clock: TimeMachineFixture
) -> None:
    first, second = (alices.get(tenant_url(works)).text for _time in range(2))
    assert DIFFERS.sub("", first) == DIFFERS.sub("", second)
    clock.move_to(NOW + timedelta(minutes=20), tick=False)
    assert DIFFERS.sub("", alices.get(tenant_url(works)).text) != DIFFERS.sub("", first)


@pytest.mark.parametrize("name", ABOUT)
def test_whatever_of_a_card_changes_its_page_is_as_it_would_be(
    works: Integration, alice: User, name: str
) -> None:
    grant = permissions.integrations(alice, works.tenant.public_id)[0]
    card = one_with_details(grant, cards.card(grant, works), works)
    variants = [replace(card, **{f.name: other(getattr(card, f.name))}) for f in fields(card)]
    variants += [
        replace(card, connected_at=None, checked_at=None, synced_at=None),
        replace(card, may_sync=True, sync_again_at=NOW),
        replace(card, may_sync=True, sync_again_at=NOW + timedelta(hours=2)),
    ]
    assert card.is_calm
    about(name, card, grant)
    known = [about(name, variant, grant) for variant in variants]
    for variant, html in zip(variants, known, strict=True):
        kept.KEPT.clear()
        assert html == about(name, variant, grant)
    assert len({*known}) > 3


@pytest.mark.parametrize("name", ABOUT)
def test_what_its_own_page_and_reader_are_counts_too(
    works: Integration, alice: User, name: str
) -> None:
    grant = permissions.integrations(alice, works.tenant.public_id)[0]
    card = one_with_details(grant, cards.card(grant, works), works)
    looking = replace(grant, user=permissions.preview_guest(alice, works.tenant))
    guest = replace(permissions.preview_guest(alice, works.tenant), is_preview=False)
    cases: list[tuple[Any, dict[str, Any]]] = [
        (grant, {}),
        (looking, {}),
        (replace(grant, user=guest), {}),
        (replace(grant, may_repair=False), {}),
        (replace(grant, as_staff=True), {}),
        (grant, {"token": ""}),
        (grant, {"identity": SimpleNamespace(icon_url="/icon.svg")}),
        *((grant, {one: "1"}) for one in (*kept._OF_PAGE, "tab")),
    ]
    shown = [about(name, card, who, **page) for who, page in cases]
    with urlconf(EMBED_URLCONF):
        framed = about(name, replace(card, may_disconnect=False), grant)
    for (who, page), html in zip(cases, shown, strict=True):
        kept.KEPT.clear()
        assert html == about(name, card, who, **page)
    assert ("/embed/" in framed) is (name != "disconnect_panel")
    assert not any("/embed/" in html for html in shown)


def test_at_midnight_years_are_written_anew(
    works: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    """Within a minute, so that nothing else has become older."""
    grant = permissions.integrations(alice, works.tenant.public_id)[0]
    midnight = datetime(NOW.year + 1, 1, 1, tzinfo=timezone.get_current_timezone())
    clock.move_to(midnight - timedelta(seconds=10), tick=False)
    card = replace(cards.card(grant, works), checked_at=timezone.now(), connected_at=NOW)
    before = about("integration_head", card, grant)
    clock.move_to(midnight + timedelta(seconds=10), tick=False)
    after = about("integration_head", card, grant)
    kept.KEPT.clear()
    assert after == about("integration_head", card, grant)
    assert after != before


def test_what_is_not_calm_is_made_each_time(alices: Client, acme: Tenant, connect: Connect) -> None:
    connect(acme)
    broken = connect(acme, state="invalid")
    alices.get(url_of("integration", broken))
    assert not any("integration_head" in str(key) for key in kept.KEPT._parts)


def test_a_grid_that_others_have_too_has_nothing_of_theirs(
    acme: Tenant, bolt: Tenant, connect: Connect, browser: Browser
) -> None:
    theirs, own = (connect(tenant, coverage="everything") for tenant in (acme, bolt))
    for language in ("en", "de"):
        looks(browser, theirs, language, "alice")
        known = looks(browser, own, language)
        for html in map(grid, known):
            assert f'id="sharing-{own.public_id}"' in html
            assert acme.public_id not in html
            assert theirs.public_id not in html
        kept.KEPT.clear()
        made = looks(browser, own, language)
        assert [*map(grid, known)] == [*map(grid, made)]
        assert ["disabled>" in html for html in map(grid, made)] == [False, True]


@pytest.mark.parametrize("name", ["alice", "vic"])
def test_a_grid_is_shown_as_it_is_now(
    name: str, browser: Browser, alice: User, vic: User, works: Integration
) -> None:
    page = url_of("integration", works)
    other_name = {"alice": "vic", "vic": "alice"}[name]
    browser(other_name).get(page)  # whose page has another button
    first = browser(name).get(page).text
    assert ("sharing-" in grid(first)) is (name == "alice")
    for changed in (
        {"tool_label": "Another tool"},
        {"removed_at": NOW},
        {"coverage_digest": "of another", "coverage": json.dumps(NOTHING_READ)},
    ):
        Snapshot.objects.filter(pk=works.pk).update(**changed)
        known = browser(name).get(page).text
        kept.KEPT.clear()
        assert grid(known) == grid(browser(name).get(page).text)
        assert grid(known) != grid(first)
        first = known


def test_what_is_new_is_marked_in_a_grid_that_is_known(alices: Client, works: Integration) -> None:
    page = url_of("integration", works)
    before = alices.get(page).text
    history_record.record_coverage(works.pk, {"available": ["hris_employees"]}, NOW)
    Snapshot.objects.filter(pk=works.pk).update(coverage_changed_at=NOW)
    assert "data-changed" in alices.get(page).text
    assert "data-changed" not in before


def test_parts_are_kept_and_their_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3 * (1 + kept.KEY))
    parts, made = kept.KeptHtml(), []

    def part(key: int) -> str:
        return parts.part(key, lambda: made.append(key) or str(key))  # type: ignore[func-returns-value]

    assert [part(key) for key in (1, 1, 2, 3, 1, 4, 1)] == ["1", "1", "2", "3", "1", "4", "1"]
    assert made == [1, 2, 3, 4, 1]


def test_what_is_included_is_known_by_all_that_it_is_given() -> None:
    source = '{% load kept %}{% kept_include "components/poll.html" tenant_id=id about=only %}'
    template = Engine.get_default().from_string(source)

    def written(language: str = "en", conf: str | None = None, **shown: Any) -> str:
        with translation.override(language), urlconf(conf):
            return template.render(Context({"id": "a", "only": "", "has_banner": True} | shown))

    for conf in (None, EMBED_URLCONF):
        kept.KEPT.clear()
        known = [written(conf=conf, id=one) for one in ("a", "b", "a")]
        assert known[0] == known[2] != known[1]
        assert ("/embed/" in known[0]) == bool(conf)
    assert written() != written(conf=EMBED_URLCONF)  # known in both
    assert "hx-vals" not in written()  # nothing but what it is given


@pytest.mark.parametrize(("one", "other"), [("<b>", SafeString("<b>")), (1, True), (1000, 1000.0)])
def test_equal_values_written_otherwise_are_told_apart(one: Any, other: Any) -> None:
    first, second, again = (
        kept._kept_by("embed/state.html", {"severity": "ok", "key": "", "acts": acts, "total": 1})
        for acts in (one, other, one)
    )
    assert one == other
    assert first == again != second

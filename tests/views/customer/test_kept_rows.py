"""Rows of the list that a process keeps: never another than what would be rendered now."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Engine
from django.test import Client
from django.urls import set_urlconf
from django.utils import timezone, translation
from time_machine import TimeMachineFixture

from integrations.access import permissions
from integrations.domain.headline import Severity
from integrations.models import Integration, Tenant
from integrations.templatetags import rows
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from integrations.views.customer.card_details import with_details
from integrations.views.types import EMBED_URLCONF
from tests.conftest import NOW, Connect
from tests.views.browsing import tenant_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
DIFFERS = re.compile(rf'{TOKEN.pattern}|data-poll="[0-9.]+"')  # in each answer
ROW = "{% load rows %}{% list_cards cards %}"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    rows.CARD_ROWS.clear()
    yield
    rows.CARD_ROWS.clear()


@pytest.fixture
def works(acme: Tenant, connect: Connect) -> Integration:
    """One that works, and another that makes the page a list."""
    connect(acme)
    return connect(acme)


def rendered(card: Card, grant: Any, *, token: str = "t" * 64, **page: Any) -> str:
    context = {"cards": [card], "grant": grant, "csrf_token": token} | page
    html = Engine.get_default().from_string(ROW).render(Context(context))
    return re.sub(r'data-poll="[0-9.]+"', "", html)


@contextmanager
def urlconf(name: str) -> Iterator[None]:
    """The addresses of another part of the site."""
    set_urlconf(name)
    yield
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
        kept = [rendered(variant, grant) for variant in variants]
        rows.CARD_ROWS.clear()
        for variant, row in zip(variants, kept, strict=True):
            rows.CARD_ROWS.clear()
            assert row == rendered(variant, grant)
        assert len({*kept}) > 10


def test_what_the_page_and_the_reader_are_counts_too(works: Integration, alice: User) -> None:
    grant, found = permissions.integrations(alice, works.tenant.public_id)
    looking = permissions.preview_guest(alice, works.tenant)
    (card, _other) = cards.cards(grant, found)
    assert "disabled" not in rendered(card, grant)
    assert "disabled" in rendered(card, replace(grant, user=looking))
    with urlconf(EMBED_URLCONF):
        assert "/embed/" in rendered(card, grant)
    assert "/embed/" not in rendered(card, grant)
    shown = {name: rendered(card, grant, **{name: "1"}) for name in rows._OF_PAGE}
    for name, html in shown.items():
        rows.CARD_ROWS.clear()
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


def test_rows_are_kept_and_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST", 3)
    kept, made = rows.KeptRows(), []

    def row(key: int) -> str:
        return kept.row(key, lambda: made.append(key) or str(key))  # type: ignore[func-returns-value]

    assert [row(key) for key in (1, 1, 2, 3, 1, 4, 1)] == ["1", "1", "2", "3", "1", "4", "1"]
    assert made == [1, 2, 3, 4, 1]

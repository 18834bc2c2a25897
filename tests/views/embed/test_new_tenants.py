"""A customer that a host's token brings along."""

from typing import Any

import pytest
from django.test import Client

from integrations.models import SpentToken, Tenant
from tests.embed import MISSING, exchange, token, turn_on


@pytest.fixture
def adds(settings: Any) -> None:
    """Tokens may add tenants, as `EMBED_CREATES_TENANTS=1` says."""
    turn_on(settings)
    settings.EMBED_CREATES_TENANTS = True


@pytest.mark.usefixtures("adds", "db")
def test_a_customer_that_nobody_added_is_added_once() -> None:
    for _time in range(2):
        assert exchange(Client(), token(sub="new", name=" New Ltd ")).status_code == 200
    assert [(one.origin_id, one.name) for one in Tenant.objects.all()] == [("new", "New Ltd")]
    again = exchange(Client(), token(sub="new", name="Another name"))
    assert again.status_code == 200
    assert Tenant.objects.get().name == "New Ltd"


@pytest.mark.usefixtures("adds", "db")
def test_without_a_name_that_can_be_shown_nobody_is_added(subtests: pytest.Subtests) -> None:
    for name, status in [
        (MISSING, 404),
        ("", 401),
        (" ", 401),
        (7, 401),
        ("x" * 201, 401),
        ("a\u202eb", 401),
    ]:
        with subtests.test(name=name, status=status):
            assert exchange(Client(), token(sub="new", name=name)).status_code == status
            assert not Tenant.objects.exists()
            assert not SpentToken.objects.exists()


@pytest.mark.django_db
def test_unless_it_is_switched_on_no_token_adds_anybody(settings: Any) -> None:
    turn_on(settings)
    assert exchange(Client(), token(sub="new", name="New Ltd")).status_code == 404
    assert not Tenant.objects.exists()

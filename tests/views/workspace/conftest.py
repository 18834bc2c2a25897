"""Fixtures that several modules of this folder use."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.views.conftest import Browser


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


@pytest.fixture
def broken_with_grid(acme: Tenant, connect: Connect) -> Integration:
    """The same with a grid in which everything occurs."""
    return connect(acme, state="invalid", coverage="everything")


@pytest.fixture
def amys(amy: User, browser: Browser) -> Client:
    """The browser of acme's account manager, who has no other permission."""
    return browser("amy")


@pytest.fixture
def permit(amy: User, browser: Browser) -> Callable[..., Client]:
    """The browser of acme's account manager with some permissions."""

    def permit(*names: str) -> Client:
        amy.user_permissions.set(Permission.objects.filter(codename__in=names))
        assert amy.user_permissions.count() == len(names)
        return browser("amy")

    return permit


@pytest.fixture
def mias(browser: Browser) -> Client:
    return browser("mia")


@pytest.fixture
def two(acme: Tenant, bolt: Tenant, connect: Connect) -> list[Integration]:
    return [connect(acme, state="invalid"), connect(bolt, tool_id="bamboohr", beta=True)]

"""Fixtures that several modules of this folder use."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from integrations.simulator.app import Simulator
from tests.demo.seeded import beginning, restore, state_of


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Simulator]:
    """The demo as it begins, made once for all tests of a module."""
    with django_db_blocker.unblock(), beginning() as simulator:
        yield simulator


@pytest.fixture
def seeded(began: Simulator, db: None) -> Iterator[Simulator]:
    """The demo as it begins; what a test does to it is taken back."""
    before = state_of(began)
    yield began
    restore(began, before)

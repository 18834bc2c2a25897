"""Fixtures that several modules of this folder use."""

import pickle
from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from integrations.simulator.app import Simulator
from tests.demo.seeded import BEGAN, beginning


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Simulator]:
    """The demo as it begins, made once for all tests of a module."""
    with django_db_blocker.unblock(), beginning(BEGAN) as simulator:
        yield simulator


@pytest.fixture
def seeded(began: Simulator, db: None) -> Iterator[Simulator]:
    """The demo as it begins; what a test does to it is taken back."""
    store, names = began.world.store, ("records", "links", "activations", "settings")
    before = pickle.dumps({name: getattr(store, name) for name in names})
    yield began
    vars(store).update(pickle.loads(before))  # noqa: S301 - it is ours

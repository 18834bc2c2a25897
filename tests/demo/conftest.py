"""Fixtures that several modules of this folder use."""

import pickle
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from integrations.demo import environment
from integrations.demo.seed import bodies, seed
from integrations.kombo.http import Http
from integrations.simulator.app import Simulator
from integrations.simulator.states import PUBLIC_URL
from integrations.upstream import gateway, rate_limiter
from tests.conftest import API_KEY, Nearby, kombo_environment
from tests.demo.seeded import BEGAN


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Simulator]:
    """The demo as it begins, made once for all tests: each is a savepoint within the transaction
    that takes it back.
    """
    simulator = Simulator(api_key=API_KEY, seed=bodies(PUBLIC_URL, BEGAN))
    production = {"KOMBO_ENVIRONMENTS": {"production": kombo_environment(f"{PUBLIC_URL}/v1")}}
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**production, **environment.REMINDED),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(rate_limiter, "LATE", timedelta.max)
        patch.setattr(gateway, "_http", Http(transport=Nearby(simulator)))
        with translation.override("en"):
            seed(simulator, BEGAN)
        yield simulator
        transaction.set_rollback(True)


@pytest.fixture
def seeded(began: Simulator, db: None) -> Iterator[Simulator]:
    """The demo as it begins; what a test does to it is taken back."""
    store, names = began.world.store, ("records", "links", "activations", "settings")
    before = pickle.dumps({name: getattr(store, name) for name in names})
    yield began
    vars(store).update(pickle.loads(before))  # noqa: S301 - it is ours

"""The demo as it begins, and what its people see."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone, translation

from integrations.access import permissions
from integrations.demo import environment
from integrations.demo.seed import bodies, seed
from integrations.kombo.http import Http
from integrations.models import Integration
from integrations.simulator.app import Simulator
from integrations.simulator.states import PUBLIC_URL
from integrations.upstream import gateway, rate_limiter
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from tests.conftest import API_KEY, kombo_environment
from tests.nearby import Nearby

BEGAN = timezone.now()


class Made(NamedTuple):
    """A demo that was made: the primary keys of what was there before by model, its rows, and its
    Kombo with the state it is in.
    """

    before: dict[type[Model], set[Any]]
    rows: dict[type[Model], list[Model]]
    simulator: Simulator
    state: bytes


_made: list[Made] = []
"""The demo that the tests of this process have, once one of them asked for it."""


@contextmanager
def beginning(*, anew: bool = False) -> Iterator[Simulator]:
    """Fill the database with the demo as it begins, and its simulated Kombo; in the end all of it
    is taken back. A test within is a savepoint.

    It is seeded once in a process, and whoever comes later gets the rows as they were; `anew`, it
    is seeded for who looks at how that is done. Once a test has emptied the tables, what migrations
    put in has other keys, and so has what is seeded upon it.
    """
    with transaction.atomic():
        if _made and not anew and _made[0].before == _keys():
            made = _made[0]
            _put_back(made)
        else:
            made = _make()
            _made[:] = _made if anew else [made]
        with talking_to(made.simulator):
            yield made.simulator
        transaction.set_rollback(True)


@contextmanager
def talking_to(simulator: Simulator) -> Iterator[None]:
    production = {"KOMBO_ENVIRONMENTS": {"production": kombo_environment(f"{PUBLIC_URL}/v1")}}
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**production, **environment.REMINDED),
    ):
        patch.setattr(rate_limiter, "LATE", timedelta.max)
        patch.setattr(gateway, "_http", Http(transport=Nearby(simulator)))
        yield


def _make() -> Made:
    simulator = Simulator(api_key=API_KEY, seed=bodies(PUBLIC_URL, BEGAN))
    before = _keys()
    with talking_to(simulator), translation.override("en"):
        seed(simulator, BEGAN)
    rows = {model: [*model._base_manager.exclude(pk__in=keys)] for model, keys in before.items()}
    return Made(before, rows, simulator, state_of(simulator))


def _keys() -> dict[type[Model], set[Any]]:
    tables = connection.introspection.table_names()
    models = apps.get_models(include_auto_created=True)
    return {
        model: set(model._base_manager.values_list("pk", flat=True))
        for model in models
        if model._meta.db_table in tables
    }


def _put_back(made: Made) -> None:
    for model, rows in made.rows.items():
        manager: Any = model._base_manager.all()
        fields = model._meta.concrete_fields
        size = connection.ops.bulk_batch_size(fields, rows) if rows else 1
        for start in range(0, len(rows), size):
            # As they were: `bulk_create` would write when, too.
            manager._insert(rows[start : start + size], fields=fields, using="default", raw=True)
    restore(made.simulator, made.state)


def state_of(simulator: Simulator) -> bytes:
    store, names = simulator.world.store, ("records", "links", "activations", "settings")
    return pickle.dumps({name: getattr(store, name) for name in names})


def restore(simulator: Simulator, state: bytes) -> None:
    vars(simulator.world.store).update(pickle.loads(state))  # noqa: S301 - it is ours


def shown(name: str) -> dict[str, Card]:
    """The cards of everything this person sees, by tool."""
    user = User.objects.get(username=name)
    by_tool: dict[str, Card] = {}
    for tenant in permissions.tenants_of(user):
        place, integrations = permissions.integrations(user, tenant.public_id)
        by_tool |= {
            integration.integration_id.split(":")[0]: cards.card(place, integration)
            for integration in integrations
        }
    return by_tool


def of(tool: str) -> Integration:
    return Integration.objects.select_related("snapshot").get(integration_id__startswith=f"{tool}:")

"""The demo as it begins, and what its people see."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
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
from tests.conftest import API_KEY, Nearby, kombo_environment

BEGAN = timezone.now()


@contextmanager
def beginning(now: datetime) -> Iterator[Simulator]:
    """Fill the database with the demo as it begins now, and its simulated Kombo; in the end all of
    it is taken back. A test within is a savepoint.
    """
    simulator = Simulator(api_key=API_KEY, seed=bodies(PUBLIC_URL, now))
    production = {"KOMBO_ENVIRONMENTS": {"production": kombo_environment(f"{PUBLIC_URL}/v1")}}
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**production, **environment.REMINDED),
        transaction.atomic(),
    ):
        patch.setattr(rate_limiter, "LATE", timedelta.max)
        patch.setattr(gateway, "_http", Http(transport=Nearby(simulator)))
        with translation.override("en"):
            seed(simulator, now)
        yield simulator
        transaction.set_rollback(True)


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

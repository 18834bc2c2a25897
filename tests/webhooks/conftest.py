"""Fixtures that several modules of this folder use."""

import pytest

from integrations.models import Integration, Tenant
from integrations.tenants import mapping
from tests.webhook_payloads import INTEGRATION_ID, ORIGIN_ID
from tests.webhooks.handling import connected


@pytest.fixture
def customer() -> Tenant:
    return Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID)


@pytest.fixture
def made(customer: Tenant) -> Integration:
    """A connected integration that was last fetched an hour ago."""
    return connected(mapping.create(customer, INTEGRATION_ID))

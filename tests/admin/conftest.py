"""Fixtures that several modules of this folder use."""

import pytest
from django.contrib.auth.models import User

from integrations.models import Integration, Tenant
from tests.conftest import Connect


@pytest.fixture
def theirs(acme: Tenant, alice: User, connect: Connect) -> Integration:
    """An integration of acme of which Kombo says that it is bolt's."""
    return connect(acme, origin_id="bolt", creator_email="eve@customer.example")

"""Fixtures that several modules of this folder use."""

import pytest

from integrations.domain.headline import Key
from integrations.models import Integration, Tenant
from integrations.tenants import mapping
from tests.history.recording import become


@pytest.fixture
def personio(acme: Tenant) -> Integration:
    """An integration that was connected an hour ago."""
    made = mapping.create(acme, "personio:1")
    become(made, Key.CONNECTED, minutes=-60)
    return made

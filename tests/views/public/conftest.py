"""Fixtures that several modules of this folder use."""

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.models import Integration, Tenant
from integrations.tenants import mapping
from integrations.workspace import summaries
from tests import identity_provider
from tests.conftest import API_KEY
from tests.identity_provider import IdentityProvider
from tests.views.public.webhook_requests import OTHERS_SECRET
from tests.webhook_payloads import INTEGRATION_ID, ORIGIN_ID, SECRET, TOOL


@pytest.fixture
def configured(settings: Any, db: None) -> None:
    """Three environments: one with a webhook, one with another, one whose webhook was never set
    up.
    """
    config = {"API_URL": "http://127.0.0.1:9/v1", "API_KEY": API_KEY, "CALLS_PER_SECOND": 1000}
    settings.KOMBO_ENVIRONMENTS = {
        "production": {**config, "WEBHOOK_SECRETS": [SECRET]},
        "us": {**config, "WEBHOOK_SECRETS": [OTHERS_SECRET]},
        "silent": {**config, "WEBHOOK_SECRETS": []},
    }


@pytest.fixture
def made(db: None) -> Integration:
    """The integration that the documented payloads are about."""
    made = mapping.create(
        Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID), INTEGRATION_ID
    )
    made.snapshot.tool_id, made.snapshot.status, made.snapshot.setup_status = (
        TOOL,
        "ACTIVE",
        "COMPLETED",
    )
    made.snapshot.save()
    summaries.recompute([made.pk])
    return made


@pytest.fixture(scope="session")
def running_provider() -> Iterator[IdentityProvider]:
    with identity_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: IdentityProvider, settings: Any, db: None) -> IdentityProvider:
    """The identity provider that the site uses, which knows Ida, one of the vendor's staff."""
    running_provider.begin_anew()
    settings.SSO = running_provider.settings()
    return running_provider

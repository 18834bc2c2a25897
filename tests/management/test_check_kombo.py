"""`manage.py check_kombo`: its words, and the exit status that says whether all is well."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from integrations.models import Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.states import kombo_id
from integrations.tenants import mapping
from tests import copy
from tests.conftest import Connect, acting

pytestmark = pytest.mark.django_db


def check(*options: str) -> tuple[bool, str]:
    """Whether all is well, and everything that was said."""
    said = StringIO()
    try:
        call_command("check_kombo", *options, stdout=said, stderr=said)
    except CommandError:
        return False, said.getvalue()
    return True, said.getvalue()


def test_all_is_well(kombo: Simulator, acme: Tenant, connect: Connect) -> None:
    connect(acme)
    url = f"{kombo.public_url}/v1"
    well, said = check()
    assert well
    assert said.splitlines() == [
        copy.THE_API_KEY_WORKS(name="production", url=url, id=kombo_id("environment")),
        "  Mapped integrations that can be read and shown: 1 of 1.",
    ]


def test_a_bad_key_is_told_without_showing_it(kombo: Simulator, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"API_KEY": "ks_dev_wrong"}
    well, said = check()
    assert not well
    assert "production" in said
    assert (
        "the API key doesn’t work: access_denied (PLATFORM.AUTHENTICATION_INVALID, HTTP 401)"
        in said
    )
    assert "ks_dev" not in said


@pytest.mark.parametrize("key", ["zwölf", "with space"])
def test_a_key_that_can_be_none_is_told(key: str, kombo: Simulator, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"API_KEY": key}
    well, said = check()
    assert not well
    assert "the API key doesn’t work: access_denied" in said
    assert not kombo.calls


def test_a_kombo_that_is_not_there_is_told(settings: Any) -> None:
    assert not check()[0]


def test_an_integration_that_can_not_be_read_is_named(
    kombo: Simulator, acme: Tenant, connect: Connect
) -> None:
    connect(acme)
    mapping.create(acme, "personio:gone")
    well, said = check()
    assert not well
    assert (
        "  Acme GmbH: personio:gone: not_found (PLATFORM.INTEGRATION_NOT_FOUND, HTTP 404)\n" in said
    )
    assert "  Mapped integrations that can be read and shown: 1 of 2.\n" in said


def test_an_integration_of_another_customer_is_told(
    kombo: Simulator, acme: Tenant, connect: Connect, root: User
) -> None:
    integration = connect(acme, origin_id="bolt")
    well, said = check()
    assert f"  Acme GmbH: {integration.integration_id}: Kombo reports origin ID “bolt”.\n" in said
    mapping.confirm(integration, acting(root))
    well, said = check()
    assert well
    assert "Kombo reports" not in said


@pytest.mark.parametrize("origin_id", [None, "acme", ""])
def test_an_integration_that_names_nobody_else_is_well(
    origin_id: str | None, acme: Tenant, connect: Connect
) -> None:
    connect(acme, origin_id=origin_id)
    well, said = check()
    assert well
    assert "Kombo reports" not in said


def test_every_environment_is_checked(kombo: Simulator, acme: Tenant, settings: Any) -> None:
    good = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS = {"us": good | {"API_KEY": "ks_dev_wrong"}, "production": good}
    mapping.create(acme, "personio:1", "us")
    well, said = check()
    assert not well
    assert said.index("us (") < said.index("production (")
    assert "can be read and shown: 0 of 0." in said


def test_integrations_without_an_environment_are_counted(kombo: Simulator, acme: Tenant) -> None:
    mapping.create(acme, "personio:1", "moon")
    well, said = check()
    assert not well
    assert "1 integration is mapped in an environment that isn’t configured.\n" in said


def test_the_number_of_integrations_read_can_be_limited(
    kombo: Simulator, acme: Tenant, connect: Connect
) -> None:
    for _ in range(3):
        connect(acme, fetched=False)
    assert "can be read and shown: 2 of 2." in check("--limit", "2")[1]
    assert kombo.calls["GET", "/v1/integrations/{integration_id}"] == 2


def test_nothing_is_stored(kombo: Simulator, acme: Tenant, connect: Connect) -> None:
    integration = connect(acme, fetched=False)
    check()
    integration.snapshot.refresh_from_db()
    assert integration.snapshot.fetched_at is None

"""`manage.py check_kombo` beside a site at work: within the budget, and cheap enough for a
monitor.
"""

import time
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from integrations.kombo.errors import AccessDenied, RateLimited
from integrations.management.commands import check_kombo
from integrations.models import Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, rate_limiter
from integrations.upstream.rate_limiter import RateLimitBusy
from tests import copy
from tests.conftest import Connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the command waited, each time, without doing so."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_each_call_takes_a_slot_of_the_budget(
    kombo: Simulator, acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        connect(acme, fetched=False)
    slots = []
    monkeypatch.setattr(rate_limiter, "wait_for_slot", lambda *of, **_more: slots.append(of))
    call_command("check_kombo", stdout=StringIO())
    assert len(slots) == kombo.calls.total() == 4


@pytest.mark.parametrize("error", [RateLimitBusy(retry_after=2.0), RateLimited(retry_after=2.0)])
def test_a_turn_that_is_not_there_yet_is_waited_for(
    kombo: Simulator, monkeypatch: pytest.MonkeyPatch, slept: list[float], error: Exception
) -> None:
    turns = iter([error, error, None])

    def take_turns(*_of: Any, **_more: Any) -> None:
        if refusal := next(turns):
            raise refusal

    monkeypatch.setattr(rate_limiter, "wait_for_slot", take_turns)
    call_command("check_kombo", stdout=StringIO())
    assert slept == [2.0, 2.0]


def test_a_turn_that_never_comes_is_told(
    kombo: Simulator, monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    def refuse(*_of: Any, **_more: Any) -> None:
        raise RateLimitBusy(retry_after=check_kombo.PATIENCE + 1)

    monkeypatch.setattr(rate_limiter, "wait_for_slot", refuse)
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("check_kombo", stderr=said)
    assert "busy" in said.getvalue()
    assert not slept


def test_keys_only_is_one_call_an_environment(
    kombo: Simulator, acme: Tenant, connect: Connect
) -> None:
    connect(acme, fetched=False)
    said = StringIO()
    call_command("check_kombo", "--keys-only", stdout=said)
    assert kombo.calls.total() == 1
    assert copy.N_INTEGRATIONS(n="mapped") not in said.getvalue()


def test_an_environment_without_a_key_is_not_configured(kombo: Simulator, settings: Any) -> None:
    good = settings.KOMBO_ENVIRONMENTS["production"]
    bare = good | {"API_KEY": ""}
    settings.KOMBO_ENVIRONMENTS = {"production": bare, "us": bare}
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("check_kombo", stderr=said)
    url = good["API_URL"]
    assert said.getvalue().splitlines() == [
        copy.NAME_URL_SETTING_IS_NOT_SET(name="production", url=url, setting="KOMBO_API_KEY"),
        copy.NAME_URL_SETTING_IS_NOT_SET(name="us", url=url, setting="KOMBO_US_API_KEY"),
    ]
    assert not kombo.calls
    with pytest.raises(AccessDenied, match="NOT_CONFIGURED"):
        gateway.client("us")


def test_a_missing_key_is_told_at_the_start(settings: Any) -> None:
    assert run_checks(tags=["site"]) == []
    bare = settings.KOMBO_ENVIRONMENTS["production"] | {"API_KEY": ""}
    settings.KOMBO_ENVIRONMENTS = {"production": bare}
    (told,) = run_checks(tags=["site"])
    assert "“production” is not configured: KOMBO_API_KEY is not set" in told.msg

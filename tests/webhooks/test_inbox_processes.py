"""Many processes, one database, one event."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from integrations.models import Entry, Event, Snapshot
from tests.concurrency import crowd, flow_failed, seed
from tests.webhook_payloads import SECRET, TOOL, post


@pytest.fixture
def environment(shared_database: Mapping[str, str]) -> Mapping[str, str]:
    """Where the processes find an integration of the tool that the webhook names."""
    seed()
    Snapshot.objects.update(tool_id=TOOL)
    return {**shared_database, "KOMBO_WEBHOOK_SECRET": SECRET}


def assert_worked_once() -> None:
    """There is one event, worked, without a failure, with one effect."""
    assert Event.objects.count() == Event.objects.filter(worked_at__isnull=False).count() == 1
    assert Event.objects.aggregate(sum=Sum("attempts"))["sum"] == 0
    assert Entry.objects.count() == 1


def test_one_event_40_times_at_once_is_kept_and_worked_once(
    environment: Mapping[str, str], settings: Any
) -> None:
    answers = crowd("receiver", environment, processes=2, threads=20)
    assert answers == [200] * 40
    assert_worked_once()
    settings.KOMBO_ENVIRONMENTS = {
        "production": settings.KOMBO_ENVIRONMENTS["production"] | {"WEBHOOK_SECRETS": [SECRET]}
    }
    assert post(Client(), flow_failed()).status_code == 200
    assert_worked_once()


@pytest.mark.parametrize("act", ["replayer", "worker"])
def test_an_event_that_failed_is_worked_once_by_however_many(
    environment: Mapping[str, str], act: str
) -> None:
    now = timezone.now()
    columns = {
        "event_id": "the one",
        "type": "connection-flow-failed",
        "payload": flow_failed().decode(),
    }
    Event.objects.create(environment="production", **columns, received_at=now, due_at=now)
    answers = crowd(act, environment, processes=2, threads=4)
    assert all(answers) if act == "replayer" else any(answers)
    assert_worked_once()

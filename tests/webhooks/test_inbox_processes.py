"""Many processes, one database, one event."""

from collections.abc import Mapping

import pytest

from tests.concurrency import crowd
from tests.webhook_payloads import SECRET

pytestmark = pytest.mark.django_db(transaction=True)
ONE_OF_EACH = [1, 1, 0, 1]  # one event, worked, without a failure, with one effect


@pytest.fixture
def environment(shared_database: Mapping[str, str]) -> Mapping[str, str]:
    environment = {**shared_database, "KOMBO_WEBHOOK_SECRET": SECRET}
    crowd("connected", environment)
    return environment


def test_one_event_100_times_at_once_is_kept_and_worked_once(environment: Mapping[str, str]) -> None:
    answers = crowd("receiver", environment, processes=5, threads=20)
    assert answers == [200] * 100
    assert crowd("tally", environment) == [ONE_OF_EACH]
    assert crowd("receiver", environment) == [200]
    assert crowd("tally", environment) == [ONE_OF_EACH]


@pytest.mark.parametrize("act", ["replayer", "worker"])
@pytest.mark.parametrize(("processes", "threads"), [(1, 2), (2, 4)])
def test_an_event_that_failed_is_worked_once_by_however_many(
    environment: Mapping[str, str], act: str, processes: int, threads: int
) -> None:
    crowd("failed", environment)
    answers = crowd(act, environment, processes=processes, threads=threads)
    assert all(answers) if act == "replayer" else any(answers)
    assert crowd("tally", environment) == [ONE_OF_EACH]

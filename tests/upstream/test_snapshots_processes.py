"""Many processes, one database, one call to Kombo."""

import threading
import time
from collections.abc import Mapping

import pytest

from integrations.simulator import states
from integrations.simulator.app import Simulator
from tests.concurrency import INTEGRATION_ID, crowd, seed
from tests.conftest import API_KEY

DETAILS = ("GET", "/v1/integrations/{integration_id}")


def hold_for_a_second(kombo: Simulator) -> None:
    """Hold the call that comes, for long enough that others look meanwhile and well below what its
    caller waits.
    """

    def hold() -> None:
        while not kombo.calls[DETAILS]:
            time.sleep(0.01)
        time.sleep(1)
        kombo.set_fault("none")

    kombo.set_fault("hanging")
    threading.Thread(target=hold, daemon=True).start()


@pytest.mark.usefixtures("loopback")
def test_100_cold_viewers_in_2_processes_cause_one_call(
    kombo: Simulator, shared_database: Mapping[str, str]
) -> None:
    kombo.add(
        states.details(
            integration_id=INTEGRATION_ID,
            tool_id="personio",
            category="HRIS",
            organization_name="Acme GmbH",
            origin_id="acme",
            creator_email=None,
        )
    )
    environment = {
        **shared_database,
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_API_KEY": API_KEY,
    }
    seed()
    hold_for_a_second(kombo)
    answers = crowd("viewer", environment, processes=2, threads=50)
    assert len(answers) == 100
    assert any(answers)
    assert kombo.calls[DETAILS] == 1

"""Several who disconnect at once, a Kombo that hangs, and a process that is killed in the midst."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.utils import timezone

from integrations.access.audit import Actor
from integrations.history import disconnections
from integrations.kombo.errors import TimedOut
from integrations.models import Entry, Integration, Kind, Snapshot
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.upstream import disconnecting, snapshots
from integrations.upstream.disconnecting import UnderWay
from tests import forking
from tests.concurrency import INTEGRATION_ID, crowd, seed
from tests.conftest import API_KEY
from tests.worker.processes import wait_until

pytestmark = pytest.mark.usefixtures("loopback")
DELETE = ("DELETE", "/v1/integrations/{integration_id}")
ANNA = Actor(None, "anna")
# What one process does: it sets out to disconnect, and never comes to an end by itself.
_DISCONNECT = """
import django
django.setup()
from integrations.access.audit import Actor
from integrations.models import Integration
from integrations.upstream import disconnecting
one = Integration.objects.select_related("tenant", "snapshot").get()
disconnecting.disconnect(one, by=Actor(None, "anna"))
"""


@pytest.fixture
def environment(kombo: Simulator, shared_database: Mapping[str, str]) -> Mapping[str, str]:
    """Where processes find one integration, and Kombo."""
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
    seed()
    known()
    return {
        **os.environ,
        **shared_database,
        "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_API_KEY": API_KEY,
    }


def known() -> Integration:
    """The integration, checked just now."""
    one = Integration.objects.select_related("tenant", "snapshot").get()
    one.snapshot = snapshots.revalidate(one, by_person=True)
    return one


def outcomes() -> list[str]:
    return [entry.data["outcome"] for entry in Entry.objects.filter(kind=Kind.DISCONNECT)]


def test_of_many_at_once_one_asks_kombo(kombo: Simulator, environment: Mapping[str, str]) -> None:
    kombo.set_fault("slow")
    answers = crowd("disconnecter", environment, processes=2, threads=6)
    assert kombo.calls[DELETE] == answers.count("done") == 1
    assert set(answers) <= {"done", "under way", "not there"}
    assert Snapshot.objects.get().removed_at
    assert outcomes() == ["done"]


def test_hanging_kombo_is_given_up_and_watched(
    kombo: Simulator, environment: Mapping[str, str]
) -> None:
    one = known()
    kombo.set_fault("hanging")
    began = time.monotonic()
    with pytest.raises(TimedOut):
        disconnecting.disconnect(one, by=ANNA)
    assert time.monotonic() - began < 30
    assert outcomes() == ["unconfirmed"]
    assert Snapshot.objects.get().watch_until
    with pytest.raises(UnderWay):
        disconnecting.disconnect(one, by=ANNA)
    assert kombo.calls[DELETE] == 1


def dying_in(owner: str, function: str) -> str:
    """What a process does that is killed as it comes to a function."""
    dying = f"""django.setup()
import os
import pkgutil
owner = pkgutil.resolve_name("{owner}")
setattr(owner, "{function}", lambda *_args: os._exit(9))"""
    return _DISCONNECT.replace("django.setup()", dying)


@pytest.mark.parametrize("fault", ["hanging", "dripping"])
def test_killed_in_the_midst_it_is_on_record_and_ends_well(
    fault: str, kombo: Simulator, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Before it has an effect at Kombo, and after it."""
    kombo.set_fault(fault)
    process = forking.start(
        forking.execute, _DISCONNECT, environment=environment, output=tmp_path / "log"
    )
    wait_until(lambda: kombo.calls[DELETE])
    process.kill()
    assert outcomes() == ["started"]
    one = Integration.objects.select_related("tenant", "snapshot").get()
    assert one.snapshot.removed_at is None
    with pytest.raises(UnderWay):
        disconnecting.disconnect(one, by=ANNA)
    kombo.set_fault("none")
    wait_until(lambda: kombo.details(INTEGRATION_ID) is None)
    assert known().snapshot.removed_at
    assert outcomes() == ["done"]
    assert kombo.calls[DELETE] == 1


def test_killed_before_kombo_is_asked_it_can_be_tried_again(
    kombo: Simulator, environment: Mapping[str, str], tmp_path: Path
) -> None:
    code = dying_in("integrations.kombo.client.Kombo", "delete")
    process = forking.run(forking.execute, code, environment=environment, output=tmp_path / "log")
    assert process.wait() == 9
    assert (outcomes(), kombo.calls[DELETE]) == (["started"], 0)
    Entry.objects.update(at=timezone.now() - 2 * disconnections.SETTLES)
    assert disconnecting.disconnect(known(), by=ANNA) == "done"
    assert outcomes() == ["done", "refused"]


def test_killed_before_it_is_stored_the_next_check_tells(
    kombo: Simulator, environment: Mapping[str, str], tmp_path: Path
) -> None:
    code = dying_in("integrations.upstream.disconnecting", "_settle")
    process = forking.run(forking.execute, code, environment=environment, output=tmp_path / "log")
    assert process.wait() == 9
    assert (outcomes(), Snapshot.objects.get().removed_at) == (["started"], None)
    assert known().snapshot.removed_at
    assert (outcomes(), kombo.calls[DELETE]) == (["done"], 1)

"""What stays, and when Kombo is asked again, when it can't say."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import Integration, Snapshot, Upstream
from integrations.simulator.app import Simulator
from integrations.simulator.faults import FAULTS
from integrations.upstream import snapshots
from tests.upstream.looking import DETAILS, columns, look

pytestmark = pytest.mark.usefixtures("clock")
ERROR_COLUMNS = {
    "failures",
    "retry_at",
    "error_kind",
    "error_code",
    "error_log_url",
    "error_at",
    "check_at",
}

# What each fault of the simulator is to us; on a busy machine the deadline may come before the
# size.
KINDS = {
    "rate_limited": "rate_limited",
    "server_error": "server_failed",
    "truncated": "bad_answer",
    "bad_gateway": "server_failed",
    "unavailable": "server_failed",
    "gateway_timeout": "server_failed",
    "reset": "connection_failed",
    "wrong_json": "bad_answer",
    "wrong_shape": "bad_answer",
    "html": "bad_answer",
    "empty": "bad_answer",
    "redirect": "bad_answer",
    "key_revoked": "access_denied",
    "forbidden": "access_denied",
    "huge": "bad_answer or timed_out",
    "gzip_bomb": "bad_answer or timed_out",
    "hanging": "timed_out",
    "dripping": "timed_out",
}


@pytest.mark.exhaustive(keep=3)
@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("fault", "kind"), KINDS.items())
def test_the_last_good_answer_stays_whatever_kombo_does(
    fault: str, kind: str, personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    before = columns(personio.snapshot, but=ERROR_COLUMNS)
    kombo.set_fault(fault)
    clock.shift(60)
    found = look(personio)
    assert columns(found, but=ERROR_COLUMNS) == before
    assert found.error_kind in kind.split(" or ")
    assert (found.failures, found.error_at) == (1, timezone.now())
    assert found.retry_at is not None
    assert found.retry_at >= timezone.now() + timedelta(seconds=5)
    assert freshness.is_failing(found)
    kombo.set_fault("none")
    clock.move_to(found.retry_at + timedelta(seconds=1), tick=False)
    clean = columns(Snapshot(), but={*before, "check_at"})
    assert columns(look(personio), but={"check_at"}) == before | clean | {
        "fetched_at": timezone.now()
    }


def test_every_fault_of_the_simulator_is_looked_at() -> None:
    assert set(FAULTS) - set(KINDS) == {"none", "slow", "wrong_owner", "foreign_link"}


@pytest.mark.parametrize("fault", ["server_error", "wrong_shape", "key_revoked"])
def test_a_cold_row_stays_empty_and_says_why(
    fault: str, cold: Integration, kombo: Simulator
) -> None:
    kombo.set_fault(fault)
    found = look(cold)
    assert (found.fetched_at, found.status, found.coverage) == (None, "", "")
    assert freshness.is_failing(found)


def test_attempts_that_fail_come_ever_more_slowly(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    waits = []
    for _ in range(9):
        found = look(personio)
        assert found.retry_at is not None
        waits.append((found.retry_at - timezone.now()).total_seconds())
        calls = kombo.calls[DETAILS]
        clock.shift(waits[-1] - 0.1)
        look(personio)
        assert kombo.calls[DETAILS] == calls
        clock.shift(0.1)
    assert waits == [5, 10, 20, 40, 60, 60, 60, 60, 60]


def test_a_click_asks_although_an_attempt_failed_a_moment_ago(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    look(personio)
    kombo.set_fault("none")
    assert not freshness.is_failing(look(personio, by_person=True))


def test_a_429_is_waited_for_as_long_as_it_says(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("rate_limited")
    clock.shift(60)
    found = look(personio)
    assert found.retry_at == timezone.now() + timedelta(seconds=20)
    look(personio, by_person=True)
    assert kombo.calls[DETAILS] == 2


def test_an_environment_without_settings_is_a_failure(personio: Integration, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS = {}
    found = look(personio, by_person=True)
    assert (found.error_kind, found.error_code, found.status) == (
        "access_denied",
        "NOT_CONFIGURED",
        "ACTIVE",
    )


def test_a_failed_check_is_logged_without_id_or_address(
    personio: Integration, kombo: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    kombo.set_fault("server_error")
    look(personio, by_person=True)
    assert (
        f"Integration {personio.public_id} not checked: server_failed PLATFORM.UNKNOWN_ERROR"
        in caplog.text
    )
    for secret in (personio.integration_id, "creator@", "ks_dev", kombo.public_url):
        assert secret not in caplog.text


def test_a_silence_keeps_the_reason_that_led_to_it(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("key_revoked")
    for _ in range(7):
        clock.shift(61)
        found = look(personio, by_person=True)
    assert found.error_kind == "access_denied"
    Upstream.objects.update(limited_until=timezone.now() + timedelta(minutes=5))
    clock.shift(61)
    assert look(personio, by_person=True).error_kind == "access_denied"


def test_an_integration_deleted_during_its_check_is_no_error(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    clock.shift(61)
    Integration.objects.all().delete()
    assert snapshots.revalidate(personio).tool_label == "Personio"

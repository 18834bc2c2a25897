"""When Kombo is called and when it is left in peace."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from integrations.kombo.client import Kombo
from integrations.kombo.errors import (
    AccessDenied,
    BadAnswer,
    ConnectionFailed,
    KomboError,
    NotFound,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
)
from integrations.models import Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import gateway
from integrations.upstream.gateway import CircuitOpen

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FAILURES: list[Callable[[], KomboError]] = [ConnectionFailed, TimedOut, ServerFailed, AccessDenied]


class Upstairs:
    """Kombo as `environments.call` asks it: counts, and fails with `error` if there is one."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: KomboError | None = None

    def __call__(self, kombo: Kombo) -> str:
        self.calls += 1
        if self.error:
            raise self.error
        return "answer"


@pytest.fixture
def upstairs(time_machine: TimeMachineFixture) -> Upstairs:
    time_machine.move_to(NOW, tick=False)
    return Upstairs()


def ask(upstairs: Upstairs, times: int = 1, *, by_person: bool = False) -> list[str]:
    """Call so often, and say how it went: the answer, or the kind of error."""
    outcomes = []
    for _ in range(times):
        try:
            outcomes.append(gateway.call("production", upstairs, by_person=by_person))
        except KomboError as error:
            outcomes.append(error.kind)
    return outcomes


def open_circuit(upstairs: Upstairs) -> None:
    upstairs.error = ServerFailed()
    ask(upstairs, 5)
    upstairs.calls = 0


@pytest.mark.parametrize("error", FAILURES)
def test_five_failures_in_a_row_silence_the_environment(
    error: Callable[[], KomboError], upstairs: Upstairs
) -> None:
    upstairs.error = error()
    assert ask(upstairs, 7) == [upstairs.error.kind] * 5 + ["circuit_open"] * 2
    assert upstairs.calls == 5


def test_four_failures_do_not(upstairs: Upstairs) -> None:
    upstairs.error = TimedOut()
    ask(upstairs, 4)
    upstairs.error = None
    assert ask(upstairs) == ["answer"]
    upstairs.error = TimedOut()
    assert "circuit_open" not in ask(upstairs, 5)


@pytest.mark.parametrize("answer", [NotFound, Refused, BadAnswer])
def test_an_answer_about_one_request_does_not_count(
    answer: Callable[[], KomboError], upstairs: Upstairs
) -> None:
    upstairs.error = answer()
    assert set(ask(upstairs, 12)) == {upstairs.error.kind}
    assert not Upstream.objects.filter(failures__gt=0).exists()


def test_an_answer_about_one_request_ends_the_row_of_failures(upstairs: Upstairs) -> None:
    upstairs.error = TimedOut()
    ask(upstairs, 4)
    upstairs.error = NotFound()
    ask(upstairs)
    upstairs.error = TimedOut()
    assert ask(upstairs, 4) == ["timed_out"] * 4


def test_silence_lasts_30_seconds_and_says_so(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    time_machine.shift(10)
    with pytest.raises(CircuitOpen) as silence:
        gateway.call("production", upstairs)
    assert silence.value.retry_after == 20
    time_machine.shift(19.9)
    assert ask(upstairs) == ["circuit_open"]
    time_machine.shift(0.1)
    assert ask(upstairs) == ["server_failed"]


def test_only_one_probe_goes_out_while_it_is_under_way(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    time_machine.shift(30)
    nested: list[str] = []

    def probe(kombo: Kombo) -> str:
        nested.extend(ask(upstairs, 3) + ask(upstairs, 2, by_person=True))
        return "answer"

    assert gateway.call("production", probe) == "answer"
    assert nested == ["circuit_open"] * 5


def test_of_two_that_see_the_same_end_of_silence_one_probes(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    time_machine.shift(30)
    seen = Upstream.objects.get()
    assert gateway._pause_left(seen, by_person=False) == 0
    assert gateway._claim_probe(seen)
    with pytest.raises(CircuitOpen):
        gateway._claim_probe(seen)


def test_failed_probes_double_the_silence_up_to_five_minutes(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    for pause in (30, 60, 120, 240, 300, 300):
        time_machine.shift(pause - 1)
        assert ask(upstairs) == ["circuit_open"]
        time_machine.shift(1)
        assert ask(upstairs, 2) == ["server_failed", "circuit_open"]


def test_a_good_probe_closes_the_circuit_and_ends_the_doubling(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    time_machine.shift(30)
    ask(upstairs)
    time_machine.shift(60)
    upstairs.error = None
    assert ask(upstairs, 10) == ["answer"] * 10
    open_circuit(upstairs)
    time_machine.shift(30)
    assert ask(upstairs) == ["server_failed"]


def test_a_click_may_probe_early_but_once_in_five_seconds(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    nested: list[str] = []

    def probe(kombo: Kombo) -> str:
        nested.extend(ask(upstairs, 2, by_person=True))
        return "answer"

    assert gateway.call("production", probe, by_person=True) == "answer"
    assert nested == ["circuit_open", "circuit_open"]
    assert upstairs.calls == 0


def test_a_clicks_endless_probe_is_waited_for_five_seconds(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    assert gateway._claim_probe(Upstream.objects.get())
    time_machine.shift(4)
    assert ask(upstairs, by_person=True) == ["circuit_open"]
    time_machine.shift(1)
    assert ask(upstairs, by_person=True) == ["server_failed"]


def test_a_clicks_failed_probe_lengthens_the_silence(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    open_circuit(upstairs)
    assert ask(upstairs, by_person=True) == ["server_failed"]
    time_machine.shift(59)
    assert ask(upstairs) == ["circuit_open"]


@pytest.mark.parametrize(("asked", "kept"), [(20.0, 20), (None, 30), (0.5, 0.5), (3600.0, 600)])
def test_a_429_silences_for_as_long_as_it_says_even_a_click(
    asked: float | None, kept: float, upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    upstairs.error = RateLimited(retry_after=asked)
    assert ask(upstairs) == ["rate_limited"]
    upstairs.error = None
    assert ask(upstairs) + ask(upstairs, by_person=True) == ["circuit_open", "circuit_open"]
    time_machine.shift(kept - 0.1)
    assert ask(upstairs, by_person=True) == ["circuit_open"]
    time_machine.shift(0.1)
    assert ask(upstairs) == ["answer"]


def test_one_environments_trouble_is_not_anothers(upstairs: Upstairs, settings: Any) -> None:
    production = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS = {"production": production, "us": production}
    open_circuit(upstairs)
    upstairs.error = None
    assert gateway.call("us", upstairs) == "answer"


def test_without_settings_an_environment_is_refused_uncalled(upstairs: Upstairs) -> None:
    with pytest.raises(AccessDenied) as refused:
        gateway.call("moon", upstairs)
    assert refused.value.code == "NOT_CONFIGURED"
    assert upstairs.calls == 0
    assert not Upstream.objects.exists()


def test_clients_of_all_environments_share_one_pool(settings: Any) -> None:
    production = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS = {
        "production": production,
        "us": production | {"API_KEY": "ks_dev_another"},
    }
    one, other = gateway.client("production"), gateway.client("us")
    assert one._http is other._http
    assert one._api_key != other._api_key


def test_the_silence_is_told_without_a_call(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    assert gateway.pause_left("production") == 0
    open_circuit(upstairs)
    time_machine.shift(10)
    assert gateway.pause_left("production") == 20
    time_machine.shift(20)
    assert gateway.pause_left("production") == 0
    upstairs.error = RateLimited(retry_after=40)
    ask(upstairs)
    assert gateway.pause_left("production") == 40
    assert gateway.pause_left("us") == 0
    assert upstairs.calls == 1


def test_each_environment_has_a_client_of_its_own(settings: Any) -> None:
    terms = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS = {"production": terms, "us": terms}
    assert gateway.client("production") is not gateway.client("us")  # each asks its own budget


def test_nobody_calls_a_kombo_that_is_down(kombo: Simulator) -> None:
    kombo.set_fault("server_error")
    for _ in range(20):
        with pytest.raises(KomboError):
            gateway.call("production", lambda kombo: kombo.check_api_key())
    assert kombo.calls["GET", "/v1/check-api-key"] == 5


def test_the_log_says_when_silence_falls_and_ends(
    upstairs: Upstairs, time_machine: TimeMachineFixture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "integrations")
    open_circuit(upstairs)
    time_machine.shift(30)
    upstairs.error = None
    ask(upstairs)
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == "integrations.upstream.gateway"
    ] == [
        "Kombo environment production fails: no call for 30 s",
        "Kombo environment production answers again",
    ]


class Overlapping(Upstairs):
    """A call during which other calls begin and end."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def __call__(self, kombo: Kombo) -> str:
        self.meanwhile()
        return super().__call__(kombo)


def test_failures_that_were_under_way_do_not_double_the_silence(upstairs: Upstairs) -> None:
    open_state = Upstream(pk="production")
    for _ in range(10):  # all began before the circuit opened
        gateway._note_error("production", TimedOut(), None, open_state)
    state = Upstream.objects.get()
    assert (state.pause_seconds, state.failures) == (30, 10)


def test_a_late_failure_shortens_no_silence_that_kombo_asked(
    upstairs: Upstairs, time_machine: TimeMachineFixture
) -> None:
    upstairs.error = RateLimited(retry_after=600)
    ask(upstairs)
    for _ in range(6):
        gateway._note_error("production", TimedOut(), None, Upstream(pk="production"))
    gateway._note_error("production", RateLimited(retry_after=5), None, Upstream(pk="production"))
    time_machine.shift(590)
    upstairs.error = None
    assert ask(upstairs, by_person=True) == ["circuit_open"]


def test_a_late_success_does_not_close_what_opened_meanwhile(upstairs: Upstairs) -> None:
    upstairs.error = ServerFailed()
    ask(upstairs, 4)
    # The fifth failure, while this one is under way.
    assert ask(Overlapping(lambda: ask(upstairs))) == ["answer"]
    assert ask(upstairs) == ["circuit_open"]


@pytest.mark.parametrize("error", [RateLimited, ServerFailed])
@pytest.mark.parametrize(
    "code", ["REMOTE.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"]
)
def test_one_customers_tool_does_not_silence_all(
    code: str, error: type[KomboError], upstairs: Upstairs
) -> None:
    upstairs.error = error(code=code)
    assert "circuit_open" not in ask(upstairs, 7)

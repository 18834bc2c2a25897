"""What happens how often, in all processes together."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from integrations import counters
from integrations.models import CounterValue
from tests.forking import PROJECT

pytestmark = pytest.mark.usefixtures("db", "counting")


def stored() -> dict[str, float]:
    counters.flush()
    return dict(CounterValue.objects.values_list("series", "value"))


def test_what_two_processes_count_adds_up() -> None:
    counters.SIGN_INS_REFUSED.add("password")
    counters.flush()
    another = counters._Sums()
    another.add({"sign_ins_refused|password": 2.0, "sign_ins_refused|too_many": 1.0})
    another.flush()
    counters.SIGN_INS_REFUSED.add("password")
    assert stored() == {"sign_ins_refused|password": 4.0, "sign_ins_refused|too_many": 1.0}


def test_a_time_counts_in_its_bucket_alone() -> None:
    for seconds in (0.05, 0.06, 99.0):
        counters.CALL_SECONDS.observe("production", seconds=seconds)
    name = "kombo_call_seconds|production"
    found = stored()
    assert found.pop(f"{name}|sum") == pytest.approx(99.11)
    assert found == {f"{name}|0.05": 1.0, f"{name}|0.1": 1.0, f"{name}|+Inf": 1.0}


def test_nothing_is_counted_while_nobody_may_read_it(settings: Any) -> None:
    settings.METRICS_ON = False
    counters.SIGN_INS_REFUSED.add("password")
    counters.CALL_SECONDS.observe("production", seconds=1.0)
    assert stored() == {}


def test_what_cant_be_written_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError

    counters.SIGN_INS_REFUSED.add("password")
    with monkeypatch.context() as broken:
        broken.setattr("integrations.counters.transaction.atomic", refuse)
        counters.flush()
    counters.SIGN_INS_REFUSED.add("password")
    assert stored() == {"sign_ins_refused|password": 2.0}


def test_a_fork_begins_at_nothing() -> None:
    counters.SIGN_INS_REFUSED.add("password")
    counters._sums._forget()  # as after a fork
    assert stored() == {}


def test_every_code_of_a_refused_token_is_known() -> None:
    source = "".join(
        Path(PROJECT, "integrations", name).read_text()
        for name in ("access/embed_sessions.py", "views/embed/frame.py")
    )
    codes = set(re.findall(r'(?:Refused|UnknownTenant|_refused)\(\s*"(\w+)"', source))
    codes |= {f"bad_{name}" for name in ("sub", "jti")}
    codes |= set(re.findall(r'Error,\s+"(\w+)"', source))
    assert len(codes) > 15
    assert codes <= counters._TOKEN_CODES

"""What several processes count adds up, whether they go on or end."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from integrations.models import CounterValue
from tests import forking

COUNT = """
import atexit, os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "kombo_dashboard.settings"
import django
django.setup()
from integrations import counters
counters.FLUSH_EVERY = {flush_every}
for _time in range(50):
    counters.SIGN_INS_REFUSED.add("password")
{wait}
"""
# A forked process ends without what is registered for the end of an interpreter.
ENDS = COUNT.format(flush_every=600, wait="atexit._run_exitfuncs()")
GOES_ON = COUNT.format(flush_every=0.05, wait="while counters._sums._writer: time.sleep(0.01)")


@pytest.mark.parametrize("code", [ENDS, GOES_ON], ids=["ends", "goes on"])
def test_nothing_is_lost(shared_database: Mapping[str, str], tmp_path: Path, code: str) -> None:
    environment = {**os.environ, **shared_database, "METRICS_TOKEN": "0123456789abcdefgh"}
    started = [
        forking.start(
            forking.execute, code, environment=environment, output=tmp_path / f"{number}.log"
        )
        for number in range(2)
    ]
    assert [(one.wait(), one.output) for one in started] == [(0, "")] * 2
    assert dict(CounterValue.objects.values_list("series", "value")) == {
        "sign_ins_refused|password": 100.0
    }

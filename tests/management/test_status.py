"""`manage.py status`: the lines of the page, and an exit status for monitors."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from integrations.models import Integration, Upstream
from integrations.operations import report, state
from integrations.version import VERSION
from tests import copy
from tests.conftest import NOW


def run(*options: str) -> tuple[str, int]:
    output = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("status", *options, stdout=output)
    return output.getvalue(), int(str(ended.value))


def test_all_is_well(well: Integration) -> None:
    printed, status = run()
    assert status == 0
    assert printed.endswith(f"{copy.NOTHING_NEEDS_ACTION}\n")


def test_it_prints_what_the_page_shows(well: Integration) -> None:
    Upstream.objects.update(refused_since=NOW)
    printed, status = run()
    assert status == 1
    for section in report.sections(state.read()):
        for line in section.lines:
            assert f"{section.title}: {line.label}: {line.text(NOW)}\n" in printed
            assert line.advice in printed
    assert printed.endswith(f"{copy.N_THINGS_NEED_ACTION(n=1)}\n")


def test_programs_get_json(well: Integration) -> None:
    Upstream.objects.update(refused_since=NOW)
    printed, status = run("--json")
    told = json.loads(printed)
    assert (status, told["status"], told["version"]) == (1, "red", VERSION)
    [red] = [line for line in told["lines"] if line["severity"] == "action_required"]
    assert (red["about"], red["key"]) == ("environment production", "key")
    assert red["advice"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_database_that_is_away_is_no_traceback(
    db: None, roomy: None, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    def refuse(_connection: object) -> list[str]:
        raise OperationalError

    monkeypatch.setattr("integrations.database.schema.pending", refuse)
    printed, status = run(*options)
    assert status == 2
    assert copy.IT_IS_NOT_RESPONDING in printed


def test_settings_that_are_wrong_keep_nobody_from_asking(well: Integration, settings: Any) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECRET_KEY = "x"
    assert run()[1] == 0

"""What browsers are told to insist on: this host, and its whole domain only if somebody says so."""

import runpy
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
KEY = "for-this-test-" + "0123456789" * 5


@pytest.mark.parametrize("chosen", ["", "0", "1"])
def test_the_whole_domain_is_bound_only_when_asked_for(
    chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {"SECRET_KEY": KEY, "HSTS_WHOLE_DOMAIN": chosen}
    monkeypatch.setattr("os.environ", variables)
    found: dict[str, Any] = runpy.run_path(str(PROJECT / "kombo_dashboard" / "settings.py"))
    is_chosen = chosen == "1"
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is is_chosen
    assert found["SECURE_HSTS_PRELOAD"] is is_chosen
    assert ("SILENCED_SYSTEM_CHECKS" in found) is not is_chosen

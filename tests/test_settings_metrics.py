"""The settings that let somebody read `/metrics`."""

from importlib import util
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.loading import KEY, Load, refusal


def test_nobody_may_unless_it_is_said(load: Load) -> None:
    settings = load(**KEY)
    assert not settings["METRICS_ON"]
    assert settings["SECURE_REDIRECT_EXEMPT"] == [r"^(healthz|readyz)/?$"]


def test_a_token_or_a_network_turns_it_on(load: Load, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one,two\n")
    settings = load(**KEY, METRICS_TOKEN_FILE=str(tmp_path / "token"))
    assert (settings["METRICS_ON"], settings["METRICS_TOKENS"]) == (True, ["one", "two"])
    assert r"^metrics$" in settings["SECURE_REDIRECT_EXEMPT"]
    settings = load(**KEY, METRICS_ADDRESSES="10.0.3.0/24, 192.0.2.7,fd00::/64")
    assert settings["METRICS_ON"]
    assert settings["METRICS_ADDRESSES"] == [
        ip_network(one) for one in ("10.0.3.0/24", "192.0.2.7/32", "fd00::/64")
    ]


@pytest.mark.parametrize("value", ["10.0.3.1/24", "all", "10.0.3.0/33", "example.com"])
def test_what_is_no_network_stops_the_start(load: Load, value: str) -> None:
    assert "METRICS_ADDRESSES must be networks" in refusal(load, **KEY, METRICS_ADDRESSES=value)


def test_without_its_library_it_stops_the_start(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _name: None)
    assert "need prometheus_client" in refusal(load, **KEY, METRICS_TOKEN="x" * 20)

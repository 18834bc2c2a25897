"""How the mail server is reached."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
READ = (
    "from kombo_dashboard import settings; o = settings.MAILERS['default']['OPTIONS'];"
    "print(o['port'], o['use_tls'], o['use_ssl'], o['timeout'])"
)


def options(**variables: str) -> str:
    """Port, STARTTLS, TLS and timeout; or the last line of why it is refused."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=PROJECT,
        env=kept | {"SECRET_KEY": "x" * 60, "EMAIL_HOST": "mail.example"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout or done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "587 True False 60"),
        ({"EMAIL_PORT": "465"}, "465 False True 60"),
        ({"EMAIL_USE_SSL": "1"}, "465 False True 60"),
        ({"EMAIL_USE_SSL": "1", "EMAIL_PORT": "2465"}, "2465 False True 60"),
        ({"EMAIL_PORT": "465", "EMAIL_USE_SSL": "0"}, "465 True False 60"),
        ({"EMAIL_USE_TLS": "0", "EMAIL_PORT": "25"}, "25 False False 60"),
        ({"EMAIL_TIMEOUT": "120"}, "587 True False 120"),
    ],
)
def test_port_and_encryption_fit(variables: dict[str, str], expected: str) -> None:
    assert options(**variables) == expected


def test_both_ways_of_encryption_are_refused() -> None:
    said = options(EMAIL_USE_SSL="1", EMAIL_USE_TLS="1")
    assert said.endswith("EMAIL_USE_TLS must be 0 where EMAIL_USE_SSL is 1.")

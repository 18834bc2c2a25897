"""How the mail server is reached."""

from typing import Any

import pytest

from tests.loading import KEY, Load, refusal

MAIL = KEY | {"EMAIL_HOST": "mail.example"}


def options(load: Load, **variables: str) -> tuple[Any, ...]:
    """Port, STARTTLS, TLS and timeout."""
    settings = load(**MAIL | variables)["MAILERS"]["default"]["OPTIONS"]
    return tuple(settings[name] for name in ("port", "use_tls", "use_ssl", "timeout"))


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (587, True, False, 60)),
        ({"EMAIL_PORT": "465"}, (465, False, True, 60)),
        ({"EMAIL_USE_SSL": "1"}, (465, False, True, 60)),
        ({"EMAIL_USE_SSL": "1", "EMAIL_PORT": "2465"}, (2465, False, True, 60)),
        ({"EMAIL_PORT": "465", "EMAIL_USE_SSL": "0"}, (465, True, False, 60)),
        ({"EMAIL_USE_TLS": "0", "EMAIL_PORT": "25"}, (25, False, False, 60)),
        ({"EMAIL_TIMEOUT": "120"}, (587, True, False, 120)),
    ],
)
def test_port_and_encryption_fit(
    variables: dict[str, str], expected: tuple[Any, ...], load: Load
) -> None:
    assert options(load, **variables) == expected


def test_both_ways_of_encryption_are_refused(load: Load) -> None:
    said = refusal(load, **MAIL, EMAIL_USE_SSL="1", EMAIL_USE_TLS="1")
    assert said.endswith("EMAIL_USE_TLS must be 0 where EMAIL_USE_SSL is 1.\n")

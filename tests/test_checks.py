"""What `check` says of settings that are well formed and still dangerous."""

import os
from pathlib import Path
from typing import Any

import pytest

from integrations.checks import check_settings
from tests import forking

GOOD = "tests-hold-no-secret-but-look-like-one-0123456789-abcdefgh"
PUBLIC = "integrations.example.com"


def environment(**other: Any) -> dict[str, Any]:
    known = {"API_URL": "https://api.kombo.dev/v1", "API_KEY": "ks", "WEBHOOK_SECRETS": []}
    return {**known, "CALLS_PER_SECOND": 5, **other}


@pytest.fixture
def safe(settings: Any) -> Any:
    """A site as it should be, about which nothing is said."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = GOOD, []
    settings.ALLOWED_HOSTS, settings.SITE_URL = [PUBLIC], f"https://{PUBLIC}"
    settings.DEBUG = settings.INSECURE_HTTP = False
    settings.SITE_URL_IS_KNOWN = True
    settings.KOMBO_ENVIRONMENTS = {"production": environment(WEBHOOK_SECRETS=[GOOD])}
    settings.KOMBO_CONNECT_ORIGINS = ["https://connect.kombo.dev"]
    settings.EMBED_ORIGINS = ["https://app.example.com", "https://*.example.com"]
    settings.EMBED_SECRETS = {"k1": GOOD}
    settings.CSRF_TRUSTED_ORIGINS = []
    return settings


def said() -> list[str]:
    return [one.msg for one in check_settings()]


def test_of_a_site_as_it_should_be_nothing_is_said(safe: Any) -> None:
    assert said() == []


@pytest.mark.parametrize(
    "key", ["changeme", "x" * 60, "ab" * 40, "abcdefg" * 10, GOOD[:49], "0123456789" * 4]
)
def test_a_short_or_monotonous_key_is_refused_by_name(safe: Any, key: str) -> None:
    safe.SECRET_KEY = key
    [one] = check_settings()
    assert one.msg.startswith("SECRET_KEY can be guessed")
    assert one.is_serious()
    safe.SECRET_KEY, safe.SECRET_KEY_FALLBACKS = GOOD, [GOOD, key]
    [one] = check_settings()
    assert one.msg.startswith("SECRET_KEY_FALLBACKS can be guessed")
    assert key not in str(one)


@pytest.mark.parametrize("token", ["short", "x" * 40])
def test_a_token_of_the_metrics_that_can_be_guessed_is_refused(safe: Any, token: str) -> None:
    safe.METRICS_TOKENS = [GOOD, token]
    [one] = check_settings()
    assert one.msg.startswith("METRICS_TOKEN can be guessed")
    assert one.is_serious()
    assert token not in str(one)


@pytest.mark.parametrize(
    ("hosts", "is_public"),
    [
        ([PUBLIC], True),
        (["localhost", ".example.com"], True),
        (["*"], True),
        (["203.0.114.9"], True),
        (["[2a00:1450::1]"], True),
        (["localhost", "127.0.0.1", "[::1]"], False),
        (["dashboard.localhost", "dashboard"], False),
        (["10.1.2.3", "192.168.0.7", "dashboard.internal"], False),
    ],
)
@pytest.mark.parametrize("name", ["DEBUG", "INSECURE_HTTP"])
def test_what_is_for_ones_own_machine_is_refused_in_public(
    safe: Any, name: str, hosts: list[str], is_public: bool
) -> None:
    safe.ALLOWED_HOSTS, safe.SITE_URL = hosts, "http://localhost:8000"
    setattr(safe, name, True)
    assert [one.partition(" ")[0] for one in said()] == [name] * is_public


@pytest.mark.parametrize("name", ["DEBUG", "INSECURE_HTTP"])
def test_the_sites_own_address_is_a_public_host_too(safe: Any, name: str) -> None:
    safe.ALLOWED_HOSTS = ["localhost"]
    setattr(safe, name, True)
    assert [one.partition(" ")[0] for one in said()] == [name]


@pytest.mark.parametrize("secret", ["short", "fifteen letters", "a" * 40])
def test_a_short_webhook_secret_is_refused_by_name(safe: Any, secret: str) -> None:
    config = environment(WEBHOOK_SECRETS=[GOOD, secret])
    safe.KOMBO_ENVIRONMENTS = {"production": config, "us": config}
    messages = said()
    assert [one.partition(" ")[0] for one in messages] == [
        "KOMBO_WEBHOOK_SECRET",
        "KOMBO_US_WEBHOOK_SECRET",
    ]
    assert secret not in " ".join(messages)


def test_a_monotonous_embed_secret_is_refused_by_name(safe: Any) -> None:
    safe.EMBED_SECRETS = {"k1": "a" * 40}
    assert [one.partition(" ")[0] for one in said()] == ["EMBED_SECRETS"]


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [
        ("api.kombo.dev", True),
        ("10.1.2.3", True),
        ("127.0.0.1:8001", False),
        ("localhost", False),
        ("[::1]:8001", False),
    ],
)
def test_kombo_is_asked_over_https_but_on_loopback(safe: Any, host: str, is_refused: bool) -> None:
    safe.KOMBO_ENVIRONMENTS = {"us": environment(API_URL=f"http://{host}/v1")}
    safe.KOMBO_CONNECT_ORIGINS = [f"http://{host}"]
    names = [one.partition(" ")[0] for one in said()]
    assert names == ["KOMBO_US_API_URL", "KOMBO_CONNECT_ORIGINS"] * is_refused


def test_links_in_mails_and_hosts_pages_without_https(safe: Any) -> None:
    safe.SITE_URL = f"http://{PUBLIC}"
    safe.EMBED_ORIGINS = ["http://*.example.com", "http://localhost:3000"]
    safe.CSRF_TRUSTED_ORIGINS = ["http://example.com"]
    assert [one.partition(" ")[0] for one in said()] == [
        "SITE_URL",
        "EMBED_ORIGINS",
        "CSRF_TRUSTED_ORIGINS",
    ]


@pytest.mark.parametrize(
    ("domain", "is_refused"),
    [
        ("com", True),
        ("dev:8443", True),
        ("co.uk", True),
        ("com.au", True),
        ("or.jp", True),
        ("github.io", True),
        ("vercel.app", True),
        ("acme.com", False),
        ("acme.co.uk", False),
        ("sap.de", False),
        ("acme.github.io", False),
        ("localhost:3000", False),
    ],
)
def test_a_wildcard_over_what_anybody_can_have_is_refused(
    safe: Any, domain: str, is_refused: bool
) -> None:
    safe.EMBED_ORIGINS = safe.CSRF_TRUSTED_ORIGINS = [f"https://*.{domain}"]
    safe.ALLOWED_HOSTS = [f".{domain.partition(':')[0]}"]
    names = [one.partition(" ")[0] for one in said()]
    assert names == ["EMBED_ORIGINS", "CSRF_TRUSTED_ORIGINS", "ALLOWED_HOSTS"] * is_refused


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"DEBUG": "1", "ALLOWED_HOSTS": PUBLIC}, "DEBUG"),
        ({"EMBED_ORIGINS": "https://*.co.uk", "EMBED_SECRETS": f"k1:{GOOD}"}, "EMBED_ORIGINS"),
    ],
)
def test_no_command_runs_with_them(variables: dict[str, str], name: str, tmp_path: Path) -> None:
    known = {"PATH": os.environ["PATH"], "SECRET_KEY": GOOD, "DATABASE_URL": "sqlite:///:memory:"}
    process = forking.run(
        forking.manage, "check", environment=known | variables, output=tmp_path / "output"
    )
    assert process.wait() != 0
    assert f"{name} " in process.output
    assert GOOD not in process.output

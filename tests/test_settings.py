"""The settings file under many environments: safe by default, and strict."""

import os
from pathlib import Path
from typing import Any

import pytest

from integrations.checks import check_settings
from tests import forking
from tests.loading import KEY, Load, refusal

PROJECT = Path(__file__).resolve().parent.parent


def test_a_secret_key_is_demanded(load: Load) -> None:
    for variables in ({}, {"SECRET_KEY": " "}):
        assert "SECRET_KEY must be set to a long random text" in refusal(load, **variables)


def test_defaults_are_the_safe_ones(load: Load) -> None:
    settings = load(**KEY)
    expected = {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": [],
        "TRUSTED_PROXY_COUNT": 0,
        "SNAPSHOT_MAX_AGE": 60,
        "KOMBO_CONNECT_ORIGINS": ["https://connect.kombo.dev"],
        "KOMBO_LOGO_HOSTS": ["storage.googleapis.com"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "X_FRAME_OPTIONS": "DENY",
    }
    assert {name: settings[name] for name in expected} == expected
    assert settings["SECURE_CSP"]["default-src"] == ["'none'"]
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_plain_http_is_for_loopback_only_when_asked_for(load: Load) -> None:
    settings = load(**KEY, INSECURE_HTTP="1", TRUSTED_PROXY_COUNT="1")
    relaxed = {
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_NAME",
    }
    assert not relaxed & settings.keys()
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_the_scheme_is_believed_only_of_a_trusted_proxy(load: Load) -> None:
    settings = load(**KEY, TRUSTED_PROXY_COUNT="2")
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["TRUSTED_PROXY_COUNT"] == 2


def test_the_database_is_a_file_that_waits_for_its_turn(load: Load) -> None:
    database = load(**KEY)["DATABASES"]["default"]
    assert database["NAME"] == str(PROJECT / "db.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_postgres_is_pooled(load: Load) -> None:
    database = load(
        **KEY, DATABASE_URL="postgres://user:p%40ss@db.example:5433/name?sslmode=require"
    )["DATABASES"]
    postgres = database["default"]
    assert (postgres["ENGINE"], postgres["HOST"], postgres["PORT"]) == (
        "integrations.database.postgresql",
        "db.example",
        5433,
    )
    assert (postgres["USER"], postgres["PASSWORD"], postgres["NAME"]) == ("user", "p@ss", "name")
    assert postgres["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": "3",
        "pool": {"min_size": 1, "max_size": 20, "timeout": 0.5, "reconnect_timeout": 3},
    }


@pytest.mark.parametrize(
    ("variables", "connections"),
    [
        ({}, 20),
        ({"WORKER_THREADS": "30"}, 34),
        ({"KOMBO_ENVIRONMENTS": ",".join(f"e{n}" for n in range(24))}, 28),
        ({"DATABASE_CONNECTIONS": "50"}, 50),
    ],
)
def test_the_pool_has_room_for_every_thread_of_the_worker(
    load: Load, variables: dict[str, str], connections: int
) -> None:
    settings = load(**KEY, DATABASE_URL="postgres://user@db.example/name", **variables)
    assert settings["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"] == connections


def test_one_environment_has_the_unprefixed_names(load: Load) -> None:
    settings = load(**KEY, KOMBO_API_KEY="ks_1", KOMBO_WEBHOOK_SECRET="new, old")
    assert settings["KOMBO_ENVIRONMENTS"] == {
        "production": {
            "API_URL": "https://api.kombo.dev/v1",
            "API_KEY": "ks_1",
            "WEBHOOK_SECRETS": ["new", "old"],
            "CALLS_PER_SECOND": 5,
            "SCOPE_CONFIG_ID": "",
            "ENABLE_FILTERING": False,
            "ENABLE_FIELD_MAPPING": False,
        }
    }


def test_several_environments_stand_side_by_side(load: Load) -> None:
    settings = load(
        **KEY,
        KOMBO_ENVIRONMENTS="production, us,on_site",
        KOMBO_API_KEY="ks_1",
        KOMBO_US_API_KEY="ks_2",
        KOMBO_US_REGION="us",
        KOMBO_ON_SITE_API_URL="https://kombo.example:8443/api/v1/",
        KOMBO_ON_SITE_REGION="ca",
    )["KOMBO_ENVIRONMENTS"]
    assert [(name, kombo["API_URL"], kombo["API_KEY"]) for name, kombo in settings.items()] == [
        ("production", "https://api.kombo.dev/v1", "ks_1"),
        ("us", "https://api.us.kombo.dev/v1", "ks_2"),
        ("on_site", "https://kombo.example:8443/api/v1", ""),
    ]


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("SECRET_KEY", "SECRET_KEY"),
        ("KOMBO_API_KEY", "KOMBO_ENVIRONMENTS"),
        ("KOMBO_WEBHOOK_SECRET", "KOMBO_ENVIRONMENTS"),
        ("DATABASE_URL", "DATABASES"),
        ("EMAIL_HOST_PASSWORD", "MAILERS"),
    ],
)
def test_a_secret_may_come_from_a_file(name: str, setting: str, load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("sqlite:////read/from/file\n")
    settings = load(**KEY | {"EMAIL_HOST": "mail.example", name: "", f"{name}_FILE": str(file)})
    assert "/read/from/file" in repr(settings[setting])


def test_a_secret_from_two_places_is_refused(load: Load, tmp_path: Path) -> None:
    message = refusal(load, **KEY, KOMBO_API_KEY="ks_first", KOMBO_API_KEY_FILE=str(tmp_path))
    assert "Set KOMBO_API_KEY or KOMBO_API_KEY_FILE, not both." in message
    assert "ks_first" not in message


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_can_not_be_read_is_refused(
    content: bytes | None, load: Load, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    message = refusal(load, **KEY, KOMBO_API_KEY_FILE=str(file))
    assert "KOMBO_API_KEY_FILE must be the path of a readable text file." in message


def test_a_file_of_two_lines_is_no_secret(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("first-line\nsecond-line\n")
    message = refusal(load, **KEY, KOMBO_API_KEY_FILE=str(file))
    assert "KOMBO_API_KEY must be printable ASCII on one line." in message
    assert "first-line" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "schlüssel-s3cret"),
        ("DEBUG", "s3cret"),
        ("INSECURE_HTTP", "2"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("TRUSTED_PROXY_COUNT", "11"),
        ("TRUSTED_PROXY_COUNT", "s3cret"),
        ("SNAPSHOT_MAX_AGE", "0"),
        ("SNAPSHOT_MAX_AGE", "1.5"),
        ("SNAPSHOT_MAX_AGE", "²"),
        ("SNAPSHOT_MAX_AGE", "9" * 5000),
        ("ALLOWED_HOSTS", "https://s3cret.example"),
        ("ALLOWED_HOSTS", "a.example b.example"),
        ("CSRF_TRUSTED_ORIGINS", "s3cret.example"),
        ("CSRF_TRUSTED_ORIGINS", "https://s3cret.example/path"),
        ("KOMBO_CONNECT_ORIGINS", "https://s3cret.example/"),
        ("KOMBO_CONNECT_ORIGINS", "https://*.s3cret.example"),
        ("KOMBO_CONNECT_ORIGINS", "https://a.example; script-src *"),
        ("KOMBO_CONNECT_ORIGINS", "*"),
        ("KOMBO_LOGO_HOSTS", "https://s3cret.example"),
        ("KOMBO_LOGO_HOSTS", "user@s3cret.example"),
        ("KOMBO_REGION", "s3cret"),
        ("KOMBO_API_URL", "s3cret.example/v1"),
        ("KOMBO_API_URL", "https://user:s3cret@api.example/v1"),
        ("KOMBO_API_URL", "https://api.example/v1?key=s3cret"),
        ("KOMBO_API_URL", "ftp://s3cret.example"),
        ("KOMBO_API_KEY", "ks_s3cret_ü"),
        ("KOMBO_WEBHOOK_SECRET", "s3cret\x07"),
        ("KOMBO_ENVIRONMENTS", "production,production"),
        ("KOMBO_ENVIRONMENTS", "S3cret"),
        ("KOMBO_ENVIRONMENTS", "s3-cret"),
        ("LOG_FORMAT", "s3cret"),
        ("LOG_LEVEL", "s3cret"),
        ("DEFAULT_LANGUAGE", "s3"),
        ("TIME_ZONE", "Mars/S3cret"),
        ("TIME_ZONE", "Europe"),
        ("TIME_ZONE", "../s3cret"),
        ("EMAIL_PORT", "s3cret"),
        ("EMAIL_PORT", "65536"),
        ("EMAIL_USE_TLS", "s3cret"),
        ("EMBED_ORIGINS", "s3cret.example"),
        ("EMBED_ORIGINS", "https://s3cret.example/path"),
        ("EMBED_ORIGINS", "https://*"),
        ("EMBED_ORIGINS", "*"),
        ("EMBED_ORIGINS", "https://s3cret.*.example"),
        ("EMBED_ORIGINS", "https://a.example; script-src s3cret"),
        ("EMBED_ORIGINS", "https://a.example https://s3cret.example"),
        ("EMBED_SECRETS", "kid:" + "s3cret-" * 4),
        ("EMBED_SECRETS", "s3cret-" * 6),
        ("EMBED_SECRETS", ":" + "s3cret-" * 6),
        ("EMBED_SECRETS", "a kid:" + "s3cret-" * 6),
        ("EMBED_SECRETS", "k" * 51 + ":" + "s3cret-" * 6),
        ("EMBED_SECRETS", "new:" + "s3cret-" * 6 + ",old:s3cret"),
        ("EMBED_SECRETS", "kid:" + "s3cret-" * 6 + ",kid:" + "S3cret-" * 6),
        ("EMBED_SECRETS", "kid:" + "s3cret-\u00fc" * 6),
        ("DATABASE_CONNECTIONS", "19"),
        ("WORKER_THREADS", "0"),
        ("DATABASE_URL", "s3cret"),
        ("DATABASE_URL", "nosuchdb://user:s3cret@db.example/name"),
        ("DATABASE_URL", "postgres://user:s3cret/x@db.example/name"),
        ("DATABASE_URL", "postgres://user:s3cret@db.example:s3cret/name"),
        ("DATABASE_URL", "postgres://user:s3cret@[db.example/name"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_shown(
    name: str, value: str, load: Load
) -> None:
    message = refusal(load, **KEY | {name: value})
    assert f"ImproperlyConfigured: {name} must be " in message
    assert "s3cret" not in message.lower()


@pytest.mark.parametrize(
    "variables", [{"EMBED_ORIGINS": "https://a.example"}, {"EMBED_SECRETS": "kid:" + "s3cret-" * 6}]
)
def test_embedding_takes_both_of_its_settings(variables: dict[str, str], load: Load) -> None:
    message = refusal(load, **KEY, **variables)
    assert "Embedding needs both EMBED_ORIGINS and EMBED_SECRETS, or neither." in message
    assert "s3cret" not in message


def test_who_may_embed_and_who_may_sign(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"new:{'a' * 32}, old.1:b:{'b' * 32}\n")
    origins = "https://App.host.example, https://*.hosts.example:8443,http://localhost:3000"
    settings = load(**KEY, EMBED_ORIGINS=origins, EMBED_SECRETS_FILE=str(file))
    assert settings["EMBED_ORIGINS"] == origins.lower().replace(" ", "").split(",")
    assert list(settings["EMBED_SECRETS"].items()) == [
        ("new", "a" * 32),
        ("old.1", "b:" + "b" * 32),
    ]
    neither = load(**KEY)
    assert (neither["EMBED_ORIGINS"], neither["EMBED_SECRETS"]) == ([], {})
    assert neither["SECURE_CSP"]["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", "TRUE", True),
        ("DEBUG", " off ", False),
        ("SNAPSHOT_MAX_AGE", "86400", 86_400),
        (
            "ALLOWED_HOSTS",
            "a.example, .b.example,*,[::1]",
            ["a.example", ".b.example", "*", "[::1]"],
        ),
        ("CSRF_TRUSTED_ORIGINS", "https://*.A.example", ["https://*.a.example"]),
        (
            "KOMBO_CONNECT_ORIGINS",
            "HTTPS://A.example:84,http://b",
            ["https://a.example:84", "http://b"],
        ),
        ("KOMBO_LOGO_HOSTS", "A.example,127.0.0.1:8001", ["a.example", "127.0.0.1:8001"]),
        ("VENDOR_NAME", "Nörd & <b>", "Nörd & <b>"),
        ("TIME_ZONE", "Europe/Berlin", "Europe/Berlin"),
        ("LANGUAGE_CODE", "xx", "en"),
    ],
)
def test_right_values_are_read(name: str, value: str, expected: object, load: Load) -> None:
    assert load(**KEY | {name: value})[name] == expected


def test_the_language_of_who_asks_for_none_is_chosen(load: Load) -> None:
    assert load(**KEY)["LANGUAGE_CODE"] == "en"
    assert load(**KEY, DEFAULT_LANGUAGE="de")["LANGUAGE_CODE"] == "de"


def test_mail_is_printed_only_if_asked_for(load: Load) -> None:
    assert load(**KEY, EMAIL_HOST="console")["MAILERS"]["default"]["BACKEND"].endswith(
        "console.EmailBackend"
    )
    assert load(**KEY)["MAILERS"]["default"]["BACKEND"].endswith("smtp.EmailBackend")
    mailer = load(**KEY, EMAIL_HOST="mail.example", EMAIL_HOST_PASSWORD="s3cret")["MAILERS"][
        "default"
    ]
    assert mailer["BACKEND"].endswith("smtp.EmailBackend")
    assert (mailer["OPTIONS"]["host"], mailer["OPTIONS"]["port"], mailer["OPTIONS"]["use_tls"]) == (
        "mail.example",
        587,
        True,
    )


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SECRET_KEY must be set"),
        (
            KEY | {"DATABASE_URL": "postgres://user:s3cret/x@db.example/name"},
            "DATABASE_URL must be ",
        ),
        (KEY | {"EMAIL_HOST": "mail.example"}, "Set SITE_URL to where the site is found"),
    ],
)
def test_a_command_refuses_to_start(variables: dict[str, str], named: str, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"]} | variables
    process = forking.run(
        forking.manage, "check", environment=environment, output=tmp_path / "output"
    )
    assert process.wait() != 0
    assert named in process.output
    assert "s3cret" not in process.output


@pytest.mark.parametrize(
    ("variables", "is_refused"),
    [
        ({"ALLOWED_HOSTS": "*"}, True),
        ({}, True),
        ({"ALLOWED_HOSTS": "*", "EMAIL_HOST": "console"}, False),
        ({"ALLOWED_HOSTS": "*", "EMAIL_HOST": ""}, False),
        ({"ALLOWED_HOSTS": "*", "SITE_URL": "https://integrations.example.com"}, False),
        ({"ALLOWED_HOSTS": ".example.com"}, False),
    ],
)
def test_who_sends_mails_must_say_where_the_site_is(
    load: Load, settings: Any, variables: dict[str, str], is_refused: bool
) -> None:
    """That no command runs then is above."""
    read = load(**{"EMAIL_HOST": "mail.example"} | KEY | variables)
    for name in ("SITE_URL", "SITE_URL_IS_KNOWN", "EMAIL_HOST_NAME"):
        setattr(settings, name, read[name])
    hints = [str(message.hint) for message in check_settings() if message.is_serious()]
    assert ("Set SITE_URL to where the site is found" in " ".join(hints)) is is_refused

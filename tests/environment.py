"""The settings tests run with, whatever the shell they are started from is set up for.

Loaded before Django's settings: by `manage.py test` and by `tests.settings`.
"""

import os
from collections.abc import Sequence

SETTINGS = {
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 3,
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
    "INSECURE_HTTP": "1",
    "VENDOR_NAME": "Northwind",
    "KOMBO_API_KEY": "ks_dev_tests",
    "KOMBO_API_URL": "http://127.0.0.1:9/v1",  # the discard port: a test that forgets its simulator fails at once
}


def prepare(arguments: Sequence[str] = ()) -> None:
    """Set the variables that the settings will read, and forget all others of ours."""
    for name in list(os.environ):
        if name.startswith(("KOMBO_", "EMAIL_")) or name.removesuffix("_FILE") in {*SETTINGS, *_OTHERS}:
            del os.environ[name]
    os.environ |= SETTINGS | {"DJANGO_SETTINGS_MODULE": "tests.settings"}


_OTHERS = {
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "LOG_LEVEL",
    "SNAPSHOT_MAX_AGE",
    "STATIC_ROOT",
    "TIME_ZONE",
    "TRUSTED_PROXY_COUNT",
}

prepare()

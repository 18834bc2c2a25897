"""The settings tests run with, whatever the shell they are started from is set up for.

Loaded before Django's settings: by `manage.py test` and by `tests.settings`.
"""

import os
from collections.abc import Sequence

from integrations.demo.environment import forget_settings

SETTINGS = {
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 3,
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
    "INSECURE_HTTP": "1",
    "VENDOR_NAME": "Northwind",
    "EMAIL_HOST": "console",
    "KOMBO_API_KEY": "ks_dev_tests",
    "KOMBO_CALLS_PER_SECOND": "1000",  # no test waits for its turn
    # The discard port: a test that forgets its simulator fails at once.
    "KOMBO_API_URL": "http://127.0.0.1:9/v1",
}


def prepare(arguments: Sequence[str] = ()) -> None:
    """Set the variables that the settings will read, and forget all others of ours."""
    forget_settings()
    # Else every process that tests start compiles everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ |= SETTINGS | {"DJANGO_SETTINGS_MODULE": "tests.settings"}


prepare()

"""The site's settings under the tests' environment, and three that only make tests quicker."""

from tests import environment  # noqa: F401, I001 - first: it sets the variables that the settings read

from kombo_dashboard.settings import *  # noqa: F403

EVENT_RETENTION_DAYS = 100 * 365  # the events that Kombo documents are of 2021
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = (
    True  # looks for a file when it is asked for, instead of for all at each start
)
if DATABASES["default"]["NAME"] == ":memory:":  # noqa: F405
    # pytest-django knows Django's own engine alone, and would give each of its workers a file.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405

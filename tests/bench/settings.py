"""The tests' settings with the bench's own pages."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
ALLOWED_HOSTS = ["testserver"]

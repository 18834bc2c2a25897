"""The site and its worker as the README starts them, on a database of their own: what measurements
have in common.

Importing this sets the environment that the settings read. The database is a SQLite file in a
temporary folder, or the one at `TEST_DATABASE_URL`, which must be empty.
"""

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from integrations.demo.environment import PROJECT, free_port
from tests import environment  # noqa: F401 - it sets the variables that the settings read

FOLDER = tempfile.TemporaryDirectory()
PORT = free_port(18_000)
SECRET = "whsec-of-the-bench-0123456789abcdef"
TENANT = "bench"
API_KEY = os.environ["KOMBO_API_KEY"]
# As in the README.
SERVER = [
    "--worker-class",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "16",
    "--reuse-port",
    "--keep-alive",
    "30",
    "--no-control-socket",
]

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
    "KOMBO_WEBHOOK_SECRET": SECRET,
    "LOG_LEVEL": "ERROR",
    "STATIC_ROOT": FOLDER.name,
}
if "TEST_DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = f"sqlite:///{Path(FOLDER.name) / 'bench.sqlite3'}"


def prepare(kombo_url: str, *, integrations: int) -> tuple[str, str]:
    """Make the database with so many integrations that were never fetched, `personio:bench0` and
    on.

    Answers the session of somebody who looks, and the path of the tenant's page.
    """
    import django

    os.environ["KOMBO_API_URL"] = f"{kombo_url}/v1"
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from integrations.models import Integration, Membership, Snapshot, Tenant

    call_command("migrate", verbosity=0)
    tenant, user = (
        Tenant.objects.create(name="Bench", origin_id=TENANT),
        User.objects.create(username="bench"),
    )
    Membership.objects.create(tenant=tenant, user=user)
    made = [Integration(tenant=tenant, integration_id=name) for name in names(integrations)]
    Integration.objects.bulk_create(made, batch_size=1000)
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in made], batch_size=1000)
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value, f"/t/{tenant.public_id}"


def names(integrations: int) -> list[str]:
    return [f"personio:bench{number}" for number in range(integrations)]


def connect() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)


def start_server() -> "subprocess.Popen[bytes]":
    """Start gunicorn, and wait until it answers."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "kombo_dashboard.wsgi",
        *SERVER,
        "--bind",
        f"127.0.0.1:{PORT}",
    ]
    process = subprocess.Popen(
        [*command, "--log-level", "critical"], cwd=PROJECT, env=dict(os.environ)
    )
    for _ in range(200):
        with closing(connect()) as connection:
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                return process
            except OSError:
                time.sleep(0.1)
    raise SystemExit("The server does not start.")


@contextmanager
def server() -> Iterator[None]:
    """The site, for as long as it is needed."""
    with start_server() as process:
        try:
            yield
        finally:
            process.terminate()


def start_worker(*arguments: str) -> "subprocess.Popen[bytes]":
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_worker", *arguments], cwd=PROJECT, env=dict(os.environ)
    )


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, and wait until it has."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)

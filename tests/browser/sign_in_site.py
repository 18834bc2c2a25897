"""A site with an identity provider, in a process of its own, at http://localhost: browsers make
passkeys there.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from integrations.demo.environment import free_port
from tests import forking
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.loading import KEY

_SERVE = """
import socketserver, sys, wsgiref.simple_server as simple
import django
django.setup()
from django.core.management import call_command
from django.contrib.auth.models import User
call_command("migrate", verbosity=0)
from kombo_dashboard.wsgi import application
User.objects.create_superuser("root", password="demo")
class Server(socketserver.ThreadingMixIn, simple.WSGIServer):
    daemon_threads = True
class Quiet(simple.WSGIRequestHandler):
    def log_message(self, *_arguments): pass
port = int(sys.argv[-1])
simple.make_server("127.0.0.1", port, application, Server, Quiet).serve_forever()
"""


@contextmanager
def serving(
    provider: IdentityProvider, folder: Path, migrated: bytes, **settings: str
) -> Iterator[str]:
    """A site at the address that is given, until its end, upon a migrated database."""
    database = folder / "site.sqlite3"
    database.write_bytes(migrated)
    port = free_port(30_000 + os.getpid() * 10 % 10_000)
    environment = {
        **KEY,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
        "INSECURE_HTTP": "1",
        "STATIC_ROOT": str(folder / "static"),
        "SSO_ISSUER": provider.issuer,
        "SSO_CLIENT_ID": CLIENT_ID,
        "SSO_CLIENT_SECRET": CLIENT_SECRET,
        "SSO_NAME": "Provider",
        "SSO_ROLES": "staff=viewer",
        **settings,
    }
    code = _SERVE.replace("sys.argv[-1]", f"'{port}'")
    process = forking.start(
        forking.execute, code, environment=environment, output=folder / "site.log"
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://localhost:{port}"
    finally:
        process.kill()


def _wait_for(address: str, process: forking.Process) -> None:
    while process.is_running:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(process.output)

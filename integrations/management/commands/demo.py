"""`manage.py demo`: the whole product against a simulated Kombo, on this machine alone."""

import json
import os
import shutil
import signal
import threading
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections

from integrations import worker
from integrations.demo import environment
from integrations.demo.host_page import Host, tools
from integrations.demo.seed import PASSWORD, beginning, bodies, seed
from integrations.simulator.app import Simulator
from integrations.simulator.server import DemoServer, serve

WORKER_ENDS = (
    4.5  # seconds after which the worker is left alone: the calls in hand take four at most
)


class QuietHandler(WSGIRequestHandler):
    """The console is for the links, not for every request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        return


class Command(BaseCommand):
    """`manage.py` has given the demo its own settings before this runs."""

    help = (
        "Show the whole product against a simulated Kombo. Needs no settings, no network and "
        "no account."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        environment.add_options(parser)

    def handle(
        self, *args: Any, folder: Path, fresh: bool, no_worker: bool, **options: Any
    ) -> None:
        if settings.KOMBO_ENVIRONMENTS["production"]["API_KEY"] != environment.API_KEY:
            raise CommandError("Start the demo with: python3 manage.py demo")
        port = int(os.environ["DEMO_PORT"])
        simulator_port = int(os.environ["DEMO_SIMULATOR_PORT"])
        if fresh:
            forget(folder)
        call_command("migrate", verbosity=0, interactive=False)
        collect_static(folder)
        began = beginning()
        site, address = (f"http://{environment.HOST}:{number}" for number in (port, simulator_port))
        simulator = start_simulator(folder, simulator_port, site, began)
        try:
            seed(simulator.simulator, began)
            # What the seed did is no news, and nobody listens yet.
            simulator.simulator.hooks.reset()
            host = Host(site, tools(bodies(address, began)))
            self.serve_until_stopped(host, address, with_worker=not no_worker)
        finally:
            simulator.shutdown()

    def serve_until_stopped(self, host: Host, simulator: str, *, with_worker: bool) -> None:
        settings.ROOT_URLCONF = "integrations.demo.urls"
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "integrations.demo.faces.dress"]
        origin = settings.EMBED_ORIGINS[0]
        servers = [listen(host.site, get_wsgi_application()), listen(origin, host)]
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        work = threading.Thread(
            target=worker.work,
            args=(stopped,),
            kwargs={"once": False, "checked": lambda: None},
            daemon=True,
        )
        if with_worker:
            work.start()
        self.tell(host.site, simulator, origin)
        stopped.wait()
        for server in servers:
            server.shutdown()
            server.server_close()
        if with_worker:
            work.join(WORKER_ENDS)
        self.stdout.write("Stopped. The data stays for the next start; --fresh begins anew.")

    def tell(self, site: str, simulator: str, host: str) -> None:
        self.stdout.write(
            f"""
The demo is running. Each link signs you in; other people to be are bob, gina, vic (may only look)
and max (who sees his own customers only): put the name at the end of the link, or sign in with the
password "{PASSWORD}".

  Customer         {site}/demo/as/alice/
  Account manager  {site}/demo/as/mia/
  Staff            {site}/demo/as/root/
  Simulator        {simulator}/
  Host             {host}/
  Gallery          {site}/demo/gallery/

The host is a product that shows the customer's page inside its own. The gallery has every state of
every page, in each theme, language and color of the vendor. Break something in the
simulator and watch both. Ctrl+C stops everything.
"""
        )
        self.stdout.flush()


def listen(origin: str, application: WSGIApplication) -> ThreadedWSGIServer:
    port = urlsplit(origin).port or 80
    try:
        server = ThreadedWSGIServer((environment.HOST, port), QuietHandler)
    except OSError as error:
        raise CommandError(
            f"Port {port} is taken; choose another: python3 manage.py demo --port 8080"
        ) from error
    server.set_app(application)
    return server


def forget(folder: Path) -> None:
    """Remove what an earlier demo left: only files it made itself."""
    connections.close_all()  # Django's checks have opened the database
    for name in ("demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-shm", "simulator.json"):
        (folder / name).unlink(missing_ok=True)


def collect_static(folder: Path) -> None:
    """Collect static files as in production, unless none has changed since the last start."""
    stamp_file = folder / "static-stamp.json"
    sources = [
        path
        for directory in settings.STATICFILES_DIRS
        for path in Path(directory).rglob("*")
        if path.is_file()
    ]
    newest = json.dumps([len(sources), max(path.stat().st_mtime for path in sources)])
    if stamp_file.exists() and stamp_file.read_text() == newest:
        return
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp_file.write_text(newest)


def start_simulator(folder: Path, port: int, site: str, began: datetime) -> DemoServer:
    url = f"http://{environment.HOST}:{port}"
    simulator = Simulator(
        api_key=environment.API_KEY,
        seed=bodies(url, began),
        store=folder / "simulator.json",
        public_url=url,
        webhook_url=f"{site}/webhooks/kombo/production/",
        webhook_secret=environment.WEBHOOK_SECRET,
    )
    try:
        return serve(simulator, port)
    except OSError as error:
        raise CommandError(
            f"The simulator can't listen on port {port}: {error.strerror}"
        ) from error

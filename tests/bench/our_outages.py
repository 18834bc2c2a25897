"""Take from us what we need: `python -m tests.bench.our_outages`.

PostgreSQL is restarted under load, is away for 30 s, and has no space left; the mail server
refuses, hangs, says 4xx and 5xx, and hangs up after DATA. What counts: pages answer at once, with a
503 that passes at worst; webhooks that were taken are kept; all goes on by itself; no mail is sent
twice. Exits with 1 if anything else was seen. A clock that was wrong: tests/test_clock_set_back.py.

Works on a PostgreSQL of its own, whose disk is a small one where this is run by root.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.smtp_server import PostOffice, post_office

MEGABYTES = 96  # of the disk that is filled
AWAY = 30.0  # seconds
SLOWEST = 3.0  # seconds for any answer while the database is away
BACK = 15.0  # seconds after which all is well again


class Postgres:
    """A server in a folder of its own, on a disk of its own where that can be had."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.is_small = (
            os.geteuid() == 0
            and not subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", self.folder],
                capture_output=True,
            ).returncode
        )
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self._as = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin/initdb")).parent
        self._data = self.folder / "data"
        self._run("initdb", "-U", "dashboard", "-A", "trust", "-E", "UTF8", "--wal-segsize=1")
        self.start()

    @property
    def url(self) -> str:
        return f"postgres://dashboard@/postgres?host={self.folder}"

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, self._bin / command, "-D", self._data, *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise SystemExit(done.stderr)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_wal_size=4MB -c min_wal_size=2MB"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte of its disk."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 65_536)
        try:
            yield
        finally:
            filler.unlink()

    def remove(self) -> None:
        with suppress(SystemExit):
            self.stop("immediate")
        if self.is_small:
            subprocess.run(["umount", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Load:
    """Viewers and webhooks, and what became of each."""

    def __init__(self, session: str, path: str) -> None:
        self.session, self.path = session, path
        self.over = threading.Event()
        self.answers: Counter[int | str] = Counter()
        self.slowest = 0.0
        self.taken: list[str] = []
        self._threads = [
            threading.Thread(target=job, daemon=True)
            for job in (self._view, self._view, self._hook, self._hook)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> object:
        from tests.bench.site import connect
        from tests.bench.soak_load import ask

        began = time.monotonic()
        with closing(connect()) as connection:
            answer = ask(connection, method, path, body, headers)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer] += 1
        return answer

    def _view(self) -> None:
        while not self.over.wait(0.05):
            self._ask("GET", f"{self.path}/", None, {"Cookie": f"sessionid={self.session}"})

    def _hook(self) -> None:
        from integrations.kombo.webhooks import sign
        from tests.bench.site import SECRET
        from tests.webhook_payloads import encoded, event

        while not self.over.wait(0.1):
            news = {"integration_id": "personio:bench0", "state": "ACTIVE"}
            document = event("integration-state-changed", updated_at=datetime.now(UTC), **news)
            body = encoded(document)
            headers = {"X-Kombo-Signature": sign(body, SECRET), "Content-Type": "application/json"}
            if self._ask("POST", "/webhooks/kombo/production/", body, headers) == 200:
                self.taken.append(document["id"])


def until_well(load: Load) -> float:
    """Return the seconds until all answers of two seconds were good."""
    began = time.monotonic()
    while time.monotonic() - began < BACK:
        load.answers.clear()
        time.sleep(2)
        if set(load.answers) == {200}:
            break
    return time.monotonic() - began


def lost(load: Load) -> int:
    """Return how many webhooks were taken and are not there."""
    from django.db import connection

    from integrations.models import Event

    connection.close()
    kept = set(Event.objects.values_list("event_id", flat=True))
    return len(set(load.taken) - kept)


def database(name: str, load: Load, disturb: Callable[[], None]) -> list[str]:
    """Disturb the database, and see how it goes meanwhile and afterwards."""
    load.answers.clear()
    load.slowest = 0.0
    disturb()
    meanwhile, slowest = dict(load.answers), load.slowest
    back = until_well(load)
    missing = lost(load)
    print(
        f"{name}: answers {meanwhile}, the slowest {slowest:.1f} s; well {back:.0f} s after; "
        f"{len(load.taken)} webhooks taken, {missing} lost",
        flush=True,
    )
    wrong = [f"{name}: answers {code}" for code in meanwhile if code not in {200, 503}]
    if slowest > SLOWEST:
        wrong.append(f"{name}: an answer took {slowest:.1f} s")
    if back >= BACK:
        wrong.append(f"{name}: not well after {back:.0f} s")
    return wrong + ([f"{name}: {missing} webhooks lost"] if missing else [])


def databases(postgres: Postgres, load: Load) -> list[str]:
    """Everything that can happen to a database."""

    def restart() -> None:
        time.sleep(2)
        postgres.stop("immediate")
        postgres.start()
        time.sleep(1)

    def away() -> None:
        postgres.stop("immediate")
        time.sleep(AWAY)
        postgres.start()

    def full() -> None:
        with postgres.full():
            time.sleep(10)

    wrong = database("restart under load", load, restart)
    wrong += database(f"away for {AWAY:g} s", load, away)
    if postgres.is_small:
        wrong += database("disk full", load, full)
    else:
        print("disk full: not tried, a small disk can't be mounted here")
    return wrong


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None).parse_args()
    postgres = Postgres()
    os.environ["TEST_DATABASE_URL"] = postgres.url
    try:
        from tests.bench import site  # noqa: F401 - it sets an environment, to which this adds

        with post_office() as office:
            os.environ |= {
                "EMAIL_HOST": "127.0.0.1",
                "EMAIL_PORT": str(office.port),
                "EMAIL_USE_TLS": "0",
                "EMAIL_TIMEOUT": "1",
                "SITE_URL": "http://127.0.0.1",
            }
            wrong = run(postgres, office)
    finally:
        postgres.remove()
    print("\n".join(wrong) or "Nothing lost, and all went on by itself.")
    sys.exit(1 if wrong else 0)


def run(postgres: Postgres, office: PostOffice) -> list[str]:
    """Start the site and a worker, and disturb them."""
    from integrations.simulator.app import Simulator
    from integrations.simulator.server import serve
    from tests.bench.mail_outages import mails
    from tests.bench.site import API_KEY, prepare, start_server, start_worker, stop
    from tests.bench.worker import fill

    kombo = Simulator(api_key=API_KEY, rate_limit=1_000_000)
    fill(kombo, 3)
    server = serve(kombo, 0)
    session, path = prepare(kombo.public_url, integrations=3)
    site, worker = start_server(), start_worker()
    load = Load(session, path)
    try:
        until_well(load)
        wrong = databases(postgres, load)
        load.stop()
        if worker.poll() is not None:
            wrong.append("the worker ended")
    finally:
        stop(worker)
        site.terminate()
        site.wait(30)
    wrong += mails(office)
    server.shutdown()
    return wrong


if __name__ == "__main__":
    main()

"""The demo as a stage for browsers: the real command in a process of its own, set back before every
test.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

import httpx

from integrations.demo.environment import HOST, PROJECT, free_port

# What changes as time goes by, and what account managers do.
RECORDS = [
    "auth_user",
    "auth_user_groups",
    *(
        f"integrations_{name}"
        for name in (
            *(
                "snapshot",
                "entry",
                "incident",
                "issue",
                "event",
                "unmappedintegration",
                "tenant",
                "summary",
                "word",
            ),
            *(
                "coverageprofile",
                "feature",
                "featureanswer",
                "reminder",
                "connectionattempt",
                "handoff",
                "mail",
                "note",
                "savedview",
                "bulkcheck",
                "disconnectrequest",
            ),
            *("preferences", "auditentry", "identity", "accountinvitation"),
        )
    ),
]
LINKS = re.compile(
    r"Customer\s+(http\S+)/demo/as/.*Simulator\s+(http\S+?)/\s+Host\s+(http\S+?)/\s", re.DOTALL
)


class Demo:
    """The site, the simulator and a host that embeds the site, with the switches that tests need.

    What only time would change is changed in the demo's database: rows go back to what the seed
    made of them, rate limits are forgotten, and a snapshot is made as old as a test wants it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "demo.log"
        self._http = httpx.Client(trust_env=False, timeout=10)
        with self._log.open("wb") as log:
            self._process = self._start(log)
        try:
            self.site, self.simulator, self.host = self._links()
        except BaseException:
            self._process.kill()
            raise
        self.tools = self._tools()
        self._seeded_state: dict[str, Any] = self._http.get(
            f"{self.simulator}/control/state"
        ).json()["integrations"]
        self._owners = self._read("SELECT tenant_id, public_id FROM integrations_integration")
        self._seeded_rows = {table: self._read(f"SELECT * FROM {table}") for table in RECORDS}  # noqa: S608

    # --- Setting back ---

    def reset(self) -> None:
        """Everything as the seed left it, checked just now, and webhooks lost until a test wants
        them.
        """
        self._set_back()  # lets go of held calls too
        self.wait_for(lambda: not self._is_asking())
        self._set_back()
        for kombo_id, was in self._seeded_state.items():
            if was["fault"] != "none":
                self._post("fault", fault=was["fault"], integration_id=kombo_id)
            if was["state"] == "deleted":
                self._post(f"integrations/{quote(kombo_id, safe='')}/state", state="deleted")
        with self._database() as rows:
            rows.execute("DELETE FROM integrations_ratelimit")
            rows.execute("DELETE FROM integrations_upstream")
            seeded_ids = [(public_id,) for _kombo_id, public_id, _origin in self.tools.values()]
            rows.execute("CREATE TEMP TABLE seeded (public_id)")
            rows.executemany("INSERT INTO seeded VALUES (?)", seeded_ids)
            rows.execute("DELETE FROM integrations_integration WHERE public_id NOT IN seeded")
            rows.executemany(
                "UPDATE integrations_integration SET tenant_id = ? WHERE public_id = ?",
                self._owners,
            )
            for table, seeded in self._seeded_rows.items():
                rows.execute(f"DELETE FROM {table}")  # noqa: S608
                if seeded:
                    holes = ",".join("?" * len(seeded[0]))
                    rows.executemany(f"INSERT INTO {table} VALUES ({holes})", seeded)  # noqa: S608
        self.age(0)

    def age(self, seconds: float) -> None:
        """Let all snapshots have been fetched that long ago; from 60 s on, an open page looks
        within two seconds.
        """
        moment = f"{datetime.now(UTC) - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"
        with self._database() as rows:
            rows.execute(
                "UPDATE integrations_snapshot SET fetched_at = ? WHERE fetched_at IS NOT NULL",
                [moment],
            )

    def seem_at_work(self) -> None:
        """Let a worker have been seen just now, so that no page says that there is none."""
        moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        with self._database() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO integrations_heartbeat VALUES ('worker', ?)", [moment]
            )

    def multiply(self, tool: str, number: int) -> None:
        """Let a tool's tenant have so many more integrations like this one, which Kombo does not
        know.
        """
        with self._database() as rows:
            pk = rows.execute(
                "SELECT id FROM integrations_integration WHERE public_id = ?",
                [self.public_id(tool)],
            ).fetchone()[0]
            for table in ("integration", "snapshot", "summary"):
                key = "id" if table == "integration" else "integration_id"
                name = f"integrations_{table}"
                columns = [row[1] for row in rows.execute(f"PRAGMA table_info({name})")]
                values = {key: f"{pk} + 1000 + n"}
                if table == "integration":
                    values["integration_id"] = "integration_id || n"
                    values["public_id"] = "public_id || n"
                shown = ", ".join(values.get(column, column) for column in columns)
                rows.execute(
                    "WITH RECURSIVE numbers(n) AS"  # noqa: S608
                    " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
                    f" INSERT INTO {name} ({', '.join(columns)})"
                    f" SELECT {shown} FROM {name}, numbers WHERE {key} = ?",
                    [number, pk],
                )

    def remove(self, tool: str) -> None:
        """Let an integration be nobody's any more."""
        with self._database() as rows:
            rows.execute(
                "UPDATE integrations_integration SET tenant_id ="
                " (SELECT id FROM integrations_tenant WHERE origin_id = 'bolt')"
                " WHERE public_id = ?",
                [self.public_id(tool)],
            )

    def end_embeds(self) -> None:
        """Let every frame's session be over."""
        with self._database() as rows:
            rows.execute("DELETE FROM integrations_embedsession")

    # --- The simulator's switches ---

    def state(self, tool: str, state: str) -> None:
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/state", state=state)

    def fault(self, fault: str, tool: str = "") -> None:
        self._post("fault", fault=fault, integration_id=self.kombo_id(tool) if tool else "")

    def settings(self, *, lag: int = 0, after_setup: str = "FINAL_SYNC_PENDING") -> None:
        self._post("settings", lag=lag, after_setup=after_setup)

    def fields(self, custom_fields: str) -> None:
        """Let a worker have asked for the fields that somebody looks at."""
        moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        with self._database() as rows:
            rows.execute(
                "UPDATE integrations_fieldmapping SET custom_fields = ?, fetched_at = ?",
                [custom_fields, moment],
            )

    def steps(self, tool: str, *, on: bool) -> None:
        """Let there be steps of a tool's setup to go through again, or none."""
        place = f"integrations/{quote(self.kombo_id(tool), safe='')}/steps"
        self._post(place, steps="on" if on else "off")

    def account(self, tool: str, email: str) -> None:
        """Let somebody else be who connected a tool, as of the next sign-in."""
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/account", email=email)

    def opt_out(self, tool: str, datapoint: str) -> None:
        self._post(
            f"integrations/{quote(self.kombo_id(tool), safe='')}/opt-out",
            datapoint=f"out:{datapoint}",
        )

    def raise_issue(self, tool: str, kind: str) -> None:
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/issues", kind=kind)

    def resolve_issues(self, tool: str) -> None:
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/resolve")

    def finish_sync(self, tool: str, state: str) -> None:
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/sync", state=state)

    def qa(self, tool: str, qa_status: str) -> None:
        self._post(f"integrations/{quote(self.kombo_id(tool), safe='')}/qa", qa_status=qa_status)

    def delivery(self, mode: str) -> None:
        """How webhooks arrive from now on: normal, duplicate, reordered, late or lost."""
        self._post("delivery", delivery=mode)

    def deliveries(self) -> list[dict[str, Any]]:
        """What became of the latest webhooks, the latest first."""
        found: list[dict[str, Any]] = self._http.get(f"{self.simulator}/control/deliveries").json()
        return found

    def forget_links(self) -> None:
        """Let every link into Kombo Connect have expired: only a simulator set back knows none of
        them.
        """
        self._set_back()

    def calls(self) -> int:
        """How often the site has asked the simulated Kombo anything since it was set back."""
        return sum(self._http.get(f"{self.simulator}/control/calls").json().values())

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        until = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.05)

    # --- Addresses ---

    def kombo_id(self, tool: str) -> str:
        return self.tools[tool][0]

    def public_id(self, tool: str) -> str:
        return self.tools[tool][1]

    def card(self, tool: str) -> str:
        """The selector of a tool's card."""
        return f'[data-integration="{self.public_id(tool)}"]'

    def tenant(self, origin_id: str) -> str:
        """The path of a tenant's page."""
        public_id = self._read(
            "SELECT public_id FROM integrations_tenant WHERE origin_id = ?", origin_id
        )[0][0]
        return f"/t/{public_id}/"

    def page(self, tool: str) -> str:
        """The path of an integration's page."""
        return f"{self.tenant(self.tools[tool][2])}i/{self.public_id(tool)}/"

    def feature(self, name: str) -> str:
        """The public id of one of the vendor's features."""
        return str(
            self._read("SELECT public_id FROM integrations_feature WHERE name = ?", name)[0][0]
        )

    def workbench(self, tool: str) -> str:
        """The path of an integration's page for staff."""
        return f"/workspace{self.page(tool)}"

    # --- Start and stop ---

    def stop(self) -> None:
        """End the demo as Ctrl+C would, and see that nothing of it is left."""
        self._http.close()
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(timeout=15)
        said = self._log.read_text()
        assert status == 0, said
        assert "Traceback" not in said, said
        left = [url for url in (self.site, self.simulator, self.host) if _listens(url)]
        assert not left, f"still listening: {left}"

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        port = free_port(20_000 + os.getpid() * 10 % 10_000)
        # Nothing happens but what a test does: no worker.
        options = ["--port", str(port), "--folder", str(self.folder), "--fresh", "--no-worker"]
        command = [sys.executable, "manage.py", "demo", *options]
        environment = {
            name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
        }
        return subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )

    def _links(self) -> tuple[str, str, str]:
        """The addresses that the demo prints once it serves, however long a busy machine takes."""
        while self._process.poll() is None:
            if found := LINKS.search(self._log.read_text()):
                return found[1], found[2], found[3]
            time.sleep(0.05)
        raise AssertionError(f"The demo ended before it served:\n{self._log.read_text()}")

    def _tools(self) -> dict[str, tuple[str, str, str]]:
        """Kombo's id, our public id and the tenant's origin id, by the name of the tool."""
        rows = self._read(
            "SELECT integration_id, i.public_id, origin_id FROM integrations_integration i "
            "JOIN integrations_tenant t ON t.id = i.tenant_id"
        )
        return {
            kombo_id.partition(":")[0]: (kombo_id, public_id, origin)
            for kombo_id, public_id, origin in rows
        }

    def _set_back(self) -> None:
        """Set the simulator back.

        Most tests are about what a page finds out by asking, so nothing tells it sooner.
        """
        self._post("reset")
        self.delivery("lost")

    def _post(self, switch: str, **fields: Any) -> None:
        answer = self._http.post(f"{self.simulator}/control/{switch}", data=fields)
        assert answer.status_code == 303, answer.text

    def _read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._database() as rows:
            return rows.execute(query, values).fetchall()

    def _is_asking(self) -> bool:
        """Whether the site asks Kombo something, for a page that an earlier test has closed
        meanwhile.
        """
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        return bool(
            self._read("SELECT 1 FROM integrations_snapshot WHERE lease_until > ? LIMIT 1", now)
        )

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with (
            closing(sqlite3.connect(self.folder / "demo.sqlite3", timeout=20)) as connection,
            connection,
        ):
            # As only our own connections may: it takes out of the audit record what a test added.
            connection.create_function("integrations_audit_guard_is_lifted", 0, lambda: True)
            yield connection


def _listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, urlsplit(url).port or 80)) == 0

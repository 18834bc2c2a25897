"""What must hold at the steps of a deployment, seen as a visitor, as Kombo and as its operator."""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx

from integrations.simulator import states
from integrations.simulator.app import Simulator
from tests.deployment.machine import CommandFailed, Machine
from tests.deployment.visitors import HOST, WEBHOOKS, Browser, event

INTEGRATION, ORIGIN = "personio:CBNMt7dSNCzBdnRTx87dev4E", "36123"
WAITS = 60.0  # seconds


class Unmet(Exception):
    """What a step should have led to."""


def require(holds: object, what: str) -> None:
    if not holds:
        raise Unmet(what)


def eventually(what: str, look: Callable[[], object]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        if look():
            return
        time.sleep(0.5)
    raise Unmet(what)


def kombo(url: str) -> Simulator:
    """A Kombo that knows the integration of the document's example."""
    simulator = Simulator(api_key="ks_prod_first", public_url=url, rate_limit=100_000)
    body = states.details(
        integration_id=INTEGRATION,
        tool_id="personio",
        category="HRIS",
        organization_name="Acme GmbH",
        origin_id=ORIGIN,
        creator_email="creator@acme.example",
        public_url=url,
    )
    simulator.add(body)
    return simulator


def asked(machine: Machine, expression: str) -> Any:
    """The value of an expression in the release that runs, with its models at hand."""
    names = "Event, HandOff, Integration, Membership, Snapshot, Tenant, AuditEntry"
    code = f"import json; from integrations.models import {names}; print(json.dumps({expression}))"
    printed = machine.run('dashboard shell --no-imports -c "$CODE"', {"CODE": code})
    return json.loads(printed.strip().splitlines()[-1])


def proxy(machine: Machine) -> None:
    """TLS, headers, limits, and whose address counts."""
    with Browser(**{"X-Forwarded-For": "203.0.113.9"}) as browser:
        page = browser.get("/account/login/")
        require(page.status_code == 200, f"the sign-in answers {page.status_code}")
        require("max-age=31536000" in page.headers["Strict-Transport-Security"], "HSTS")
        cookies = page.headers.get_list("Set-Cookie")
        require(cookies and all("; Secure" in one for one in cookies), f"secure cookies: {cookies}")
        lost = browser.get("/nowhere/").headers
        require(len(lost.get("X-Request-ID", "")) == 32, "the proxy's request ID")
        require("nginx/" not in page.headers["Server"], "no version of the server")
        large = browser.ask("POST", WEBHOOKS, content=b"x" * (1024 * 1024 + 1))
        require(large.status_code == 413, f"a large body: {large.status_code}")
        require(browser.sign_in("nobody", "wrong").status_code == 200, "a wrong password")
    addresses = "list(AuditEntry.objects.exclude(address='').values_list('address', flat=True))"
    require(set(asked(machine, addresses)) == {"127.0.0.1"}, "an address that was made up counts")
    plain = httpx.get("http://127.0.0.1/t/x?q=1", headers={"Host": HOST})
    require(plain.headers["Location"] == f"https://{HOST}/t/x?q=1", "plain HTTP leads to HTTPS")
    _keeps_connections()
    _refuses_other_names()
    log = machine.run("cat /var/log/nginx/dashboard.log")
    require("/account/..." in log and "/account/login" not in log, "the log cuts paths")
    require("q=1" not in log, "the log has no queries")
    machine.run("logrotate --debug /etc/logrotate.d/nginx 2>&1 | grep --quiet dashboard.log")


def _keeps_connections() -> None:
    context = ssl._create_unverified_context()  # noqa: S323 - the machine's own certificate
    with closing(http.client.HTTPSConnection("127.0.0.1", context=context)) as connection:
        for _ in range(2):
            connection.sock = connection.sock or context.wrap_socket(
                socket.create_connection(("127.0.0.1", 443)), server_hostname=HOST
            )
            before = connection.sock
            connection.request("GET", "/healthz", headers={"Host": HOST})
            require(connection.getresponse().read() == b"ok\n", "/healthz")
            require(connection.sock is before, "a connection that is kept")


def _refuses_other_names() -> None:
    context = ssl._create_unverified_context()  # noqa: S323 - the same
    try:
        with socket.create_connection(("127.0.0.1", 443)) as plain:
            context.wrap_socket(plain, server_hostname="other.example.com").close()
    except ssl.SSLError:
        return
    raise Unmet("another name is answered")


def mapped(machine: Machine) -> None:
    """The worker has read the first integration."""
    fetched = "Snapshot.objects.exclude(fetched_at=None).count()"
    eventually("the worker reads the first integration", lambda: asked(machine, fetched) == 1)


def webhooks(machine: Machine, secret: str) -> None:
    with Browser() as browser:
        answers = [
            browser.ask("POST", WEBHOOKS, **event(time.time(), signed)).status_code
            for signed in (secret, "another-secret-0123456789")
        ]
    require(answers == [200, 401], f"webhooks: {answers}")


def sandbox(machine: Machine) -> None:
    """What runs is who and where it should be, and can write one folder only."""
    for unit in ("dashboard-site@1", "dashboard-site@2", "dashboard-worker"):
        machine.run(f"systemctl is-active --quiet {unit}")
        shown = machine.run(f"systemctl show {unit} --property=MainPID --value").strip()
        owner = machine.run(f"stat --format=%U /proc/{shown}").strip()
        require(owner == "dashboard", f"{unit} runs as {owner}")
        denied = f"nsenter --target {shown} --mount touch /srv/dashboard/written"
        require(_fails(machine, denied), f"{unit} writes into /srv")
    sockets = machine.run("find /run /tmp /var/lib/dashboard /root -name 'gunicorn*.ctl'")
    require(not sockets, f"gunicorn has a control socket: {sockets}")
    mode = machine.run("stat --format='%a %U %G' /run/dashboard/site-1.sock").strip()
    require(mode == "660 root www-data", f"the site's socket is {mode}")


def _fails(machine: Machine, command: str) -> bool:
    try:
        machine.run(command)
    except CommandFailed:
        return True
    return False

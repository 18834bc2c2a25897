"""Do what docs/deploying.md says on a bare Debian: `python -m tests.deployment --old COMMIT`.

Installs the earlier version and upgrades it to this work tree; without `--old`, installs this one.
Needs root, debootstrap, systemd-container and git, and takes the ports 80, 443 and 8199. Ends with
1 at the first step that fails; `--keep` leaves the machine's folder as it is then.
"""

import argparse
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from integrations.simulator.server import serve
from tests.deployment import looks, repository
from tests.deployment.document import commands
from tests.deployment.looks import require
from tests.deployment.machine import NEEDED, CommandFailed, Machine, bare_debian
from tests.deployment.visitors import Browser, visitors

KOMBO_PORT = 8199
KOMBO = f"http://127.0.0.1:{KOMBO_PORT}"
OLD, NEW = "0.2.0", "0.3.0"
VALUES = """
HOST=integrations.example.com
VERSION={version}
REPOSITORY=file:///srv/repository
ADMIN_EMAIL=admin@example.com
"""
# What the document tells its reader to put into the file, and where the trial's Kombo is.
CHANGES = {
    "KOMBO_API_KEY": "ks_prod_first",
    "KOMBO_API_URL": f"{KOMBO}/v1",
    "KOMBO_CONNECT_ORIGINS": KOMBO,
    "EMBED_ORIGINS": "https://app.example.com",
    "EMBED_SECRETS": f"k1:{secrets.token_hex(20)}",
}
WEBHOOK_SECRETS = ("whsec-first-0123456789", "whsec-second-0123456789")


class Trial:
    """One machine, from the first command to the last."""

    def __init__(self, machine: Machine, version: str) -> None:
        self.machine = machine
        self.kombo = looks.kombo(KOMBO)
        self.version = version
        self.secret = WEBHOOK_SECRETS[0]
        self._commands = commands()
        self.done = {"values"}
        self.admin = Browser()

    def do(self, name: str) -> str:
        """Run a block of the document; return what it prints."""
        began = time.monotonic()
        printed = self.machine.run(VALUES.format(version=self.version) + self._commands[name])
        self.done.add(name)
        tell(f"{name} ({time.monotonic() - began:.0f} s)")
        return printed

    def set(self, **settings: str) -> None:
        """Change the settings' file by hand."""
        file = self.machine.path("/etc/dashboard.env")
        text = file.read_text()
        for name, value in settings.items():
            text = re.sub(rf"^{name}=.*\n", "", text, flags=re.M) + f"{name}='{value}'\n"
        file.write_text(text)

    def under_load(self, what: str, act: Callable[[], object]) -> None:
        """Do something while people and Kombo use the site; nobody may notice."""
        stored = "Event.objects.filter(type='trial').count()"
        before = looks.asked(self.machine, stored)
        with visitors(self.admin, lambda: self.secret) as visits:
            act()
        require(not visits.lost, f"lost by {what}: {visits.lost}")
        taken = sum(n for told, n in visits.answers.items() if told.startswith("POST"))
        kept = looks.asked(self.machine, stored) - before
        require(kept == taken, f"{what}: {taken} webhooks were taken, {kept} kept")
        number = visits.answers.total()
        tell(f"  {what}: {number} requests, none lost, the slowest took {visits.slowest:.1f} s")

    def install(self) -> None:
        for name in ("machine", "release", "settings"):
            self.do(name)
        self.set(**CHANGES)
        printed = self.do("tables")
        password = re.search(r"^admin: (.+)$", printed, flags=re.M)
        assert password
        for name in ("services", "proxy"):
            self.do(name)
        looks.proxy(self.machine)
        looks.sandbox(self.machine)
        signed_in = self.admin.sign_in("admin", password[1])
        require(signed_in.status_code == 302, "the administrator signs in")
        for name in ("mapping", "import"):
            self.do(name)
        looks.mapped(self.machine)
        listed = self.admin.get("/workspace/?scope=all").text
        require('data-headline="connected"' in listed, "the first customer is connected")
        self.set(KOMBO_WEBHOOK_SECRET=self.secret)
        self.do("restart")
        looks.webhooks(self.machine, self.secret)

    def upgrade(self) -> None:
        self.version = NEW
        self.do("release")
        self.under_load("upgrade", self._replace)
        self.under_load("going back", lambda: self.do("rollback"))
        self.under_load("upgrade again", self._replace)

    def _replace(self) -> None:
        self.do("prepare")
        self.do("upgrade")

    def restore(self, database: str) -> None:
        """Lose the first customer, and get it back."""
        number = "Tenant.objects.count()"
        self.do("backup")
        self.machine.run("dashboard forget_tenant 36123")
        require(looks.asked(self.machine, number) == 0, "the customer is gone")
        self.do(f"restore {database}")
        require(looks.asked(self.machine, number) == 1, "the customer is back")
        looks.webhooks(self.machine, self.secret)

    def rotate(self) -> None:
        link = (
            "(lambda hand_offs, audit: hand_offs.create(Integration.objects.get(), 'reconnect',"
            " by=audit.COMMAND).public_id)(__import__('integrations.access.hand_offs',"
            " fromlist=['x']), __import__('integrations.access.audit', fromlist=['x']))"
        )
        token = "__import__('integrations.access.hand_off_tokens', fromlist=['x']).sign({!r})"
        path = (
            f"/hand-off/{looks.asked(self.machine, token.format(looks.asked(self.machine, link)))}/"
        )
        with Browser() as guest:
            require(guest.get(path).status_code == 200, "a link of a guest")
            self.under_load("a new SECRET_KEY", lambda: self.do("rotate key"))
            require(guest.get(path).status_code == 200, "a link made before the key changed")
        self.kombo.api.api_key = "ks_prod_second"  # the simulator knows one at a time
        self.set(KOMBO_API_KEY="ks_prod_second")
        self.under_load("a new API key", lambda: self.do("restart"))
        self.machine.run("dashboard check_kombo --keys-only")
        self.under_load("a new webhook secret", self._rotate_webhooks)
        self.under_load("a new embed secret", self._rotate_embed)

    def _rotate_webhooks(self) -> None:
        old, new = WEBHOOK_SECRETS
        self.set(KOMBO_WEBHOOK_SECRET=f"{new},{old}")
        self.do("restart")
        self.secret = new
        time.sleep(1)  # what was signed before has arrived
        self.set(KOMBO_WEBHOOK_SECRET=new)
        self.do("restart")

    def _rotate_embed(self) -> None:
        first, second = CHANGES["EMBED_SECRETS"], f"k2:{secrets.token_hex(20)}"
        before = self.machine.run("dashboard embed_token --tenant 36123").strip()
        self.set(EMBED_SECRETS=f"{second},{first}")
        self.do("restart")
        for token in (before, self.machine.run("dashboard embed_token --tenant 36123").strip()):
            with Browser(
                Authorization=f"Bearer {token}", Origin="https://app.example.com"
            ) as frame:
                answer = frame.ask("POST", "/embed/session")
            require(
                answer.status_code == 200, f"an embed token: {answer.status_code} {answer.text}"
            )
        self.set(EMBED_SECRETS=second)
        self.do("restart")

    def move(self) -> None:
        """To PostgreSQL, and all that is different there."""
        rows = "[Tenant.objects.count(), Event.objects.count(), AuditEntry.objects.count()]"
        self.do("postgresql")
        before = looks.asked(self.machine, rows)
        told = self.do("copy")
        tell("  " + next(line for line in told.splitlines() if " were copied " in line))
        self.do("switch database")
        require(looks.asked(self.machine, rows) == before, "all rows are in PostgreSQL")
        require(self.admin.get("/workspace/").status_code == 200, "the session goes on")
        self.restore("postgresql")
        self.under_load("a new database password", lambda: self.do("rotate database"))
        self.machine.run("dashboard backup /var/lib/dashboard/backups")

    def boot_again(self) -> None:
        self.machine.stop()
        self.machine.start()
        looks.eventually("the site is back", self._is_ready)
        looks.sandbox(self.machine)
        self.machine.run("systemctl is-active --quiet dashboard-backup.timer")
        tell("boot")

    def _is_ready(self) -> bool:
        with Browser() as browser:
            return browser.get("/readyz").status_code == 200


def tell(what: str) -> None:
    print(what, flush=True)


def attempt(trial: Trial, *, old: str) -> None:
    trial.install()
    if old:
        trial.upgrade()
    trial.restore("sqlite")
    trial.rotate()
    trial.move()
    trial.boot_again()
    left = commands().keys() - trial.done - (set() if old else {"prepare", "upgrade", "rollback"})
    require(not left, f"never run: {left}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--old", default="", metavar="COMMIT", help="the version before")
    options.add_argument("--folder", type=Path, default=Path("/var/tmp/deployment"))  # noqa: S108
    options.add_argument("--keep", action="store_true", help="leave the machine's folder")
    chosen = options.parse_args()
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() or missing:
        raise SystemExit(f"This needs root and {', '.join(missing or NEEDED)}.")
    with bare_debian(chosen.folder) as machine:
        source = machine.path("/srv/repository")
        repository.make(source, new=NEW, old=OLD, old_commit=chosen.old)
        trial = Trial(machine, OLD if chosen.old else NEW)
        server = serve(trial.kombo, KOMBO_PORT)
        try:
            attempt(trial, old=chosen.old)
        except (CommandFailed, looks.Unmet) as failure:
            tell(f"FAILED: {failure}")
            if chosen.keep:
                tell(machine.run("journalctl --no-pager --lines 60 --unit 'dashboard-*' || true"))
            return 1
        finally:
            server.shutdown()
    if not chosen.keep:
        shutil.rmtree(chosen.folder / "machine")
    tell("All that docs/deploying.md says was done.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

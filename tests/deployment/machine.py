"""A bare Debian with systemd in a container of its own, made by debootstrap and started by
systemd-nspawn. It shares this machine's network.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SUITE = "trixie"
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "git")
# Nothing of this: the document's reader may have a machine without it.
SYSTEMD = "systemd,systemd-sysv,dbus"
CERTIFICATES = "/etc/certificates-of-the-network.crt"
STARTS_IN = 120  # seconds


class CommandFailed(Exception):
    """What was run ended with another status than 0."""


class Machine:
    """Debian in a folder."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._variables = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **variables,
        }

    def path(self, inside: str) -> Path:
        """Where a path of the machine's is for us."""
        return self._folder / inside.removeprefix("/")

    def start(self) -> None:
        """Boot, and return once all units have started."""
        options = ["--quiet", "--boot", "--register=no", "--keep-unit", "--link-journal=no"]
        command = ["systemd-nspawn", *options, f"--directory={self._folder}"]
        variables = os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with self._folder.with_name("console.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables
            )
        until = time.monotonic() + STARTS_IN
        while time.monotonic() < until:
            time.sleep(0.5)
            if self._leader():
                state = self._inside("systemctl is-system-running --wait || true").strip()
                if state in {"running", "degraded"}:
                    return
        raise CommandFailed("the machine does not start; see console.log beside its folder")

    def stop(self) -> None:
        """Shut down as by its power button."""
        if self._process is None:
            return
        if self._leader():
            self._inside("systemctl poweroff --no-block")
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def run(self, script: str, variables: Mapping[str, str] | None = None) -> str:
        """Run commands as root until one fails; return what they print. Raises CommandFailed."""
        return self._inside(script, variables)

    def _inside(self, script: str, variables: Mapping[str, str] | None = None) -> str:
        pairs = [
            f"{key}={value}" for key, value in (self._variables | dict(variables or {})).items()
        ]
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--root"]
        enter = ["nsenter", "--target", str(self._leader()), *spaces]
        command = [
            *enter,
            "env",
            "-i",
            "--chdir=/root",
            *pairs,
            "bash",
            "-euo",
            "pipefail",
            "-c",
            script,
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
        )
        if done.returncode:
            said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
            raise CommandFailed(f"status {done.returncode} of:\n{script}\n{said}")
        return done.stdout

    def _leader(self) -> int:
        """The machine's first process, as we number it; 0 before there is one."""
        waiting = [self._process.pid] if self._process else []
        while waiting:
            pid = waiting.pop()
            try:
                status = Path(f"/proc/{pid}/status").read_text()
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            except OSError:
                continue
            numbers = next(line for line in status.splitlines() if line.startswith("NSpid:"))
            if numbers.split()[2:] == ["1"]:
                return pid
            waiting += map(int, children.split())
        return 0


def debian(folder: Path) -> tuple[Path, dict[str, str]]:
    """Return where a bare Debian lies, made now or before, and the variables its pip needs here."""
    base = folder / "base"
    if not (base / "etc" / "os-release").exists():
        making = folder / "making"
        shutil.rmtree(making, ignore_errors=True)
        bootstrap = ["debootstrap", "--variant=minbase", f"--include={SYSTEMD}", SUITE, str(making)]
        subprocess.run(bootstrap, check=True, stdout=subprocess.DEVNULL)
        making.rename(base)
    # Where packages come through a proxy with a certificate of its own, pip has to know it.
    authority = os.environ.get("PIP_CERT")
    if authority:
        shutil.copy(authority, base / CERTIFICATES.removeprefix("/"))
    return base, {"PIP_CERT": CERTIFICATES} if authority else {}


@contextmanager
def bare_debian(folder: Path) -> Iterator[Machine]:
    """A machine that was just installed and is running; the folder keeps what debootstrap made."""
    base, variables = debian(folder)
    here = folder / "machine"
    shutil.rmtree(here, ignore_errors=True)
    subprocess.run(["cp", "--archive", base, here], check=True)
    machine = Machine(here, variables)
    machine.start()
    try:
        yield machine
    finally:
        machine.stop()

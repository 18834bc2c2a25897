#!/usr/bin/env python3
"""The project's commands. `demo` and `test` also prepare a fresh machine: Python >= 3.12 is all
they need.

Everything here must run on an old Python and without Django, so that it can say what is missing.
"""

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
LOCKS = {"demo": "requirements.txt", "test": "requirements-dev.txt"}
OLDEST = (3, 12)


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in LOCKS:
        prepare(LOCKS[command])
        isolate(command)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kombo_dashboard.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed here. Either activate the environment it is in, or make one:\n"
            "  python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt"
        )
    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read what it says has read enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)  # as of any program that ends so: 128 + SIGPIPE


def isolate(command: str) -> None:
    """Give `demo` and `test` settings of their own, before the settings are read."""
    place = {"demo": "integrations.demo.environment", "test": "tests.environment"}[command]
    importlib.import_module(place).prepare(sys.argv[2:])


def prepare(lock: str) -> None:
    """See that what the command needs is installed, in .venv unless we already run where it is."""
    if has_what_it_needs(lock):
        return
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if Path(sys.prefix) == VENV and sys.version_info >= OLDEST:
        install(Path(sys.executable), lock)
        return
    if (
        not python.exists()
        or subprocess.run([str(python), "-c", "import pip"], capture_output=True).returncode
    ):
        print("First start: making the environment .venv ...", flush=True)
        subprocess.run([find_python(), "-m", "venv", "--clear", str(VENV)], check=True)
    install(python, lock)
    os.execv(str(python), [str(python), *sys.argv])


def has_what_it_needs(lock: str) -> bool:
    """Whether we can run as we are: in a stamped .venv, or in an environment that somebody else
    looks after.
    """
    if sys.version_info < OLDEST:
        return False
    if Path(sys.prefix) == VENV:
        return stamp(lock).exists() and stamp(lock).read_text() == digest(lock)
    wanted = ["django", "pytest_django"] if lock == LOCKS["test"] else ["django"]
    return all(
        find_spec(name) for name in wanted
    )  # not imported: pytest would complain that it came too late


def install(python: Path, lock: str) -> None:
    if stamp(lock).exists() and stamp(lock).read_text() == digest(lock):
        return
    print("Installing what %s lists ..." % lock, flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(HERE / lock)]).returncode:
        sys.exit("The installation failed; the lines above say why. Nothing else was changed.")
    stamp(lock).write_text(digest(lock))


def stamp(lock: str) -> Path:
    return VENV / (lock + ".installed")


def digest(lock: str) -> str:
    return hashlib.sha256((HERE / lock).read_bytes()).hexdigest()


def find_python() -> str:
    """A Python that is new enough: this one, one on the path, or one of pyenv's."""
    if sys.version_info >= OLDEST:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    names = ["python3.%d" % minor for minor in (14, 13, 12)]
    found = [shutil.which(name) for name in names] + [
        str(p) for n in names for p in sorted(pyenv.glob("*/bin/" + n))
    ]
    for python in filter(None, found):
        check = "import sys, venv; sys.exit(sys.version_info < (3, 12))"
        if subprocess.run([python, "-c", check], capture_output=True).returncode == 0:
            return python
    sys.exit(
        "This needs Python 3.12 or newer, and none was found. Please install one: https://www.python.org/"
    )


if __name__ == "__main__":
    main()

"""Execute the steps of the Dockerfile in a Debian made by debootstrap: `python -m
tests.deployment.image`.

There is no container engine. What Python's own image adds to Debian, its `python` and `pip`, is
made of Debian's packages. Then the site is started as the image would start it, from a read-only
folder and as its account, and its health check is asked.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment.document import PROJECT
from tests.deployment.machine import NEEDED, debian

# As `python:3.13-slim-trixie` is: /usr/local has a `python` with a pip that nobody manages.
PYTHON = """
apt-get update -q
apt-get install -y -q --no-install-recommends python3 python3-venv ca-certificates
python3 -m venv /usr/local
"""
STARTS_IN = 60  # seconds


@dataclass
class Stage:
    """One stage of the image: its folder, and what its instructions have set so far."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    account: str = "0:0"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def run(self, command: list[str], **more: str) -> None:
        """Run it inside; raises CalledProcessError."""
        subprocess.run(self.inside(command, **more), check=True, stdin=subprocess.DEVNULL)

    def inside(self, command: list[str], **more: str) -> list[str]:
        uid, gid = self.account.split(":")
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
        pairs = {"PATH": path, "HOME": "/tmp"} | self.variables | more  # noqa: S108 - inside
        places = [f"{key}={value.replace('$PATH', path)}" for key, value in pairs.items()]
        who = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        enter = ["chroot", str(self.root), *who, "env", "-i", f"--chdir={self.folder}", *places]
        return [*enter, *command]


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions with their arguments, each on one line."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    for line in filter(None, joined.splitlines()):
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def build(base: Path, folder: Path, network: dict[str, str]) -> Stage:
    """Return the last stage, built; raises CalledProcessError, ValueError."""
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for number, (name, rest) in enumerate(instructions((PROJECT / "Dockerfile").read_text())):
        print(f"{name} {rest[:90]}", flush=True)
        match name:
            case "FROM":
                _image, _, alias = rest.partition(" AS ")
                root = folder / (alias or "image")
                shutil.rmtree(root, ignore_errors=True)
                subprocess.run(["cp", "--archive", base, root], check=True)
                stage = stages[alias or str(number)] = Stage(root)
            case "RUN":
                words = json.loads(rest) if rest.startswith("[") else ["/bin/sh", "-c", rest]
                stage.run(words, **network)
            case "COPY":
                _copy(stage, rest, stages)
            case "ENV":
                stage.variables |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest[1:]).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.account = rest
            case "CMD":
                stage.command = json.loads(rest)
            case "HEALTHCHECK":
                stage.health = json.loads(rest.partition("CMD ")[2])
            case "EXPOSE":
                pass
            case _:
                raise ValueError(f"{name} is not known here")
    return stage


def _copy(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    words = rest.split()
    origin = PROJECT
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).partition("=")[2]].root
    *sources, target = words
    where = stage.root / (target if target.startswith("/") else f"{stage.folder}/{target}")[1:]
    for source in sources:
        if source == ".":
            _copy_context(where)
            continue
        place = where / Path(source).name if target.endswith("/") else where
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "--archive", origin / source.lstrip("/"), place], check=True)
        subprocess.run(["chown", "--recursive", "0:0", place], check=True)


def _copy_context(where: Path) -> None:
    """What `.dockerignore` lets through."""
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    for name in (line[1:] for line in lines if line.startswith("!")):
        source, target = PROJECT / name, where / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)


@contextmanager
def mounted(root: Path) -> Iterator[None]:
    """What an engine would mount: /proc, /dev, and a /tmp; all else can't be written."""
    with ExitStack() as stack:
        for kind, place in (("bind", ""), ("proc", "proc"), ("rbind", "dev"), ("tmpfs", "tmp")):
            target = str(root / place)
            options = {
                "bind": ["--bind", str(root), target],
                "rbind": ["--rbind", "--make-rslave", "/dev", target],
            }.get(kind, ["--types", kind, kind, target])
            subprocess.run(["mount", *options], check=True)
            stack.callback(subprocess.run, ["umount", "--recursive", "--lazy", target], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(root)], check=True)
        yield


def try_it(stage: Stage) -> None:
    """Start the site as a service of compose.yaml would be, and ask its health."""
    key = "a-key-of-this-trial-0123456789-abcdefghijklmnopqrstuvwxyz"
    settings = {"SECRET_KEY": key, "DATABASE_URL": "sqlite:////tmp/db.sqlite3"}
    settings |= {"KOMBO_API_KEY": "ks_dev_image", "ALLOWED_HOSTS": "integrations.example.com"}
    with mounted(stage.root):
        assert subprocess.run(stage.inside(["touch", "/srv/dashboard/x"]), stderr=-3).returncode
        assert subprocess.run(stage.inside(["python", "-m", "pip"]), stderr=-3).returncode
        assert not (stage.root / "build").exists()
        stage.run(["python", "manage.py", "migrate", "--no-input", "--verbosity", "0"], **settings)
        site = subprocess.Popen(stage.inside(stage.command, **settings))
        try:
            until = time.monotonic() + STARTS_IN
            while subprocess.run(stage.inside(stage.health), stderr=-3).returncode:
                if site.poll() is not None or time.monotonic() > until:
                    raise SystemExit("The site is not healthy.")
                time.sleep(0.5)
            print("The site is healthy.")
        finally:
            site.terminate()
            site.wait()
        assert subprocess.run(stage.inside(stage.health), stderr=-3).returncode


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("/var/tmp/deployment"))  # noqa: S108
    chosen = options.parse_args()
    if os.geteuid() or not shutil.which("debootstrap"):
        raise SystemExit(f"This needs root and {', '.join(NEEDED)}.")
    base, network = debian(chosen.folder)
    python = chosen.folder / "python"
    if not (python / "usr/local/bin/python").is_symlink():
        shutil.rmtree(python, ignore_errors=True)
        subprocess.run(["cp", "--archive", base, python], check=True)
        shutil.copy("/etc/resolv.conf", python / "etc" / "resolv.conf")
        Stage(python).run(["sh", "-ec", PYTHON], DEBIAN_FRONTEND="noninteractive")
    try_it(build(python, chosen.folder, network))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The repository that an operator clones: this work tree as one version, an earlier commit as the
one before.
"""

import shutil
import subprocess
from pathlib import Path

from tests.deployment.document import PROJECT

AUTHOR = ["-c", "user.name=Trial", "-c", "user.email=trial@example.com"]


def make(folder: Path, *, new: str, old: str = "", old_commit: str = "") -> None:
    """Make a repository with a tag for each version.

    The earlier version gets the deploy/ of this one, unless it has its own: whoever ran it had
    units and a proxy of some kind.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet")
    if old_commit:
        archive = subprocess.run(
            ["git", "archive", old_commit], cwd=PROJECT, check=True, capture_output=True
        )
        subprocess.run(["tar", "--extract"], cwd=folder, check=True, input=archive.stdout)
        if not (folder / "deploy").exists():
            shutil.copytree(PROJECT / "deploy", folder / "deploy")
        _tag(folder, old)
        _git(folder, "rm", "--quiet", "-r", ".")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True)
    for name in filter(None, files.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    _tag(folder, new)


def _tag(folder: Path, version: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, *AUTHOR, "commit", "--quiet", "--allow-empty", "--message", version)
    _git(folder, "tag", f"v{version}")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)

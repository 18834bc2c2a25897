"""Make each mistake in a copy of the project and see that a test fails: `python -m tests.mistakes`.

Names of mistakes, or parts of them, choose some. Ends with 1 if a mistake goes unnoticed.
"""

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mistakes.seeded import MISTAKES, Mistake

PROJECT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".git", ".demo", "__pycache__", "staticfiles", ".*_cache"
)


def is_noticed(mistake: Mistake, copy: Path) -> bool:
    """Whether a test fails while the mistake is there. Raises ValueError if it can't be made."""
    file = copy / mistake.file
    text = file.read_text()
    if text.count(mistake.right) != 1:
        raise ValueError(f"{mistake.file} does not hold what {mistake.name!r} would change")
    file.write_text(text.replace(mistake.right, mistake.wrong))
    command = [sys.executable, "manage.py", "test", *shlex.split(mistake.tests), "-x", "-q"]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    finally:
        file.write_text(text)
    if done.returncode not in {0, 1, 2}:  # no test at all, or not even started
        raise ValueError(f"{mistake.tests}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode != 0


def main(wanted: list[str]) -> int:
    chosen = [one for one in MISTAKES if not wanted or any(word in one.name for word in wanted)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(PROJECT, copy, ignore=LEFT_OUT)
        for mistake in chosen:
            noticed = is_noticed(mistake, copy)
            unnoticed += not noticed
            print(f"{'noticed  ' if noticed else 'UNNOTICED'}  {mistake.name}", flush=True)
    print(f"{len(chosen) - unnoticed} noticed, {unnoticed} unnoticed")
    return min(unnoticed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The commands of docs/deploying.md: every block of them says by a comment above it whether it is
run.
"""

import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "deploying.md"
_BLOCK = re.compile(r"(?:^<!-- (run|not run): ([^\n]+) -->\n)?^```sh\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """Commands, and the name by which they are run or the reason why they are not."""

    is_run: bool
    name: str
    commands: str


def blocks(text: str) -> list[Block]:
    """Return all blocks in order; raises ValueError for one that doesn't say."""
    found = []
    for block in _BLOCK.finditer(text):
        if block[1] is None:
            raise ValueError(f"neither run nor not run: {block[3]}")
        found.append(Block(block[1] == "run", block[2], block[3]))
    return found


def commands() -> dict[str, str]:
    """Return the commands that are run, by name."""
    return {block.name: block.commands for block in blocks(DOCUMENT.read_text()) if block.is_run}

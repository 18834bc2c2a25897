"""The answers in tests/payloads/kombo, whole or altered."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "payloads" / "kombo"


def payload(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def altered(name: str, path: str, *value: object) -> bytes:
    """Return a payload with the value at a dotted path replaced, or removed if no value is
    given.
    """
    document: Any = json.loads(payload(name))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = document
    for part in parents:
        target = target[part]
    if value:
        target[last] = value[0]
    else:
        del target[last]
    return json.dumps(document).encode()

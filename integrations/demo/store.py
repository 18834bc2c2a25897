"""What the simulator remembers, under one lock, in a JSON file if it is given one."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from integrations.demo.states import Details

type Record = dict[str, Any]
"""`details`, `deleted`, `pending` (patches with a due date), `paused_from`, `touched` (not as seeded)."""

DEFAULTS = {"fault": "none", "faults": {}, "lag": 0, "after_setup": "FINAL_SYNC_PENDING"}


class Store:
    """Integrations by id, Connect links and activation tokens by token, and the settings of the demo.

    Only integrations that differ from their seed are written, so the file stays small; they win over the
    seed when it is loaded again.
    """

    def __init__(self, seed: Mapping[str, Details], path: Path | None) -> None:
        self.changed = threading.Condition(threading.RLock())
        self._seed = {key: deepcopy(body) for key, body in seed.items()}
        self._path = path
        self.clear()
        self._load()

    def clear(self) -> None:
        """Go back to the seed."""
        self.records: dict[str, Record] = {key: self.fresh(key) for key in self._seed}
        self.links: dict[str, dict[str, Any]] = {}
        self.activations: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = deepcopy(DEFAULTS)

    def add(self, body: Details) -> None:
        """Seed one more integration, or seed it anew."""
        self._seed[body["id"]] = deepcopy(body)
        self.records[body["id"]] = self.fresh(body["id"])

    def fresh(self, integration_id: str) -> Record:
        """Return the record of a seeded integration as it was at first; raises KeyError for another."""
        body = deepcopy(self._seed[integration_id])
        return {"details": body, "deleted": False, "pending": [], "paused_from": None, "touched": False}

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, write what changed, and wake whoever waits for a change."""
        with self.changed:
            yield
            self._save()
            self.changed.notify_all()

    def _load(self) -> None:
        if self._path is None or not self._path.exists():
            return
        saved = json.loads(self._path.read_text(encoding="utf-8"))
        self.records |= saved["records"]
        self.links = saved["links"]
        self.activations = saved["activations"]
        self.settings |= saved["settings"]

    def _save(self) -> None:
        if self._path is None:
            return
        touched = {key: record for key, record in self.records.items() if record["touched"]}
        saved = {
            "records": touched,
            "links": self.links,
            "activations": self.activations,
            "settings": self.settings,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        draft.write_text(json.dumps(saved), encoding="utf-8")
        draft.replace(self._path)

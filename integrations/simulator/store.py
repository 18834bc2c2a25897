"""What the simulator remembers, under one lock, in a JSON file if it is given one."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from integrations.simulator.faults import FAULTS
from integrations.simulator.states import Details, copied
from integrations.simulator.webhook_sender import MODES

type Record = dict[str, Any]
"""One integration: `details` and what the details answer does not show, see BLANK."""

BLANK: Record = {
    "deleted": False,
    # Changes with a due date `at`: a `patch` of the details, or a sync with its `sync_id`.
    "pending": [],
    "paused_from": None,
    "qa_status": "PASSED",
    "issues": [],  # the open ones
    "last_sync": None,
    "has_steps": False,  # whether somebody can go through steps of the setup again
    "fields": {},  # what was set of the tool's fields and of the custom ones, by id
    "touched": False,  # not as seeded any more
}
DEFAULTS = {
    "fault": "none",
    "faults": {},
    "lag": 0,
    "after_setup": "FINAL_SYNC_PENDING",
    "delivery": "normal",
}


class Store:
    """Integrations by id, Connect links and activation tokens by token, and the settings of the
    demo.

    Only integrations that differ from their seed are written, so the file stays small; they win
    over the seed when it is loaded again.
    """

    def __init__(self, seed: Mapping[str, Details], path: Path | None) -> None:
        self.changed = threading.Condition(threading.RLock())
        self._seed = {key: copied(body) for key, body in seed.items()}
        self._path = path
        self.stamps: dict[str, int] = {}
        """When an integration last changed, in milliseconds; kept for good, as such times only ever
        rise.
        """
        self.clear()
        self._load()

    def clear(self) -> None:
        """Go back to the seed."""
        self.records: dict[str, Record] = {key: self.fresh(key) for key in self._seed}
        self.links: dict[str, dict[str, Any]] = {}
        self.activations: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = copied(DEFAULTS)

    def add(self, body: Details) -> None:
        """Seed one more integration, or seed it anew."""
        self._seed[body["id"]] = copied(body)
        self.records[body["id"]] = self.fresh(body["id"])

    def fresh(self, integration_id: str) -> Record:
        """Return the record of a seeded integration as it was at first; raises KeyError for
        another.
        """
        body = copied(self._seed[integration_id])
        return {"details": body, **copied(BLANK)}

    def setting(self, name: str) -> Any:
        """Return one of DEFAULTS as it is set: `lag` in seconds, `after_setup`, `delivery`, the
        faults.
        """
        with self.changed:
            return copied(self.settings[name])

    def set_setting(self, name: str, value: Any) -> None:
        """Change a setting of the demo."""
        with self.change():
            self.settings[name] = value

    def set_fault(self, fault: str, integration_id: str | None = None) -> None:
        """Make all calls, or those about one integration, meet a fault; raises ValueError for
        another.
        """
        if fault not in FAULTS:
            raise ValueError(f"no such fault: {fault}")
        with self.change():
            if integration_id is None:
                self.settings["fault"] = fault
            elif fault == "none":
                self.settings["faults"].pop(integration_id, None)
            else:
                self.settings["faults"][integration_id] = fault

    def set_delivery(self, mode: str) -> None:
        """Let webhooks arrive in one of MODES; raises ValueError for another."""
        if mode not in MODES:
            raise ValueError(f"no such delivery: {mode}")
        self.set_setting("delivery", mode)

    def fault_for(self, integration_id: str | None) -> str:
        """Return the fault that meets a call: the integration's own before the general one."""
        with self.changed:
            return str(self.settings["faults"].get(integration_id, self.settings["fault"]))

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
        self.records |= {
            key: {**copied(BLANK), **record} for key, record in saved["records"].items()
        }
        self.links = saved["links"]
        self.activations = saved["activations"]
        self.settings |= saved["settings"]
        self.stamps = saved.get("stamps", {})

    def _save(self) -> None:
        if self._path is None:
            return
        touched = {key: record for key, record in self.records.items() if record["touched"]}
        saved = {
            "records": touched,
            "links": self.links,
            "activations": self.activations,
            "settings": self.settings,
            "stamps": self.stamps,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        draft.write_text(json.dumps(saved), encoding="utf-8")
        draft.replace(self._path)

"""The simulated Kombo itself: its integrations, its links, its clock, and what goes wrong with it.

No HTTP here. Every method may be called from any thread.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from integrations.demo.faults import FAULTS
from integrations.demo.grid import is_available
from integrations.demo.states import STATES, Details, asset_urls, patched
from integrations.demo.store import Record, Store

SWITCHES = (*STATES, "deleted", "restore")
"""What `set_state` understands: the states, plus gone (404) and back to how the seed had it."""

LIFETIMES = {"EMBEDDED": 3600, "MAGIC_LINK": 365 * 86400}
"""Seconds a Connect link lives, by link type."""
SYNC_SECONDS = 20


class World:
    """One Kombo environment with its integrations."""

    def __init__(
        self,
        *,
        seed: Mapping[str, Details],
        store: Path | None,
        public_url: str,
        clock: Callable[[], float],
    ) -> None:
        self.public_url = public_url
        self.clock = clock
        self.store = Store(seed, store)
        self.calls: Counter[tuple[str, str]] = Counter()
        self.closing = False

    # Integrations

    def overview(self) -> list[Details]:
        """Return all integrations without their coverage, each with `deleted` beside Kombo's keys."""
        with self.store.changed:
            records = list(self.store.records.values())
            for record in records:
                self._settle(record)
            return [_summary(record) for record in records]

    def details(self, integration_id: str, *, even_deleted: bool = False) -> Details | None:
        """Return the body Kombo would give now, or None for what it does not have (any more)."""
        with self.store.changed:
            record = self.store.records.get(integration_id)
            if record is None or (record["deleted"] and not even_deleted):
                return None
            self._settle(record)
            return self._with_assets(_copy(record["details"]))

    def set_state(self, integration_id: str, state: str) -> None:
        """Switch an integration; raises KeyError for an unknown id, ValueError for an unknown state."""
        if state not in SWITCHES:
            raise ValueError(f"no such state: {state}")
        with self.store.change():
            record = self._touch(integration_id)
            if state == "restore":
                self.store.records[integration_id] = self.store.fresh(integration_id)
                return
            record["deleted"] = state == "deleted"
            record["pending"] = []
            if state in STATES:
                record["details"] = patched(record["details"], state, expired_at=self._timestamp())

    def set_opt_out(self, integration_id: str, datapoint: str, opted_out: bool) -> None:
        """Opt the customer out of `model` or `model.field`, or back in; raises KeyError for another."""
        with self.store.change():
            details = self._touch(integration_id)["details"]
            _opt_out(_point(details, datapoint), opted_out)

    def set_enabled(self, integration_id: str, enabled: bool) -> None:
        """Pause an integration, or resume it in the status it was paused from."""
        with self.store.change():
            record = self._touch(integration_id)
            status = record["details"]["status"]
            if not enabled and status != "INACTIVE":
                record["paused_from"] = status
                record["details"]["status"] = "INACTIVE"
            elif enabled and status == "INACTIVE":
                record["details"]["status"] = record["paused_from"] or "ACTIVE"

    def sync(self, integration_id: str) -> tuple[str, bool]:
        """Queue a sync that ends SYNC_SECONDS later; return its id and whether one was queued already."""
        with self.store.change():
            record = self._touch(integration_id)
            self._settle(record)
            for change in record["pending"]:
                if "sync_id" in change:
                    return str(change["sync_id"]), True
            patch: dict[str, str | None] = {"data_expired_at": None}
            if record["details"]["setup_status"] == "FINAL_SYNC_PENDING":
                patch["setup_status"] = "COMPLETED"
            change = {"at": self.clock() + SYNC_SECONDS, "patch": patch, "sync_id": secrets.token_hex(12)}
            record["pending"].append(change)
            return str(change["sync_id"]), False

    # Kombo Connect

    def mint(self, integration_id: str, kind: str, **terms: Any) -> str:
        """Make a link of `kind` (relink or setup) and return its token; `terms` are remembered with it."""
        token = secrets.token_urlsafe(32)
        expires_at = self.clock() + LIFETIMES[terms["link_type"]]
        with self.store.change():
            self._forget_expired()
            link = {"integration_id": integration_id, "kind": kind, "expires_at": expires_at, **terms}
            self.store.links[token] = link
        return token

    def link(self, token: str) -> dict[str, Any] | None:
        """Return the live link behind `token`: not expired, not used, its integration not deleted."""
        with self.store.changed:
            link = self.store.links.get(token)
            if link is None or link["expires_at"] <= self.clock():
                return None
            return None if self.details(link["integration_id"]) is None else dict(link)

    def complete(self, token: str, *, offered: Collection[str], shared: Collection[str]) -> str | None:
        """Finish a Connect flow and spend its link; return the activation token, None for a dead link.

        `offered` are the optional datapoints the customer could decide on, `shared` those left on.
        """
        with self.store.change():
            link = self.link(token)
            if link is None:
                return None
            del self.store.links[token]
            record = self._touch(link["integration_id"])
            for datapoint in offered:
                _opt_out(_point(record["details"], datapoint), datapoint not in shared)
            self._finish(record, link)
            activation = secrets.token_urlsafe(24)
            expires_at = self.clock() + LIFETIMES["EMBEDDED"]
            self.store.activations[activation] = {
                "integration_id": link["integration_id"],
                "expires_at": expires_at,
            }
            return activation

    def activated(self, activation_token: str) -> Details | None:
        """Return the integration an activation token stands for."""
        with self.store.changed:
            known = self.store.activations.get(activation_token)
            if known is None or known["expires_at"] <= self.clock():
                return None
            return self.details(known["integration_id"])

    # Faults and settings

    def set_fault(self, fault: str, integration_id: str | None = None) -> None:
        """Make all calls, or those about one integration, meet a fault; raises ValueError for another."""
        if fault not in FAULTS:
            raise ValueError(f"no such fault: {fault}")
        with self.store.change():
            faults: dict[str, str] = self.store.settings["faults"]
            if integration_id is None:
                self.store.settings["fault"] = fault
            elif fault == "none":
                faults.pop(integration_id, None)
            else:
                faults[integration_id] = fault

    def fault_for(self, integration_id: str | None) -> str:
        """Return the fault that meets a call: the integration's own before the general one."""
        with self.store.changed:
            settings = self.store.settings
            return str(settings["faults"].get(integration_id, settings["fault"]))

    def setting(self, name: str) -> Any:
        """Return a setting of the demo (`lag` in seconds, `after_setup`, `faults`)."""
        with self.store.changed:
            return deepcopy(self.store.settings[name])

    def set_setting(self, name: str, value: Any) -> None:
        """Change a setting of the demo."""
        with self.store.change():
            self.store.settings[name] = value

    def reset(self) -> None:
        """Go back to the seed: states, coverage, links, faults, settings and counted calls."""
        with self.store.change():
            self.store.clear()
            self.calls.clear()

    def count(self, method: str, route: str) -> None:
        """Count one call of the API."""
        with self.store.changed:
            self.calls[method, route] += 1

    def hold(self, seconds: float, integration_id: str | None, fault: str) -> bool:
        """Wait; False if `fault` was switched off, or the server stopped, before the time was up."""

        def over() -> bool:
            return self.closing or self.fault_for(integration_id) != fault

        with self.store.changed:
            return not self.store.changed.wait_for(over, timeout=seconds)

    def close(self) -> None:
        """Let go of every call that is being held."""
        with self.store.changed:
            self.closing = True
            self.store.changed.notify_all()

    # Inside

    def _touch(self, integration_id: str) -> Record:
        record = self.store.records[integration_id]
        record["touched"] = True
        return record

    def _settle(self, record: Record) -> None:
        """Let what has fallen due happen."""
        due = [change for change in record["pending"] if change["at"] <= self.clock()]
        for change in due:
            record["details"].update(change["patch"])
            record["pending"].remove(change)

    def _finish(self, record: Record, link: dict[str, Any]) -> None:
        patch = {"status": "ACTIVE"}
        if link["kind"] == "setup":
            patch = {"setup_status": self.store.settings["after_setup"]}
        if link.get("scope_config_id"):
            record["details"]["scope_config"] = {"id": link["scope_config_id"], "name": None}
        record["pending"].append({"at": self.clock() + self.store.settings["lag"], "patch": patch})
        self._settle(record)

    def _forget_expired(self) -> None:
        for tokens in (self.store.links, self.store.activations):
            for token in [key for key, one in tokens.items() if one["expires_at"] <= self.clock()]:
                del tokens[token]

    def _with_assets(self, details: Details) -> Details:
        """Point the pictures at where this simulator is served now; foreign addresses stay."""
        tool = details["tool"]
        for key, url in asset_urls(tool["id"], self.public_url).items():
            if tool[key].endswith(url.removeprefix(self.public_url)):
                tool[key] = url
        return details

    def _timestamp(self) -> str:
        now = datetime.fromtimestamp(self.clock(), UTC)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _point(details: Details, datapoint: str) -> dict[str, Any]:
    """Find `model` or `model.field`; ids of read models hold no dot, but a hostile one may."""
    for model in details["read_models"]:
        if model["id"] == datapoint:
            return cast("dict[str, Any]", model)
        for field in model["fields"]:
            if f"{model['id']}.{field['id']}" == datapoint:
                return cast("dict[str, Any]", field)
    raise KeyError(datapoint)


def _summary(record: Record) -> Details:
    bulky = ("read_models", "write_actions")
    body = {key: value for key, value in record["details"].items() if key not in bulky}
    return {**deepcopy(body), "deleted": record["deleted"]}


def _copy(details: Details) -> Details:
    """Copy a body by way of JSON, several times as fast as deepcopy."""
    return cast("Details", json.loads(json.dumps(details)))


def _opt_out(point: dict[str, Any], opted_out: bool) -> None:
    """Only optional datapoints can be opted out of, so a required one becomes optional."""
    if opted_out and point["scope_config_setting"] == "ENABLED":
        point["scope_config_setting"] = "OPTIONAL"
    point["opted_out_by_customer"] = opted_out
    point["is_available"] = is_available(point)

"""The simulated Kombo itself: its integrations, its links, its clock, and what goes wrong with it.

No HTTP here but for the webhooks, which leave by way of `hooks`. Every method may be called from
any thread.
"""

from collections.abc import Collection
from typing import Any

from integrations.simulator import coverage, issues_and_syncs, payloads
from integrations.simulator.issues_and_syncs import SYNC_SECONDS, timestamp
from integrations.simulator.records import Records
from integrations.simulator.states import STATES, Details, copied, patched, served
from integrations.simulator.store import Record

SWITCHES = (*STATES, "deleted", "restore")
"""What `set_state` understands: the states, plus gone (404) and back to how the seed had it."""


class World(Records):
    """One Kombo environment with its integrations: what can be asked of it, and done to it."""

    def overview(self) -> list[Details]:
        """Return all integrations without their coverage, each with what the details answer does
        not show.
        """
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
            return served(record["details"], self.public_url)

    def add(self, details: Details, *, announce: bool) -> None:
        """Let there be one more integration; a created one is announced, one that was always there
        is not.
        """
        with self.store.changed:
            self.store.add(details)
            if announce:
                self._tell(details["id"], [payloads.created(details)])

    def set_state(self, integration_id: str, state: str) -> None:
        """Switch an integration; raises KeyError for an unknown id, ValueError for an unknown
        state.
        """
        if state not in SWITCHES:
            raise ValueError(f"no such state: {state}")
        with self._change(integration_id) as record:
            self._tell(integration_id, issues_and_syncs.cancel_sync(record, now=self.clock()))
            if state == "restore":
                self._tell(
                    integration_id, issues_and_syncs.resolve_issues(record, now=self.clock())
                )
                record.update(self.store.fresh(integration_id))
                return
            record["deleted"] = state == "deleted"
            record["pending"] = []
            if state in STATES:
                record["details"] = patched(
                    record["details"], state, expired_at=timestamp(self.clock())
                )

    def set_opt_out(self, integration_id: str, datapoint: str, opted_out: bool) -> None:
        """Opt the customer out of `model` or `model.field`, or back in; raises KeyError for
        another.
        """
        with self._change(integration_id) as record:
            coverage.opt_out(coverage.find(record["details"]["read_models"], datapoint), opted_out)

    def set_enabled(self, integration_id: str, enabled: bool) -> None:
        """Pause an integration, which cancels its sync, or resume it in the status it was paused
        from.
        """
        with self._change(integration_id) as record:
            status = record["details"]["status"]
            if not enabled and status != "INACTIVE":
                self._tell(integration_id, issues_and_syncs.cancel_sync(record, now=self.clock()))
                record["paused_from"] = status
                record["details"]["status"] = "INACTIVE"
            elif enabled and status == "INACTIVE":
                record["details"]["status"] = record["paused_from"] or "ACTIVE"

    def set_steps(self, integration_id: str, enabled: bool) -> None:
        """Let there be steps of the setup to go through again, or none; raises KeyError."""
        with self._change(integration_id) as record:
            record["has_steps"] = enabled

    def has_steps(self, integration_id: str) -> bool:
        """Return whether a setup link leads anywhere; raises KeyError for an unknown
        integration.
        """
        with self.store.changed:
            record = self.store.records[integration_id]
            return bool(record["has_steps"]) or record["details"]["setup_status"] != "COMPLETED"

    def set_end_user(self, integration_id: str, **end_user: str | None) -> None:
        """Let it be connected by another account; raises KeyError for an unknown integration."""
        with self._change(integration_id) as record:
            record["details"]["end_user"] |= end_user

    def field_settings(self, integration_id: str) -> dict[str, Any]:
        """Return what was set of fields, by their ids; raises KeyError for an unknown
        integration.
        """
        with self.store.changed:
            return dict(self.store.records[integration_id]["fields"])

    def set_field(self, integration_id: str, field_id: str, value: Any) -> None:
        """Set what holds of a field; raises KeyError for an unknown integration."""
        with self._change(integration_id) as record:
            record["fields"][field_id] = value

    # What only webhooks tell

    def sync(self, integration_id: str) -> tuple[str, bool]:
        """Queue a sync that ends SYNC_SECONDS later; return its id and whether one was queued
        already.
        """
        with self._change(integration_id) as record:
            queued = issues_and_syncs.queued_sync(record)
            if queued:
                return str(queued["sync_id"]), True
            change = {"at": self.clock() + SYNC_SECONDS, "sync_id": payloads.new_id()}
            record["pending"].append(change)
            self.hooks.wake()
            return str(change["sync_id"]), False

    def finish_sync(self, integration_id: str, state: str) -> None:
        """End a sync now: the queued one, or one nobody asked for. Raises KeyError, ValueError."""
        with self._change(integration_id, alive=True) as record:
            self._tell(integration_id, issues_and_syncs.end_sync(record, state, now=self.clock()))

    def raise_issue(self, integration_id: str, kind: str, *, since: float | None = None) -> str:
        """Open an issue and return its id; one of its kind that is open already stays. Raises
        KeyError, ValueError.
        """
        with self._change(integration_id, alive=True) as record:
            self._tell(
                integration_id,
                issues_and_syncs.raise_issue(record, kind, now=since or self.clock()),
            )
            return issues_and_syncs.open_issue(record, kind) or ""

    def resolve_issue(self, integration_id: str, issue_id: str | None = None) -> None:
        """Resolve an open issue, or all of them; raises KeyError for an unknown one."""
        with self._change(integration_id, alive=True) as record:
            if issue_id is not None and issue_id not in [issue["id"] for issue in record["issues"]]:
                raise KeyError(issue_id)
            self._tell(
                integration_id,
                issues_and_syncs.resolve_issues(record, now=self.clock(), issue_id=issue_id),
            )

    def set_qa_status(self, integration_id: str, qa_status: str) -> None:
        """Let Kombo's check of the data stand elsewhere; raises KeyError, ValueError."""
        if qa_status not in issues_and_syncs.QA_STATES:
            raise ValueError(f"no such QA status: {qa_status}")
        with self._change(integration_id, alive=True) as record:
            record["qa_status"] = qa_status

    # Kombo Connect

    def link(self, token: str) -> dict[str, Any] | None:
        """Return the live link behind `token`: not expired, not used, its integration not
        deleted.
        """
        with self.store.changed:
            link = self.links.find(token)
            return None if link is None or self.details_of(link) is None else link

    def details_of(self, link: dict[str, Any]) -> Details | None:
        """Return the integration that a link is about: one that is there, or the one to be."""
        if link["kind"] == "create":
            return served(link["details"], self.public_url)
        return self.details(link["integration_id"])

    def complete(
        self, token: str, *, offered: Collection[str], shared: Collection[str]
    ) -> str | None:
        """Finish a Connect flow and spend its link; return the activation token, None for a dead
        link.

        `offered` are the optional datapoints the customer could decide on, `shared` those left on.
        """
        with self.store.change():
            link = self.link(token)
            if link is None:
                return None
            if link["kind"] == "create":
                self.add(link["details"], announce=True)
            with self._change(link["integration_id"]) as record:
                record["has_steps"] |= link.get("has_steps", False)
                for datapoint in offered:
                    point = coverage.find(record["details"]["read_models"], datapoint)
                    coverage.opt_out(point, datapoint not in shared)
                self._finish(record, link)
            return self.links.spend(token)

    def fail_flow(self, integration_id: str) -> None:
        """Let a customer's sign-in be refused by the tool: only a webhook tells. Raises
        KeyError.
        """
        with self.store.changed:
            self.refuse(self.store.records[integration_id]["details"])

    def refuse(self, details: Details) -> None:
        """The same for one that may not be there yet."""
        with self.store.changed:
            self._tell(details["id"], [payloads.flow_failed(details)])

    def activated(self, activation_token: str) -> Details | None:
        """Return the integration an activation token stands for."""
        with self.store.changed:
            integration_id = self.links.activated(activation_token)
            return self.details(integration_id) if integration_id else None

    # The simulator as a whole

    def reset(self) -> None:
        """Go back to the seed: states, coverage, links, faults, settings, counted calls,
        deliveries. Tells nobody.
        """
        with self.store.change():
            self.store.clear()
            self.calls.clear()
        self.limit.reset()
        self.hooks.reset()

    def count(self, method: str, route: str) -> None:
        """Count one call of the API."""
        with self.store.changed:
            self.calls[method, route] += 1

    def hold(self, seconds: float, integration_id: str | None, fault: str) -> bool:
        """Wait; False if `fault` was switched off, or the server stopped, before the time was
        up.
        """

        def over() -> bool:
            return self.closing or self.store.fault_for(integration_id) != fault

        with self.store.changed:
            return not self.store.changed.wait_for(over, timeout=seconds)

    def _finish(self, record: Record, link: dict[str, Any]) -> None:
        patch = {"status": "ACTIVE"}
        if link["kind"] == "setup":
            patch = {"setup_status": self.store.settings["after_setup"]}
            if record["details"]["setup_status"] == "COMPLETED":  # other settings: all is read anew
                patch = {"data_expired_at": timestamp(self.clock())}
        if link.get("scope_config_id"):
            record["details"]["scope_config"] = {"id": link["scope_config_id"], "name": None}
        due = self.clock() + self.store.settings["lag"]
        record["pending"].append({"at": due, "patch": patch, "relinked": link["kind"] == "relink"})
        self._apply_due(record)
        self.hooks.wake()


def _summary(record: Record) -> Details:
    bulky = ("read_models", "write_actions")
    body = {key: value for key, value in record["details"].items() if key not in bulky}
    untold = {key: record[key] for key in ("deleted", "qa_status", "issues", "last_sync")}
    return copied({**body, **untold})

"""The simulated Kombo's records: changed under one lock, each in its time, and told of."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from integrations.simulator import issues_and_syncs, payloads
from integrations.simulator.issues import AUTHENTICATION
from integrations.simulator.issues_and_syncs import timestamp
from integrations.simulator.links import Links
from integrations.simulator.payloads import Event
from integrations.simulator.rate_limit import RateLimit
from integrations.simulator.states import Details
from integrations.simulator.store import Record, Store
from integrations.simulator.webhook_sender import Hooks


class Records:
    """The integrations, links, clock and counters of one Kombo environment, and what falls due."""

    def __init__(
        self,
        *,
        seed: Mapping[str, Details],
        store: Path | None,
        public_url: str,
        clock: Callable[[], float],
        limit: RateLimit,
        webhook: tuple[str, str],
    ) -> None:
        self.public_url = public_url
        self.clock = clock
        self.limit = limit
        self.store = Store(seed, store)
        self.links = Links(self.store, clock)
        self.calls: Counter[tuple[str, str]] = Counter()
        self.closing = False
        url, secret = webhook
        self.hooks = Hooks(url, secret, settle=self.settle, clock=clock)

    def settle(self) -> bool:
        """Let what has fallen due happen to any integration; True while more is waiting."""
        with self.store.changed:
            waiting = [record for record in self.store.records.values() if record["pending"]]
            for record in waiting:
                self._settle(record)
            return any(record["pending"] for record in waiting)

    def open(self) -> None:
        """Be ready to hold calls, and send webhooks (again)."""
        self.closing = False
        self.hooks.open()

    def close(self) -> None:
        """Let go of every call that is being held, and send no more webhooks."""
        with self.store.changed:
            self.closing = True
            self.store.changed.notify_all()
        self.hooks.close()

    @contextmanager
    def _change(self, integration_id: str, *, alive: bool = False) -> Iterator[Record]:
        """Hold the lock, write what changed, and tell of it; an integration that must be `alive` is
        not deleted.
        """
        with self.store.change():
            record = self.store.records[integration_id]
            self._settle(record)
            if alive and record["deleted"]:
                raise ValueError("this integration is deleted")
            with self._watched(record):
                record["touched"] = True
                yield record

    @contextmanager
    def _watched(self, record: Record) -> Iterator[None]:
        """Tell of a change of state, if there is one."""
        before = issues_and_syncs.standing(record)
        yield
        after = issues_and_syncs.standing(record)
        details = record["details"]
        if after == before:
            return
        at = self._next_timestamp(details["id"])
        if not record["deleted"]:
            event = payloads.state_changed(details, at=at, qa_status=record["qa_status"])
            self._tell(details["id"], [event])
        elif not before[0]:
            self._tell(details["id"], [payloads.deleted(details, at=at)])

    def _tell(self, integration_id: str, events: list[Event]) -> None:
        for event in events:
            self.hooks.send(event, integration_id, mode=self.store.settings["delivery"])

    def _next_timestamp(self, integration_id: str) -> str:
        """Return the time of a change, later than that of any change before."""
        milliseconds = max(round(self.clock() * 1000), self.store.stamps.get(integration_id, 0) + 1)
        self.store.stamps[integration_id] = milliseconds
        return timestamp(milliseconds / 1000)

    def _settle(self, record: Record) -> None:
        """Let what has fallen due happen, and tell of it."""
        if any(change["at"] <= self.clock() for change in record["pending"]):
            with self.store.change(), self._watched(record):
                self._apply_due(record)

    def _apply_due(self, record: Record) -> None:
        for change in [change for change in record["pending"] if change["at"] <= self.clock()]:
            if "sync_id" in change:
                events = issues_and_syncs.end_sync(
                    record, issues_and_syncs.outcome(record), now=change["at"]
                )
            else:
                record["pending"].remove(change)
                record["details"].update(change["patch"])
                kind = AUTHENTICATION if change.get("relinked") else ""
                events = issues_and_syncs.resolve_issues(record, now=change["at"], kind=kind)
            self._tell(record["details"]["id"], events)

"""The last 90 days of the demo's integrations, told through the product's own doors.

What Kombo would have sent comes in as webhook events that carry their own times, what our checks
would have seen is taken as an answer of that day, and what people repaired or handed off is
recorded as theirs. The mails that were due meanwhile count as sent. Whatever is still so today, as
an open issue, is so at the simulator too.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from integrations.access import hand_off_lists, hand_offs
from integrations.access.audit import Actor
from integrations.history import disconnections
from integrations.history import record as history_record
from integrations.kombo import schema
from integrations.mail import delivery, reminders
from integrations.models import (
    DisconnectOutcome,
    Integration,
    Kind,
    Mail,
    Reminder,
    RepairAct,
    Snapshot,
    Source,
)
from integrations.simulator import coverage, payloads, states
from integrations.simulator.app import Simulator
from integrations.simulator.issues_and_syncs import SYNC_SECONDS, timestamp
from integrations.simulator.payloads import Event
from integrations.simulator.states import Details
from integrations.upstream import snapshot_updates, snapshots
from integrations.webhooks import inbox

ADDRESS = "192.0.2.7"  # of whoever did something: one that is nobody's

type Step = tuple[float, str, str]
"""How many days ago, what happened, and to what state, issue, datapoints, or by whom with which
outcome.
"""

_OPTED_OUT = {"opt_out": True, "opt_in": False}
STEADY: Sequence[Step] = [(90.3, "state", "connected"), (0.09, "sync", "SUCCEEDED")]
STORIES: dict[str, Sequence[Step]] = {
    "personio": [
        (90.33, "state", "connected"),
        (60.47, "raised", "action_failing"),
        (57.71, "resolved", "action_failing"),
        (41.14, "sync", "SUCCEEDED"),
        (40.68, "sync", "AUTHENTICATION_FAILED"),
        (40.52, "raised", "authentication_failed"),
        (38.47, "reconnect", "jana done"),
        (38.46, "resolved", "authentication_failed"),
        (38.36, "sync", "SUCCEEDED"),
        (20.29, "sync", "PARTIALLY_FAILED"),
        (19.25, "sync", "SUCCEEDED"),
        (12.33, "opt_out", "hris_employees.nationality hris_employees.work_location_id"),
        (6.77, "sync", "SUCCEEDED"),
        (6.21, "sync", "AUTHENTICATION_FAILED"),
        (4.28, "sync", "AUTHENTICATION_FAILED"),
        (3.14, "state", "invalid"),
        (1.9, "opened", ""),
    ],
    "greenhouse": [
        (2.12, "state", "setup_incomplete"),
        (1.97, "setup", "alice done"),
        (1.96, "state", "final_sync_pending"),
    ],
    "talentlms": [
        (90.36, "state", "connected"),
        (47.33, "sync", "TIMED_OUT"),
        (47.17, "sync", "SUCCEEDED"),
        (0.11, "sync", "SUCCEEDED"),
    ],
    "bamboohr": [
        (90.31, "state", "connected"),
        (33.44, "sync", "PARTIALLY_FAILED"),
        (33.28, "sync", "SUCCEEDED"),
        (9.42, "opt_in", "hris_employees.date_of_birth"),
        (0.08, "sync", "SUCCEEDED"),
    ],
    "hibob": [
        (90.36, "state", "connected"),
        (55.29, "raised", "incoming_webhook_failing"),
        (54.15, "resolved", "incoming_webhook_failing"),
        (9.43, "sync", "SUCCEEDED"),
        (8.97, "sync", "AUTHENTICATION_FAILED"),
        (5.81, "state", "invalid"),
        (4.98, "reconnect", "gina failed"),
        (1.08, "hand_off", "mia"),
        (0.84, "opened", ""),
    ],
    "workday": [
        (90.34, "state", "connected"),
        (62.22, "sync", "AUTHENTICATION_FAILED"),
        (61.38, "reconnect", "gina done"),
        (61.37, "sync", "SUCCEEDED"),
        (1.76, "sync", "SUCCEEDED"),
        (1.23, "sync", "AUTHENTICATION_FAILED"),
        (1.17, "raised", "authentication_failed"),
    ],
    "teamtailor": [(11.21, "state", "setup_incomplete"), (8.34, "setup", "gina started")],
    "kenjo": [
        (90.38, "state", "connected"),
        (52.32, "state", "inactive"),
        (45.34, "resume", "mia done"),
        (45.33, "state", "connected"),
        (25.46, "sync", "SUCCEEDED"),
        (25.39, "state", "inactive"),
    ],
    "lucca": [
        (90.35, "state", "connected"),
        (31.13, "sync", "SUCCEEDED"),
        (30.57, "sync", "AUTHENTICATION_FAILED"),
        (27.41, "state", "invalid"),
        (19.68, "deleted", "gina"),
    ],
    "factorial": [
        (90.34, "state", "connected"),
        (70.12, "sync", "FAILED"),
        (69.86, "sync", "SUCCEEDED"),
        (14.23, "raised", "incoming_webhook_failing"),
        (13.77, "resolved", "incoming_webhook_failing"),
        (2.41, "raised", "action_failing"),
        (0.1, "sync", "SUCCEEDED"),
    ],
    "humaans": [],  # its first answer has yet to come
    "lever": [
        (90.38, "state", "connected"),
        (1.72, "sync", "SUCCEEDED"),
        (1.66, "state", "unknown_status"),
    ],
    "planday": [
        (6.49, "state", "final_sync_pending"),
        (6.15, "sync", "SUCCEEDED"),
        (6.03, "state", "connected"),
        (5.97, "qa", "FAILED"),
    ],
    "ashby": [(0.41, "state", "final_sync_pending")],
    "smartrecruiters": [
        (90.38, "state", "connected"),
        (4.24, "sync", "SUCCEEDED"),
        (4.02, "check", "data_expired"),
    ],
    "docebo": [
        (90.36, "state", "connected"),
        (33.3, "sync", "FAILED"),
        (33.28, "sync", "SUCCEEDED"),
        (33.26, "sync", "FAILED"),
        (32.93, "sync", "SUCCEEDED"),
        (0.12, "sync", "SUCCEEDED"),
    ],
    "sandbox": [
        (90.37, "state", "connected"),
        (8.31, "raised", "hostile"),
        (7.44, "resolved", "hostile"),
        (0.11, "sync", "SUCCEEDED"),
    ],
}
"""What happened by tool, the earliest first; to others STEADY happened."""


def story_of(integration_id: str) -> Sequence[Step]:
    """What happened to an integration; nothing, if it has just come."""
    return STORIES.get(integration_id.partition(":")[0], STEADY)


def tell(integration: Integration, simulator: Simulator, began: datetime) -> None:
    """Tell what happened to an integration up to when the demo began."""
    if body := simulator.world.details(integration.integration_id, even_deleted=True):
        past = _Past(integration, simulator, body)
        story = story_of(integration.integration_id)
        past.undo(story)
        for days_ago, event, value in story:
            at = began - timedelta(days=days_ago)
            past.write(at)
            past.tell(at, event, value)
        past.write(began)


class _Past:
    """One integration, as Kombo knew it when what is told next happened."""

    def __init__(self, integration: Integration, simulator: Simulator, body: Details) -> None:
        self._integration = integration
        self._simulator = simulator
        self._body = body
        self._expired_at = body["data_expired_at"] or states.EXPIRED_AT
        self._qa_status = "PASSED"
        self._issues: dict[str, dict[str, str]] = {}  # by kind, as the builder of events names them

    def undo(self, story: Sequence[Step]) -> None:
        """Go back to the grid before its first change."""
        for _days_ago, event, value in story:
            if event in _OPTED_OUT:
                self._opt_out(value, not _OPTED_OUT[event])

    def write(self, until: datetime) -> None:
        """Let the mails that were due by an instant have been written and sent."""
        at_work = Reminder.objects.filter(
            integration=self._integration, ended_at__isnull=True, next_at__lt=until
        )
        while due := at_work.first():
            at = due.next_at or until
            # The worker had looked.
            Snapshot.objects.filter(pk=self._integration.pk).update(fetched_at=at)
            reminders.take_step(due.pk, self._integration.pk, at)
            for mail in Mail.objects.filter(reminder=due, sent_at__isnull=True):
                delivery.mark_sent(mail, at)

    def _change_issue(self, at: datetime, change: str, kind: str) -> None:
        """Let an issue have been raised or resolved."""
        kombo_id = self._integration.integration_id
        stamp = timestamp(at.timestamp())
        if change == "raised":
            issue_id = self._simulator.raise_issue(kombo_id, kind, since=at.timestamp())
            issue = {"issue_id": issue_id, "kind": kind, "first_observed_at": stamp}
            self._issues[kind] = issue
            self._hear(payloads.issue_changed(self._body, change=change, **issue))
        else:
            issue = self._issues[kind]
            self._simulator.resolve_issue(kombo_id, issue["issue_id"])
            event = payloads.issue_changed(self._body, change=change, resolved_at=stamp, **issue)
            self._hear(event)

    def tell(self, at: datetime, event: str, value: str) -> None:
        """Let one thing have happened."""
        kombo_id = self._integration.integration_id
        stamp = timestamp(at.timestamp())
        match event:
            case "state" | "check":
                self._body = states.patched(self._body, value, expired_at=self._expired_at)
                if event == "state":
                    self._hear(
                        payloads.state_changed(self._body, at=stamp, qa_status=self._qa_status)
                    )
                self._check(at)
            case "opt_out" | "opt_in":
                self._opt_out(value, _OPTED_OUT[event])
                self._check(at)
            case "qa":
                self._qa_status = value
                self._simulator.set_qa_status(kombo_id, value)
                self._hear(payloads.state_changed(self._body, at=stamp, qa_status=value))
            case "raised" | "resolved":
                self._change_issue(at, event, value)
            case "sync":
                began = timestamp(at.timestamp() - SYNC_SECONDS)
                self._hear(
                    payloads.sync_finished(
                        self._body, state=value, started_at=began, ended_at=stamp
                    )
                )
            case "deleted":
                user = User.objects.get(username=value)
                attempt = disconnections.begin(self._integration, user, at=at)
                disconnections.finish(attempt, DisconnectOutcome.DONE)
                self._simulator.set_state(kombo_id, "deleted")
                self._hear(payloads.deleted(self._body, at=stamp))
            case "hand_off":
                by = Actor(User.objects.get(username=value), value, ADDRESS)
                self._integration.refresh_from_db(fields=["snapshot"])  # its tool has a name by now
                hand_offs.create(self._integration, RepairAct.RECONNECT, by=by, at=at)
            case "opened":
                link = hand_off_lists.links_to(self._integration)[0]
                hand_offs.mark_opened(link, Actor(None, "hand-off link", ADDRESS), at)
            case _:  # a person's repair
                name, outcome = value.split()
                more = {"actor": User.objects.get(username=name), "data": {"outcome": outcome}}
                history_record.add_entry(
                    self._integration.pk, Kind.REPAIR, event, Source.PERSON, at=at, **more
                )
        # It was no late news then.
        Reminder.objects.filter(integration=self._integration, next_at__gt=at).update(next_at=at)

    def _hear(self, event: Event) -> None:
        inbox.receive(self._integration.environment, payloads.encoded(event), of_any_age=True)

    def _check(self, at: datetime) -> None:
        """Take what Kombo would have answered then, as a fetch takes what it answers now."""
        answer = json.dumps({"status": "success", "data": self._body}).encode()
        details = schema.decode(answer, schema.Details)
        with snapshots.amend(self._integration, at=at, source=Source.CHECK) as row:
            snapshot_updates.apply_details(row, details, at)

    def _opt_out(self, datapoints: str, opted_out: bool) -> None:
        for datapoint in datapoints.split():
            coverage.opt_out(coverage.find(self._body["read_models"], datapoint), opted_out)

"""What each kind of webhook event does to what we know. A few local writes each, never a call to
Kombo.

Events may be repeated, late or out of order: each writes only what is newer than what is known, so
any order of the same events ends in the same state.
"""

from datetime import datetime, timedelta
from functools import singledispatch

from integrations import logs
from integrations.domain.clock import age
from integrations.domain.headline import INCOMPLETE_SYNCS, SIGN_IN_SYNC
from integrations.history import record as history_record
from integrations.kombo.webhooks import (
    Created,
    DataChanged,
    Deleted,
    FlowFailed,
    IssueChanged,
    Report,
    StateChanged,
    SyncFinished,
)
from integrations.models import Integration, Kind, RepairOutcome, Snapshot, Source
from integrations.tenants import connecting, unmapped
from integrations.upstream import issues, snapshot_locks, snapshots
from integrations.upstream.snapshot_updates import mark_deleted

DATA_NEWS = timedelta(minutes=1)  # new data told of more often than this is not written down


def handle(environment: str, report: Report, now: datetime) -> Integration | None:
    """Let a report have its effect. Return the integration it is about, if it is one of ours."""
    match report:
        case Created():
            return _created(environment, report, now)
        case FlowFailed():
            return _flow_failed(environment, report, now)
    # Only an integration of the environment whose secret verified.
    integration = snapshot_locks.find_locked(environment, report.integration_id)
    if integration is None:
        _remember(environment, report, now)
    else:
        with logs.about(integration=integration.public_id):
            _apply(report, integration, now)
    return integration


def _created(environment: str, report: Created, now: datetime) -> Integration | None:
    """Map an integration that somebody connected, or keep it for staff, and return it if it is one
    of ours.
    """
    integration = unmapped.map_or_keep(
        environment,
        report.integration_id,
        report.end_user,
        tool=report.tool,
        category=report.category,
        now=now,
    )
    if integration:
        connecting.note_created(integration, report.tool, str(report.category), now)
    return integration


def _remember(environment: str, report: Report, now: datetime) -> None:
    """An integration that nobody has mapped: staff should know of it, but it maps itself only when
    it is created.
    """
    if isinstance(report, StateChanged) and report.end_user:
        unmapped.keep(
            environment,
            report.integration_id,
            report.end_user,
            tool=report.tool,
            category=report.category,
            now=now,
        )
    elif isinstance(report, Deleted):
        unmapped.mark_removed(environment, report.integration_id, now)


@singledispatch
def _apply(report: object, integration: Integration, now: datetime) -> None:
    raise TypeError(f"no effect is known for {type(report).__name__}")


@_apply.register
def _state_changed(report: StateChanged, integration: Integration, now: datetime) -> None:
    with snapshots.amend(integration, at=report.updated_at, source=Source.STATE) as row:
        # Whatever it says, something changed at Kombo: what was fetched before is stale.
        row.outdated_at = now
        row.check_at = now
        # The end of what was failing until then, however late we hear of it.
        if report.status == "INVALID":
            issues.mark_sign_in_settled(row, report.updated_at)
        if not _is_news(report, row):
            return
        row.state_updated_at = report.updated_at
        row.qa_status = report.qa_status
        if row.fetched_at and report.updated_at <= row.fetched_at:
            return  # the fetch saw this state already, or a later one
        reported = (str(report.status), str(report.setup_status))
        if reported != (row.status, row.setup_status):
            row.watch_until = None
        if row.status != report.status:
            row.status_since = min(report.updated_at, now)
        row.status, row.setup_status = reported
        row.tool_label = row.tool_label or report.tool
        row.category = row.category or str(report.category)


def _is_news(report: StateChanged, row: Snapshot) -> bool:
    """Newer than every state that a webhook told of; of two at one instant, always the same one
    counts.
    """
    if row.state_updated_at is None or report.updated_at != row.state_updated_at:
        return row.state_updated_at is None or report.updated_at > row.state_updated_at
    if row.fetched_at and report.updated_at <= row.fetched_at:
        return report.qa_status > row.qa_status  # the rest is the fetch's
    reported = (str(report.status), str(report.setup_status), report.qa_status)
    return reported > (row.status, row.setup_status, row.qa_status)


@_apply.register
def _deleted(report: Deleted, integration: Integration, now: datetime) -> None:
    at = min(report.deleted_at, now)
    with snapshots.amend(integration, at=at, source=Source.STATE) as row:
        mark_deleted(row, at, now)


@_apply.register
def _issue_changed(report: IssueChanged, integration: Integration, now: datetime) -> None:
    changed_at = (
        (report.issue.resolved_at or now) if report.is_resolved else report.issue.first_observed_at
    )
    changed_at = min(changed_at, now)
    change = "resolved" if report.is_resolved else "raised"
    history_record.add_entry(
        integration.pk,
        Kind.ISSUE,
        change,
        Source.ISSUE,
        at=changed_at,
        reference=f"{change} {changed_at:%y%m%d%H%M%S%f} {report.issue.id}",
        data={"title": report.issue.title[: issues.LONGEST_TITLE], "type": report.issue.type},
    )
    with snapshots.amend(integration, at=changed_at, source=Source.ISSUE) as row:
        issues.apply_report(integration.pk, report, now)
        issues.update_snapshot(row)


@_apply.register
def _sync_finished(report: SyncFinished, integration: Integration, now: datetime) -> None:
    ended = min(report.sync_ended_at, now)
    if report.sync_state in INCOMPLETE_SYNCS or report.sync_state == SIGN_IN_SYNC:
        log = {"log_url": report.log_url or ""}
        history_record.add_entry(
            integration.pk,
            Kind.SYNC,
            report.sync_state,
            Source.SYNC,
            at=ended,
            reference=report.sync_id,
            data=log,
        )
    with snapshots.amend(integration, at=ended, source=Source.SYNC) as row:
        if row.synced_at is None or (ended, report.sync_state) > (row.synced_at, row.sync_state):
            row.synced_at = ended
            row.sync_state = report.sync_state
        if report.sync_state == "SUCCEEDED":
            row.complete_at = max(row.complete_at or ended, ended)
        if report.sync_state in {"SUCCEEDED", "PARTIALLY_FAILED"}:
            issues.mark_sign_in_settled(row, report.sync_started_at)
            _expect_change(row, now)
        issues.update_snapshot(row)


@_apply.register
def _data_changed(report: DataChanged, integration: Integration, now: datetime) -> None:
    with snapshots.amend(integration, at=now, source=Source.SYNC) as row:
        if age(row.data_changed_at, now) > DATA_NEWS:
            row.data_changed_at = now
        _expect_change(row, now)


def _expect_change(row: Snapshot, now: datetime) -> None:
    """Data came in: what waits for it is over by now, so Kombo has something new to say."""
    if row.data_expired_at or row.setup_status == "FINAL_SYNC_PENDING":
        row.outdated_at = row.check_at = now


def _flow_failed(environment: str, report: FlowFailed, now: datetime) -> Integration | None:
    """Note that an attempt to connect failed, and return its integration.

    The event names none: it is the one that the tenant has of the tool, if there is exactly one;
    else None, and nothing is noted. If somebody has set out to connect the tool, it was that.
    """
    origin_id = report.end_user.origin_id or ""
    if connecting.note_failed(environment, origin_id, report.tool, str(report.category), now):
        return None
    candidates = Integration.objects.filter(
        environment=environment,
        tenant__origin_id=origin_id,
        snapshot__tool_id=report.tool,
        snapshot__removed_at__isnull=True,
    )[:2]
    if len(candidates) != 1:
        return None
    history_record.finish_repair(candidates[0], RepairOutcome.FAILED)
    return candidates[0]

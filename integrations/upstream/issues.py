"""What Kombo finds wrong with an integration: kept as rows, and told on its snapshot.

Whether a sign-in fails is weighed from all that is known of it: issues and syncs that say so, and
the latest instant that settled it, because it worked or because Kombo gave it up. Each is a time of
its own, so the order in which they reach us does not matter.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from integrations.domain import markdown, open_issues
from integrations.domain.headline import PAUSED_AFTER, SIGN_IN_SYNC
from integrations.domain.open_issues import OpenIssue
from integrations.kombo.webhooks import IssueChanged
from integrations.models import Entry, Issue, Kind, Snapshot

# Source: https://docs.kombo.dev/ats/features/issue-types
SIGN_IN = "integration.authentication_failed"
MOST_SHOWN = 10
# characters of what is shown
LONGEST_TITLE = 300
LONGEST_MESSAGE = markdown.LONGEST
# Kombo gives up on a sign-in that fails for three days. One that it still calls active a day later
# works.
BELIEVED_FOR = PAUSED_AFTER + timedelta(days=1)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def apply_report(integration_id: int, report: IssueChanged, now: datetime) -> None:
    """Keep what an event says of an issue: the latest of its raisings and resolutions wins."""
    issue, _created = Issue.objects.get_or_create(
        integration_id=integration_id,
        issue_id=report.issue.id,
        defaults={
            "raised_at": report.issue.first_observed_at,
            "type": report.issue.type,
            "title": "",
        },
    )
    if report.issue.first_observed_at >= issue.raised_at:  # else it is about an earlier time
        issue.raised_at = report.issue.first_observed_at
        issue.title = report.issue.title.strip()[:LONGEST_TITLE] or report.issue.type
        issue.message = (report.issue.markdown_message or "")[:LONGEST_MESSAGE]
    if report.is_resolved:
        resolved = report.issue.resolved_at or now
        issue.resolved_at = max(issue.resolved_at or resolved, resolved)
    issue.save()


def of_integration(integration_id: int) -> QuerySet[Issue]:
    """The issues of an integration, open and solved, the latest first."""
    return Issue.objects.filter(integration=integration_id).order_by("-raised_at", "-pk")


def update_snapshot(snapshot: Snapshot) -> None:
    """Bring a snapshot's columns in line with what is known of its issues and of its sign-in.

    The caller saves.
    """
    known = list(Issue.objects.filter(integration_id=snapshot.pk).order_by("raised_at", "issue_id"))
    resolved = [issue.resolved_at for issue in known if issue.type == SIGN_IN and issue.resolved_at]
    settled = max([*resolved, *filter(None, [snapshot.sign_in_settled_at])], default=_EARLIEST)
    current = [
        issue
        for issue in known
        if is_open(issue) and (issue.type != SIGN_IN or issue.raised_at > settled)
    ]
    failed = Entry.objects.filter(
        integration_id=snapshot.pk, kind=Kind.SYNC, what=SIGN_IN_SYNC, at__gt=settled
    )
    signs = [issue.raised_at for issue in current if issue.type == SIGN_IN]
    snapshot.sign_in_failing_since = min(
        [*signs, *failed.values_list("at", flat=True)], default=None
    )
    snapshot.issue_title = next((issue.title for issue in current if issue.type != SIGN_IN), "")
    snapshot.open_issues = open_issues.encode(
        [_open_issue(issue) for issue in current[:MOST_SHOWN]]
    )


def mark_sign_in_settled(snapshot: Snapshot, at: datetime) -> None:
    """Whatever said before an instant that the sign-in fails is over. The caller saves."""
    if snapshot.sign_in_settled_at is None or snapshot.sign_in_settled_at < at:
        snapshot.sign_in_settled_at = at
        update_snapshot(snapshot)


def is_open(issue: Issue) -> bool:
    """Whether it was not resolved since it was last raised."""
    return issue.resolved_at is None or issue.resolved_at < issue.raised_at


def _open_issue(issue: Issue) -> OpenIssue:
    return OpenIssue(
        id=issue.issue_id,
        type=issue.type,
        title=issue.title,
        message=issue.message,
        since=issue.raised_at,
    )

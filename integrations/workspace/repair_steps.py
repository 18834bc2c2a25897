"""How far a customer has come on the way to a repair: told of it, link opened, begun, done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min

from integrations.domain.headline import Key, Severity, severity_of
from integrations.history import record as history_record
from integrations.models import Entry, HandOff, Incident, Integration, Kind, Summary
from integrations.workspace import periods
from integrations.workspace.past_totals import Owner

SHOWN_FOR = timedelta(days=3)  # after it is working again
CUSTOMERS_TURN = {key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED}


@dataclass(frozen=True, slots=True)
class RepairSteps:
    """When each step was taken, None if it was not yet; `outcome` is that of the latest attempt.

    `usual` is how long it usually takes, if it goes on and that is known of the tool.
    """

    notified_at: datetime | None
    opened_at: datetime | None
    begun_at: datetime | None
    restored_at: datetime | None
    outcome: str
    usual: timedelta | None


def of(
    integration: Integration, summary: Summary, now: datetime, *, counted: Owner
) -> RepairSteps | None:
    """Return the steps of the incident that goes on, or of one that ended a short while ago; None
    if there is none, or if it is not the customer's to end. What is usual is that of `counted`'s
    customers.
    """
    incident = history_record.incidents(integration).first()
    if incident is None or not _is_shown(incident, summary, now):
        return None
    began, restored = incident.opened_at, incident.closed_at
    span = (began, restored or now)
    links = HandOff.objects.filter(integration=integration, created_at__range=span)
    of_links = links.aggregate(sent=Min("sent_at"), opened=Min("opened_at"), begun=Max("begun_at"))
    attempts = Entry.objects.filter(integration=integration, kind=Kind.REPAIR, at__range=span)
    attempt = attempts.first()
    told = [at for at in (of_links["sent"], summary.contacted_at) if at and began <= at <= span[1]]
    begun = [at for at in (of_links["begun"], attempt and attempt.at) if at]
    return RepairSteps(
        notified_at=min(told, default=None),
        opened_at=of_links["opened"],
        begun_at=max(begun, default=None),
        restored_at=restored,
        outcome=attempt.data.get("outcome", "") if attempt else "",
        usual=None if restored else periods.usual_length(summary.tool, counted),
    )


def _is_shown(incident: Incident, summary: Summary, now: datetime) -> bool:
    if incident.closed_at:
        return incident.key in CUSTOMERS_TURN and now - incident.closed_at < SHOWN_FOR
    return summary.headline in CUSTOMERS_TURN

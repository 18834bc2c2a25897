"""Which of a tenant's integrations are wanted, and who of many comes first."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lower
from django.utils import timezone

from integrations.domain.headline import (
    REPAIRABLE,
    UNCONFIRMED,
    Key,
    Severity,
    keys_by_urgency,
    severity_of,
    urgency_of,
)
from integrations.models import Incident, Integration, Tenant


@dataclass(frozen=True, slots=True)
class Part:
    """Those of some public ids, or so many from a place on in the order of a page; else all."""

    only: Collection[str] | None = None
    first: int = 0
    most: int | None = None

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return this part of a tenant's integrations.

        With `most`, each row says how many there are in all, and of how many the customer must do
        something: `counts` reads it.
        """
        if self.only is not None:
            return rows.filter(public_id__in=self.only)
        return rows if self.most is None else _in_order(rows)[self.first : self.first + self.most]


ALL = Part()
MOST_ORGANIZATIONS = 500  # that one person can choose among


@dataclass(frozen=True, slots=True)
class Organization:
    """A tenant among those of one person, with how its integrations are: the severity that needs
    somebody most, if there is any integration, how many there are, and how many need the customer.
    """

    tenant: Tenant
    severity: Severity | None
    total: int
    acts: int


def organizations(tenants: QuerySet[Tenant]) -> list[Organization]:
    """Return tenants with how each of them is, in one query."""
    headline = "integrations__summary__headline"
    must_act = keys_by_urgency()[urgency_of(Severity.ACTION_REQUIRED)]
    rows = tenants.annotate(
        total=Count("integrations"),
        acts=Count("integrations", filter=Q(**{f"{headline}__in": must_act})),
        worst=Min(_urgency(headline)),
    )
    severities = {urgency_of(severity): severity for severity in Severity}
    return [
        Organization(row, severities[row.worst] if row.total else None, row.total, row.acts)
        for row in rows[:MOST_ORGANIZATIONS]
    ]


def counts(integrations: list[Integration]) -> tuple[int, int]:
    """Return how many integrations the tenant has of which these are the first, and how many of
    them need the customer.
    """
    if not integrations:
        return 0, 0
    return integrations[0].total, integrations[0].acts  # type: ignore[attr-defined] # annotated below


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """As `views.customer.cards` sorts what is on one page: who must act, then by name."""
    is_watched = Q(snapshot__watch_until__gt=timezone.now(), summary__headline__in=REPAIRABLE)
    is_down = Exists(Incident.objects.during_outage().filter(integration=OuterRef("pk")))
    watched = When(is_watched | is_down, then=urgency_of(Severity.WORKING))
    # What is withheld is unknown to the customer, its name included.
    name = Case(When(summary__headline=UNCONFIRMED, then=Value("")), default=Lower("summary__tool"))
    must_act = Q(urgency=urgency_of(Severity.ACTION_REQUIRED))
    ordered: QuerySet[Any] = rows.annotate(urgency=_urgency("summary__headline", watched)).order_by(
        "urgency", name, F("public_id")
    )
    counted: QuerySet[Any] = ordered.annotate(
        total=Window(Count("pk")), acts=Window(Count("pk", filter=must_act))
    )
    return counted


def _urgency(headline: str, *cases: When) -> Case:
    """Return how urgent a headline is, unless one of the cases holds before."""
    by_key = [
        When(**{f"{headline}__in": keys}, then=urgency)
        for urgency, keys in enumerate(keys_by_urgency())
    ]
    unknown = Value(urgency_of(severity_of(Key.PENDING)))
    return Case(*cases, *by_key, default=unknown, output_field=IntegerField())

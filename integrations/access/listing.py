"""Which of a tenant's integrations are wanted, and who of many comes first."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.contrib.auth.models import User
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

from integrations.database.prepared import Prepared
from integrations.domain.headline import (
    REPAIRABLE,
    UNCONFIRMED,
    Key,
    Severity,
    keys_by_urgency,
    severity_of,
    urgency_of,
)
from integrations.models import Incident, Tenant


@dataclass(frozen=True, slots=True)
class Part:
    """Those of some public ids, or so many from a place on in the order of a page; else all."""

    only: Collection[str] | None = None
    first: int = 0
    most: int | None = None

    @property
    def shape(self) -> Self:
        """Return what of it the SQL depends on: not which ids these are."""
        return self if self.only is None else replace(self, only=())

    def parameters(self) -> list[Any]:
        """Return what else the query of it depends on, for `of`."""
        if self.only is not None:
            return [list(self.only)]
        return [] if self.most is None else [timezone.now()]

    def of(self, rows: QuerySet[Any], *parameters: Any) -> QuerySet[Any]:
        """Return this part of a tenant's integrations.

        With `most`, each row says how many there are in all, and of how many the customer must do
        something: `loading.Rows.counts` reads it.
        """
        if self.only is not None:
            return rows.filter(public_id__in=parameters[0])
        if self.most is None:
            return rows
        return _in_order(rows, *parameters)[self.first : self.first + self.most]


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


def organizations(user: User) -> list[Organization]:
    """Return the tenants that somebody is a member of, by name, with how each is, in one query."""
    severities = {urgency_of(severity): severity for severity in Severity}
    return [
        Organization(row, severities[row.worst] if row.total else None, row.total, row.acts)
        for row in _organizations(user.pk)
    ]


@Prepared
def _organizations(user_pk: int) -> QuerySet[Any]:
    headline = "integrations__summary__headline"
    must_act = keys_by_urgency()[urgency_of(Severity.ACTION_REQUIRED)]
    rows = Tenant.objects.filter(memberships__user=user_pk).annotate(
        total=Count("integrations"),
        acts=Count("integrations", filter=Q(**{f"{headline}__in": must_act})),
        worst=Min(_urgency(headline)),
    )
    # Django leaves a model's own order out of what is grouped.
    return rows.order_by(Lower("name"), "pk")[:MOST_ORGANIZATIONS]


def _in_order(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """As `views.customer.cards` sorts what is on one page: who must act, then by name."""
    is_watched = Q(snapshot__watch_until__gt=now, summary__headline__in=REPAIRABLE)
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

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
from integrations.models import Incident, Integration


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
    cases = [When(is_watched | is_down, then=urgency_of(Severity.WORKING))]
    cases += [
        When(summary__headline__in=keys, then=urgency)
        for urgency, keys in enumerate(keys_by_urgency())
    ]
    # What is withheld is unknown to the customer, its name included.
    unknown = Value(urgency_of(severity_of(Key.PENDING)))
    name = Case(When(summary__headline=UNCONFIRMED, then=Value("")), default=Lower("summary__tool"))
    must_act = Q(urgency=urgency_of(Severity.ACTION_REQUIRED))
    ordered: QuerySet[Any] = rows.annotate(
        urgency=Case(*cases, default=unknown, output_field=IntegerField())
    ).order_by("urgency", name, F("public_id"))
    counted: QuerySet[Any] = ordered.annotate(
        total=Window(Count("pk")), acts=Window(Count("pk", filter=must_act))
    )
    return counted

"""Customers whose connections to tools fail and recover at chosen minutes, and what is made of
it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from time_machine import TimeMachineFixture

from integrations.models import Incident, Integration, Outage, Snapshot, Source, Summary, Tenant
from integrations.upstream import snapshots
from integrations.workspace import outage_detection, summaries
from tests.conftest import NOW

SIGN_IN: dict[str, Any] = {"sign_in_failing_since": NOW}
RECONNECT: dict[str, Any] = {"status": "INVALID"}
SYNC: dict[str, Any] = {"sync_state": "FAILED"}
FINE: dict[str, Any] = {
    "status": "ACTIVE",
    "setup_status": "COMPLETED",
    "sign_in_failing_since": None,
    "sync_state": "SUCCEEDED",
    "issue_title": "",
    "removed_at": None,
}


class Histories:
    """What happens, on a clock that stands still in between."""

    def __init__(self, clock: TimeMachineFixture) -> None:
        self._clock = clock

    def connect(self, tool: str, number: int, *, each: int = 1, **columns: Any) -> list[Any]:
        """Connect so many new customers to a tool, each so often; return the integrations."""
        first = Tenant.objects.count()
        tenants = Tenant.objects.bulk_create(
            Tenant(name=f"Customer No. {first + n}", origin_id=f"{tool}-{first + n}", **columns)
            for n in range(number)
        )
        made = Integration.objects.bulk_create(
            Integration(tenant=tenant, integration_id=f"{tool}:{tenant.pk}-{n}")
            for tenant in tenants
            for n in range(each)
        )
        looks = Snapshot.objects.bulk_create(
            Snapshot(integration=one, tool_id=tool, tool_label=tool.title(), fetched_at=NOW, **FINE)
            for one in made
        )
        Summary.objects.bulk_create(
            Summary(integration=one, since=NOW, **summaries.columns(snapshot, one))
            for one, snapshot in zip(made, looks, strict=True)
        )
        return made

    def become(
        self,
        integrations: Iterable[Integration],
        minutes: float,
        facts: dict[str, Any],
        source: Source = Source.STATE,
    ) -> None:
        """Let facts be so from a minute on, which is now."""
        self._clock.move_to(at(minutes), tick=False)
        for integration in integrations:
            with snapshots.amend(integration, at=at(minutes), source=source) as row:
                for name, value in facts.items():
                    setattr(row, name, value)

    def fail(
        self, integrations: Iterable[Integration], minutes: float, facts: dict[str, Any] = SIGN_IN
    ) -> set[str]:
        """Let connections fail; return which tools are down then."""
        self.become(integrations, minutes, facts)
        return self.down()

    def recover(self, integrations: Iterable[Integration], minutes: float) -> set[str]:
        """Let connections work again; return which tools are down then."""
        self.become(integrations, minutes, FINE)
        return self.down()

    def down(self, minutes: float | None = None) -> set[str]:
        """Let the worker look, perhaps later; return which tools are down."""
        if minutes is not None:
            self._clock.move_to(at(minutes), tick=False)
        outage_detection.forget_usual()  # the past may have been made since
        outage_detection.watch()
        assert outage_detection.watch() == 0  # one look is enough
        return set(Outage.objects.filter(closed_at=None).values_list("tool", flat=True))


def at(minutes: float) -> datetime:
    """An instant so many minutes from noon."""
    return NOW + timedelta(minutes=minutes)


def failed_before(integrations: Sequence[Integration], days: Iterable[float], **more: Any) -> None:
    """Let each of these have failed so many days ago, and recovered within the hour."""
    Incident.objects.bulk_create(
        Incident(
            integration=integration,
            opened_at=NOW - timedelta(days=ago),
            failed_at=NOW - timedelta(days=ago),
            closed_at=NOW - timedelta(days=ago) + timedelta(minutes=50),
            first_key="sign_in_failing",
            key="sign_in_failing",
            detected_by=Source.STATE,
            tool=integration.integration_id.partition(":")[0],
            **more,
        )
        for ago in days
        for integration in integrations
    )

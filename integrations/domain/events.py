"""What the house is told of, and how: a snapshot or a mapping changed, an outage ended, and whoever
follows hears of it.

Whoever changes one publishes an event and does not know who follows. Followers run in their order,
within the transaction that made the change, so all of it is kept or none. `integrations.followers`
names them, once and for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.models import Snapshot


@dataclass(frozen=True, slots=True)
class SnapshotChanged:
    """Columns of a snapshot were written; `headline_since` is when its headline began, if that is
    another one now.
    """

    snapshot: Snapshot
    columns: frozenset[str]
    headline_since: datetime | None


@dataclass(frozen=True, slots=True)
class MappingChanged:
    """Integrations were mapped, confirmed, or belong to a tenant that changed.

    `left` are the primary keys of the tenants that had what was forgotten, if these integrations
    are others now, or another tenant's.
    """

    integration_ids: tuple[int, ...]
    left: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """An outage of a tool keeps nobody waiting any more: it is over, or staff released it."""

    outage_id: int


type Follower = tuple[type, Callable[[Any], None]]
"""A kind of event, and who is called with each of them."""

_followers: Sequence[Follower] = ()


def connect(followers: Sequence[Follower]) -> None:
    """Have these told of events from now on, in their order. Called once, when the app is ready."""
    global _followers
    _followers = tuple(followers)


def publish(event: SnapshotChanged | MappingChanged | OutageEnded) -> None:
    """Tell whoever follows this kind of event. Call within the transaction of the change."""
    for kind, follower in _followers:
        if isinstance(event, kind):
            follower(event)

"""Checking many integrations at once: the worker does it before all others, and whoever asked sees
how far it is.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.domain.clock import SKEW
from integrations.models import BulkCheck, Integration, Snapshot
from integrations.upstream import snapshots


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check of many is."""

    id: str
    done: int
    failed: int
    total: int
    left_out: int  # of an environment that is not configured any more: nobody can check them

    @property
    def is_over(self) -> bool:
        return self.done + self.failed >= self.total


def begin(user: User, integrations: list[Integration]) -> BulkCheck:
    """Have the worker check integrations before all others, within its budget."""
    ids = [integration.pk for integration in integrations]
    bulk_check = BulkCheck.objects.create(user=user, began_at=timezone.now(), integrations=ids)
    snapshots.request_check(
        [
            integration.pk
            for integration in integrations
            if integration.environment in settings.KOMBO_ENVIRONMENTS
        ]
    )
    return bulk_check


def progress(user: User, public_id: str) -> Progress | None:
    """How far somebody's own check is; None if there is no such check."""
    check = BulkCheck.objects.filter(user=user, public_id=public_id).first()
    if check is None:
        return None
    named = Snapshot.objects.filter(pk__in=check.integrations)
    here = named.filter(integration__environment__in=list(settings.KOMBO_ENVIRONMENTS))
    since = (check.began_at, timezone.now() + SKEW)  # later ones are a clock's that ran ahead
    done = here.filter(fetched_at__range=since)
    failed = here.filter(error_at__range=since).exclude(pk__in=done.values("pk"))
    total = here.count()
    return Progress(check.public_id, done.count(), failed.count(), total, named.count() - total)


def prune(before: datetime) -> int:
    """Forget checks that began before an instant. Return how many."""
    return BulkCheck.objects.filter(began_at__lt=before).delete()[0]

"""The ways out of a frame to a page of its own, where one integration can be repaired once.

A handle is good for ten minutes; the database keeps a digest of it.
"""

import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.access.embed_sessions import ABSOLUTE, digest, is_on
from integrations.domain.events import MappingChanged
from integrations.models import Integration, RepairHandle

LIVES = timedelta(minutes=10)


def make(integration: Integration, act: str) -> str:
    """A way out of the frame, good for one repair within ten minutes."""
    handle = secrets.token_urlsafe(24)
    RepairHandle.objects.create(
        digest=digest(handle), integration=integration, act=act, created_at=timezone.now()
    )
    return handle


def on_mapping_changed(event: MappingChanged) -> None:
    """End the ways out of frames to integrations that are another tenant's now, or other ones."""
    if event.ends_access:
        RepairHandle.objects.filter(integration__in=event.integration_ids).delete()


def find(handle: str, *, used: bool = False) -> RepairHandle | None:
    """A handle that still works: not used yet, or with `used` one whose repair is under way."""
    if not is_on():
        return None
    found = RepairHandle.objects.filter(digest=digest(handle), used_at__isnull=not used)
    alive = found.filter(created_at__gt=timezone.now() - (ABSOLUTE if used else LIVES))
    return alive.select_related("integration__tenant", "integration__snapshot").first()


def use(handle: RepairHandle) -> bool:
    """Use it up. Return whether this was the first time."""
    return bool(
        RepairHandle.objects.filter(pk=handle.pk, used_at__isnull=True).update(
            used_at=timezone.now()
        )
    )


def renew(handle: RepairHandle) -> None:
    """What it was used for did not begin: it may be used again."""
    RepairHandle.objects.filter(pk=handle.pk).update(used_at=None)


def prune(now: datetime) -> int:
    """Forget handles whose page can't be open any more. Return how many."""
    return RepairHandle.objects.filter(created_at__lt=now - ABSOLUTE - LIVES).delete()[0]

"""The ways out of a frame to a page of its own, where one integration can be repaired once, or one
tool connected.

A handle is good for ten minutes; the database keeps a digest of it. A frame makes it up itself, as
it has to open the window at the click, before anybody has answered.
"""

import re
import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.access.embed_sessions import ABSOLUTE, digest, is_on
from integrations.domain.clock import within
from integrations.models import ConnectionAttempt, Integration, RepairHandle

LIVES = timedelta(minutes=10)
_LENGTH = 24  # random bytes of a handle
_HANDLE = re.compile(r"[A-Za-z0-9_-]{32}")


def make(
    subject: Integration | ConnectionAttempt,
    act: str,
    proposed: str = "",
    *,
    with_scope: bool = False,
) -> str:
    """Return a way out of the frame, good for one repair, perhaps with the vendor's newest scope
    config, or for connecting a tool, within ten minutes.

    It is the one proposed, if it looks like one and nobody has it yet.
    """
    name = "integration" if isinstance(subject, Integration) else "attempt"
    terms = {name: subject, "act": act, "with_scope": with_scope, "created_at": timezone.now()}
    if _HANDLE.fullmatch(proposed):
        _handle, is_new = RepairHandle.objects.get_or_create(terms, digest=digest(proposed))
        if is_new:
            return proposed
    handle = secrets.token_urlsafe(_LENGTH)
    RepairHandle.objects.create(digest=digest(handle), **terms)
    return handle


def may_come(handle: str) -> bool:
    """Return whether a frame could still be about to make it."""
    return (
        is_on()
        and bool(_HANDLE.fullmatch(handle))
        and not RepairHandle.objects.filter(digest=digest(handle)).exists()
    )


def find(handle: str, *, used: bool = False) -> RepairHandle | None:
    """A handle that still works: not used yet, or with `used` one whose repair is under way."""
    if not is_on():
        return None
    handles = RepairHandle.objects.filter(digest=digest(handle), used_at__isnull=not used)
    alive = handles.filter(
        within("created_at", timezone.now(), at_most=ABSOLUTE if used else LIVES)
    )
    return alive.select_related(
        "integration__tenant", "integration__snapshot", "attempt__tenant"
    ).first()


def use(handle: RepairHandle) -> bool:
    """Use up a handle. Return whether this was the first time."""
    return bool(
        RepairHandle.objects.filter(pk=handle.pk, used_at__isnull=True).update(
            used_at=timezone.now()
        )
    )


def renew(handle: RepairHandle) -> None:
    """Let a handle be used again, as the repair it was used for did not begin."""
    RepairHandle.objects.filter(pk=handle.pk).update(used_at=None)


def prune(now: datetime) -> int:
    """Forget handles whose page can't be open any more. Return how many."""
    return RepairHandle.objects.filter(created_at__lt=now - ABSOLUTE - LIVES).delete()[0]

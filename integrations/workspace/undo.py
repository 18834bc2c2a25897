"""Undoing what somebody has just done to the list: a signed note of what was before, which the
message about it carries.

Nothing is stored: the note is its doer's alone, ends soon, and changes only what is still as the
act left it, so that a second use does nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core import signing

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.models import SavedView
from integrations.workspace import saved_views, staff_actions

LASTS = timedelta(minutes=15)
_SALT = "integrations.workspace.undo"


class TooLate(Exception):
    """The note has ended, or is none of this person's."""


def of_snooze(user: User, until: datetime, before: Mapping[int, datetime | None]) -> str:
    """Return the note of a snooze, with until when each had been snoozed before."""
    earlier = {str(pk): moment and moment.isoformat() for pk, moment in before.items()}
    return _sign(user, "snooze", until=until.isoformat(), before=earlier)


def of_assignment(user: User, owner: User | None, before: Mapping[int, int | None]) -> str:
    """Return the note of an assignment, with whose each tenant was before."""
    earlier = {str(pk): owner_id for pk, owner_id in before.items()}
    return _sign(user, "assign", owner=owner.pk if owner else None, before=earlier)


def of_deletion(view: SavedView) -> str:
    """Return the note of a saved view's end."""
    return _sign(view.user, "delete", name=view.name, query=view.query)


def undo(user: User, note: str, by: Actor) -> int:
    """Bring back what was before. Return how many things are as they were again.

    What somebody gave away is no longer theirs to see; the note alone lets them take it back.
    Raises TooLate.
    """
    try:
        told = signing.loads(note, salt=_SALT, max_age=LASTS)
    except signing.BadSignature as error:
        raise TooLate from error
    if told["user"] != user.pk:
        raise TooLate
    match told["act"]:
        case "snooze":
            earlier = {
                int(pk): datetime.fromisoformat(moment) if moment else None
                for pk, moment in told["before"].items()
            }
            until = datetime.fromisoformat(told["until"])
            return staff_actions.unsnooze(earlier, until, by)
        case "assign" if user.has_perm("integrations.assign_tenant"):
            owners = {int(pk): owner for pk, owner in told["before"].items()}
            return staff_actions.give_back(owners, told["owner"], by)
        case "delete":
            return _save_again(user, told["name"], told["query"], by)
    return 0


def _save_again(user: User, name: str, query: str, by: Actor) -> int:
    """Save a deleted view again, if no other has its name by now."""
    if not saved_views.restore(user, name, query):
        return 0
    audit.record(by, Act.VIEW_SAVED, name=name)
    return 1


def _sign(user: User, act: str, **told: Any) -> str:
    note = {"user": user.pk, "act": act, **told}
    return signing.dumps(note, salt=_SALT, compress=True)

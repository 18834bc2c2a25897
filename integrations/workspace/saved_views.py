"""Lists that somebody keeps under a name."""

from django.contrib.auth.models import User

from integrations.models import SavedView
from integrations.workspace.triage_filter import TriageFilter

MOST_VIEWS = 30  # that one person may save


def of_user(user: User) -> list[SavedView]:
    """The lists that somebody saved."""
    return list(SavedView.objects.filter(user=user))


def save(user: User, name: str, state: TriageFilter) -> bool:
    """Save a list under a name, in place of one of the same name.

    Return False if there are too many.
    """
    known = SavedView.objects.filter(user=user)
    if not known.filter(name=name).exists() and known.count() >= MOST_VIEWS:
        return False
    SavedView.objects.update_or_create(user=user, name=name, defaults={"query": state.query()})
    return True


def delete(user: User, name: str) -> bool:
    """Forget a list of somebody's. Return whether there was one."""
    return bool(SavedView.objects.filter(user=user, name=name).delete()[0])

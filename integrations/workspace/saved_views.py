"""Lists that somebody keeps under a name."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from integrations.database.prepared import Prepared
from integrations.models import SavedView
from integrations.workspace.triage_filter import TriageFilter

MOST_VIEWS = 30  # that one person may save


def of_user(user: User) -> list[SavedView]:
    """The lists that somebody saved."""
    return _of_user(user.pk)


@Prepared
def _of_user(user_pk: int) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=user_pk)


def save(user: User, name: str, state: TriageFilter) -> bool:
    """Save a list under a name, in place of one of the same name.

    Return False if there are too many.
    """
    known = SavedView.objects.filter(user=user)
    if not known.filter(name=name).exists() and known.count() >= MOST_VIEWS:
        return False
    SavedView.objects.update_or_create(user=user, name=name, defaults={"query": state.query()})
    return True


def delete(user: User, name: str) -> SavedView | None:
    """Forget a list of somebody's. Return it as it was, or None if there was none."""
    view = SavedView.objects.filter(user=user, name=name).select_related("user").first()
    if view and not SavedView.objects.filter(pk=view.pk).delete()[0]:
        return None
    return view


def restore(user: User, name: str, query: str) -> bool:
    """Save a list that was forgotten, unless another has its name. Return whether it is there."""
    known = SavedView.objects.filter(user=user)
    if known.count() >= MOST_VIEWS:
        return False
    return known.get_or_create(name=name, defaults={"user": user, "query": query})[1]

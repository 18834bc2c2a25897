"""How somebody likes the list of integrations to look."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import QuerySet

from integrations.database.prepared import Prepared
from integrations.models import Preferences

COLUMNS = ("waiting", "since", "sync", "check", "contact", "owner", "days")
"""What can be hidden: who an integration is of, and its status, always show."""


def of_user(user: User) -> Preferences:
    """What somebody chose; as a new one would, until they did."""
    return next(iter(_of_user(user.pk)), None) or Preferences(user=user)


@Prepared
def _of_user(user_pk: int) -> QuerySet[Preferences]:
    return Preferences.objects.filter(user=user_pk)


def columns(preferences: Preferences) -> list[str]:
    """The columns that somebody wants to see, in their order."""
    hidden = preferences.hidden_columns.split(",")
    return [name for name in COLUMNS if name not in hidden]


def save(user: User, wanted: Collection[str], *, compact: bool) -> None:
    """Keep which columns somebody wants, and how tall the rows are."""
    hidden = ",".join(name for name in COLUMNS if name not in wanted)
    chosen = {"hidden_columns": hidden, "compact": compact}
    Preferences.objects.update_or_create(user=user, defaults=chosen)

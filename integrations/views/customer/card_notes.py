"""What a card says beside its headline: its age, who connected the tool, what staff may know."""

from datetime import datetime

from django.utils.translation import gettext as _

from integrations.domain import freshness
from integrations.domain.accounts import account_of
from integrations.domain.bidi import isolate
from integrations.domain.kombo_words import failure
from integrations.models import Snapshot
from integrations.upstream import accounts


def age_note(snapshot: Snapshot) -> str:
    """Honest about age: that we can't check right now, and that it is not the reader's fault."""
    if not freshness.is_failing(snapshot) or snapshot.fetched_at is None:
        return ""
    return _(
        "We can’t check the connection right now. This is the last known status. You don’t "
        "need to do anything."
    )


def account_note(snapshot: Snapshot, now: datetime) -> str:
    """Say by whom a tool was connected before, where that is another account than now and the tool
    is connected still.
    """
    before = accounts.former(snapshot, now)
    if before is None or snapshot.removed_at:
        return ""
    account = account_of(snapshot)
    text = _("Connected by another account than before: %(now)s (before: %(before)s).")
    names = {"now": account.name_beside(before), "before": before.name_beside(account)}
    return text % {name: isolate(value) for name, value in names.items()}


def staff_note(snapshot: Snapshot) -> str:
    """What the vendor's staff may know about a failed check, and a customer need not."""
    return " ".join(part for part in (failure(snapshot), snapshot.error_code) if part)

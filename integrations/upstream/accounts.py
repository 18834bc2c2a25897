"""Who connected a tool, and that it was somebody else before."""

from datetime import datetime, timedelta

from integrations.domain.accounts import Account, account_of, decode, encode, is_another
from integrations.domain.clock import age
from integrations.history import record as history_record
from integrations.models import Kind, Snapshot, Source

TOLD_FOR = timedelta(days=30)


def take(row: Snapshot, account: Account, at: datetime) -> None:
    """Take over what is known of the account that a tool is connected by, as of an instant, and
    note it if it is another than before. The caller saves.

    What was learned later stays.
    """
    if row.account_changed_at and at < row.account_changed_at:
        return
    if is_another(account_of(row), account):
        _note(row, account, at)
    row.organization_name, row.creator_email, row.origin_id = account


def former(row: Snapshot, now: datetime) -> Account | None:
    """Return by whom a tool was connected before, for a while after that changed."""
    if age(row.account_changed_at, now) > TOLD_FOR:
        return None
    return decode(row.former_account)


def _note(row: Snapshot, account: Account, at: datetime) -> None:
    before = decode(row.former_account)
    if before and not is_another(before, account):  # it is as it was
        row.former_account = ""
        row.account_changed_at = None
    else:
        row.former_account = encode(before or account_of(row))
        row.account_changed_at = at
    history_record.add_entry(row.pk, Kind.REPAIR, "account", Source.CHECK, at=at)

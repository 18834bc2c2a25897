"""By whom a tool is connected, as Kombo names them, and whether that is somebody else by now."""

from typing import NamedTuple, Protocol

import msgspec


class Connected(Protocol):
    """What names an account; a stored snapshot has all of it."""

    organization_name: str
    creator_email: str
    origin_id: str


class Account(NamedTuple):
    """The organization in Kombo, who connected the tool, and the vendor's ID of the customer; each
    empty if it is not known.
    """

    organization: str = ""
    creator: str = ""
    origin_id: str = ""

    def __repr__(self) -> str:
        return "Account(...)"

    def name_beside(self, other: "Account") -> str:
        """Return what tells it from another, else all that people know it by."""
        pairs = zip(self, other, strict=True)
        telling = [one for one, known in pairs if known and one.casefold() != known.casefold()]
        return " · ".join(filter(None, dict.fromkeys(telling))) or self.name

    @property
    def name(self) -> str:
        """What people know it by."""
        return " · ".join(filter(None, dict.fromkeys(self)))


def account_of(row: Connected) -> Account:
    """Return the account that a row names."""
    return Account(row.organization_name, row.creator_email, row.origin_id)


def is_another(before: Account, now: Account) -> bool:
    """Whether two accounts differ in what is known of both."""
    return any(
        old and new and old.casefold() != new.casefold()
        for old, new in zip(before, now, strict=True)
    )


def encode(account: Account) -> str:
    """Return an account as a text for `decode`."""
    return msgspec.json.encode(account).decode()


def decode(stored: str) -> Account | None:
    """Return the account that `encode` stored, None if it is none."""
    try:
        return _accounts.decode(stored)
    except (msgspec.MsgspecError, ValueError):
        return None


# Made at import, and none later: msgspec crashes the process if one thread makes a decoder while
# another decodes.
_accounts = msgspec.json.Decoder(Account)

"""Who asks, and what they may do where they were let in."""

from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import User

from integrations import logs
from integrations.access.embed_sessions import Guest
from integrations.models import (
    Tenant,
)

type Person = User | Guest


class Rights(NamedTuple):
    """All of a person that a card depends on: to everyone with the same it is the same card."""

    may_repair: bool
    may_disconnect: bool
    may_resume: bool
    may_administer: bool
    as_staff: bool
    is_read_only: bool


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """One person in one tenant, and what they may do there."""

    user: Person
    tenant: Tenant
    may_repair: bool
    as_staff: bool

    def __post_init__(self) -> None:
        """Name in the log who was let in, and where, however they came."""
        # Of a guest, whose key is a digest, its beginning tells them apart.
        logs.note(user=str(self.user.pk)[:24], tenant=self.tenant.public_id)

    @property
    def as_guest(self) -> bool:
        return isinstance(self.user, Guest) and not self.user.is_preview

    @property
    def is_read_only(self) -> bool:
        """Staff look at what the customer sees; nothing can be pressed."""
        return isinstance(self.user, Guest) and self.user.is_preview

    @property
    def may_disconnect(self) -> bool:
        """A member of the customer's with an account, and nobody who came by a link or a frame."""
        return self.may_repair and isinstance(self.user, User)

    @property
    def may_resume(self) -> bool:
        return self.as_staff and self.user.has_perm("integrations.resume_integration")

    @property
    def may_administer(self) -> bool:
        """Staff who may see the administration's page of an integration."""
        return self.as_staff and self.user.has_perm("integrations.view_integration")

    @property
    def rights(self) -> Rights:
        return Rights(*(getattr(self, name) for name in Rights._fields))

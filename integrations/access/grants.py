"""Who asks, and what they may do where they were let in."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from integrations.access.embed_sessions import Guest
from integrations.models import (
    Tenant,
)

type Person = User | Guest


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """One person in one tenant, and what they may do there."""

    user: Person
    tenant: Tenant
    may_repair: bool
    as_staff: bool

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

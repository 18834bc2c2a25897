"""What is stored. One import place for everyone else; a module per subject inside."""

from integrations.models.embedding import EmbedSession, Handle, SpentToken
from integrations.models.events import Arrival, Event
from integrations.models.history import Entry, Incident, Issue, Kind, Source
from integrations.models.integrations import Integration, Snapshot
from integrations.models.limits import RateLimit
from integrations.models.logos import Logo
from integrations.models.tenants import Membership, Role, Tenant
from integrations.models.upstream import Upstream

__all__ = [
    "Arrival",
    "EmbedSession",
    "Entry",
    "Event",
    "Handle",
    "Incident",
    "Integration",
    "Issue",
    "Kind",
    "Logo",
    "Membership",
    "RateLimit",
    "Role",
    "Snapshot",
    "Source",
    "SpentToken",
    "Tenant",
    "Upstream",
]

"""What is stored. One import place for everyone else; a module per subject inside."""

from integrations.models.audit import AuditEntry
from integrations.models.embedding import EmbedSession, Handle, SpentToken
from integrations.models.events import Arrival, Event
from integrations.models.features import Answer, Feature, Outline
from integrations.models.history import Entry, Incident, Issue, Kind, Source
from integrations.models.integrations import Integration, Snapshot
from integrations.models.limits import RateLimit
from integrations.models.logos import Logo
from integrations.models.reminders import HandOff, Mail, Reminder
from integrations.models.summaries import NEVER, Summary, Word
from integrations.models.tenants import Membership, Role, Tenant
from integrations.models.upstream import Upstream
from integrations.models.workspace import BulkCheck, Note, Preferences, SavedView

__all__ = [
    "NEVER",
    "Answer",
    "Arrival",
    "AuditEntry",
    "BulkCheck",
    "EmbedSession",
    "Entry",
    "Event",
    "Feature",
    "HandOff",
    "Handle",
    "Incident",
    "Integration",
    "Issue",
    "Kind",
    "Logo",
    "Mail",
    "Membership",
    "Note",
    "Outline",
    "Preferences",
    "RateLimit",
    "Reminder",
    "Role",
    "SavedView",
    "Snapshot",
    "Source",
    "SpentToken",
    "Summary",
    "Tenant",
    "Upstream",
    "Word",
]

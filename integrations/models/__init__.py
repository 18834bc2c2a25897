"""What is stored. One import place for everyone else; a module per subject inside."""

from integrations.models.audit import AuditEntry
from integrations.models.choices import (
    STAFF_KINDS,
    DisconnectOutcome,
    MailKind,
    MailProblem,
    RepairAct,
    RepairOutcome,
    RequestOutcome,
)
from integrations.models.connecting import (
    CatalogueTool,
    ConnectionAttempt,
    RepairTime,
    ToolCatalogue,
    ToolNote,
)
from integrations.models.counters import CounterValue
from integrations.models.daily_counts import DailyCount, PeriodCount
from integrations.models.disconnecting import DisconnectRequest
from integrations.models.embedding import EmbedSession, RepairHandle, SpentToken
from integrations.models.events import Event, UnmappedIntegration
from integrations.models.features import CoverageProfile, Feature, FeatureAnswer
from integrations.models.field_mappings import FieldMapping
from integrations.models.heartbeat import Heartbeat
from integrations.models.history import Entry, Incident, Issue, Kind, Source
from integrations.models.identity import Identity, VendorPicture
from integrations.models.integrations import Integration, Snapshot
from integrations.models.limits import RateLimit
from integrations.models.logos import Logo
from integrations.models.outages import Outage
from integrations.models.people import AccountInvitation, AccountSession
from integrations.models.reminders import HandOff, Mail, PasswordResetRequest, Reminder
from integrations.models.statements import CoverageVersion, PastGrid, Purpose
from integrations.models.summaries import NEVER, Summary, Word
from integrations.models.tenants import Membership, Role, Tenant
from integrations.models.upstream import Upstream
from integrations.models.workspace import BulkCheck, Note, Preferences, SavedView

__all__ = [
    "NEVER",
    "STAFF_KINDS",
    "AccountInvitation",
    "AccountSession",
    "AuditEntry",
    "BulkCheck",
    "CatalogueTool",
    "ConnectionAttempt",
    "CounterValue",
    "CoverageProfile",
    "CoverageVersion",
    "DailyCount",
    "DisconnectOutcome",
    "DisconnectRequest",
    "EmbedSession",
    "Entry",
    "Event",
    "Feature",
    "FeatureAnswer",
    "FieldMapping",
    "HandOff",
    "Heartbeat",
    "Identity",
    "Incident",
    "Integration",
    "Issue",
    "Kind",
    "Logo",
    "Mail",
    "MailKind",
    "MailProblem",
    "Membership",
    "Note",
    "Outage",
    "PasswordResetRequest",
    "PastGrid",
    "PeriodCount",
    "Preferences",
    "Purpose",
    "RateLimit",
    "Reminder",
    "RepairAct",
    "RepairHandle",
    "RepairOutcome",
    "RepairTime",
    "RequestOutcome",
    "Role",
    "SavedView",
    "Snapshot",
    "Source",
    "SpentToken",
    "Summary",
    "Tenant",
    "ToolCatalogue",
    "ToolNote",
    "UnmappedIntegration",
    "Upstream",
    "VendorPicture",
    "Word",
]

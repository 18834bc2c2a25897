"""Who is told when a snapshot or a mapping changes, in which order: what comes later may build on what came before."""

from integrations.access import embed_sessions, hand_offs
from integrations.domain.events import Follower, MappingChanged, SnapshotChanged
from integrations.history import record as history_record
from integrations.mail import reminders
from integrations.workspace import features, summaries

FOLLOWERS: tuple[Follower, ...] = (
    (SnapshotChanged, summaries.on_snapshot_changed),
    (SnapshotChanged, hand_offs.on_snapshot_changed),
    (SnapshotChanged, reminders.on_snapshot_changed),
    (SnapshotChanged, features.on_snapshot_changed),
    (MappingChanged, summaries.on_mapping_changed),
    (MappingChanged, history_record.on_mapping_changed),
    (MappingChanged, embed_sessions.on_mapping_changed),
    (MappingChanged, reminders.on_mapping_changed),
    (MappingChanged, hand_offs.on_mapping_changed),
    (MappingChanged, features.on_mapping_changed),
)

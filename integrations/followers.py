"""Who is told when a snapshot or a mapping changes or an outage ends, in which order: what comes
later may build on what came before.
"""

from integrations.access import hand_offs
from integrations.domain.events import Follower, MappingChanged, OutageEnded, SnapshotChanged
from integrations.mail import reminder_spells
from integrations.workspace import features, summaries

FOLLOWERS: tuple[Follower, ...] = (
    (SnapshotChanged, summaries.on_snapshot_changed),
    (SnapshotChanged, hand_offs.on_snapshot_changed),
    (SnapshotChanged, reminder_spells.on_snapshot_changed),
    (SnapshotChanged, features.on_snapshot_changed),
    (MappingChanged, summaries.on_mapping_changed),
    (MappingChanged, features.on_mapping_changed),
    (OutageEnded, reminder_spells.on_outage_ended),
)

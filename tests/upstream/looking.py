"""See an integration as a new request would."""

from collections.abc import Callable

from integrations.models import Entry, Integration, Kind, Snapshot
from integrations.upstream import snapshots

DETAILS = ("GET", "/v1/integrations/{integration_id}")


def look(integration: Integration, *, by_person: bool = False) -> Snapshot:
    """See the integration as a new request would."""
    integration.snapshot = Snapshot.objects.get(pk=integration.pk)
    integration.snapshot = snapshots.revalidate(integration, by_person=by_person)
    return integration.snapshot


def columns(snapshot: Snapshot, *, but: set[str]) -> dict[str, object]:
    return {
        one.attname: getattr(snapshot, one.attname)
        for one in Snapshot._meta.fields
        if one.attname not in but
    }


DAY = 24 * 3600


def entries(kind: Kind) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind).order_by("pk"))


type Meanwhile = Callable[[Callable[[], object]], None]

"""What the vendor tells customers about its tools: which tools there are, and the notes on them."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.models import CatalogueTool, Snapshot, ToolNote
from integrations.upstream import tool_catalogue


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool that customers have, or can connect."""

    tool_id: str
    label: str
    connections: int
    guide_url: str
    note: ToolNote | None


def rows() -> list[ToolRow]:
    """Return every tool once, those with most connections first, then by name."""
    used = {
        tool_id: (label, number)
        for tool_id, label, number in Snapshot.objects.filter(removed_at=None)
        .exclude(tool_id="")
        .order_by()
        .values_list("tool_id")
        .annotate(label=Max("tool_label"), number=Count("pk"))
    }
    offered = {
        tool_id: (label, guide_url)
        for tool_id, label, guide_url in CatalogueTool.objects.values_list(
            "tool_id", "label", "guide_url"
        )
    }
    notes = ToolNote.objects.in_bulk()
    found = [
        ToolRow(
            tool_id=tool_id,
            label=offered.get(tool_id, used.get(tool_id, ("",)))[0],
            connections=used.get(tool_id, ("", 0))[1],
            guide_url=offered.get(tool_id, ("", ""))[1],
            note=notes.get(tool_id),
        )
        for tool_id in used.keys() | offered.keys()
        if tool_catalogue.is_nameable(tool_id)
    ]
    return sorted(found, key=lambda one: (-one.connections, one.label.casefold(), one.tool_id))


def find(tool_id: str) -> ToolRow | None:
    """Return one of them; None if there is no such tool."""
    return next((row for row in rows() if row.tool_id == tool_id), None)


def save(tool: ToolRow, *, needed_person: str, text: str, by: Actor) -> None:
    """Keep what the vendor says of a tool; with nothing said, there is no note."""
    with transaction.atomic():
        if needed_person or text:
            ToolNote.objects.update_or_create(
                tool_id=tool.tool_id,
                defaults={
                    "needed_person": needed_person,
                    "text": text,
                    "updated_at": timezone.now(),
                    "updated_by": by.user,
                },
            )
        else:
            ToolNote.objects.filter(tool_id=tool.tool_id).delete()
        audit.record(by, Act.TOOL_NOTE_CHANGED, tool=tool.tool_id)

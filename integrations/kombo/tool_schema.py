"""What Kombo answers about the tools that can be connected, as typed values.

Source: https://docs.kombo.dev (GET /tools/{category})
"""

import logging
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from .enums import CoverageStatus

logger = logging.getLogger("integrations.kombo")

# An id that fits its column.
type ToolId = Annotated[str, Meta(min_length=1, max_length=200)]


class ToolField(Struct, frozen=True, kw_only=True):
    """A field of a model or an action, and whether the tool has it."""

    id: str
    coverage_status: CoverageStatus


class ToolModel(ToolField, frozen=True, kw_only=True):
    """A kind of record that can be read from the tool, or an action there."""

    label: str
    fields: tuple[ToolField, ...] = ()


class ToolCoverage(Struct, frozen=True, kw_only=True):
    """What a tool offers, whatever any vendor asks for."""

    read_models: tuple[ToolModel, ...] = ()
    write_actions: tuple[ToolModel, ...] = ()


class ToolAssets(Struct, frozen=True, kw_only=True):
    """Where a tool's pictures are, as Kombo sent it, unchecked."""

    logo_url: str | None = None
    icon_url: str | None = None


class CatalogueTool(Struct, frozen=True, kw_only=True):
    """A tool enabled in the environment.

    The guide's URL and the Markdown of third parties are as Kombo sent them, unchecked.
    """

    id: ToolId
    label: str
    assets: ToolAssets = ToolAssets()
    connection_guide_url: str | None = None
    paid_api_details_markdown: str | None = None
    fast_track_details_markdown: str | None = None
    partner_only_details_markdown: str | None = None
    coverage: ToolCoverage = ToolCoverage()


class Catalogue(Struct, frozen=True, kw_only=True):
    """The tools of one category, each once."""

    tools: tuple[CatalogueTool, ...]

    def __post_init__(self) -> None:
        known: dict[str, CatalogueTool] = {}
        for tool in self.tools:
            if known.setdefault(tool.id, tool) is not tool:
                logger.warning("A tool that occurs twice was skipped: %.200r", tool.id)
        if len(known) < len(self.tools):
            force_setattr(self, "tools", tuple(known.values()))

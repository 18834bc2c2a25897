"""The data statement: what is read and why not, as a table for a works council, a DPO or a
spreadsheet.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.domain import csv_export
from integrations.domain.coverage import Field, Grid, Group
from integrations.domain.coverage_text import explain


def csv_rows(grid: Grid, *, tool: str, vendor: str) -> Iterator[str]:
    """Yield the statement line by line, headings first, in the active language."""
    yield csv_export.row(
        _("Type"),
        _("Data category or action"),
        _("Name"),
        _("Field"),
        _("Sensitive data"),
        _("ID"),
        _("Available"),
        _("Reason"),
    )
    for kind, groups in (
        (_("Data read by %(vendor)s") % {"vendor": vendor}, grid.read),
        (_("Actions by %(vendor)s") % {"vendor": vendor}, grid.write),
    ):
        for group in groups:
            yield _row(kind, group, group, tool, vendor)
            yield from (_row(kind, group, field, tool, vendor) for field in group.fields)


def _row(kind: str, group: Group, row: Group | Field, tool: str, vendor: str) -> str:
    name = row.name if isinstance(row, Field) else ""
    sensitive = row.sensitivity.label if row.sensitivity else ""
    available = _("yes") if row.reason == "available" else _("no")
    why = explain(row, tool=tool, vendor=vendor)
    return csv_export.row(kind, group.label, group.name, name, sensitive, row.id, available, why)

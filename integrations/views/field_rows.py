"""The vendor's fields of an integration, and what they read from, as pages show them."""

from dataclasses import dataclass
from typing import Any

from integrations.domain import field_names
from integrations.kombo.field_schema import CustomField, Named
from integrations.models import FieldMapping, Integration
from integrations.upstream import field_mappings


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the vendor's with what it reads from; both empty where there is none."""

    id: str
    name: str
    key: str
    model: str
    description: str
    source: str
    source_key: str
    source_id: str


def name_of(field: Named) -> str:
    """What people call a field: its label, else its key."""
    return (field.label or "").strip() or field.key


def row_of(field: CustomField) -> FieldRow:
    """Return a field as a page shows it."""
    source = field.integration_field
    return FieldRow(
        id=field.id,
        name=name_of(field),
        key=field.key,
        model=field_names.model_name(field.model, field.model),
        description=field.description or "",
        source=name_of(source) if source else "",
        source_key=source.key if source else "",
        source_id=field_mappings.source_of(field),
    )


def fields_of(integration: Integration, *, may_want: bool = True) -> dict[str, Any]:
    """Return the template's context for the fields of an integration, and have them asked for where
    they are old.
    """
    row: FieldMapping = field_mappings.of_integration(integration)
    is_awaited = may_want and field_mappings.want(row)
    return {
        "rows": [row_of(field) for field in field_mappings.custom_fields(row)],
        "fetched_at": row.fetched_at,
        "is_failing": bool(row.error_kind),
        "is_awaited": is_awaited and not row.error_kind,
    }

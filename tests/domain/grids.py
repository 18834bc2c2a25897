"""Models, actions and fields of a grid, as Kombo tells them."""

from typing import Any

from integrations.kombo.schema import ActionField, CoverageStatus, ReadField, ReadModel, WriteAction


def field(name: str = "iban", **terms: Any) -> ReadField:
    basis: dict[str, Any] = {
        "id": name,
        "is_available": True,
        "coverage_status": CoverageStatus.SUPPORTED,
    }
    return ReadField(**(basis | terms))


def model(*fields: ReadField, **terms: Any) -> ReadModel:
    basis: dict[str, Any] = {"id": "hris_employees", "label": "Employees", "is_available": True}
    return ReadModel(
        **(basis | {"coverage_status": CoverageStatus.SUPPORTED, "fields": fields} | terms)
    )


def action(*fields: ActionField, **terms: Any) -> WriteAction:
    basis: dict[str, Any] = {
        "id": "hris_create_employee",
        "label": "Create employee",
        "is_available": True,
    }
    return WriteAction(
        **(basis | {"coverage_status": CoverageStatus.SUPPORTED, "fields": fields} | terms)
    )


def action_field(status: str, *, is_available: bool) -> ActionField:
    return ActionField(
        id="first_name", is_available=is_available, coverage_status=CoverageStatus(status)
    )

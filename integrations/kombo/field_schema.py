"""What Kombo answers about the fields of one integration, as typed values.

Source: https://docs.kombo.dev (integration fields, custom fields)
"""

from typing import Annotated

from msgspec import Meta, Struct

# An id that fits an address.
type FieldId = Annotated[str, Meta(min_length=1, max_length=200)]


class Named(Struct, frozen=True, kw_only=True):
    """A field; not every one has a label."""

    id: FieldId
    key: str
    label: str | None = None


class Source(Named, frozen=True, kw_only=True):
    """A field as the tool has it, that a custom field reads from."""

    type: str = ""


class IntegrationField(Source, frozen=True, kw_only=True):
    """The same with the model that it is part of."""

    model: str = ""


class CustomField(Named, frozen=True, kw_only=True):
    """A field that the vendor defined, and what it reads from, if anything."""

    model: str
    description: str | None = None
    integration_field: Source | None = None


class Page[T](Struct, frozen=True, kw_only=True):
    """Some of what there is; `next` is the cursor of the page after it."""

    results: tuple[T, ...]
    next: str | None = None


class CustomFields(Page[CustomField], frozen=True, kw_only=True):
    """A page of the vendor's fields."""


class IntegrationFields(Page[IntegrationField], frozen=True, kw_only=True):
    """A page of the tool's fields."""

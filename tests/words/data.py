"""What the demo shows that is nobody's to translate."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from integrations.access.audit import Act
from integrations.domain import accent, coverage
from integrations.domain.field_names import FieldGroup
from integrations.models import (
    CatalogueTool,
    Event,
    Feature,
    Integration,
    Issue,
    Note,
    Purpose,
    SavedView,
    Snapshot,
    Tenant,
    UnmappedIntegration,
)

NAMED: dict[Any, tuple[str, ...]] = {
    Tenant: ("name", "origin_id", "contact_email", "public_id"),
    User: ("username", "email", "first_name", "last_name"),
    CatalogueTool: ("tool_id", "label"),
    Feature: ("name", "description"),
    Note: ("text",),
    Purpose: ("purpose", "legal_basis", "retention", "recipients"),
    SavedView: ("name",),
    Integration: ("integration_id", "public_id", "environment"),
    Issue: ("title", "issue_id", "type"),
    Event: ("type", "event_id"),
    Snapshot: ("tool_label", "tool_id", "internal_label", "organization_name", "scope_name"),
    UnmappedIntegration: ("integration_id", "origin_id", "organization_name", "tool_id"),
}
"""Names, and what people and Kombo wrote."""


def data() -> Iterator[str]:
    """All of it, with the data points that Kombo names, and with words of no language."""
    for model, names in NAMED.items():
        for row in model.objects.values_list(*names):
            yield from row
    stored = Snapshot.objects.exclude(coverage="").values_list("coverage", flat=True)
    for text in stored.distinct():
        for group in coverage.read(text).groups:
            yield from (group.id, group.label, group.label[:1].lower() + group.label[1:])
            for field in group.fields:
                yield from (field.id, field.name, field.name[:1].lower() + field.name[1:])
    yield from (name for _code, name in settings.LANGUAGES)
    yield from (settings.VENDOR_NAME, "Kombo", accent.DEFAULT)
    yield urlsplit(settings.SITE_URL).hostname or ""  # by which a guest knows our pages
    yield from ("act", *Act)  # a column of the audit log's file, for programs
    yield from FieldGroup  # in the audit log, where purposes are named by it
    yield from (
        "1h 3d 7d 14d",
        "off",
        "none",
        "personio:CBNMt7dSNCzBdnRTx87dev4E",
    )  # what is typed into a setting
    # What an operator types, reads or has: the page "System".
    yield from (connection.display_name, "docs/operations.md")
    yield from (f"python3 manage.py {name}" for name in ("status", "run_worker", "migrate"))
    yield "Search"  # a label of Django's admin that it does not translate
    yield "Uhr"  # in dates of a contact who reads German
    # What is searched for, and what a page makes of it and of a model that nobody has.
    yield from ("no such thing", "manager", "nothing", "Nothing", "Teams")

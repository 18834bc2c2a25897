"""An integration's past, made up, and its page as a person sees it."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from integrations.history import record as history_record
from integrations.models import Entry, Integration, Kind, Snapshot, Source, Tenant
from integrations.tenants import mapping
from tests.conftest import NOW
from tests.views.browsing import Element, page_at, url_of

ID = "personio:CBNMt7dSNCzBdnRTx87dev4E"


def connected(tenant: Tenant, **facts: Any) -> Integration:
    """An integration that works, and of which nothing is recorded yet."""
    made = mapping.create(tenant, ID)
    usual = {
        "status": "ACTIVE",
        "setup_status": "COMPLETED",
        "tool_label": "Personio",
        "category": "HRIS",
    }
    Snapshot.objects.filter(pk=made.pk).update(**usual | {"fetched_at": NOW} | facts)
    return made


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def note(made: Integration, kind: Kind, what: str, minutes: float, **more: Any) -> Entry:
    return history_record.add_entry(
        made.pk, kind, what, Source.CHECK, at=ago(minutes=minutes), **more
    )


def look(client: Client, made: Integration, language: str = "en", **query: str) -> Element:
    return page_at(client, url_of("history", made, **query), headers={"Accept-Language": language})


def entries(page: Element) -> list[Element]:
    return page.all("li", "data-entry")


def titles(page: Element) -> list[str]:
    return [entry.all("p")[0].text for entry in entries(page)]


def chips(page: Element) -> dict[str, str]:
    """The filters by name, each with its address; the one that is on has a star."""
    shown = page.one("ul", "class", "segments").all("a")
    return {a.text + ("*" if a["aria-current"] == "true" else ""): a["href"] for a in shown}

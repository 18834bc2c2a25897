"""The vendor's notes on tools: written by those who may, read by customers."""

import pytest
from django.urls import reverse

from integrations.access.audit import Act
from integrations.models import AuditEntry, Snapshot, Tenant, ToolNote
from integrations.workspace import tool_notes
from tests.conftest import Connect
from tests.views.conftest import Browser
from tests.views.to_connect import offered

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_tools_that_customers_have_come_first(
    browser: Browser, acme: Tenant, connect: Connect
) -> None:
    offered("absence", "Absence")
    connect(acme)
    page = browser("root").get(reverse("tools")).text
    assert page.index('data-tool="personio"') < page.index('data-tool="absence"')
    assert 'data-tool="absence"' not in browser("root").get(reverse("tools"), {"q": "PERSÖ"}).text


def test_a_tool_that_was_renamed_is_one(acme: Tenant, connect: Connect) -> None:
    for label in ("Personio", "Personio HR"):
        Snapshot.objects.filter(integration=connect(acme)).update(tool_label=label)
    [row] = tool_notes.rows()
    assert (row.label, row.connections) == ("Personio HR", 2)


def test_a_note_is_written_read_and_taken_back(
    browser: Browser, acme: Tenant, connect: Connect
) -> None:
    broken = connect(acme, state="invalid")
    address = reverse("tool", args=["personio"])
    said = {"needed_person": "an admin", "text": HOSTILE}
    assert browser("root").post(address, said).status_code == 302
    page = (
        browser("alice").get(reverse("integration", args=[acme.public_id, broken.public_id])).text
    )
    assert "data-guide" in page
    assert HOSTILE not in page
    assert "onerror=alert" in page
    assert browser("root").post(address, {"needed_person": "", "text": ""}).status_code == 302
    assert not ToolNote.objects.exists()
    assert AuditEntry.objects.filter(what=Act.TOOL_NOTE_CHANGED).count() == 2


def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(browser: Browser) -> None:
    offered()
    address = reverse("tool", args=["workday"])
    answer = browser("root").post(address, {"needed_person": "x" * 121, "text": "kept"})
    assert answer.status_code == 422
    assert "kept" in answer.text
    assert not ToolNote.objects.exists()


def test_of_a_tool_that_nobody_has_there_is_no_page(browser: Browser) -> None:
    assert browser("root").get(reverse("tool", args=["nothing"])).status_code == 404


def test_a_tool_that_no_address_can_name_is_left_out(
    browser: Browser, acme: Tenant, connect: Connect
) -> None:
    connect(acme, tool_id="a/b")
    answer = browser("root").get(reverse("tools"))
    assert answer.status_code == 200
    assert "data-tool=" not in answer.text

"""Saved views of the account managers' list, and that customers have none of it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration, SavedView
from integrations.workspace import saved_views
from tests import copy
from tests.views.browsing import read
from tests.views.conftest import Browser
from tests.views.workspace.triage_rows import LIST, said, undo


def test_a_view_is_saved_shown_and_deleted(mias: Client, mia: User, two: list[Integration]) -> None:
    saved = mias.post(
        "/workspace/views/",
        {"name": "My broken ones", "headline": "reconnect_required", "scope": "all"},
    )
    assert saved["Location"] == "/workspace/?scope=all&headline=reconnect_required"
    page = read(mias.get(saved["Location"]))
    tabs = page.one("ul", "aria-label", copy.SAVED_VIEWS).all("a")
    assert [(tab.text, tab["aria-current"]) for tab in tabs] == [
        (copy.ALL, ""),
        ("My broken ones", "true"),
    ]
    assert tabs[1]["href"] == saved["Location"]
    gone = mias.post(
        "/workspace/views/delete/", {"name": "My broken ones", "headline": "connected"}
    )
    assert gone["Location"] == "/workspace/?headline=connected"
    told = mias.get(gone["Location"])
    assert said(told) == [copy.VIEW_DELETED]
    assert not SavedView.objects.exists()
    assert undo(mias, told)["Location"] == f"{LIST}?scope=all&headline=connected"
    assert SavedView.objects.get().query == "?scope=all&headline=reconnect_required"


def test_a_view_needs_a_name_and_there_are_not_endlessly_many(
    mias: Client, two: list[Integration], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "  "):
        assert said(mias.get(mias.post("/workspace/views/", {"name": name})["Location"])) == [
            copy.ENTER_A_NAME_FOR_THE_VIEW
        ]
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 0)
    (told,) = said(mias.get(mias.post("/workspace/views/", {"name": "One"})["Location"]))
    assert told.startswith("You’ve reached the maximum number of saved views.")
    assert not SavedView.objects.exists()


def test_customers_have_no_workspace(browser: Browser) -> None:
    paths = ("", "integrations.csv", "favicon/1.svg", "bulk/", "views/", "views/delete/")
    for person in ("alice", "vic"):
        client = browser(person)
        for path in paths:
            # An act leads to the list, which is not there for them.
            got = client.get(LIST + path)
            led = (got.status_code, got.headers.get("Location", LIST))
            assert led in {(404, LIST), (302, LIST)}, path
            assert client.post(LIST + path).status_code in {404, 405}, path

"""What tests of the account managers' list read there."""

from typing import Any

from django.test import Client

from integrations.models import Integration
from tests import copy
from tests.views.browsing import Element, read

LIST = "/workspace/"


def rows(response: Any) -> list[Element]:
    return read(response).all("tr", "data-integration")


def bulk(client: Client, act: str, *integrations: Integration, **more: str) -> Any:
    ticked = {"integration": [one.public_id for one in integrations]}
    return client.post("/workspace/bulk/", {"act": act, **ticked, **more})


def said(response: Any) -> list[str]:
    """What became of an act, without the button that undoes it."""
    notices = read(response).all("p", "class", "notice")
    return [one.text.removesuffix(f" {copy.UNDO}") for one in notices if one["role"] == "status"]


def undo(client: Client, response: Any) -> Any:
    """Press the button that undoes what a page tells of."""
    page = read(response)
    form = page.one("form", "id", page.one("button", "form")["form"])
    fields = {field["name"]: field["value"] for field in form.all("input") if field["name"]}
    return client.post(form["action"], fields)

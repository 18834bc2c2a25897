"""What tests of the account managers' list read there."""

from typing import Any

from django.test import Client

from integrations.models import Integration
from tests.views.browsing import Element, read

LIST = "/workspace/"


def rows(response: Any) -> list[Element]:
    return read(response).all("tr", "data-integration")


def bulk(client: Client, act: str, *integrations: Integration, **more: str) -> Any:
    ticked = {"integration": [one.public_id for one in integrations]}
    return client.post("/workspace/bulk/", {"act": act, **ticked, **more})


def said(response: Any) -> list[str]:
    return [
        one.text for one in read(response).all("p", "class", "notice") if one["role"] == "status"
    ]

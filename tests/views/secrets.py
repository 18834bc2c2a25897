"""What only the backend may know, and where it stands in an answer."""

from typing import Any
from urllib.parse import unquote

from integrations.models import Integration
from tests import copy
from tests.conftest import API_KEY

INTERNAL, SCOPE, SCOPE_ID = "Internal Label 7f3", "Scopes Nobody Shows", "ScopeIdXyz1234567890"
LOG_URL = "app.kombo.dev/demo/logs"
SECRETS = {
    "key of the API": API_KEY,
    copy.INTERNAL_LABEL: INTERNAL,
    "scope": SCOPE,
    "scope id": SCOPE_ID,
    "log url": LOG_URL,
}


def secrets_of(integrations: list[Integration]) -> dict[str, str]:
    ids = {f"integration id {made.pk}": made.integration_id for made in integrations}
    return (
        SECRETS | ids | {f"part of {name}": value.partition(":")[2] for name, value in ids.items()}
    )


def leaks(response: Any, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets that stand in an answer's body, headers or cookies, encoded or
    not.
    """
    text = f"{response.content.decode(errors='replace')}{response.headers}{response.cookies}"
    plain = unquote(text)
    return [name for name, value in secrets.items() if value in text or value in plain]

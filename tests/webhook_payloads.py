"""Kombo's webhooks: as it documents them in tests/payloads/webhooks, whole or altered, signed and
posted.
"""

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.test import Client

from integrations.kombo.webhooks import sign
from integrations.models import Event
from integrations.webhooks import inbox

FOLDER = Path(__file__).parent / "payloads" / "webhooks"
TYPES = sorted(path.stem for path in FOLDER.glob("*.json"))
# Whom all of the documented payloads but the environment-wide ones are about.
INTEGRATION_ID, ORIGIN_ID, TOOL = "personio:CBNMt7dSNCzBdnRTx87dev4E", "36123", "personio"
SECRET = "whsec-production-0123456789"
URL = "/webhooks/kombo/production/"
MISSING = object()


def documented(kind: str) -> bytes:
    return (FOLDER / f"{kind}.json").read_bytes()


def event(kind: str, event_id: str = "", **data: Any) -> dict[str, Any]:
    """A documented event under an id of its own; `issue__title="x"` is `{"data": {"issue":
    {"title": "x"}}}`.
    """
    document: dict[str, Any] = json.loads(documented(kind)) | {"id": event_id or uuid.uuid4().hex}
    for path, value in data.items():
        put(document["data"], path.split("__"), value)
    return document


def put(target: Any, path: list[str], value: object) -> None:
    """Set what lies at a path, or remove it if the value is MISSING."""
    *parents, last = path
    for part in parents:
        target = target[part]
    if value is MISSING:
        del target[last]
    else:
        target[last] = value


def encoded(document: object) -> bytes:
    """JSON as JavaScript writes it, but times may be given as such."""
    return json.dumps(
        document, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat
    ).encode()


def tell(kind: str, environment: str = "production", event_id: str = "", **data: Any) -> Event:
    """Let an event come in and have its effect, past the signature."""
    stored = inbox.receive(environment, encoded(event(kind, event_id, **data)))
    assert stored is not None
    assert (stored.error, stored.attempts) == ("", 0)
    assert stored.worked_at is not None
    return stored


def post(
    client: Client, body: bytes, *, secret: str = SECRET, url: str = URL, **headers: str
) -> Any:
    """Post a body as Kombo does; `signature="..."` sends that one instead."""
    signature = headers.pop("signature", sign(body, secret))
    return client.post(
        url,
        body,
        content_type="application/json",
        headers={"X-Kombo-Signature": signature, **headers},
    )

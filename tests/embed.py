"""A host's backend and the frame in its page, for tests: tokens good and bad, and requests with a
session's key.

Tokens are signed here by hand and not by the library that reads them, so that nothing keeps a test
from a bad one.
"""

import base64
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from integrations.access.embed_sessions import AUDIENCE

URLS = "integrations.urls.embed"
SESSION = "/embed/session"
KID, SECRET = "host-2026", "a-hosts-secret-of-more-than-32-letters"
OLD_KID, OLD_SECRET = "host-2025", "last-years-secret-of-more-than-32-letters"
ORIGINS = ["https://app.host.example", "https://*.hosts.example"]
ENVIRONMENT = {
    "EMBED_ORIGINS": ",".join(ORIGINS),
    "EMBED_SECRETS": f"{KID}:{SECRET},{OLD_KID}:{OLD_SECRET}",
}
MISSING: Any = object()


def turn_on(settings: Any) -> None:
    """Let hosts embed, with a new secret and an old one."""
    settings.EMBED_ORIGINS, settings.EMBED_SECRETS = ORIGINS, {KID: SECRET, OLD_KID: OLD_SECRET}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def signed(header: bytes, payload: bytes, *, secret: str = SECRET, digest: str = "sha256") -> str:
    """Any two parts, and a signature that is right for them."""
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{encoded(hmac.digest(secret.encode(), text.encode(), digest))}"


def claims(**other: Any) -> dict[str, Any]:
    """A good token's claims for acme, but for these; MISSING leaves one out."""
    now = int(time.time())
    good = {"aud": AUDIENCE, "sub": "acme", "jti": uuid.uuid4().hex, "iat": now, "exp": now + 300}
    found = {**good, "scope": ["view", "repair"], **other}
    return {name: value for name, value in found.items() if value is not MISSING}


def header(**other: Any) -> dict[str, Any]:
    """A good token's header, but for these."""
    found = {"alg": "HS256", "typ": "JWT", "kid": KID, **other}
    return {name: value for name, value in found.items() if value is not MISSING}


def token(
    head: dict[str, Any] | None = None,
    *,
    secret: str = SECRET,
    digest: str = "sha256",
    **other: Any,
) -> str:
    """A good token for acme, but for what is given."""
    parts = (json.dumps(part).encode() for part in (header(**(head or {})), claims(**other)))
    return signed(*parts, secret=secret, digest=digest)


def exchange(client: Client, good_or_bad: str, **form: str) -> Any:
    """Ask for a session."""
    return client.post(SESSION, form, headers=bearer(good_or_bad))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def url(name: str, *args: str) -> str:
    """An address within the frame."""
    if name == "card":  # what the tenant's poll brings of it
        tenant, integration = args
        return f"{url('poll', tenant)}?seen={integration}."
    return reverse(name, args=args, urlconf=URLS)


@dataclass(frozen=True)
class Frame:
    """A frame that was let in: it sends its key with every request."""

    client: Client
    key: str
    tenant: str
    content: str
    address: str

    def get(self, address: str, query: dict[str, str] | None = None, /, **headers: str) -> Any:
        return self.client.get(address, query, headers=bearer(self.key) | headers)

    def post(self, address: str, data: dict[str, str] | None = None, /, **headers: str) -> Any:
        return self.client.post(address, data, headers=bearer(self.key) | headers)

    def do(self, method: str, address: str, /, **headers: str) -> Any:
        return self.client.generic(method, address, headers=bearer(self.key) | headers)

    def on(self, name: str, *integration: str) -> str:
        """An address of this frame's tenant, or of its integration."""
        return url(name, self.tenant, *integration)


def enter(
    client: Client | None = None,
    *,
    view: str = "list",
    integration: str = "",
    page: str = "",
    **other: Any,
) -> Frame:
    """Buy a session with a good token for acme; keyword arguments are the token's claims."""
    client = client or Client(enforce_csrf_checks=True)
    response = exchange(client, token(**other), view=view, integration=integration, page=page)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert set(answer) == {"key", "seconds", "tenant", "address", "content"}
    return Frame(client, answer["key"], answer["tenant"], answer["content"], answer["address"])

"""Links into Kombo Connect, and the activation tokens that finished flows leave behind."""

import secrets
from collections.abc import Callable
from typing import Any

from integrations.simulator.store import Store

LIFETIMES = {"EMBEDDED": 3600, "MAGIC_LINK": 365 * 86400}
"""Seconds a Connect link lives, by link type."""


class Links:
    """Makes, finds and spends tokens.

    Whether their integration is still there is for others to say.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def mint(self, integration_id: str, kind: str, **terms: Any) -> str:
        """Make a link of `kind` (create, relink or setup) and return its token; `terms` are
        remembered with it.
        """
        token = secrets.token_urlsafe(32)
        expires_at = self._clock() + LIFETIMES[terms["link_type"]]
        with self._store.change():
            self._forget_expired()
            link = {
                "integration_id": integration_id,
                "kind": kind,
                "expires_at": expires_at,
                **terms,
            }
            self._store.links[token] = link
        return token

    def find(self, token: str) -> dict[str, Any] | None:
        """Return the link behind a token if it is neither expired nor spent."""
        with self._store.changed:
            return self._live(self._store.links, token)

    def spend(self, token: str) -> str:
        """Let a link be used up, and return the activation token for it; raises KeyError for
        another.
        """
        activation = secrets.token_urlsafe(24)
        with self._store.change():
            link = self._store.links.pop(token)
            self._store.activations[activation] = {
                "integration_id": link["integration_id"],
                "expires_at": self._clock() + LIFETIMES["EMBEDDED"],
            }
        return activation

    def activated(self, activation_token: str) -> str | None:
        """Return the id of the integration an activation token stands for."""
        with self._store.changed:
            known = self._live(self._store.activations, activation_token)
            return str(known["integration_id"]) if known else None

    def _live(self, tokens: dict[str, dict[str, Any]], token: str) -> dict[str, Any] | None:
        known = tokens.get(token)
        return None if known is None or known["expires_at"] <= self._clock() else dict(known)

    def _forget_expired(self) -> None:
        for tokens in (self._store.links, self._store.activations):
            for token in [
                key for key, entry in tokens.items() if entry["expires_at"] <= self._clock()
            ]:
                del tokens[token]

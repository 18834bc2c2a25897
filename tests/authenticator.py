"""A security key in software: what a browser would post for it."""

import hashlib
import json
import os
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

SITE = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Makes one passkey, and shows it, for pages of an origin."""

    def __init__(self, origin: str = SITE) -> None:
        self._origin = origin
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(16)

    def make(self, options: dict[str, Any], **client_data: str) -> str:
        """Return what a browser posts after the options that the site gave it."""
        key: dict[int, Any] = dict(ES256.from_cryptography_key(self._key.public_key()))  # type: ignore[no-untyped-call]
        public = cbor.encode(key)
        attested = bytes(16) + struct.pack(">H", len(self._id)) + self._id + public
        data = self._data(options["publicKey"]["rp"]["id"], PRESENT | VERIFIED | ATTESTED, attested)
        answer = {
            "clientDataJSON": self._client_data("webauthn.create", options, client_data),
            "attestationObject": websafe_encode(
                cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
            ),
        }
        return self._posted(answer)

    def show(self, options: dict[str, Any], **client_data: str) -> str:
        data = self._data(options["publicKey"]["rpId"], PRESENT | VERIFIED)
        client = self._client_data("webauthn.get", options, client_data)
        signed = data + hashlib.sha256(websafe_decode(client)).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
        }
        return self._posted(answer)

    def same_id(self) -> "Authenticator":
        """Return another key that says to be this one."""
        other = Authenticator(self._origin)
        other._id = self._id
        return other

    def _data(self, rp_id: str, flags: int, more: bytes = b"") -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, 1) + more

    def _client_data(self, kind: str, options: dict[str, Any], changed: dict[str, str]) -> str:
        challenge = options["publicKey"]["challenge"]
        data = {"type": kind, "challenge": challenge, "origin": self._origin, **changed}
        return websafe_encode(json.dumps(data).encode())

    def _posted(self, answer: dict[str, Any]) -> str:
        key = websafe_encode(self._id)
        results: dict[str, Any] = {}
        return json.dumps(
            {
                "id": key,
                "rawId": key,
                "type": "public-key",
                "response": answer,
                "clientExtensionResults": results,
            }
        )

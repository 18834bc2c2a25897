"""A small identity provider that speaks OpenID Connect over real HTTP, with keys of its own.

It can be away, and it can lie: each lie is a way in which a token or an answer must not be
believed.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from kombo_dashboard.sign_in_settings import Provider

CLIENT_ID, CLIENT_SECRET = "dashboard", "the-secret-of-the-dashboard"
KEY_ID = "1"
ROLES = {"staff": "account_manager", "admins": "administrator"}
_KEYS = {name: rsa.generate_private_key(65537, 2048) for name in ("own", "foreign")}


class IdentityProvider:
    """Vouches for one `person`, by their claims."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.provider = self  # type: ignore[attr-defined]
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._codes: dict[str, dict[str, str]] = {}
        self._granted: dict[str, dict[str, Any]] = {}
        self.begin_anew()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def begin_anew(self) -> None:
        """Forget what tests made of it."""
        self.person: dict[str, Any] = {
            "sub": "subject-1",
            "email": "ida@example.com",
            "email_verified": True,
            "preferred_username": "ida",
            "given_name": "Ida",
            "family_name": "Ott",
            "groups": ["staff"],
        }
        self.lie = ""
        self.is_away = False
        self.only_in_userinfo: tuple[str, ...] = ()
        self.asked: list[dict[str, str]] = []
        """What each sign-in came with."""
        self.asked_ago: int | None = 0
        """Seconds since the person typed their password; None if it does not tell."""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **changes: Any) -> Provider:
        """The settings of a site that is to use it."""
        return Provider(
            **{
                "issuer": self.issuer,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "name": "Corporate login",
                "scopes": ("openid", "email", "profile"),
                "groups_claim": "groups",
                "roles": ROLES,
                "tenants_claim": "customers",
                "member_role": "viewer",
                "trusts_addresses": False,
                **changes,
            }
        )

    def approve(self, address: str) -> str:
        """What the person does at an address that the site sent them to. Return where they are sent
        back to.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        if self.lie == "iss of the answer":
            answer["iss"] = "https://evil.example"
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, form: dict[str, str]) -> tuple[int, Any]:
        """Give tokens for a code, once, to whoever began and knows the secret."""
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET)
            or form.get("redirect_uri") != asked["redirect_uri"]
            or (asked.get("code_challenge_method"), asked["code_challenge"]) != ("S256", challenge)
        ):
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        claims = self._claims(asked)
        self._granted[access_token] = self.person
        token = {"access_token": access_token, "token_type": "Bearer", "expires_in": 60}
        return 200, token | ({} if self.lie == "no token" else {"id_token": self._sign(claims)})

    def _claims(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        told = {k: v for k, v in self.person.items() if k not in self.only_in_userinfo}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce"),
            **({} if self.asked_ago is None else {"auth_time": now - self.asked_ago}),
            **told,
        }
        lies: dict[str, dict[str, Any]] = {
            "aud": {"aud": "another client"},
            "azp": {"aud": [CLIENT_ID, "another"], "azp": "another"},
            "iss": {"iss": "https://evil.example"},
            "nonce": {"nonce": "of another sign-in"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "not yet": {"iat": now + 900, "exp": now + 1800},
            "no subject": {"sub": ""},
        }
        return claims | lies.get(self.lie, {})

    def _sign(self, claims: dict[str, Any]) -> str:
        if self.lie == "alg none":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})
        if self.lie == "alg hmac":  # with what everybody knows
            return jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": KEY_ID})
        key = _KEYS["foreign" if self.lie == "foreign key" else "own"]
        kid = "unknown" if self.lie == "unknown key" else KEY_ID
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    def userinfo(self, access_token: str) -> tuple[int, Any]:
        person = self._granted.get(access_token)
        if person is None:
            return 401, {}
        return 200, person | ({"sub": "another"} if self.lie == "userinfo" else {})

    def discovery(self) -> Any:
        """What it says of itself."""
        if self.lie == "discovery":
            return ["nothing", "of", "the", "kind"]
        issuer = "https://evil.example" if self.lie == "issuer" else self.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> Any:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_KEYS["own"].public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: IdentityProvider = self.server.provider  # type: ignore[attr-defined]
        place = urlsplit(self.path)
        if provider.is_away:
            self._say(503, {})
        elif place.path == "/.well-known/openid-configuration":
            self._say(200, provider.discovery())
        elif place.path == "/keys":
            self._say(200, provider.keys())
        elif place.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._say(*provider.userinfo(token))
        elif place.path == "/authorize":
            self._page(place.query)
        elif place.path == "/approve":
            self.send_response(302)
            self.send_header("Location", provider.approve(self.path))
            self.end_headers()
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        provider: IdentityProvider = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(*((503, {}) if provider.is_away else provider.tokens(form)))

    def _page(self, query: str) -> None:
        """Where somebody says that it is them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        link = f'<a href="/approve?{query.replace("&", "&amp;")}">It is me</a>'
        self.wfile.write(f"<!doctype html><title>Provider</title><h1>Provider</h1>{link}".encode())

    def _say(self, status: int, answer: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """One that is there for a while."""
    provider = IdentityProvider()
    yield provider
    provider.close()

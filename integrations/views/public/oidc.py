"""Speaking OpenID Connect with the vendor's identity provider, by django-allauth's client.

Stricter than that in places: every token's signature is checked, with asymmetric algorithms alone,
and its nonce, times and addressee; discovery must be that of the issuer that is set.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import jwt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string

from integrations.access.provider_accounts import Person, provider, provider_key

ALGORITHMS = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)]
ALGORITHMS += ["EdDSA"]
SKEW = 60  # seconds that the provider's clock may be off
LARGEST = 1024 * 1024  # bytes of an answer
MOST_NAMES = 1000  # of groups or tenants


class Failure(StrEnum):
    """Why a sign-in at the provider came to nothing."""

    AWAY = "away"  # it can't be reached, or does not answer as such a provider does
    CANCELLED = "cancelled"
    LOST = "lost"  # begun in another browser, too long ago, or already over
    NOT_TRUSTED = "not_trusted"  # its answer is not for us, not from it, or not of this sign-in
    NOT_ASKED = "not_asked"  # it let somebody in again without asking who they are


class Failed(Exception):
    """A sign-in at the provider came to nothing; `state` is what was kept of its beginning."""

    def __init__(self, failure: Failure, state: Mapping[str, Any] | None = None) -> None:
        super().__init__(failure)
        self.failure, self.state = failure, state or {}


class Connections(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """How the provider is reached: straight, and where discovery says, nowhere else."""

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        session.trust_env = False
        session.max_redirects = 0
        session.hooks["response"].append(_look_at)
        return session


def _look_at(response: Any, **_more: Any) -> None:
    """Raise an error for an answer that says nothing of the person."""
    is_large = len(response.content) > LARGEST  # read in any case, so that nothing stays open
    if response.status_code >= 500:
        response.raise_for_status()
    if is_large:
        raise ValueError("too large an answer")


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    def get_provider(self) -> "_Provider":
        return _Provider(self.request, app=_app())

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises ValueError if it says to be another."""
        config: dict[str, Any] = super().openid_config
        if str(config["issuer"]).rstrip("/") != provider().issuer:
            raise ValueError("another issuer")
        return config

    def get_callback_url(self, request: HttpRequest, app: object) -> str:
        return request.build_absolute_uri(reverse("single_sign_on_callback"))


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]
    pkce_enabled_default = True
    oauth2_adapter_class = _Adapter


def _app() -> Any:
    """Return what allauth would keep in a row, as the settings have it."""
    sso = provider()
    return SocialApp(
        provider=_Provider.id,
        provider_id=provider_key(sso.issuer),
        name=sso.name,
        client_id=sso.client_id,
        secret=sso.client_secret,
        settings={"server_url": sso.issuer, "scope": list(sso.scopes)},
    )


def leave(request: HttpRequest, *, purpose: str, target: str) -> str:
    """Return the provider's address where somebody signs in, which is known of their session now.

    `purpose` is "sign_in", or "confirm" to be asked anew even by a provider that knows them;
    `target` is where they want to go afterwards. Raises Failed.
    """
    nonce = get_random_string(32)
    asked = {"prompt": "login", "max_age": "0"} if purpose == "confirm" else {}
    kept = {"nonce": nonce, "purpose": purpose, "begun_at": time.time()}
    with _noticed():
        response = _Provider(request, app=_app()).redirect(
            request, "login", next_url=target, auth_params={"nonce": nonce, **asked}, **kept
        )
        return str(response["Location"])


def come_back(request: HttpRequest) -> tuple[Person, Mapping[str, Any], float]:
    """Return whom the provider vouches for, what was kept when they left, and when it asked them
    last, in seconds since the epoch, or 0 if it doesn't say. Raises Failed.
    """
    client = _Provider(request, app=_app())
    try:
        state: dict[str, Any] = client.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        raise Failed(Failure.LOST) from None
    with _noticed(state):
        adapter = _Adapter(request, client.sub_id)
        issuer = request.GET.get("iss")  # RFC 9207: whose answer it says to be
        if issuer and issuer != adapter.openid_config["issuer"]:
            raise Failed(Failure.NOT_TRUSTED, state)
        if "code" not in request.GET:
            is_cancelled = request.GET.get("error") in {"access_denied", "login_required"}
            raise Failed(Failure.CANCELLED if is_cancelled else Failure.NOT_TRUSTED, state)
        tokens = adapter.get_client(request, client.app).get_access_token(
            request.GET["code"], pkce_code_verifier=state["pkce_code_verifier"]
        )
        claims = _verified(adapter, str(tokens.get("id_token") or ""), state)
        claims = _completed(adapter, tokens["access_token"], claims)
    asked_at = _asked_at(claims)
    if state["purpose"] == "confirm" and asked_at < state["begun_at"] - SKEW:
        raise Failed(Failure.NOT_ASKED, state)
    return _person(claims), state, asked_at


@contextmanager
def _noticed(state: Mapping[str, Any] | None = None) -> Iterator[None]:
    """What goes wrong on the way, or in an answer, is the provider's."""
    try:
        yield
    except (jwt.PyJWTError, OAuth2Error) as error:
        raise Failed(Failure.NOT_TRUSTED, state) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # The client's own errors are OSErrors; the others are of an answer that is none.
        raise Failed(Failure.AWAY, state) from error


def _verified(adapter: _Adapter, token: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of an ID token that is this provider's, for us, and of this sign-in."""
    config, client_id = adapter.openid_config, provider().client_id
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    if not isinstance(header.get("kid"), str):
        raise jwt.InvalidKeyError
    algorithm, key = jwtkit.fetch_key(token, config["jwks_uri"], jwtkit.lookup_kid_jwk)
    claims: dict[str, Any] = jwt.decode(
        token,
        key=key,
        algorithms=[algorithm],
        audience=client_id,
        issuer=config["issuer"],
        leeway=SKEW,
        options={"require": ["aud", "exp", "iat", "iss", "sub"]},
    )
    if not constant_time_compare(str(claims.get("nonce", "")), state["nonce"]):
        raise jwt.InvalidTokenError("another nonce")
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if is_shared else client_id) != client_id:
        raise jwt.InvalidAudienceError("for another party")
    subject = claims["sub"]
    # As much as is kept, and nothing that PostgreSQL can't even look for.
    if not 0 < len(subject) <= 191 or not subject.isprintable():
        raise jwt.InvalidTokenError("no subject")
    return claims


def _completed(adapter: _Adapter, access_token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims with what the provider tells only of itself, if something is missing."""
    sso = provider()
    wanted = {"email", *(name for name in (sso.groups_claim, sso.tenants_claim) if name)}
    missing = any(_looked_up(claims, name) is None for name in wanted)
    if not missing or "userinfo_endpoint" not in adapter.openid_config:
        return claims
    more = adapter._fetch_user_info(access_token)
    if more.get("sub") != claims["sub"]:
        raise jwt.InvalidTokenError("of another person")
    return {**more, **claims}


def _asked_at(claims: Mapping[str, Any]) -> float:
    at = claims.get("auth_time")
    return float(at) if isinstance(at, int | float) else 0.0


def _person(claims: Mapping[str, Any]) -> Person:
    sso = provider()
    is_verified = sso.trusts_addresses or str(claims.get("email_verified")).lower() == "true"
    return Person(
        subject=claims["sub"],
        email=_text(claims, "email")[:254],
        is_email_verified=is_verified,
        username=_text(claims, "preferred_username"),
        first_name=_text(claims, "given_name"),
        last_name=_text(claims, "family_name"),
        groups=_names(_looked_up(claims, sso.groups_claim)),
        tenants=_names(_looked_up(claims, sso.tenants_claim) if sso.tenants_claim else None),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _looked_up(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by the way to it where it is within another."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _names(value: object) -> frozenset[str]:
    values: Iterable[object] = value if isinstance(value, list) else [value]
    names = [one for one in values if isinstance(one, str) and one and "\0" not in one]
    return frozenset(names[:MOST_NAMES])

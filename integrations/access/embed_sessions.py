"""Inside a host's page: the host's tokens, the sessions they buy, and the handles that lead out of
the frame.

The vendor's backend signs a token for one tenant (HS256, five minutes at most). It buys one
session, whose key only the frame knows; nothing here needs a cookie.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import jwt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.access import hand_offs
from integrations.domain.clock import within
from integrations.models import EmbedSession, RepairHandle, SpentToken, Tenant
from integrations.models.ids import hidden_character

AUDIENCE = "kombo-dashboard/embed"
LONGEST_TOKEN = 4096  # characters
LONGEST_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)  # between the clocks of host and dashboard
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(minutes=60)
NOTED = timedelta(minutes=1)  # how exactly the last use is known
SCOPES = {"view", "repair"}
REQUIRED = ["aud", "sub", "jti", "iat", "exp"]


class Refused(Exception):
    """A token that buys nothing.

    `code` is for programs, the message for the product engineer who made it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownTenant(Refused):
    """A good token for a tenant that is not here."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever looks at a frame of the host's page: let into one tenant, without an account.

    With `is_preview` it is one of the staff, who looks at what such a customer sees and can't do
    anything.
    """

    pk: str
    tenant: Tenant
    may_repair: bool
    is_preview: bool = False

    is_authenticated: ClassVar[bool] = True
    is_staff: ClassVar[bool] = False

    def has_perm(self, permission: str) -> bool:
        """Return False: permissions are for the vendor's people."""
        return False


@dataclass(frozen=True, slots=True)
class Admission:
    """A session that was just bought: its key, to be told once, and for how many seconds it lives
    at most.
    """

    key: str = field(repr=False)
    guest: Guest
    seconds: int


def is_on() -> bool:
    """Whether there is an origin that may embed and a secret to sign with."""
    return bool(settings.EMBED_ORIGINS and settings.EMBED_SECRETS)


def mint(origin_id: str, scopes: Iterable[str] = ("view", "repair")) -> str:
    """Sign a token as a host's backend would, with the first secret.

    Raises StopIteration if there is none.
    """
    kid, secret = next(iter(settings.EMBED_SECRETS.items()))
    now = timezone.now()
    claims = {
        "aud": AUDIENCE,
        "sub": origin_id,
        "jti": str(uuid.uuid4()),
        "iat": int(now.timestamp()),
        "exp": int((now + LONGEST_LIFE).timestamp()),
        "scope": list(scopes),
    }
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid})


def exchange(token: str, *, add_tenant: Callable[[str, str], Tenant] | None = None) -> Admission:
    """Let a token buy a session; a second time it buys nothing. Raises Refused.

    `add_tenant` makes the tenant of an origin id and a name, where a token carries both and nobody
    has the id yet; without it there must be one.
    """
    claims = _verified(token)
    tenant = Tenant.objects.filter(origin_id=claims["sub"]).first()
    if tenant is None and add_tenant and "name" in claims:
        tenant = add_tenant(claims["sub"], _name(claims))
    if tenant is None:
        raise UnknownTenant("unknown_tenant", "No tenant has the origin id in `sub`.")
    key = secrets.token_urlsafe(32)
    now = timezone.now()
    session = EmbedSession(
        digest=digest(key),
        tenant=tenant,
        may_repair="repair" in claims["scope"],
        created_at=now,
        used_at=now,
    )
    try:
        with transaction.atomic():
            SpentToken.objects.create(
                digest=digest(claims["jti"]), expires_at=now + LONGEST_LIFE + 2 * SKEW
            )
            session.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            "token_spent", "This token was used before: sign a new one, with its own `jti`."
        ) from error
    return Admission(key, _guest(session), int(ABSOLUTE.total_seconds()))


def guest_of(key: str) -> Guest | None:
    """The guest whose session has this key, if it still lives."""
    if not is_on() or not key or len(key) > 100:
        return None
    now = timezone.now()
    session = _open(now).select_related("tenant").filter(digest=digest(key)).first()
    if session is None:
        return None
    if now - session.used_at > NOTED:
        EmbedSession.objects.filter(pk=session.pk).update(used_at=now)
    return _guest(session)


def count_open(now: datetime) -> int:
    """Return how many sessions there are that have not ended."""
    return _open(now).count()


def _open(now: datetime) -> QuerySet[EmbedSession]:
    alive = within("created_at", now, at_most=ABSOLUTE) & within("used_at", now, at_most=IDLE)
    return EmbedSession.objects.filter(alive)


def revoke(tenant: Tenant | None = None) -> int:
    """End all sessions, or a tenant's, and the links that were made in them. Return how many
    sessions.
    """
    sessions = EmbedSession.objects.all()
    handles = RepairHandle.objects.all()
    if tenant:
        sessions = sessions.filter(tenant=tenant)
        handles = handles.filter(Q(integration__tenant=tenant) | Q(attempt__tenant=tenant))
    handles.delete()
    hand_offs.revoke_of_guests(tenant)
    return sessions.delete()[0]


def prune(now: datetime) -> int:
    """Forget sessions and tokens that have ended. Return how many."""
    deleted = EmbedSession.objects.filter(created_at__lt=now - ABSOLUTE).delete()[0]
    return deleted + SpentToken.objects.filter(expires_at__lt=now).delete()[0]


def _verified(token: str) -> dict[str, Any]:
    """The claims of a token that one of our secrets signed and that keeps to every rule.

    Raises Refused.
    """
    if not token or len(token) > LONGEST_TOKEN:
        raise Refused("token_malformed", "The token is missing or longer than 4096 characters.")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        secret = settings.EMBED_SECRETS.get(kid) if isinstance(kid, str) else None
        if secret is None:
            raise Refused("unknown_key", "The header's `kid` names none of EMBED_SECRETS.")
        options: Any = {"require": REQUIRED, "strict_aud": True}
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=["HS256"], audience=AUDIENCE, leeway=SKEW, options=options
        )
    except jwt.PyJWTError as error:
        raise Refused(*_reason(error)) from error
    except (
        ValueError,
        TypeError,
        RecursionError,
        OverflowError,
    ) as error:  # what the library lets through
        raise Refused("token_malformed", "This is no JSON Web Token.") from error
    _check_claims(claims)
    return claims


def _name(claims: dict[str, Any]) -> str:
    """Return the name of the tenant that a token carries. Raises Refused."""
    name = claims["name"]
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 200 or hidden_character(name):
        raise Refused("bad_name", "`name` must be a text of 1 to 200 printable characters.")
    return name.strip()


def _check_claims(claims: dict[str, Any]) -> None:
    """Check what the library does not: times, ids and scope. Raises Refused."""
    iat = claims["iat"]
    exp = claims["exp"]
    if not all(isinstance(at, int) and not isinstance(at, bool) for at in (iat, exp)):
        raise Refused("bad_times", "`iat` and `exp` must be whole seconds since 1970.")
    if not 0 < exp - iat <= LONGEST_LIFE.total_seconds():
        raise Refused("too_long", "`exp` must be at most 300 seconds after `iat`.")
    for name in ("sub", "jti"):
        value = claims[name]
        if not isinstance(value, str) or not 0 < len(value) <= 200 or hidden_character(value):
            raise Refused(
                f"bad_{name}", f"`{name}` must be a text of 1 to 200 printable characters."
            )
    scope = claims.get("scope")
    if not isinstance(scope, list) or not all(isinstance(item, str) for item in scope):
        raise Refused("bad_scope", "`scope` must be a list of texts.")
    if "view" not in scope or not set(scope) <= SCOPES:
        raise Refused("bad_scope", "`scope` must hold `view`, and may hold `repair`.")


def _reason(error: jwt.PyJWTError) -> tuple[str, str]:
    reasons: list[tuple[type[jwt.PyJWTError], str, str]] = [
        (
            jwt.ExpiredSignatureError,
            "token_expired",
            "The token has expired. Is the host's clock right?",
        ),
        (
            jwt.ImmatureSignatureError,
            "token_immature",
            "The token is from the future. Is the host's clock right?",
        ),
        (jwt.InvalidAudienceError, "bad_audience", f"`aud` must be {AUDIENCE}."),
        (
            jwt.exceptions.InvalidSubjectError,
            "bad_sub",
            "`sub` must be a text of 1 to 200 printable characters.",
        ),
        (
            jwt.exceptions.InvalidJTIError,
            "bad_jti",
            "`jti` must be a text of 1 to 200 printable characters.",
        ),
        (
            jwt.MissingRequiredClaimError,
            "missing_claim",
            f"The claims {', '.join(REQUIRED)} and scope are needed.",
        ),
        (
            jwt.InvalidSignatureError,
            "bad_signature",
            "The secret that signed it is not the one named by `kid`.",
        ),
        (jwt.InvalidAlgorithmError, "bad_algorithm", "Only HS256 is taken."),
    ]
    for kind, code, message in reasons:
        if isinstance(error, kind):
            return code, message
    return "token_malformed", "This is no JSON Web Token."


def _guest(session: EmbedSession) -> Guest:
    return Guest(pk=f"embed {session.pk}", tenant=session.tenant, may_repair=session.may_repair)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

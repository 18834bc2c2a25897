"""How people sign in, besides by a password: through the vendor's identity provider, and with a
second factor.

Both need the packages of the extra `sso`. Without them and without settings, nothing of them is
imported, and there are no tables and no addresses for them.
"""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from kombo_dashboard import env

ROLES = ("viewer", "account_manager", "lead", "administrator")
"""Keys of the groups that a provider's groups can stand for."""
MEMBER_ROLES = ("viewer", "member")
HOW_TO_INSTALL = "pip install --require-hashes -r requirements-sso.txt"
APPS = ["allauth.account", "allauth.socialaccount", "allauth.mfa"]
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]


@dataclass(frozen=True, slots=True)
class Provider:
    """The vendor's identity provider, which speaks OpenID Connect, and what its claims mean here.

    `roles` are keys of ours by group of the provider's. `groups_claim` and `tenants_claim` are
    names, with dots between a claim and what it holds.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scopes: tuple[str, ...]
    groups_claim: str
    roles: dict[str, str]
    tenants_claim: str
    member_role: str
    trusts_addresses: bool


def is_installed() -> bool:
    """Whether the packages of the extra are there."""
    return find_spec("allauth") is not None and find_spec("fido2") is not None


def provider() -> Provider | None:
    """Return the identity provider, or None if there is none."""
    issuer = env.text("SSO_ISSUER")
    client_id, secret = env.text("SSO_CLIENT_ID"), env.secret("SSO_CLIENT_SECRET")
    roles, tenants_claim = _pairs("SSO_ROLES", ROLES), _claim("SSO_TENANTS", "")
    if not issuer:
        if client_id or secret or roles or tenants_claim or env.flag("SSO_ONLY"):
            raise ImproperlyConfigured("SSO_ISSUER must be set where another SSO_… setting is.")
        return None
    if not is_installed():
        raise ImproperlyConfigured(f"SSO_ISSUER needs more packages: {HOW_TO_INSTALL}")
    for name, value in (("SSO_CLIENT_ID", client_id), ("SSO_CLIENT_SECRET", secret)):
        if not value:
            raise ImproperlyConfigured(f"SSO_ISSUER needs {name} too.")
    if not roles and not tenants_claim:
        raise ImproperlyConfigured("SSO_ISSUER needs SSO_ROLES or SSO_TENANTS, or nobody gets in.")
    return Provider(
        issuer=env.url("SSO_ISSUER", ""),
        client_id=client_id,
        client_secret=secret,
        name=env.text("SSO_NAME", "SSO"),
        scopes=tuple(env.text("SSO_SCOPES", "openid email profile").split()),
        groups_claim=_claim("SSO_GROUPS_CLAIM", "groups"),
        roles=roles,
        tenants_claim=tenants_claim,
        member_role=env.choice("SSO_TENANT_ROLE", MEMBER_ROLES, "viewer"),
        trusts_addresses=env.flag("SSO_TRUST_EMAIL"),
    )


def second_factor() -> str:
    """Return whether staff have a second factor besides a password: off, offered or required."""
    chosen = env.choice(
        "STAFF_MFA", ("off", "offered", "required"), "offered" if is_installed() else "off"
    )
    if chosen != "off" and not is_installed():
        raise ImproperlyConfigured(f"STAFF_MFA needs more packages: {HOW_TO_INSTALL}")
    return chosen


def of_the_packages() -> dict[str, Any]:
    """Return the settings that django-allauth reads; limits, pages and mails are our own."""
    return {
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_RATE_LIMITS": False,
        "MFA_ADAPTER": "integrations.access.second_factor_keys.Adapter",
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_TOTP_TOLERANCE": 1,  # a phone's clock may be half a minute off
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,  # http://localhost is allowed by itself
        "SOCIALACCOUNT_ADAPTER": "integrations.views.public.oidc.Connections",
        "SOCIALACCOUNT_REQUESTS_TIMEOUT": 5,  # seconds, for each answer of the provider's
        "SOCIALACCOUNT_STORE_TOKENS": False,
    }


def _pairs(name: str, values: tuple[str, ...]) -> dict[str, str]:
    """Return `group=role` pairs, separated by commas; a group's name may hold `=`."""
    found = [_pair(item) for item in env.items(name)]
    if not all(key and value in values for key, value in found):
        raise env.refuse(name, f"group=role pairs with commas between, each role of {values}")
    pairs = dict(found)
    if len(pairs) != len(found):
        raise env.refuse(name, "a list of different groups")
    return pairs


def _pair(item: str) -> tuple[str, str]:
    group, _sign, role = item.rpartition("=")
    return group.strip(), role.strip()


def _claim(name: str, default: str) -> str:
    value = env.text(name, default)
    if value and not re.fullmatch(r"[^\s,]{1,200}", value):
        raise env.refuse(name, "the name of a claim, such as groups or realm_access.roles")
    return value

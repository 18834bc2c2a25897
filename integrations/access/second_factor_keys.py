"""What a second factor is shown with: an authenticator app, passkeys, recovery codes.

django-allauth checks and stores them. Their secrets are encrypted with `SECRET_KEY`, so a stolen
database alone signs nobody in.
"""

import base64
import hashlib
import re
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from integrations.access import audit, rate_limits, second_factor
from integrations.access.audit import Act, Actor

LONGEST_NAME = 60  # characters of a passkey's name
_SALT = b"kombo-dashboard second factor"
# What a made-up credential has fido2 raise: it reads what it is given as if it were one.
_NOT_ONE = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypts secrets, and says whose site it is."""

    def encrypt(self, text: str) -> str:
        return _ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ciphers().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return settings.VENDOR_NAME


def _ciphers() -> MultiFernet:
    """Encrypts with the present key, and decrypts with earlier ones too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(_SALT + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def kind_of_code(user: User, code: str) -> str:
    """Return which of somebody's codes it is, "totp" or "recovery_codes", and use it up; an empty
    text if it is none.
    """
    digits = re.sub(r"\D", "", code)
    for key in second_factor.keys_of(user).exclude(type="webauthn").order_by("-type"):
        try:
            if not key.wrap().validate_code(digits):
                continue
        except InvalidToken:  # encrypted with a key that is gone
            continue
        # The library remembers an app's used code in this process alone.
        if key.type != "totp" or not rate_limits.USED_CODE.spend(user.pk, digits):
            _used(key)
            return str(key.type)
    return ""


def passkey_request(user: User) -> dict[str, Any]:
    """Return what a browser needs to show one of somebody's passkeys."""
    return dict(webauthn.begin_authentication(user))


def is_passkey(user: User, credential: dict[str, Any]) -> bool:
    """Whether a browser has shown one of somebody's passkeys."""
    try:
        webauthn.parse_authentication_response(credential)
        key = webauthn.complete_authentication(user, credential)
    except _NOT_ONE:
        return False
    _used(key)
    return True


def _used(key: Any) -> None:
    """Note that a key was used, and encrypt its secret with the present key of ours."""
    fresh = Authenticator.objects.get(pk=key.pk)
    for name in ("secret", "seed"):
        if name in fresh.data:
            fresh.data[name] = _ciphers().rotate(fresh.data[name].encode()).decode()
    fresh.last_used_at = timezone.now()
    fresh.save(update_fields=["data", "last_used_at"])


def app_address(user: User, secret: str) -> str:
    """Return what an authenticator app reads: the secret, and whose it is."""
    return str(Adapter().build_totp_url(user, secret))


def new_secret() -> str:
    return str(totp.generate_totp_secret())


def add_app(user: User, secret: str, code: str, by: Actor) -> list[str] | None:
    """Set up an authenticator app that shows this code. Return recovery codes, if these are the
    first; None if the code is wrong or there is an app already.
    """
    if not totp.validate_totp_code(secret, re.sub(r"\D", "", code)):
        return None
    if second_factor.keys_of(user).filter(type="totp").exists():
        return None
    with transaction.atomic():
        totp.TOTP.activate(user, secret)
        return _added(user, "totp", by)


def passkey_options(user: User) -> dict[str, Any]:
    """Return what a browser needs to make a passkey."""
    return dict(webauthn.begin_registration(user, False))


def add_passkey(user: User, name: str, credential: Any, by: Actor) -> list[str] | None:
    """Add a passkey that a browser has made. Return recovery codes, if these are the first; None if
    it is none.
    """
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except _NOT_ONE:
        return None
    with transaction.atomic():
        webauthn.WebAuthn.add(user, name[:LONGEST_NAME], credential)
        return _added(user, "webauthn", by)


def _added(user: User, kind: str, by: Actor) -> list[str]:
    audit.record(by, Act.SECOND_FACTOR_CHANGED, kind=kind, done="created")
    return [] if second_factor.keys_of(user).filter(type="recovery_codes").exists() else _new(user)


def renew_recovery_codes(user: User, by: Actor) -> list[str]:
    """Return new recovery codes; those from before work no more."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        second_factor.keys_of(user).filter(type="recovery_codes").delete()
        audit.record(by, Act.SECOND_FACTOR_CHANGED, kind="recovery_codes", done="created")
        return _new(user)


def _new(user: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def unused_recovery_codes(user: User) -> int:
    """Return how many are left."""
    for key in second_factor.keys_of(user).filter(type="recovery_codes"):
        used: int = key.data["used_mask"]
        return int(app_settings.RECOVERY_CODE_COUNT) - used.bit_count()
    return 0


def remove(user: User, key_id: int, by: Actor) -> bool:
    """Remove an app or a passkey; with the last one, the recovery codes go too. Return whether
    there was such a key that somebody can do without.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        keys = list(second_factor.keys_of(user).exclude(type="recovery_codes"))
        found = [key for key in keys if key.pk == key_id]
        if not found or (len(keys) == 1 and second_factor.is_demanded(user)):
            return False
        found[0].delete()
        if len(keys) == 1:
            second_factor.keys_of(user).delete()
        audit.record(by, Act.SECOND_FACTOR_CHANGED, kind=found[0].type, done="deleted")
    return True

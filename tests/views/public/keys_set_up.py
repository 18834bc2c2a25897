"""Second factors of the cast, and what their devices show."""

import json
import time

from allauth.core.context import request_context
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cache import SessionStore
from django.test import RequestFactory

from integrations.access import second_factor_keys
from tests.authenticator import Authenticator
from tests.conftest import acting

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = 30  # seconds, in which an app shows one code


def code_now(secret: str = SECRET) -> str:
    """What an authenticator app shows."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // STEP)))


def wrong_code(secret: str = SECRET) -> str:
    """One that is not shown now, nor a little earlier or later."""
    right = {format_hotp_value(hotp_value(secret, one)) for one in yield_hotp_counters_from_time()}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def with_app(user: User) -> list[str]:
    """Give somebody an authenticator app. Return their recovery codes."""
    codes = second_factor_keys.add_app(user, SECRET, code_now(), acting(user))
    assert codes
    return codes


def with_passkey(user: User) -> Authenticator:
    """Give somebody a passkey, made at http://localhost."""
    request = RequestFactory(SERVER_NAME="localhost").get("/")
    request.session = SessionStore()
    made = Authenticator()
    with request_context(request):
        credential = json.loads(made.make(second_factor_keys.passkey_options(user)))
        codes = second_factor_keys.add_passkey(user, "Laptop", credential, acting(user))
    assert codes is not None
    return made

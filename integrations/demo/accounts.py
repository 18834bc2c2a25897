"""Where the demo's people are signed in besides, and who is invited, for the gallery."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from integrations.access import invitations
from integrations.access.audit import Actor
from integrations.access.roles import StaffRole
from integrations.demo.history import ADDRESS
from integrations.models import AccountInvitation, AccountSession, Role, Tenant

# Hours since somebody signed in and since they were there, and with what.
SESSIONS = ((49, 0.7, "Safari", "iOS"), (5.2, 3, "Firefox", "Windows"), (2, 1.6, "", ""))
STAFF_SESSIONS = ((5.2, 0.7, "Safari", "iOS"),)


def sign_in_elsewhere(name: str) -> None:
    """Have somebody signed in in other browsers too, and in no more than these."""
    user, now = User.objects.get(username=name), timezone.now()
    Session.objects.filter(account__public_id__startswith=f"{name}-").delete()
    for number, (began, seen, browser, system) in enumerate(
        STAFF_SESSIONS if user.is_staff else SESSIONS
    ):
        store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.create()
        AccountSession.objects.create(
            public_id=f"{name}-{number}",
            session_id=store.session_key,
            user=user,
            began_at=now - timedelta(hours=began),
            seen_at=now - timedelta(hours=seen),
            browser=browser,
            system=system,
        )


def invite() -> None:
    """Have somebody invited to the staff, and to a customer: one who is new, and one who is not."""
    root = User.objects.get(username="root")
    by = Actor(root, root.get_username(), ADDRESS)
    acme = Tenant.objects.get(origin_id="acme")
    for email, role, tenant in (
        ("nora.lang@northwind.example", StaffRole.VIEWER, None),
        ("s.okafor@acme.example", Role.MEMBER, acme),
        ("bob@example.com", Role.VIEWER, acme),
    ):
        if not invitations.open_ones(tenant).filter(email=email).exists():
            invitations.invite(email, role, by, tenant=tenant)


def link_of(email: str) -> str:
    """Return the link by which somebody was invited; an empty text if nobody was."""
    found = AccountInvitation.objects.filter(email=email, revoked_at=None).first()
    return invitations.url_of(found) if found else ""

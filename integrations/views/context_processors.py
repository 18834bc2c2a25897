"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from integrations.access import permissions
from integrations.access.listing import Organization
from integrations.models.tenants import new_public_id
from integrations.views.types import EMBED_URLCONF, PREVIEW_URLCONF
from integrations.workspace import identity
from integrations.workspace.identity import VendorIdentity


def vendor(request: HttpRequest) -> dict[str, object]:
    context: dict[str, object] = {
        "VENDOR_NAME": settings.VENDOR_NAME,
        "identity": SimpleLazyObject(lambda: _identity_of(request)),
        # For a switcher; asked for once a request, and only where a page shows one.
        "organizations": SimpleLazyObject(lambda: _organizations(request)),
        "LANGUAGES": tuple(settings.LANGUAGES),
        "CAN_SEND_MAIL": bool(settings.EMAIL_HOST_NAME),
        "HAS_SECOND_FACTOR": settings.STAFF_MFA != "off",
        "base": "base.html",
        # Each form that must not be done twice has a token of its own
        # (`decorators.is_duplicate_submission`).
        "idempotency_key": new_public_id,
    }
    if getattr(request, "urlconf", None) == EMBED_URLCONF:
        # A frame's content comes without the page around it, and a form without a token that would
        # need a cookie.
        context |= {"base": "embed/base.html", "csrf_token": ""}
    elif getattr(request, "urlconf", None) == PREVIEW_URLCONF:
        context |= {"base": "workspace/preview.html", "preview": getattr(request, "preview", None)}
    return context


def _identity_of(request: HttpRequest) -> VendorIdentity:
    """The vendor's identity, asked for once a request and only where a template shows it."""
    known: VendorIdentity | None = getattr(request, "vendor_identity", None)
    if known is None:
        known = request.vendor_identity = identity.current()  # type: ignore[attr-defined]
    return known


def _organizations(request: HttpRequest) -> list[Organization]:
    known: list[Organization] | None = getattr(request, "organizations", None)
    if known is None:
        known = request.organizations = permissions.organizations(request.user)  # type: ignore[attr-defined,arg-type]
    return known

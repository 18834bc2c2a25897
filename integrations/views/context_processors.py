"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from integrations.models.tenants import new_public_id
from integrations.views.types import FRAMED, LOOKED_AT


def vendor(request: HttpRequest) -> dict[str, object]:
    told: dict[str, object] = {
        "VENDOR_NAME": settings.VENDOR_NAME,
        "LANGUAGES": settings.LANGUAGES,
        "CAN_SEND_MAIL": bool(settings.EMAIL_HOST_NAME),
        "base": "base.html",
        "once": new_public_id,  # each form that must not be done twice has a token of its own (`acts.is_repeated`)
    }
    if getattr(request, "urlconf", None) == FRAMED:
        # A frame's content comes without the page around it, and a form without a token that would need a cookie.
        told |= {"base": "embed/base.html", "csrf_token": ""}
    elif getattr(request, "urlconf", None) == LOOKED_AT:
        told |= {"base": "workspace/preview.html", "looking": getattr(request, "looking", None)}
    return told

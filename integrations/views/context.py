"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def vendor(request: HttpRequest) -> dict[str, object]:
    return {
        "VENDOR_NAME": settings.VENDOR_NAME,
        "LANGUAGES": settings.LANGUAGES,
        "CAN_SEND_MAIL": bool(settings.EMAIL_HOST_NAME),
    }

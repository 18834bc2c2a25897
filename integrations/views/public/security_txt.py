"""Whom to tell of a vulnerability, where those look who find one.

Source: https://www.rfc-editor.org/rfc/rfc9116
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

VALID = timedelta(days=90)  # what is older than that, on a copy somewhere, is to be looked up anew
CACHED_FOR = 3600  # seconds


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The operator's contacts; not there unless there is one."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {contact}" for contact in settings.SECURITY_CONTACT]
    lines.append(f"Expires: {(midnight + VALID).isoformat()}")
    lines.append(f"Preferred-Languages: {', '.join({'en': 1, settings.LANGUAGE_CODE: 1})}")
    if settings.SITE_URL_IS_KNOWN:
        lines.append(f"Canonical: {settings.SITE_URL}{reverse('security_txt')}")
    if settings.SECURITY_POLICY_URL:
        lines.append(f"Policy: {settings.SECURITY_POLICY_URL}")
    response = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={CACHED_FOR}"
    return response

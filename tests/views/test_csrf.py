"""No form of another site does anything: each address of the site asks for the page's own token."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from integrations.models import ConnectionAttempt, Tenant
from tests.views import to_connect

# Machines, which sign what they send or have a token, and send no cookie.
EXEMPT = {"webhooks", "webhooks_bare", "metrics"}


def exempt(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from exempt(pattern.url_patterns)
        elif getattr(pattern.callback, "csrf_exempt", False):
            yield pattern.name or str(pattern.pattern)


def test_no_address_that_a_browser_signs_in_to_goes_without() -> None:
    assert set(exempt(get_resolver().url_patterns)) == EXEMPT
    assert set(exempt(get_resolver("integrations.urls.preview").url_patterns)) == set()


@pytest.mark.django_db
def test_nobody_connects_anything_from_another_site(
    alice: User, acme: Tenant, subtests: pytest.Subtests
) -> None:
    for name in to_connect.NAMES:
        with subtests.test(name=name):
            attempt = to_connect.planned(acme)
            strict = Client(enforce_csrf_checks=True)
            strict.force_login(alice)
            address = reverse(name, args=to_connect.arguments(acme)[name])
            if name in {"connect", "connect_tools", "connect_tool"}:
                assert strict.post(address).status_code in {403, 405}
            else:
                form = {"attempt": attempt.public_id, "end": "left"}
                assert strict.post(address, form).status_code == 403
            kept = ConnectionAttempt.objects.get()
            assert (kept.begun_at, kept.left_at, kept.dismissed_at) == (None, None, None)

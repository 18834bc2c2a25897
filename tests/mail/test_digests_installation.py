"""The digest tells what is wrong with the installation, even if no integration is known broken."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.mail import digests
from integrations.models import Integration, Mail, Tenant, Upstream
from tests import copy
from tests.conftest import Connect


@pytest.fixture
def made(acme: Tenant, amy: User, connect: Connect, settings: Any) -> Integration:
    settings.EMAIL_HOST_NAME, settings.DIGEST_HOUR = "mail.example", 0
    return connect(acme)


def test_nothing_is_wrong_and_nothing_is_written(made: Integration) -> None:
    assert digests.write_due() == 0


def test_a_refused_key_is_told_to_who_has_customers(made: Integration, ned: User) -> None:
    Upstream.objects.update(refused_since=timezone.now())
    assert digests.write_due() == 1
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (
        "amy@example.com",
        copy.THE_DASHBOARD_ITSELF_HAS_A_PROBLEM,
    )
    for text in (mail.text, mail.html):
        assert "Kombo has rejected the API key for production since" in text


def test_it_stands_above_what_is_broken(made: Integration, acme: Tenant, connect: Connect) -> None:
    connect(acme, state="invalid")
    Upstream.objects.update(refused_since=timezone.now())
    assert digests.write_due() == 1
    mail = Mail.objects.get()
    assert mail.subject == copy.N_CUSTOMER_INTEGRATION_NEEDS_ATTENTION(n=1)
    assert mail.text.index("has rejected the API key") < mail.text.index(copy.WAITING_ON_CUSTOMER)

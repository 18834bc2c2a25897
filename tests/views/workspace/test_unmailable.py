"""An address that mail can't be sent to is told to staff, who can set it right."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from integrations.models import Integration, Snapshot, Tenant
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import read
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
BAD = '"hr"@acme.example'  # Django takes it, and a quoted name may hide anything


@pytest.fixture
def made(acme: Tenant, connect: Connect, amy: User) -> Integration:
    made = connect(acme, state="invalid")
    Snapshot.objects.filter(pk=made.pk).update(creator_email="nobody at acme")
    return made


def recipient(browser: Browser, made: Integration) -> str:
    address = reverse("workspace_integration", args=[made.tenant.public_id, made.public_id])
    page = read(browser("amy").get(address))
    return page.one("dd", "data-fact", "recipient").text


def test_an_integration_says_whom_mails_reach(browser: Browser, made: Integration) -> None:
    said = recipient(browser, made)
    assert said.startswith(copy.NO_ONE)
    assert "Email can’t be sent to “nobody at acme”" in said
    Tenant.objects.update(contact_email="hr@acme.example")
    assert recipient(browser, made).startswith("hr@acme.example")


def test_a_customer_says_that_its_contact_gets_none(browser: Browser, made: Integration) -> None:
    Tenant.objects.update(contact_email=BAD)
    page = read(browser("amy").get(reverse("workspace_tenant", args=[made.tenant.public_id])))
    assert BAD in page.one("p", "data-unmailable").text


def test_a_contact_that_gets_no_mail_is_refused(browser: Browser, acme: Tenant, amy: User) -> None:
    amy.user_permissions.set(Permission.objects.filter(codename="contact_tenant"))
    address = reverse("tenant_reminders", args=[acme.public_id])
    response = browser("amy").post(address, {"contact_email": BAD})
    assert response.status_code == 422
    assert copy.EMAIL_CANNOT_BE_SENT in response.content.decode()


def test_the_administration_refuses_it_too(browser: Browser, acme: Tenant, root: User) -> None:
    address = reverse("admin:integrations_tenant_change", args=[acme.pk])
    told = {"name": "Acme", "origin_id": "acme", "contact_email": BAD}
    form = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    response = browser("root").post(address, told | form)
    assert copy.EMAIL_CANNOT_BE_SENT in response.content.decode()


def test_staff_are_told_that_their_own_gets_none(
    browser: Browser, amy: User, settings: object
) -> None:
    User.objects.filter(pk=amy.pk).update(email=BAD)
    page = read(browser("amy").get(reverse("email_preferences")))
    assert BAD in page.one("p", "data-unmailable").text

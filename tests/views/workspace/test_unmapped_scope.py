"""Unmapped integrations, for staff who see some tenants only: what is not theirs is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration, Tenant, UnmappedIntegration
from tests import copy

PAGE = reverse("webhook_log")


def arrive(integration_id: str, origin_id: str) -> UnmappedIntegration:
    return UnmappedIntegration.objects.create(
        environment="production",
        integration_id=integration_id,
        origin_id=origin_id,
        organization_name=f"Of {integration_id}",
        seen_at=timezone.now(),
    )


@pytest.fixture
def amys(amy: User, sign_in: Callable[[User], Client]) -> Client:
    """A browser of amy, who takes care of acme alone, and may map and make tenants."""
    names = ["view_event", "add_integration", "add_tenant"]
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    return sign_in(User.objects.get(pk=amy.pk))


def assign(client: Client, what: UnmappedIntegration, tenant: str) -> Any:
    return client.post(reverse("unmapped_assign"), {"unmapped": what.pk, "tenant": tenant})


def test_she_gives_it_to_her_own(amys: Client, acme: Tenant) -> None:
    assert assign(amys, arrive("hibob:1", ""), "acme").status_code == 302
    assert Integration.objects.get().tenant == acme


def test_another_tenant_answers_as_one_that_is_not_there(amys: Client, bolt: Tenant) -> None:
    waiting = arrive("hibob:1", "")
    answers = {}
    for name in ("bolt", "none"):
        response = assign(amys, waiting, name)
        assert response.status_code == 409
        answers[name] = response.context["problem"].replace(name, "?")
    assert answers["bolt"] == answers["none"]
    assert not Integration.objects.exists()


def test_what_names_another_tenant_is_not_there(amys: Client, bolt: Tenant) -> None:
    theirs, nobodys = arrive("hibob:1", "bolt"), arrive("hibob:2", "nobody")
    page = amys.get(PAGE).content.decode()
    assert ("Of hibob:1" in page, "Of hibob:2" in page, bolt.name in page) == (False, True, False)
    assert assign(amys, theirs, "acme").status_code == 409
    amys.post(reverse("unmapped_dismiss"), {"unmapped": theirs.pk})
    amys.post(reverse("unmapped_dismiss"), {"unmapped": nobodys.pk})
    assert list(UnmappedIntegration.objects.filter(dismissed_at=None)) == [theirs]


def test_who_sees_some_tenants_makes_none(amys: Client) -> None:
    waiting = arrive("hibob:1", "new")
    assert copy.CREATE_CUSTOMER not in amys.get(PAGE).content.decode()
    assert assign(amys, waiting, "").status_code == 404
    assert not Tenant.objects.filter(origin_id="new").exists()

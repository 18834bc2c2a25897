"""An id in which a character can't be seen gets in by no door."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import embed_sessions
from integrations.models import Integration, Tenant, UnmappedIntegration
from integrations.tenants import unmapped
from tests.conftest import acting
from tests.webhook_payloads import tell

pytestmark = pytest.mark.django_db
TRAP = "ac\u200bme"
NAMED = "U+200B (ZERO WIDTH SPACE)"


@pytest.fixture
def staff(root: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(root)


def test_the_administration_names_it_in_an_origin_id(staff: Client) -> None:
    form = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    told = {"name": "Acme", "origin_id": TRAP}
    response = staff.post(reverse("admin:integrations_tenant_add"), told | form)
    assert NAMED in response.content.decode()
    assert not Tenant.objects.exists()


def test_the_administration_names_it_in_kombos_id(staff: Client, acme: Tenant) -> None:
    told = {"tenant": acme.pk, "environment": "production", "integration_id": TRAP}
    response = staff.post(reverse("admin:integrations_integration_add"), told)
    assert NAMED in response.content.decode()
    assert not Integration.objects.exists()


@pytest.mark.parametrize("sub", [TRAP, "ac\u3164me", "ac\u202eme", "ac\u00adme", "\ufeffacme"])
def test_no_token_is_for_such_a_customer(sub: str, settings: object) -> None:
    settings.EMBED_SECRETS = {"k1": "s" * 32}  # type: ignore[attr-defined]
    settings.EMBED_ORIGINS = ["https://app.example.com"]  # type: ignore[attr-defined]
    with pytest.raises(embed_sessions.Refused) as refused:
        embed_sessions.exchange(embed_sessions.mint(sub))
    assert refused.value.code == "bad_sub"


def test_no_customer_is_made_of_what_kombo_names(root: User) -> None:
    tell("integration-created", end_user__origin_id=TRAP)
    waiting = UnmappedIntegration.objects.get()
    with pytest.raises(ValueError, match="no origin id"):
        unmapped.assign_to_new(waiting, acting(root))
    assert not Tenant.objects.exists()


def test_who_pastes_one_is_told_which(staff: Client) -> None:
    waiting = UnmappedIntegration.objects.create(
        environment="production", integration_id="p:1", seen_at=timezone.now()
    )
    told = {"unmapped": waiting.pk, "tenant": TRAP}
    assert NAMED in staff.post(reverse("unmapped_assign"), told).content.decode()

"""Moving an integration and confirming whose it is are two things that two people may do."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Tenant
from tests.conftest import Connect

LIST = reverse("admin:integrations_integration_changelist")


@pytest.fixture
def permit(mia: User, sign_in: Callable[[User], Client]) -> Callable[..., Client]:
    """A browser of mia, who sees every tenant and may do this besides."""

    def permit(*names: str) -> Client:
        mia.user_permissions.add(*Permission.objects.filter(codename__in=names))
        return sign_in(User.objects.get(pk=mia.pk))

    return permit


@pytest.fixture
def doubtful(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, origin_id="bolt")


def confirm(client: Client, made: Integration) -> bool:
    client.post(LIST, {"action": "confirm_mapping", "_selected_action": [made.pk]})
    made.refresh_from_db()
    return made.confirmed_by is not None


@pytest.mark.parametrize(
    ("names", "may"),
    [
        (["view_integration"], False),
        (["view_integration", "change_integration", "add_integration"], False),
        (["view_integration", "confirm_integration"], True),
    ],
)
def test_confirming_takes_its_own_permission(
    names: list[str], may: bool, permit: Callable[..., Client], doubtful: Integration
) -> None:
    client = permit(*names)
    assert ("confirm_mapping" in client.get(LIST).content.decode()) == may
    assert confirm(client, doubtful) == may


def test_who_confirms_may_not_move(
    permit: Callable[..., Client], doubtful: Integration, bolt: Tenant
) -> None:
    client = permit("view_integration", "confirm_integration")
    url = reverse("admin:integrations_integration_change", args=[doubtful.pk])
    told = {"tenant": bolt.pk, "integration_id": "x:1", "environment": "production"}
    assert client.post(url, told).status_code == 403
    assert Integration.objects.get().tenant == doubtful.tenant

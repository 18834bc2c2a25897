"""Adding a customer in the workspace."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access.audit import Act, Actor
from integrations.models import AuditEntry, Tenant
from integrations.tenants import adding
from tests.conftest import acting
from tests.views.browsing import read
from tests.views.conftest import Browser

TYPED = {
    "name": "Cobalt GmbH",
    "origin_id": "cobalt",
    "language": "de",
    "contact_email": "hr@cobalt.example",
}


@pytest.fixture
def roots(browser: Browser) -> Client:
    return browser("root")


@pytest.fixture
def url() -> str:
    return reverse("customer_new")


def test_it_is_added_and_shown(roots: Client, root: User, url: str) -> None:
    assert read(roots.get(reverse("customers"))).all("a", "href", url)
    response = roots.post(url, TYPED)
    made = Tenant.objects.get()
    assert response["Location"] == reverse("workspace_tenant", args=[made.public_id])
    assert {name: getattr(made, name) for name in TYPED} == TYPED
    entry = AuditEntry.objects.get(what=Act.TENANT_ADDED)
    assert (entry.tenant_id, entry.actor_id) == (made.pk, root.pk)


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"origin_id": "acme"},
        {"contact_email": "nobody"},
        {"origin_id": ""},
        {"origin_id": "a\u200bb"},
        {"language": "xx"},
        {"contact_email": '"x"@acme.example'},
    ],
)
def test_what_is_wrong_is_said_and_adds_none(
    roots: Client, acme: Tenant, url: str, wrong: dict[str, str]
) -> None:
    response = roots.post(url, TYPED | wrong)
    assert response.status_code == 422
    (name,) = wrong
    assert read(response).one("", "id", f"id_{name}")["aria-invalid"] == "true"
    assert Tenant.objects.get() == acme
    assert not AuditEntry.objects.filter(what=Act.TENANT_ADDED).exists()


def test_of_two_at_once_one_is_added(
    roots: Client, root: User, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = adding.add

    def overtaken(tenant: Tenant, by: Actor) -> Tenant | None:
        assert add(Tenant(name="Other", origin_id=tenant.origin_id), acting(root))
        return add(tenant, by)

    monkeypatch.setattr(adding, "add", overtaken)
    assert roots.post(url, TYPED).status_code == 422
    assert Tenant.objects.get().name == "Other"

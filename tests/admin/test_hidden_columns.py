"""No address of the administration answers about what it does not show."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import models
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Tenant
from tests.conftest import Connect

ADMINS = list(admin.site._registry.values())
SHOWN_FILTERS = [
    ("integrations_snapshot", "status__exact=ACTIVE"),
    ("integrations_integration", "snapshot__status__exact=ACTIVE"),
    ("integrations_integration", "environment=production"),
    ("integrations_tenant", "owner__id__exact=1"),
    ("integrations_tenant", "owner__isnull=True"),
    ("integrations_entry", "at__year=2026"),
    ("auth_user", "is_staff__exact=1"),
    ("auth_user", "groups__id__exact=1"),
]


def name_of(one: Any) -> str:
    return f"{one.opts.app_label}_{one.opts.model_name}"


def columns(one: Any) -> Iterator[str]:
    """Every column of a table and of those it points to, unless a filter is offered for it."""
    filters = {*one.list_filter, one.date_hierarchy}
    for field in one.model._meta.concrete_fields:
        if field.name not in filters:
            yield field.name
        if isinstance(field, models.ForeignKey):
            for other in field.related_model._meta.concrete_fields:
                if (path := f"{field.name}__{other.name}") not in filters and other.name != "id":
                    yield path


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("one", ADMINS, ids=name_of)
def test_a_column_without_a_filter_is_not_asked_for(
    one: Any, root: User, sign_in: Callable[[User], Client]
) -> None:
    client, url = sign_in(root), reverse(f"admin:{name_of(one)}_changelist")
    ways = cycle(("startswith", "isnull", "gt"))  # how a column is asked for makes no difference
    asked = [f"{name}__{how}" for name, how in zip(columns(one), ways, strict=False)]
    answers = {lookup: client.get(url, {lookup: "1"}).status_code for lookup in asked}
    assert len(asked) > 1
    assert {lookup: status for lookup, status in answers.items() if status != 400} == {}


def test_what_is_offered_narrows_the_list(root: User, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(root)
    for name, query in SHOWN_FILTERS:
        url = reverse(f"admin:{name}_changelist")
        assert client.get(f"{url}?{query}").status_code == 200, (name, query)


@pytest.fixture
def amys(amy: User, sign_in: Callable[[User], Client]) -> Client:
    """A browser of amy, who may do all in the administration, for acme alone."""
    names = ["add_tenant", "change_tenant", "add_integration", "change_integration"]
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    return sign_in(User.objects.get(pk=amy.pk))


def test_who_sees_some_tenants_adds_none(amys: Client, bolt: Tenant) -> None:
    for origin_id in ("bolt", "nobody's"):
        told = {"name": "x", "origin_id": origin_id}
        assert amys.post(reverse("admin:integrations_tenant_add"), told).status_code == 403


def test_who_sees_some_tenants_changes_no_origin_id(
    amys: Client, acme: Tenant, bolt: Tenant
) -> None:
    url = reverse("admin:integrations_tenant_change", args=[acme.pk])
    for origin_id in ("bolt", "nobody's"):
        assert amys.post(url, {"name": "Acme SE", "origin_id": origin_id}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.origin_id) == ("Acme SE", "acme")


def test_an_integration_goes_to_tenants_one_sees(
    amys: Client, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    pages = [
        reverse("admin:integrations_integration_add"),
        reverse("admin:integrations_integration_change", args=[made.pk]),
    ]
    told = {"integration_id": "x:1", "environment": "production", "tenant": bolt.pk}
    inline = {"snapshot-TOTAL_FORMS": 0, "snapshot-INITIAL_FORMS": 0}
    for url in pages:
        response = amys.post(url, told | inline)
        assert response.status_code == 200
        assert response.context["errors"]
    assert [one.tenant for one in Integration.objects.all()] == [acme]

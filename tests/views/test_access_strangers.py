"""What is not yours is not there, at any address, and access ends at once."""

from collections.abc import Callable
from itertools import product

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect, acting
from tests.views.access_answers import (
    ACCOUNT_URLS,
    HAND_OFF_URLS,
    INTEGRATION_URLS,
    NOWHERE,
    TENANT_URLS,
    WORKBENCH_URLS,
    answer,
)
from tests.views.browsing import ACTS, HTMX
from tests.views.conftest import Browser

# An answer to htmx is refused in the same place; CI asks for all.
BY_HTMX = [
    pytest.param(("integration", "reconnect"), id="some"),
    pytest.param(INTEGRATION_URLS, id="all", marks=pytest.mark.exhaustive),
]


def method_of(name: str) -> str:
    return "POST" if name in ACTS else "GET"


@pytest.mark.parametrize("by_htmx", BY_HTMX)
def test_somebody_elses_ids_answer_as_if_they_were_not_there(
    by_htmx: tuple[str, ...],
    browser: Browser,
    invalid: Integration,
    bolt: Tenant,
    connect: Connect,
    subtests: pytest.Subtests,
) -> None:
    bob, acme_id = browser("bob"), invalid.tenant.public_id
    connect(bolt)
    for name, headers in [*product(INTEGRATION_URLS, ({},)), *product(by_htmx, (HTMX,))]:
        with subtests.test(name=name, headers=headers):
            method = method_of(name)
            other_tenant, nowhere, no_integration, no_tenant, own_tenant, own_nowhere = (
                answer(bob, method, reverse(name, args=ids), **headers)
                for ids in (
                    (acme_id, invalid.public_id),
                    (NOWHERE, NOWHERE),
                    (acme_id, NOWHERE),
                    (NOWHERE, invalid.public_id),
                    (bolt.public_id, invalid.public_id),
                    (bolt.public_id, NOWHERE),
                )
            )
            assert other_tenant == nowhere == no_integration == no_tenant
            assert own_tenant == own_nowhere
            assert own_tenant[:3] == other_tenant[:3]
            assert own_tenant[0] == 404
            assert bolt.name not in own_tenant[1].decode()


def test_to_staff_anothers_customer_is_as_if_not_there(
    browser: Browser,
    amy: User,
    invalid: Integration,
    bolt: Tenant,
    connect: Connect,
    subtests: pytest.Subtests,
) -> None:
    amys, others = browser("amy"), connect(bolt, state="invalid")
    amy.user_permissions.set(
        Permission.objects.filter(content_type__app_label="integrations").exclude(
            codename="view_tenant"
        )
    )
    made = hand_offs.create(others, "reconnect", by=acting(amy)).public_id
    own, foreign = (invalid.tenant.public_id, invalid.public_id), (bolt.public_id, others.public_id)

    def look(*ids: str) -> tuple[int, bytes, dict[str, str], int]:
        where = ids[: 1 if name in ACCOUNT_URLS else 3 if name in HAND_OFF_URLS else 2]
        return answer(amys, method, reverse(name, args=where))

    names = [*ACCOUNT_URLS, *WORKBENCH_URLS, *HAND_OFF_URLS]
    for name, method in product(names, ("GET", "POST")):
        with subtests.test(name=name, method=method):
            there, nowhere = look(*foreign, made), look(NOWHERE, NOWHERE, NOWHERE)
            # Led to the page, or not looked at any further.
            if (method, there[0]) in {("GET", 302), ("POST", 405)}:
                assert nowhere[0] == there[0]
                continue
            assert there == nowhere
            assert there[0] == 404
            if name not in ACCOUNT_URLS:
                mixed = look(own[0], foreign[1], made)
                assert mixed == look(own[0], NOWHERE, NOWHERE)
                assert mixed[0] == 404
            if name in HAND_OFF_URLS:
                assert look(*own, made) == look(*own, NOWHERE)
                assert look(*own, made)[0] == 404


@pytest.mark.parametrize("name", TENANT_URLS)
def test_somebody_elses_tenant_answers_as_if_it_was_not_there(
    name: str, browser: Browser, invalid: Integration
) -> None:
    bob = browser("bob")
    there, nowhere = (
        answer(bob, "GET", reverse(name, args=[key])) for key in (invalid.tenant.public_id, NOWHERE)
    )
    assert there == nowhere
    assert there[0] == 404


def test_the_banner_of_anothers_integration_is_as_if_not_there(
    browser: Browser, invalid: Integration, bolt: Tenant
) -> None:
    bob, url = browser("bob"), reverse("banner", args=[bolt.public_id])
    there, nowhere = (
        answer(bob, "GET", f"{url}?only={key}") for key in (invalid.public_id, NOWHERE)
    )
    assert (there[0], there[3]) == (nowhere[0], nowhere[3])
    assert there[1].replace(invalid.public_id.encode(), NOWHERE.encode()) == nowhere[1]


def test_without_a_session_what_exists_looks_like_what_does_not(
    browser: Browser,
    address: Callable[[str], str],
    invalid: Integration,
    subtests: pytest.Subtests,
) -> None:
    """And a fragment is not redirected."""
    nobody = browser("nobody")
    for name, headers in product((*TENANT_URLS, *INTEGRATION_URLS), ({}, HTMX)):
        with subtests.test(name=name, headers=headers):
            there = address(name)
            nowhere = there.replace(invalid.tenant.public_id, NOWHERE)
            nowhere = nowhere.replace(invalid.public_id, NOWHERE)
            known, unknown = (
                answer(nobody, method_of(name), url, **headers) for url in (there, nowhere)
            )
            if headers:
                assert known[:2] == (401, b"")
                assert "Location" not in known[2]
            known[2].pop("Location", None)
            unknown[2].pop("Location", None)
            assert known == unknown
            assert known[3] == 0


def test_nothing_of_another_tenant_costs_a_call_to_kombo(
    browser: Browser, address: Callable[[str], str], kombo: Simulator
) -> None:
    bob, before = browser("bob"), kombo.calls
    for name in INTEGRATION_URLS:
        bob.generic(method_of(name), address(name))
    assert kombo.calls == before


def test_membership_ends_access_at_once(alices: Client, invalid: Integration) -> None:
    url = reverse("tenant", args=[invalid.tenant.public_id])
    assert alices.get(url).status_code == 200
    invalid.tenant.memberships.all().delete()
    assert alices.get(url).status_code == 404


def test_staff_without_the_permission_see_no_tenant(
    browser: Browser, mia: User, invalid: Integration
) -> None:
    mia.user_permissions.clear()
    assert browser("mia").get(reverse("tenant", args=[invalid.tenant.public_id])).status_code == 404


def test_the_permission_without_being_staff_shows_no_tenant(
    browser: Browser, mia: User, invalid: Integration
) -> None:
    mia.is_staff = False
    mia.save(update_fields=["is_staff"])
    assert browser("mia").get(reverse("tenant", args=[invalid.tenant.public_id])).status_code == 404


def test_whoever_hands_a_customer_over_sees_it_no_more(
    browser: Browser, amy: User, ned: User, invalid: Integration
) -> None:
    addresses = [
        reverse("tenant", args=[invalid.tenant.public_id]),
        reverse("workspace_tenant", args=[invalid.tenant.public_id]),
        reverse("workspace_integration", args=[invalid.tenant.public_id, invalid.public_id]),
    ]
    for before, after in (("amy", "ned"), ("ned", "amy")):
        assert [browser(before).get(address).status_code for address in addresses] == [200] * 3
        assert [browser(after).get(address).status_code for address in addresses] == [404] * 3
        Tenant.objects.filter(pk=invalid.tenant_id).update(owner={"amy": amy, "ned": ned}[after])


def test_who_is_no_staff_any_more_takes_care_of_nobody(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    amy.is_staff = False
    amy.save(update_fields=["is_staff"])
    for name in ("tenant", "workspace_tenant"):
        assert browser("amy").get(reverse(name, args=[invalid.tenant.public_id])).status_code == 404
    assert browser("amy").get(reverse("triage")).status_code == 404

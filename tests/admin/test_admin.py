"""The administration: everything is there, snapshots are to look at only, and nothing secret
shows.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import embed_sessions
from integrations.models import Integration, Membership, Snapshot, Tenant
from integrations.tenants import mapping
from tests import copy
from tests.admin.pages import page
from tests.conftest import API_KEY, Connect, acting
from tests.embed import token, turn_on

MODELS = ["tenant", "membership", "integration", "snapshot"]


def every_page(integration: Integration) -> list[str]:
    objects = [integration.tenant, Membership.objects.get(), integration, integration.snapshot]
    lists = [page(f"{model}_changelist") for model in MODELS]
    return [
        reverse("admin:index"),
        *lists,
        *(f"{address}?q=acme" for address in lists),
        *(page(f"{model}_change", one.pk) for model, one in zip(MODELS, objects, strict=True)),
        *(page(f"{model}_add") for model in MODELS[:3]),
        page("integration_delete", integration.pk),
        page("integration_history", integration.pk),
    ]


def test_every_page_loads_and_shows_no_address_and_no_key(
    roots: Client, theirs: Integration
) -> None:
    for address in every_page(theirs):
        response = roots.get(address)
        assert response.status_code == 200, address
        assert b"eve@" not in response.content, address
        assert API_KEY.encode() not in response.content, address
        assert b"lease" not in response.content, address


SEARCHES = (
    ("tenant", "Acme", True),
    ("tenant", "acme", True),
    ("tenant", "nobody", False),
    ("membership", "alice", True),
    ("membership", "bolt", False),
    ("integration", "personio:", True),
    ("integration", "Personio", True),
    ("integration", "GmbH", True),
    ("integration", "nobody", False),
    ("snapshot", "personio:", True),
    ("snapshot", "eve@customer", False),
)


def test_search(roots: Client, theirs: Integration) -> None:
    for model, query, found in SEARCHES:
        response = roots.get(page(f"{model}_changelist"), {"q": query})
        assert response.context["cl"].result_count == int(found), (model, query)


def test_snapshots_are_to_look_at_only(roots: Client, theirs: Integration) -> None:
    assert roots.get(page("snapshot_add")).status_code == 403
    assert roots.get(page("snapshot_delete", theirs.pk)).status_code == 403
    assert roots.post(page("snapshot_change", theirs.pk), {"status": "INVALID"}).status_code == 403
    assert b'name="status"' not in roots.get(page("snapshot_change", theirs.pk)).content
    form = roots.get(page("integration_change", theirs.pk)).content
    assert b"Personio" in form
    assert b'name="snapshot-0-status"' not in form
    assert Snapshot.objects.get().status == "ACTIVE"


def test_nobody_but_staff_gets_in(
    alice: User, sign_in: Callable[[User], Client], theirs: Integration
) -> None:
    alices = sign_in(alice)
    for address in every_page(theirs):
        assert alices.get(address).status_code == 302, address


def test_a_list_takes_the_same_queries_however_long(
    roots: Client, root: User, acme: Tenant, connect: Connect, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        mapping.confirm(connect(acme, origin_id="bolt"), acting(root))
    with django_assert_max_num_queries(9):  # one of them for what the vendor looks like
        roots.get(page("integration_changelist"))


@pytest.mark.parametrize("allowed", [True, False])
def test_embedded_sessions_of_the_chosen_tenants_are_ended(
    allowed: bool,
    root: User,
    mia: User,
    sign_in: Callable[[User], Client],
    acme: Tenant,
    bolt: Tenant,
    settings: Any,
) -> None:
    turn_on(settings)
    keys = {
        name: [embed_sessions.exchange(token(sub=name)).key for _ in range(2)]
        for name in ("acme", "bolt")
    }
    chosen = {"action": "end_embed_sessions", "_selected_action": [acme.pk]}
    done = sign_in(root if allowed else mia).post(page("tenant_changelist"), chosen, follow=True)
    assert (copy.N_SESSIONS_ENDED(n=2) in done.content.decode()) == allowed
    alive = {
        name: [bool(embed_sessions.guest_of(key)) for key in those] for name, those in keys.items()
    }
    assert alive == {"acme": [not allowed] * 2, "bolt": [True, True]}
    assert not [key for those in keys.values() for key in those if key in done.content.decode()]

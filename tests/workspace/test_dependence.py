"""Which features hang on one connection."""

import pytest

from integrations.models import Integration, Snapshot, Tenant
from integrations.workspace import dependence, features, summaries
from tests.feature_factories import declare, give

pytestmark = pytest.mark.django_db
MANAGER = {"hris_employees.manager_id": "available"}
TEAMS = {"hris_teams": "available"}
STATUS = {"status": "ACTIVE", "setup_status": "COMPLETED"}


def known(integration: Integration) -> Integration:
    while features.evaluate_stale():
        continue
    return Integration.objects.select_related("tenant", "snapshot").get(pk=integration.pk)


def test_only_what_this_one_alone_carries(acme: Tenant) -> None:
    declare(name="Org chart", is_public=True)
    declare("hris_teams", name="Teams", is_public=True)
    declare("hris_teams", name="Secret")
    mine = give(acme, MANAGER | TEAMS, **STATUS)
    give(acme, MANAGER, tool="HiBob", **STATUS)
    assert dependence.carried_alone(known(mine)) == ["Teams"]


def test_another_one_with_the_same_grid_carries_it_too(acme: Tenant) -> None:
    declare(name="Org chart", is_public=True)
    mine, other = (give(acme, MANAGER, **STATUS) for _ in range(2))
    assert dependence.carried_alone(known(mine)) == []
    digest = known(mine).snapshot.coverage_digest
    assert dependence.on_hold(acme, [digest]) == {digest: []}
    Snapshot.objects.filter(pk=other.pk).update(status="INVALID")
    summaries.recompute([other.pk])
    assert dependence.carried_alone(known(mine)) == ["Org chart"]


def test_what_does_not_work_anyway_is_not_named(acme: Tenant, bolt: Tenant) -> None:
    declare(name="Org chart", is_public=True)
    mine = give(acme, {"hris_employees.manager_id": "opted_out"}, **STATUS)
    give(bolt, MANAGER, **STATUS)
    assert dependence.carried_alone(known(mine)) == []


def test_before_kombo_told_of_a_grid_nothing_is_named(acme: Tenant) -> None:
    declare(name="Org chart", is_public=True)
    assert dependence.carried_alone(known(give(acme, None, **STATUS))) == []

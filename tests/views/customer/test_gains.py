"""What would change a feature that doesn't work, on the pages: with the way there, for whoever may
go it.
"""

import pytest
from django.urls import reverse

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import features
from tests.conftest import Connect
from tests.feature_factories import declare
from tests.views.browsing import Element, page_at, read, tenant_url
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
FIELD = "hris_employees.date_of_birth"


def panel(browser: Browser, person: str, address: str) -> Element:
    while features.evaluate_stale():
        continue
    return (
        read(browser(person).get(address)).one("section", "id", "features").one("div", "data-gain")
    )


@pytest.fixture
def opted_out(acme: Tenant, connect: Connect, kombo: Simulator) -> Integration:
    """A feature that needs what acme chose not to share."""
    made = connect(acme, fetched=False, coverage="everything")
    kombo.world.set_opt_out(made.integration_id, FIELD, True)
    made.snapshot = snapshots.revalidate(made)
    declare(FIELD, is_public=True)
    return made


@pytest.mark.parametrize("others", [0, 2])
def test_the_way_leads_to_where_it_is_changed(
    others: int, browser: Browser, opted_out: Integration, acme: Tenant, connect: Connect
) -> None:
    for _number in range(others):
        connect(acme, category="ATS", tool_id="lever")
    found = panel(browser, "alice", tenant_url(opted_out))
    assert found["data-gain"] == "share"
    address, _, place = found.one("a")["href"].partition("#")
    assert address == reverse("integration", args=[acme.public_id, opted_out.public_id])
    assert page_at(browser("alice"), address).one("section", "id", place)


def test_who_may_only_look_reads_it(browser: Browser, opted_out: Integration) -> None:
    found = panel(browser, "vic", tenant_url(opted_out))
    assert (found["data-gain"], found.all("a")) == ("share", [])


def test_staff_read_the_same_of_their_customers(
    browser: Browser, opted_out: Integration, acme: Tenant
) -> None:
    found = panel(browser, "amy", reverse("workspace_tenant", args=[acme.public_id]))
    assert found["data-gain"] == "share"
    ids = [acme.public_id, opted_out.public_id]
    assert found.one("a")["href"] == reverse("workspace_integration", args=ids)


def test_what_nobody_can_change_has_no_button(
    browser: Browser, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    declare("hris_employees.never_heard_of", is_public=True)
    found = panel(browser, "alice", tenant_url(made))
    assert (found["data-gain"], found.all("a")) == ("nothing", [])

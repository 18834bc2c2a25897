"""The demo's data: every headline and every reason is somewhere to be seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model

from integrations import access, cards, coverage
from integrations.cards import Card
from integrations.coverage import Reason
from integrations.demo.seed import PASSWORD, PEOPLE, TENANTS, bodies, seed
from integrations.demo.server import DemoServer, serve
from integrations.demo.simulator import Simulator
from integrations.demo.states import PUBLIC_URL
from integrations.headline import Key
from integrations.models import Integration, Snapshot, Tenant

API_KEY = "ks_dev_demo"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    server = serve(Simulator(api_key=API_KEY, seed=bodies(PUBLIC_URL)), 0)
    yield server
    server.shutdown()


@pytest.fixture
def seeded(server: DemoServer, settings: Any) -> Simulator:
    simulator = server.simulator
    simulator.reset()
    url = simulator.public_url
    settings.KOMBO_ENVIRONMENTS = {"production": {"API_URL": f"{url}/v1", "API_KEY": API_KEY}}
    seed(simulator)
    return simulator


def shown(name: str) -> dict[str, Card]:
    """The cards of everything this person sees, by tool."""
    user = User.objects.get(username=name)
    found: dict[str, Card] = {}
    for tenant in access.tenants_of(user):
        place, integrations = access.integrations(user, tenant.public_id)
        found |= {one.integration_id.split(":")[0]: cards.card(place, one) for one in integrations}
    return found


def test_every_headline_is_somewhere_to_be_seen_by_a_customer(seeded: Simulator) -> None:
    assert {card.headline.key for card in shown("gina").values()} == set(Key)


def test_every_reason_is_somewhere_to_be_seen(seeded: Simulator) -> None:
    stored = Snapshot.objects.filter(integration__tenant__origin_id="gallery").exclude(coverage="")
    grids = [coverage.read(snapshot.coverage) for snapshot in stored]
    groups = [group for grid in grids for group in grid.groups]
    assert {field.reason for group in groups for field in group.fields} == set(Reason)
    assert any(card.has_grid for card in shown("gina").values())


def test_each_tool_of_the_gallery_is_in_the_state_it_was_given(seeded: Simulator) -> None:
    card = shown("gina")
    assert {tool: card[tool].headline.key.value for tool in ("hibob", "workday", "teamtailor", "kenjo", "lucca")} == {
        "hibob": "reconnect_required",
        "workday": "sign_in_failing",
        "teamtailor": "setup_incomplete",
        "kenjo": "paused",
        "lucca": "removed",
    }
    assert card["humaans"].is_cold
    assert card["docebo"].beta


def test_the_mapping_guard_and_markup_are_to_be_seen(seeded: Simulator) -> None:
    card = shown("gina")
    assert card["rippling"].headline.badge == "Not confirmed yet"
    assert card["deel"].label == "Deel"
    assert "<" in card["sandbox"].label


def test_everybody_can_sign_in_and_sees_their_own(seeded: Simulator) -> None:
    for name in ("alice", "bob", "gina", "vic", "mia", "root"):
        assert User.objects.get(username=name).check_password(PASSWORD)
    for name, places in PEOPLE.items():
        user = User.objects.get(username=name)
        assert {tenant.origin_id for tenant in access.tenants_of(user)} == set(places)
    assert set(shown("mia")) == set(shown("root"))
    assert Tenant.objects.count() == len(TENANTS)
    place = access.visit(User.objects.get(username="vic"), Tenant.objects.get(origin_id="acme").public_id)
    assert not place.may_repair


def everything() -> dict[str, list[dict[str, Any]]]:
    models: list[type[Model]] = [*apps.get_app_config("integrations").get_models(), User]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def test_a_second_start_changes_nothing(seeded: Simulator) -> None:
    before, calls = everything(), seeded.calls
    seed(seeded)
    assert everything() == before
    assert seeded.calls == calls


def test_what_somebody_changed_since_stays(seeded: Simulator) -> None:
    Tenant.objects.filter(origin_id="acme").update(name="Renamed")
    moved = Integration.objects.filter(tenant__origin_id="acme").first()
    assert moved
    Integration.objects.filter(pk=moved.pk).update(tenant=Tenant.objects.get(origin_id="bolt"))
    before = everything()
    seed(seeded)
    assert everything() == before

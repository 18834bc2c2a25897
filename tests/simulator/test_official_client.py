"""Kombo's official client against the simulator: it reads whatever the simulator answers."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from kombo import Kombo
from kombo.connect import Connect
from kombo.errors import KomboGeneralError
from kombo.general import General

from integrations.kombo.client import Kombo as OurKombo
from integrations.kombo.http import Http
from integrations.simulator.app import Simulator
from integrations.simulator.catalogue import TOOLS
from tests.simulator.conftest import BASE, GREENHOUSE, HIBOB, PERSONIO

type Call = Callable[[Kombo], Any]

CUSTOMER: dict[str, Any] = {
    "end_user_email": "test@example.com",
    "end_user_organization_name": "Test Inc.",
    "end_user_origin_id": "123",
}
# By the name of the method; all but the passthrough, by which a vendor talks to the tool itself.
CALLS: dict[str, Call] = {
    "check_api_key": lambda sdk: sdk.general.check_api_key(),
    "trigger_sync": lambda sdk: sdk.general.trigger_sync(type_="DELTA"),
    "delete_integration": lambda sdk: sdk.general.delete_integration(integration_id=HIBOB, body={}),
    "get_integration_details": lambda sdk: sdk.general.get_integration_details(
        integration_id=GREENHOUSE
    ),
    "set_integration_enabled": lambda sdk: sdk.general.set_integration_enabled(
        integration_id=PERSONIO, value=False
    ),
    "create_reconnection_link": lambda sdk: sdk.general.create_reconnection_link(
        integration_id=PERSONIO, language="de", link_type="MAGIC_LINK", scope_config_id=None
    ),
    "create_setup_link": lambda sdk: sdk.general.create_setup_link(
        integration_id=PERSONIO, link_type="EMBEDDED"
    ),
    "get_integration_fields": lambda sdk: sdk.general.get_integration_fields(
        integration_id=PERSONIO
    ),
    "update_integration_field": lambda sdk: sdk.general.update_integration_field(
        integration_id=PERSONIO, integration_field_id=field_of(sdk), enable_passthrough=True
    ),
    "get_custom_fields": lambda sdk: sdk.general.get_custom_fields(integration_id=PERSONIO),
    "update_custom_field_mapping": lambda sdk: sdk.general.update_custom_field_mapping(
        integration_id=PERSONIO, custom_field_id=custom_of(sdk), integration_field_id=field_of(sdk)
    ),
    "get_tools": lambda sdk: sdk.general.get_tools(category="hris"),
    "create_connection_link": lambda sdk: sdk.connect.create_connection_link(
        **CUSTOMER, integration_tool="personio", enable_static_ips=True
    ),
    "get_integration_by_token": lambda sdk: sdk.connect.get_integration_by_token(
        token=str(sdk.sdk_configuration.client.headers["x-activation"])  # type: ignore[union-attr]
    ),
}


@pytest.fixture
def sdk(simulator: Simulator) -> Iterator[Kombo]:
    """The client, with one integration in setup and one that was just reconnected."""
    simulator.set_state(PERSONIO, "setup_incomplete")
    token = simulator.world.links.mint(GREENHOUSE, "relink", link_type="EMBEDDED", language="en")
    activation = simulator.world.complete(token, offered=[], shared=[])
    transport = httpx.WSGITransport(app=simulator)
    with httpx.Client(transport=transport, headers={"x-activation": str(activation)}) as client:
        yield Kombo(
            api_key="ks_dev_demo",
            integration_id=GREENHOUSE,
            server_url=f"{BASE}/v1",
            client=client,
        )


def field_of(sdk: Kombo) -> str:
    page = sdk.general.get_integration_fields(integration_id=PERSONIO)
    assert page
    return page.result.data.results[0].id


def custom_of(sdk: Kombo) -> str:
    page = sdk.general.get_custom_fields(integration_id=PERSONIO)
    assert page
    return page.result.data.results[0].id


@pytest.mark.exhaustive(keep=7)
@pytest.mark.parametrize("name", CALLS)
def test_every_answer_is_what_the_client_expects(name: str, sdk: Kombo) -> None:
    answer = CALLS[name](sdk)
    result: Any = getattr(answer, "result", answer)
    assert result.STATUS == "success"


def test_no_method_of_the_client_is_left_out() -> None:
    methods = {
        name
        for part in (General, Connect)
        for name, _ in inspect.getmembers(part, inspect.isfunction)
        if name in vars(part) and not name.startswith("_") and not name.endswith("_async")
    }
    assert methods - {"send_passthrough_request"} == set(CALLS)


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("category", ["hris", "ats", "assessment", "lms"])
def test_tools_of_every_category_are_read(category: Any, sdk: Kombo) -> None:
    tools = sdk.general.get_tools(category=category).data.tools
    assert {tool.id for tool in tools} == set(TOOLS[category.upper()])


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("method", ["get_integration_fields", "get_custom_fields"])
def test_pages_are_read_to_the_end(method: str, sdk: Kombo) -> None:
    ask = getattr(sdk.general, method)
    whole = [one.id for one in ask(integration_id=PERSONIO, page_size=250).result.data.results]
    found = []
    page = ask(integration_id=PERSONIO, page_size=2)
    while page:
        found += [one.id for one in page.result.data.results]
        page = page.next()
    assert found[: len(whole)] == whole
    assert len(found) == len(set(found)) >= len(whole) > 2


def test_our_client_reads_what_the_official_one_reads(simulator: Simulator, sdk: Kombo) -> None:
    transport = httpx.WSGITransport(app=simulator)
    ours = OurKombo(base_url=f"{BASE}/v1", api_key="ks_dev_demo", http=Http(transport=transport))
    field, custom = field_of(sdk), custom_of(sdk)
    changed = ours.map_custom_field(PERSONIO, custom, field)
    assert changed.integration_field
    for known, asked in (
        (ours.custom_fields(PERSONIO), sdk.general.get_custom_fields),
        (ours.integration_fields(PERSONIO), sdk.general.get_integration_fields),
    ):
        page = asked(integration_id=PERSONIO, page_size=250)
        assert page
        told = [(one.id, one.key, one.label) for one in page.result.data.results]
        assert [(one.id, one.key, one.label) for one in known][: len(told)] == told


def test_what_was_set_of_fields_stays(sdk: Kombo) -> None:
    field, custom = field_of(sdk), custom_of(sdk)
    changed = sdk.general.update_integration_field(
        integration_id=PERSONIO, integration_field_id=field, enable_passthrough=True
    )
    assert changed.data.is_passthrough_enabled
    mapped = sdk.general.update_custom_field_mapping(
        integration_id=PERSONIO, custom_field_id=custom, integration_field_id=field
    )
    assert mapped.data.integration_field
    assert mapped.data.integration_field.id == field
    page = sdk.general.get_custom_fields(integration_id=PERSONIO)
    assert page
    assert page.result.data.results[0].integration_field
    assert page.result.data.results[0].integration_field.id == field
    cleared = sdk.general.update_custom_field_mapping(
        integration_id=PERSONIO, custom_field_id=custom, integration_field_id=None
    )
    assert cleared.data.integration_field is None


def test_a_running_integration_can_be_set_up_again(simulator: Simulator, sdk: Kombo) -> None:
    with pytest.raises(KomboGeneralError):
        sdk.general.create_setup_link(integration_id=GREENHOUSE, link_type="EMBEDDED")
    simulator.world.set_steps(GREENHOUSE, True)
    link = sdk.general.create_setup_link(integration_id=GREENHOUSE, link_type="EMBEDDED").data.link
    token = parse_qs(urlsplit(link).query)["token"][0]
    assert simulator.world.complete(token, offered=[], shared=[])
    details = sdk.general.get_integration_details(integration_id=GREENHOUSE).data
    assert (details.setup_status, bool(details.data_expired_at)) == ("COMPLETED", True)


def test_another_scope_config_comes_with_a_reconnection(simulator: Simulator, sdk: Kombo) -> None:
    link = sdk.general.create_reconnection_link(
        integration_id=GREENHOUSE, scope_config_id="new"
    ).data.link
    token = parse_qs(urlsplit(link).query)["token"][0]
    simulator.world.complete(token, offered=[], shared=[])
    details = sdk.general.get_integration_details(integration_id=GREENHOUSE).data
    assert details.scope_config.id == "new"


BAD_CALLS: dict[str, Call] = {
    "page too large": lambda sdk: sdk.general.get_custom_fields(
        integration_id=PERSONIO, page_size=251
    ),
    "no such cursor": lambda sdk: sdk.general.get_integration_fields(
        integration_id=PERSONIO, cursor="x"
    ),
    "no such field": lambda sdk: sdk.general.update_integration_field(
        integration_id=PERSONIO, integration_field_id="x", enable_passthrough=None
    ),
    "no such source": lambda sdk: sdk.general.update_custom_field_mapping(
        integration_id=PERSONIO, custom_field_id=custom_of(sdk), integration_field_id="x"
    ),
    "no name": lambda sdk: sdk.connect.create_connection_link(
        **CUSTOMER | {"end_user_organization_name": ""}
    ),
    "no address": lambda sdk: sdk.connect.create_connection_link(
        **CUSTOMER | {"end_user_email": "nobody"}
    ),
    "no tool of the category": lambda sdk: sdk.connect.create_connection_link(
        **CUSTOMER, integration_category="LMS", integration_tool="personio"
    ),
    "an environment of no tool": lambda sdk: sdk.connect.create_connection_link(
        **CUSTOMER, remote_environment="eu"
    ),
}


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("name", BAD_CALLS)
def test_what_kombo_refuses_is_refused(name: str, sdk: Kombo) -> None:
    with pytest.raises(KomboGeneralError) as refused:
        BAD_CALLS[name](sdk)
    assert refused.value.data.error.code == "PLATFORM.INPUT_INVALID"


@pytest.mark.parametrize("call", [field_of, custom_of])
def test_an_unknown_integration_has_no_fields(call: Call, simulator: Simulator, sdk: Kombo) -> None:
    simulator.set_state(PERSONIO, "deleted")
    with pytest.raises(KomboGeneralError) as refused:
        call(sdk)
    assert refused.value.data.error.code == "PLATFORM.INTEGRATION_NOT_FOUND"


@pytest.mark.parametrize(("steps", "setup"), [(False, "COMPLETED"), (True, "INCOMPLETE")])
def test_a_connection_link_makes_an_integration(
    steps: bool, setup: str, simulator: Simulator, sdk: Kombo
) -> None:
    before = {one["id"] for one in simulator.world.overview()}
    answer = sdk.connect.create_connection_link(
        **CUSTOMER, integration_tool="hibob", enable_field_mapping=steps, enable_static_ips=True
    )
    assert answer.data.static_ips
    assert {one["id"] for one in simulator.world.overview()} == before, "nobody signed in yet"
    link = urlsplit(answer.data.link)
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url=BASE) as browser:
        assert "Connect HiBob" in browser.get(f"{link.path}?{link.query}").text
        token = parse_qs(link.query)["token"][0]
        form = {"token": token, "username": "admin", "password": "right", "do": "connect"}
        assert "activation_token" in browser.post(link.path, data=form).text
    [made] = [one for one in simulator.world.overview() if one["id"] not in before]
    details = sdk.general.get_integration_details(integration_id=made["id"]).data
    assert (details.tool.id, details.setup_status) == ("hibob", setup)
    assert details.end_user.organization_name == "Test Inc."

"""What is sent to Kombo, and what comes of its answers."""

import json
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kombo.calls import segment
from integrations.kombo.client import Kombo
from integrations.kombo.enums import SetupStatus
from integrations.kombo.errors import AccessDenied, BadAnswer, Refused
from integrations.kombo.http import Http
from tests.kombo.answering import ID, KEY, Answering
from tests.kombo.payloads import altered, payload
from tests.kombo.servers import answer, serving


def test_details_are_asked_for_with_the_key() -> None:
    server = Answering()
    assert server.kombo.details(ID).tool.label == "Factorial"
    assert server.sent == ("GET", "/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5", None)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_details_of_another_integration_are_a_bad_answer() -> None:
    with pytest.raises(BadAnswer) as caught:
        Answering(body=altered("example", "data.id", "factorial:ofSomeoneElse")).kombo.details(ID)
    assert caught.value.path == "$.data.id"


@pytest.mark.parametrize("method", ["relink", "setup_link"])
def test_links_are_embedded_ones(method: str) -> None:
    server = Answering("link")
    link = getattr(server.kombo, method)(ID, language="de")
    assert link == "https://connect.kombo.dev/v1?token=eyJhbGciOi.example"
    path = f"/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5/{method.replace('_', '-')}"
    assert server.sent == ("POST", path, {"language": "de", "link_type": "EMBEDDED"})


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("en", "en"),
        ("it", "it"),
        ("de-AT", "de"),
        ("fr_CA", "fr"),
        ("ES", "es"),
        ("pt-br", "en"),
        ("", "en"),
    ],
)
def test_languages_kombo_lacks_fall_back_to_english(asked: str, sent: str) -> None:
    server = Answering("link")
    server.kombo.relink(ID, language=asked)
    assert json.loads(server.requests[0].content)["language"] == sent


def test_a_link_that_is_no_string_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer) as caught:
        Answering(body=altered("link", "data.link", None)).kombo.relink(ID, language="en")
    assert caught.value.path == "$.data.link"


def test_no_setup_left_is_refused_with_kombos_code() -> None:
    with pytest.raises(Refused) as caught:
        Answering("nothing-to-set-up", 400).kombo.setup_link(ID, language="en")
    assert caught.value.code == "PLATFORM.INPUT_INVALID"


def test_an_integration_is_switched() -> None:
    server = Answering("empty")
    server.kombo.set_enabled(ID, value=False)
    path = "/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5/enabled"
    assert server.sent == ("PUT", path, {"value": False})


def test_a_sync_is_forced_for_the_integration_in_the_header() -> None:
    server = Answering("queued-sync")
    queued = server.kombo.force_sync(ID)
    assert (queued.already_queued, queued.sync_id, queued.type) == (
        False,
        "5nKWmL3hVqX2pRtYb8ZcDf7G",
        "DELTA",
    )
    assert server.sent == ("POST", "/v1/force-sync", {"type": "FULL"})
    assert server.requests[0].headers["x-integration-id"] == ID


@pytest.mark.parametrize("integration_id", ["", "a\r\nX-Other: b", "a b", "ü", "x" * 5000])
def test_ids_that_no_header_can_carry_are_refused_unsent(integration_id: str) -> None:
    server = Answering("queued-sync")
    with pytest.raises(Refused):
        server.kombo.force_sync(integration_id)
    assert server.requests == []


def test_an_integration_is_deleted_with_an_empty_object() -> None:
    server = Answering("empty")
    server.kombo.delete(ID)
    path = "/v1/integrations/factorial%3A8d1hpPsbjxUkoCoa1veLZGe5"
    assert server.sent == ("DELETE", path, {})
    for name in ("", "..", "x" * 5000):
        with pytest.raises(Refused):
            server.kombo.delete(name)
    assert len(server.requests) == 1


def test_the_key_tells_its_environment() -> None:
    server = Answering("api-key")
    assert server.kombo.check_api_key() == "9fTq2LmXcVb4NzRk7HsWdYpE"
    assert server.sent == ("GET", "/v1/check-api-key", None)


def test_a_token_tells_its_integration() -> None:
    server = Answering("integration-by-token")
    connected = server.kombo.integration_by_token("eyJ/../x")
    assert (connected.id, connected.end_user_origin_id) == (ID, "2DQJAUtSzzzKP9buDTvUvPk3")
    assert connected.setup_status is SetupStatus.COMPLETED
    assert server.sent == ("GET", "/v1/connect/integration-by-token/eyJ%2F..%2Fx", None)


def test_tools_are_asked_for_in_lower_case() -> None:
    server = Answering("tools")
    assert [tool.id for tool in server.kombo.tools("HRIS")] == ["factorial", "personio"]
    assert server.sent == ("GET", "/v1/tools/hris", None)


@pytest.mark.parametrize("value", ["", ".", "..", "\ud800", "x" * 5000])
def test_ids_that_would_change_the_path_are_refused_unsent(value: str) -> None:
    server = Answering()
    for method in (server.kombo.details, server.kombo.integration_by_token, server.kombo.tools):
        with pytest.raises(Refused):
            method(value)
    assert server.requests == []


@given(st.text(min_size=1, max_size=50).filter(lambda text: text not in {".", ".."}))
def test_an_id_stays_one_segment_of_the_path(integration_id: str) -> None:
    encoded = segment(integration_id)
    assert unquote(encoded) == integration_id
    assert not set(encoded) & set("/?#\\ \r\n\0")
    server = Answering()
    with pytest.raises(BadAnswer):  # another id than asked for
        server.kombo.details(integration_id)
    assert server.sent[1] == f"/v1/integrations/{encoded}"


@pytest.mark.parametrize("key", ["", "  \n", "two words", "ks_ü", "ks_\x00", "ks_\r\nX: y"])
def test_a_key_that_cannot_be_one_is_denied_unsent(http: Http, key: str) -> None:
    with serving(answer(200, payload("example"))) as server, pytest.raises(AccessDenied):
        Kombo(base_url=server.url, api_key=key, http=http).details(ID)
    assert server.requests == []


def test_a_key_read_from_a_file_may_end_in_a_newline() -> None:
    server = Answering()
    http = Http(transport=httpx.MockTransport(server._handle))
    Kombo(base_url="https://kombo.test/v1", api_key=f"{KEY}\n", http=http).details(ID)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"

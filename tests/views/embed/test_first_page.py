"""What a frame begins with: where the host leads its customer, and where that turns out to be."""

from typing import Any

import pytest

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import Element, read


@pytest.fixture
def theirs(settings: Any, acme: Tenant, bolt: Tenant, connect: Connect) -> Integration:
    """One of acme's two integrations; bolt has one of its own."""
    turn_on(settings)
    connect(acme, tool_id="hibob")
    connect(bolt, tool_id="workday")
    return connect(acme, state="invalid")


def tree(content: str) -> Element:
    return read(type("Result", (), {"content": content.encode()}))


def test_a_list_begins_at_a_page_that_the_host_names(theirs: Integration) -> None:
    for page, name, known in (
        ("integration", "integration", theirs.public_id),
        ("shared", "integration", theirs.integration_id),
        ("history", "history", theirs.public_id),
        ("statement", "statement", theirs.integration_id),
    ):
        frame = enter(page=page, integration=known)
        assert frame.address == frame.on(name, theirs.public_id)
        current = [
            one["href"]
            for one in tree(frame.content).all("a", "aria-current", "page")
            if one["href"].endswith(frame.address)
        ]
        assert current == [frame.address]


def test_what_is_not_there_begins_at_the_list(theirs: Integration) -> None:
    others = Integration.objects.get(tenant__origin_id="bolt")
    unknown = ("", "personio:nowhere", others.public_id, others.integration_id)
    named = [("", theirs.public_id), ("reconnect", theirs.public_id), ("tenant", others.public_id)]
    for page, known in [*(("history", one) for one in unknown), *named]:
        frame = enter(page=page, integration=known)
        assert frame.address == frame.on("tenant")
        assert len(tree(frame.content).all("article")) == 2


def test_each_view_says_where_it_is(theirs: Integration) -> None:
    for view, name in (("list", "tenant"), ("banner", "banner"), ("badge", "badge")):
        frame = enter(view=view, page="history", integration=theirs.public_id)
        assert frame.address == (
            frame.on(name) if view != "list" else frame.on("history", theirs.public_id)
        )
    assert enter(view="none").address == ""

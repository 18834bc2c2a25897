"""The tools that can be connected: asked for by one caller, kept for an hour, and still there while
Kombo is not.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import coverage
from integrations.domain.coverage import Reason
from integrations.kombo.tool_schema import CatalogueTool as AnsweredTool
from integrations.models import CatalogueTool, Logo, Tenant, ToolCatalogue
from integrations.simulator.app import Simulator
from integrations.simulator.catalogue import TOOLS
from integrations.upstream import gateway, tool_catalogue
from tests.conftest import NOW, Connect, kombo_environment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HERE = "production"
ROUTE = ("GET", "/v1/tools/{category}")


@pytest.fixture(autouse=True)
def one_category(settings: Any) -> None:
    settings.CONNECT_CATEGORIES = ["LMS"]


def asked(kombo: Simulator) -> int:
    return kombo.world.calls[ROUTE]


def labels() -> list[str]:
    return [tool.label for tool in tool_catalogue.tools(HERE)]


def test_before_anybody_asked_there_is_a_catalogue_and_no_tool(kombo: Simulator) -> None:
    (row,) = tool_catalogue.catalogues(HERE)
    assert (row.category, row.fetched_at, labels(), asked(kombo)) == ("LMS", None, [], 0)


def test_all_tools_of_a_category_are_kept_by_name(kombo: Simulator) -> None:
    assert tool_catalogue.refresh_due() == 1
    assert labels() == sorted(TOOLS["LMS"].values())
    assert ToolCatalogue.objects.get().fetched_at == NOW
    tool = tool_catalogue.tool(HERE, "LMS", "docebo")
    assert tool
    assert tool.logo == Logo.objects.get(label="Docebo")
    assert tool_catalogue.tool(HERE, "HRIS", "docebo") is None
    assert tool_catalogue.tool("us", "LMS", "docebo") is None


def test_what_a_tool_offers_reads_as_a_grid(
    kombo: Simulator,
) -> None:
    tool_catalogue.refresh_due()
    tool = tool_catalogue.tool(HERE, "LMS", "docebo")
    assert tool
    reasons = {row.reason for row in coverage.leaves(coverage.read(tool.coverage).groups)}
    assert Reason.AVAILABLE in reasons
    assert not reasons & {Reason.NOT_REQUESTED, Reason.OPTED_OUT}


def test_it_is_asked_for_again_after_an_hour_and_not_before(
    kombo: Simulator, clock: TimeMachineFixture
) -> None:
    tool_catalogue.refresh_due()
    clock.shift(timedelta(minutes=59))
    assert tool_catalogue.refresh_due() == 0
    clock.shift(timedelta(minutes=2))
    assert tool_catalogue.refresh_due() == 1
    assert asked(kombo) == 2


def test_only_what_changed_is_written(kombo: Simulator, clock: TimeMachineFixture) -> None:
    tool_catalogue.refresh_due()
    CatalogueTool.objects.update(verdicts_due=False)
    CatalogueTool.objects.filter(tool_id="docebo").update(digest="another")
    CatalogueTool.objects.filter(tool_id="moodle").update(tool_id="gone")
    clock.shift(timedelta(hours=2))
    tool_catalogue.refresh_due()
    assert labels() == sorted(TOOLS["LMS"].values())
    written = CatalogueTool.objects.filter(verdicts_due=True).values_list("tool_id", flat=True)
    assert set(written) == {"docebo", "moodle"}


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "html", "key_revoked", "reset"])
def test_while_kombo_fails_the_last_tools_stay(
    fault: str, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    tool_catalogue.refresh_due()
    known = labels()
    clock.shift(timedelta(hours=2))
    kombo.set_fault(fault)
    assert tool_catalogue.refresh_due() == 1
    row = ToolCatalogue.objects.get()
    assert (row.failures, row.fetched_at, labels()) == (1, NOW, known)
    assert row.error_kind
    before = asked(kombo)
    assert tool_catalogue.refresh_due() == 0  # a while later, and not in a loop
    assert asked(kombo) == before
    kombo.set_fault("none")
    clock.shift(tool_catalogue.LAST_RETRY + timedelta(minutes=1))
    assert tool_catalogue.refresh_due() == 1
    row.refresh_from_db()
    assert (row.failures, row.error_kind, row.retry_at) == (0, "", None)


def test_who_did_not_get_the_lease_does_not_ask(kombo: Simulator) -> None:
    row = ToolCatalogue.objects.create(environment=HERE, category="LMS")
    ToolCatalogue.objects.update(lease="other", lease_until=timezone.now() + timedelta(seconds=5))
    assert not tool_catalogue.refresh(row)
    assert asked(kombo) == 0


def test_an_answer_that_came_too_late_is_dropped(
    kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_arguments: object) -> tuple[()]:
        ToolCatalogue.objects.update(lease="somebody else's")
        return ()

    monkeypatch.setattr(gateway, "call", slow)
    tool_catalogue.refresh_due()
    row = ToolCatalogue.objects.get()
    assert (row.fetched_at, row.lease) == (None, "somebody else's")


def test_a_tool_is_connected_where_the_latest_one_is(
    acme: Tenant, connect: Connect, settings: Any
) -> None:
    settings.CONNECT_ENVIRONMENT = HERE
    assert tool_catalogue.environment_of(acme) == HERE
    integration = connect(acme)
    settings.KOMBO_ENVIRONMENTS |= {"us": kombo_environment("http://127.0.0.1:9/v1")}
    integration.environment = "us"
    integration.save()
    assert tool_catalogue.environment_of(acme) == "us"
    integration.environment = "no longer configured"
    integration.save()
    assert tool_catalogue.environment_of(acme) == HERE


@pytest.mark.parametrize("tool_id", ["a/b", "..%2f", "<script>", "a b", "ü"])
def test_a_tool_that_no_address_can_name_is_skipped(
    tool_id: str, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = AnsweredTool(id=tool_id, label="Odd")
    fine = AnsweredTool(id="docebo", label="Docebo")
    monkeypatch.setattr(gateway, "call", lambda *_arguments: (odd, fine))
    tool_catalogue.refresh_due()
    assert labels() == ["Docebo"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://help.example/workday", True),
        ("http://127.0.0.1:8001/guides/workday", True),
        *(
            (bad, False)
            for bad in ("http://help.example/", "javascript:alert(1)", "//x.example", "")
        ),
        ("https://[", False),
        (None, False),
    ],
)
@pytest.mark.usefixtures("kombo")
def test_instructions_are_linked_only_where_that_is_safe(
    sent: str | None, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = AnsweredTool(id="docebo", label="Docebo", connection_guide_url=sent)
    monkeypatch.setattr(gateway, "call", lambda *_arguments: (answered,))
    tool_catalogue.refresh_due()
    assert CatalogueTool.objects.get().guide_url == (sent if kept else "")

"""A tool that can be connected, and an attempt to, for tests of addresses."""

from integrations.access.audit import COMMAND
from integrations.models import CatalogueTool, ConnectionAttempt, Tenant, ToolCatalogue
from integrations.tenants import attempts

OF_TENANT = ("connect", "connect_tools", "connect_completed")
OF_TOOL = ("connect_tool", "connect_start", "connect_invite")
OF_STAFF = ("workspace_connect", "workspace_invite", "workspace_remind", "workspace_dismiss")
OF_ATTEMPT = ("connect_dismiss", "connect_attempt_invite")
NAMES = (*OF_TENANT, *OF_TOOL, *OF_ATTEMPT)


def offered(tool_id: str = "workday", label: str = "Workday") -> CatalogueTool:
    """Have a tool in the catalogue, which was asked for just now."""
    row, _is_new = ToolCatalogue.objects.get_or_create(environment="production", category="HRIS")
    tool, _is_new = CatalogueTool.objects.get_or_create(
        catalogue=row,
        tool_id=tool_id,
        defaults={"label": label, "coverage": '{"read_models":[],"write_actions":[]}'},
    )
    return tool


def planned(tenant: Tenant) -> ConnectionAttempt:
    """Have somebody set out to connect it."""
    return attempts.plan(tenant, offered(), by=COMMAND)


def planned_of(tenant: Tenant, tool_id: str) -> ConnectionAttempt:
    """Have somebody set out to connect another tool."""
    return attempts.plan(tenant, offered(tool_id, tool_id.title()), by=COMMAND)


def arguments(tenant: Tenant) -> dict[str, list[str]]:
    """Return the arguments of every address of connecting something to a tenant."""
    attempt, ids = planned(tenant), [tenant.public_id]
    tool, of_attempt = [*ids, "hris", "workday"], [*ids, attempt.public_id]
    return {
        **dict(zip(OF_STAFF, (ids, tool, of_attempt, of_attempt), strict=True)),
        **dict.fromkeys(OF_TENANT, ids),
        **{name: [*ids, "hris", "workday"] for name in OF_TOOL},
        **{name: [*ids, attempt.public_id] for name in OF_ATTEMPT},
    }

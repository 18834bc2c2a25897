"""What Kombo tells of a tool that was connected."""

from integrations.kombo.webhooks import Created, EndUser
from integrations.simulator.app import Simulator


def created(kombo: Simulator, origin_id: str = "acme") -> Created:
    """Return the event of the Workday that somebody connected."""
    (made,) = [one for one in kombo.world.overview() if one["tool"]["id"] == "workday"]
    end_user = EndUser(organization_name="Acme GmbH", origin_id=origin_id)
    return Created(
        integration_id=made["id"], tool="workday", category=made["category"], end_user=end_user
    )

"""What is stored. One import place for everyone else; a module per subject inside."""

from integrations.models.integrations import Integration, Snapshot
from integrations.models.limits import RateLimit
from integrations.models.logos import Logo
from integrations.models.tenants import Membership, Role, Tenant
from integrations.models.upstream import Upstream

__all__ = ["Integration", "Logo", "Membership", "RateLimit", "Role", "Snapshot", "Tenant", "Upstream"]

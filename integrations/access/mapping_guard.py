"""The mapping guard: what Kombo says is another tenant's is shown to nobody until confirmed."""

from integrations.models import (
    Integration,
    Snapshot,
)


def is_withheld(integration: Integration, snapshot: Snapshot | None = None) -> bool:
    """Whether Kombo names another tenant and nobody has confirmed that the mapping is right."""
    named = (snapshot or integration.snapshot).origin_id
    return named not in {"", integration.tenant.origin_id, integration.confirmed_origin_id}

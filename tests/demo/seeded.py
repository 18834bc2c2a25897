from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import permissions
from integrations.models import Integration
from integrations.views.customer import cards
from integrations.views.customer.cards import Card

BEGAN = timezone.now()


def shown(name: str) -> dict[str, Card]:
    """The cards of everything this person sees, by tool."""
    user = User.objects.get(username=name)
    found: dict[str, Card] = {}
    for tenant in permissions.tenants_of(user):
        place, integrations = permissions.integrations(user, tenant.public_id)
        found |= {one.integration_id.split(":")[0]: cards.card(place, one) for one in integrations}
    return found


def of(tool: str) -> Integration:
    return Integration.objects.select_related("snapshot").get(integration_id__startswith=f"{tool}:")

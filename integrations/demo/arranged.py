"""What stands for what in the gallery's addresses."""

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import hand_off_lists, hand_offs
from integrations.access.audit import Actor
from integrations.access.hand_offs import HandOffStatus
from integrations.demo import accounts, faces
from integrations.demo.history import ADDRESS
from integrations.domain import coverage
from integrations.models import (
    BulkCheck,
    Feature,
    HandOff,
    Integration,
    Mail,
    MailKind,
    RepairAct,
    Snapshot,
    Tenant,
)


def names(chosen: dict[str, str]) -> dict[str, str]:
    """Return what stands for what in an address: ids by customer and tool, and more."""
    tools = Integration.objects.select_related("snapshot")
    by_tool = {one.integration_id.partition(":")[0]: one for one in tools}
    return {
        **dict(Tenant.objects.values_list("origin_id", "public_id")),
        **{name: one.public_id for name, one in by_tool.items()},
        **_rows_by_reason(by_tool["docebo"].snapshot),
        "feature": Feature.objects.values_list("public_id", flat=True).first() or "",
        "mail": str(
            Mail.objects.filter(kind=MailKind.REMINDER).values_list("pk", flat=True).first()
        ),
        "guest": _guest_link(by_tool["hibob"]),
        "invitation": _invitation(),
        "join": accounts.link_of("nora.lang@northwind.example"),
        "join_too": accounts.link_of("bob@example.com"),
        "tenant": str(by_tool["personio"].tenant_id),
        "user": str(User.objects.get(username="alice").pk),
        "check": BulkCheck.objects.values_list("public_id", flat=True).last() or "",
        "host": settings.EMBED_ORIGINS[0],
        "theme": chosen["theme"],
        "lang": chosen["lang"],
        "accent": faces.FACES.get(chosen["face"], "").replace("#", "%23"),
    }


def _rows_by_reason(snapshot: Snapshot) -> dict[str, str]:
    """Return a link, from its grid, to the first row that is as it is for each reason."""
    found: dict[str, str] = {}
    for group in coverage.read(snapshot.coverage).groups:
        for row in coverage.leaves([group]):
            found.setdefault(row.reason, f"?open={group.id}#{row.id}")
    return found


def _guest_link(integration: Integration) -> str:
    now = timezone.now()
    for link in hand_off_lists.links_to(integration):
        if hand_offs.status_of(link, now) is HandOffStatus.OPEN:
            return hand_offs.url_of(link)
    by = Actor(None, "gallery", ADDRESS)
    return hand_offs.url_of(hand_offs.create(integration, RepairAct.RECONNECT, by=by))


def _invitation() -> str:
    """Return the link of an invitation to connect something, if there is one."""
    now = timezone.now()
    for link in HandOff.objects.filter(act=RepairAct.CONNECT):
        if hand_offs.status_of(link, now) is HandOffStatus.OPEN:
            return hand_offs.url_of(link)
    return ""

"""The mails that bring a guest link to a colleague: to repair something, or to connect a tool."""

from typing import Any

from django.utils import translation

from integrations.access import colleagues
from integrations.domain.bidi import isolate
from integrations.domain.hand_off_text import request_text
from integrations.mail import compose
from integrations.mail.compose import Words
from integrations.models import ConnectionAttempt, HandOff, Mail, MailKind, Tenant
from integrations.upstream import tool_catalogue
from integrations.workspace import repair_guides
from integrations.workspace.repair_guides import RepairGuide


def write(hand_off: HandOff) -> Mail | None:
    """Write the mail that brings a hand-off's link to whom it was made for; none if nothing can be
    sent there.
    """
    to = compose.address(hand_off.sent_to)
    if not compose.can_send() or not to:
        return None
    return compose.write_mail(
        f"hand_off {hand_off.pk}",
        kind=_kind(hand_off),
        to=to,
        context=_context(hand_off),
        tenant=hand_off.subject.tenant,
        integration=hand_off.integration,
        hand_off=hand_off,
    )


def words_of(hand_off: HandOff) -> Words:
    """Return what the mail that brings a hand-off's link would say, with the stand-in for it."""
    language = compose.language_of(hand_off.subject.tenant)
    return compose.render(_kind(hand_off), _context(hand_off), language)


def _kind(hand_off: HandOff) -> MailKind:
    return MailKind.INVITATION if hand_off.attempt else MailKind.HAND_OFF


def _context(hand_off: HandOff) -> dict[str, Any]:
    match hand_off.subject:
        case ConnectionAttempt() as attempt:
            context = _named(attempt.tool_label, attempt.tenant) | {"guide": _guide(attempt)}
        case integration:
            context = compose.context_about(integration, integration.snapshot)
    asker = colleagues.asker_of(hand_off)
    with translation.override(compose.language_of(hand_off.subject.tenant)):
        request = request_text(
            hand_off.act,
            person=isolate(compose.short(compose.one_line(asker.name))) if asker.name else "",
            organization=isolate(compose.short(compose.vendor()))
            if asker.of_vendor
            else context["tenant_name"],
            tool=context["tool"],
        )
    return context | {
        "act": hand_off.act,
        "expires_at": hand_off.expires_at,
        "request": request,
        "message": hand_off.message,
    }


def _guide(attempt: ConnectionAttempt) -> RepairGuide | None:
    """Return what helps whoever connects the tool, if it can still be connected."""
    tool = tool_catalogue.tool(attempt.environment, attempt.category, attempt.tool_id)
    return repair_guides.of_tool(tool) if tool else None


def _named(tool: str, tenant: Tenant) -> dict[str, Any]:
    """Return what a mail names that is about no integration yet."""
    names = {"tool": tool, "tenant_name": tenant.name}
    return {
        name: isolate(compose.short(compose.one_line(text)) or "?") for name, text in names.items()
    }

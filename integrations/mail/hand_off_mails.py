"""The mail that brings a guest link to a colleague."""

from typing import Any

from django.utils import translation

from integrations.access import colleagues
from integrations.domain.bidi import isolate
from integrations.domain.hand_off_text import request_text
from integrations.mail import compose
from integrations.mail.compose import Words
from integrations.models import HandOff, Mail, MailKind, RepairAct


def write(hand_off: HandOff) -> Mail | None:
    """Write the mail that brings a hand-off's link to whom it was made for; none if nothing can be
    sent there.
    """
    to = compose.address(hand_off.sent_to)
    if not compose.can_send() or not to:
        return None
    integration = hand_off.integration
    return compose.write_mail(
        f"hand_off {hand_off.pk}",
        kind=MailKind.HAND_OFF,
        to=to,
        context=_hand_off_context(hand_off),
        tenant=integration.tenant,
        integration=integration,
        hand_off=hand_off,
    )


def words_of(hand_off: HandOff) -> Words:
    """Return what the mail that brings a hand-off's link would say, with the stand-in for it."""
    language = compose.language_of(hand_off.integration.tenant)
    return compose.render(MailKind.HAND_OFF, _hand_off_context(hand_off), language)


def _hand_off_context(hand_off: HandOff) -> dict[str, Any]:
    integration = hand_off.integration
    context = compose.context_about(integration, integration.snapshot)
    asker = colleagues.asker_of(hand_off)
    with translation.override(compose.language_of(integration.tenant)):
        request = request_text(
            is_setup=hand_off.act == RepairAct.SETUP,
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

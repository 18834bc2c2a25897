"""What is left to set up of a tool that somebody connected by an invitation, and their way there.

The invitation is used up once the tool is connected. Whoever went through it may finish the setup
of that one integration by a link of its own, from the same maker and for no longer.
"""

from django.db import transaction

from integrations.access import hand_offs
from integrations.access.audit import Act, Actor
from integrations.access.mapping_guard import is_withheld
from integrations.models import HandOff, Integration, RepairAct


def left_to_set_up(hand_off: HandOff) -> Integration | None:
    """Return the integration that came of an invitation, if its setup is not complete and the
    invitation, though used, has neither been revoked nor expired.
    """
    attempt = hand_off.attempt
    made = attempt.integration if attempt else None
    if attempt is None or made is None or made.tenant_id != attempt.tenant_id or is_withheld(made):
        return None
    is_theirs = hand_off.begun_at is not None and hand_offs.is_in_time(hand_off)
    is_left = hand_offs.act_for(made.snapshot) == RepairAct.SETUP
    return made if is_theirs and is_left else None


def find(hand_off: HandOff, integration: Integration) -> HandOff | None:
    """Return the link by which whoever came by an invitation finishes the setup, if there is one
    already, dead or alive.
    """
    links = HandOff.objects.filter(
        integration=integration,
        act=RepairAct.SETUP,
        created_by=hand_off.created_by,
        by_guest=hand_off.by_guest,
        expires_at=hand_off.expires_at,
    )
    return links.first()


def ensure(hand_off: HandOff, integration: Integration, *, by: Actor) -> HandOff:
    """Return the same, made if there is none; `by` is who holds the invitation."""
    with transaction.atomic():
        HandOff.objects.select_for_update().get(pk=hand_off.pk)  # two tabs make one link
        if known := find(hand_off, integration):
            return known
        made = HandOff.objects.create(
            integration=integration,
            act=RepairAct.SETUP,
            created_at=hand_off.created_at,
            created_by=hand_off.created_by,
            by_person=hand_off.by_person,
            by_guest=hand_off.by_guest,
            expires_at=hand_off.expires_at,
            sent_to=hand_off.sent_to,
        )
        hand_offs.record(by, Act.HAND_OFF_CREATED, made)
    return made

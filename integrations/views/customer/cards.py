"""What a card shows of one integration to one person: headline, freshness, and the steps that are
theirs.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import colleagues
from integrations.access.embed_sessions import Guest
from integrations.access.grants import AccessGrant, Rights
from integrations.access.mapping_guard import is_withheld
from integrations.domain import freshness, markdown, open_issues
from integrations.domain.bidi import isolate
from integrations.domain.headline import (
    Headline,
    Key,
    NextActor,
    Severity,
    awaits_sync,
    urgency,
)
from integrations.domain.kombo_words import sync_sentence
from integrations.domain.outages import is_suspect
from integrations.history import disconnections
from integrations.history import record as history_record
from integrations.mail import compose
from integrations.models import Entry, Integration, Outage, Snapshot
from integrations.upstream import repairs
from integrations.views.customer.card import Card, CardIssue, CardOutage
from integrations.views.customer.card_headlines import (
    headline_for,
    is_back,
    is_being_checked,
)
from integrations.views.customer.card_notes import account_note, age_note, staff_note
from integrations.views.customer.card_steps import can_be_repaired, steps_of
from integrations.workspace import outages


def card(grant: AccessGrant, integration: Integration) -> Card:
    """Compose the card of one integration for one person."""
    return cards(grant, [integration])[0]


def cards(grant: AccessGrant, integrations: list[Integration]) -> list[Card]:
    """The cards of a page, in its order."""
    return in_order(with_colleagues(grant, made(grant.rights, integrations)))


def made(rights: Rights, integrations: list[Integration]) -> list[Card]:
    """Compose cards, as far as they are the same for everybody with these rights."""
    shown = [integration for integration in integrations if not is_withheld(integration)]
    acts = _reconnected(shown) | disconnections.of_removed(shown)
    down = outages.outage_of(shown)
    return [
        _withheld(rights, integration)
        if is_withheld(integration)
        else _card(rights, integration, acts.get(integration.pk), down.get(integration.pk))
        for integration in integrations
    ]


def is_told_by_its_row(integration: Integration) -> bool:
    """Whether `made` looks up nothing else for the card of an integration."""
    snapshot = integration.snapshot
    looks_up = snapshot.removed_at or awaits_sync(snapshot) or is_suspect(snapshot)
    return is_withheld(integration) or not looks_up


def in_order(unsorted: Iterable[Card]) -> list[Card]:
    """Return the cards as a page has them: those who must act first, then by name."""
    return sorted(
        unsorted, key=lambda card: (urgency(card.headline), card.label.casefold(), card.id)
    )


def with_colleagues(grant: AccessGrant, unsorted: list[Card]) -> list[Card]:
    """Say on the cards that only others can repair who these are; in a frame, whose host knows its
    people, nobody is named.
    """
    is_named = not (grant.as_staff or isinstance(grant.user, Guest))
    if not (is_named and any(card.asks_colleague for card in unsorted)):
        return unsorted
    repairers = colleagues.repairers(grant.tenant)
    names = tuple(isolate(colleagues.name_of(user)) for user in repairers)
    may_ask = compose.can_send() and any(compose.address(user.email) for user in repairers)
    return [
        replace(card, colleagues=names, may_ask=may_ask) if card.asks_colleague else card
        for card in unsorted
    ]


def may_be_disconnected(rights: AccessGrant | Rights, snapshot: Snapshot) -> bool:
    """Whether somebody may end a connection, in the preview to be looked at; what was never read
    has no name to confirm it by.
    """
    may = rights.may_disconnect or (rights.is_read_only and rights.may_repair)
    return bool(
        settings.CUSTOMER_DISCONNECT and may and snapshot.tool_label and not snapshot.removed_at
    )


def category_name(category: str) -> str:
    """Kombo's category in words; one that this version does not know stays as it is."""
    names = {
        "HRIS": _("HR system"),
        "ATS": _("Recruiting"),
        "ASSESSMENT": _("Assessment"),
        "LMS": _("Learning"),
    }
    return names.get(category, category)


def _reconnected(integrations: list[Integration]) -> dict[int, Entry]:
    """Who brought back what waits for its next sync; nobody is looked for where nothing does."""
    waiting = [integration for integration in integrations if awaits_sync(integration.snapshot)]
    ended = [
        integration.snapshot.synced_at for integration in waiting if integration.snapshot.synced_at
    ]
    return history_record.reconnections(waiting, min(ended)) if ended else {}


def _card(
    rights: Rights, integration: Integration, act: Entry | None, outage: Outage | None
) -> Card:
    snapshot, now = integration.snapshot, timezone.now()
    headline, failing = headline_for(snapshot, act, outage, now), freshness.is_failing(snapshot)
    checking = is_being_checked(snapshot, headline, now)
    steps = steps_of(rights, integration, headline, is_checking=checking)
    headline = _without_the_vendor(headline) if steps["may_connect_again"] else headline
    return Card(
        id=integration.public_id,
        pk=integration.pk,
        tenant_id=integration.tenant.public_id,
        headline=headline,
        label=snapshot.tool_label or _("Connection"),
        category=category_name(snapshot.category),
        subtitle=_subtitle(snapshot, headline),
        logo_key=str(snapshot.logo_id or ""),
        beta=snapshot.beta,
        connected_at=snapshot.connected_at,
        connected_by=snapshot.creator_email,
        checked_at=snapshot.fetched_at,
        since=_since(snapshot, headline),
        complete_at=snapshot.complete_at,
        synced_at=snapshot.synced_at,
        sync_sentence=sync_sentence(snapshot.sync_state),
        data_changed_at=snapshot.data_changed_at if snapshot.synced_at is None else None,
        issues=_issues(snapshot),
        outage=CardOutage(outage.tool_label, outage.started_at) if outage else None,
        note=age_note(snapshot),
        account_note=account_note(snapshot, now),
        may_check=True,
        is_stale=failing,
        is_cold=headline.key is Key.PENDING and not failing,
        is_recent=checking or is_back(snapshot, headline, now),
        **steps,
        may_disconnect=may_be_disconnected(rights, snapshot),
        has_no_settings=snapshot.has_no_settings,
        has_fields=repairs.maps_fields(integration),
        asks_colleague=can_be_repaired(headline) and not (checking or outage or rights.may_repair),
        admin_id=integration.pk if rights.may_administer else None,
        has_grid=bool(snapshot.coverage_digest),
        staff_note=staff_note(snapshot) if rights.as_staff else "",
        coverage_digest=snapshot.coverage_digest,
        checks=freshness.checks_of(snapshot),
        is_due=freshness.is_due(snapshot, now),
        is_restless=freshness.is_restless(snapshot, now),
        is_watched=freshness.is_watched(snapshot, now),
    )


def _without_the_vendor(headline: Headline) -> Headline:
    """Return the headline of what is gone, for somebody who may connect it again themselves."""
    return replace(headline, next_step=_("To use it again, connect it from scratch."))


def _subtitle(snapshot: Snapshot, headline: Headline) -> str:
    """Return its category where all is well, else what is going on."""
    if headline.key is Key.CONNECTED and not awaits_sync(snapshot):
        return category_name(snapshot.category)
    return headline.explanation


def _since(snapshot: Snapshot, headline: Headline) -> datetime | None:
    """Return when it began to be as it is, of what is not as it should be."""
    if headline.key is Key.REMOVED:
        return snapshot.removed_at
    return snapshot.trouble_since if headline.severity is not Severity.OK else None


def _issues(snapshot: Snapshot) -> tuple[CardIssue, ...]:
    """The open issues, each with its message; what is gone for good has none worth reading."""
    if snapshot.removed_at:
        return ()
    return tuple(
        CardIssue(
            id=issue.id,
            type=issue.type,
            title=issue.title,
            message=markdown.render(issue.message),
            since=issue.since,
        )
        for issue in open_issues.decode(snapshot.open_issues)
    )


def _withheld(rights: Rights, integration: Integration) -> Card:
    """The mapping guard's card: says nothing of what Kombo answered."""
    snapshot, now = integration.snapshot, timezone.now()
    sentence = _(
        "%(vendor)s is confirming that this connection belongs to your organization. No details "
        "are shown until then."
    ) % {"vendor": isolate(settings.VENDOR_NAME)}
    headline = Headline(
        Key.PENDING,
        Severity.UNKNOWN,
        NextActor.VENDOR,
        badge=_("Not confirmed yet"),
        title=_("A connection is waiting for confirmation"),
        sentence=sentence,
        next_step="",
        explanation=sentence,
    )
    why = ""
    if rights.as_staff:
        why = _(
            "Kombo reports origin ID “%(kombo)s” for this integration, but it is mapped to "
            "“%(ours)s”. Correct or confirm the mapping in admin."
        ) % {
            "kombo": isolate(snapshot.origin_id),
            "ours": isolate(integration.tenant.origin_id),
        }
    return Card(
        id=integration.public_id,
        pk=integration.pk,
        tenant_id=integration.tenant.public_id,
        headline=headline,
        label=_("Connection"),
        subtitle=sentence,
        account_note=account_note(snapshot, now) if rights.as_staff else "",
        staff_note=why,
        admin_id=integration.pk if rights.may_administer else None,
        checks=freshness.checks_of(snapshot),
        is_due=freshness.is_due(snapshot, now),
    )

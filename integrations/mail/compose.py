"""What a mail says, to whom, in which language, and under which thread: written down once, to be
sent later.

A link that is a key is put in only while sending (`with_link`): what is kept has a stand-in for it.
"""

import re
from copy import copy
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.html import conditional_escape

from integrations.domain import accent, reminder_schedule
from integrations.domain.bidi import MARKS, isolate
from integrations.domain.headline import Key, key_of
from integrations.domain.headline_text import headline_of
from integrations.domain.reminder_schedule import ReminderPolicy
from integrations.models import STAFF_KINDS, Integration, Mail, Snapshot, Tenant
from integrations.workspace import identity, repair_guides
from integrations.workspace.identity import Picture

LINK = "\ue000link\ue000"
"""Stands for a link that is a key.

No name can hold it: what is not printable is taken out of names.
"""

LOGO = re.compile(r"cid:logo\.([0-9a-f]+)@vendor")
"""Names the vendor's logo in the HTML of a mail, by the key of its picture: a part of the mail."""

LONGEST_SUBJECT = 200  # characters
LONGEST_NAME = 60  # characters: three names, and what is said of them, are shorter than a subject


class Words(NamedTuple):
    """What a mail says, with LINK where its link will be."""

    subject: str
    text: str
    html: str
    language: str


def can_send() -> bool:
    """There is a mail server. Without one nothing is written either: later it would be too late."""
    return bool(settings.EMAIL_HOST_NAME)


def one_line(text: str, *, keep: str = "") -> str:
    """A name as one line of printable characters, and of those to `keep`: no header, no direction
    and no stand-in can hide in it.
    """
    return " ".join(
        "".join(
            character if character.isprintable() or character in keep else " " for character in text
        ).split()
    )


def short(name: str) -> str:
    """Return a name of LONGEST_NAME characters at most, to leave room in a subject."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def address(text: str) -> str:
    """The one e-mail address that a text is, else nothing.

    None in quotes, which may hide anything.
    """
    text = text.strip()
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 and text.isprintable() and '"' not in text else ""


def recipient(tenant: Tenant, snapshot: Snapshot) -> str:
    """Whom we write to about an integration: the tenant's contact, else whoever connected it;
    nothing if nobody.
    """
    return address(tenant.contact_email) or address(snapshot.creator_email)


def unmailable(*texts: str) -> list[str]:
    """Return those of the texts that are no email address, each as one line; without blank ones."""
    return [one_line(text) for text in texts if text.strip() and not address(text)]


def language_of(tenant: Tenant | None) -> str:
    """The language of mails to a customer, or to the vendor's own people."""
    known = dict(settings.LANGUAGES)
    return tenant.language if tenant and tenant.language in known else settings.LANGUAGE_CODE


def reminder_policy_of(tenant: Tenant) -> ReminderPolicy:
    """How a customer is reminded: as the tenant says, else as for everybody."""
    return ReminderPolicy(
        _read(reminder_schedule.parse_delays, tenant.reminders, settings.REMINDERS),
        _read(
            reminder_schedule.parse_quiet_hours, tenant.quiet_hours, settings.REMINDER_QUIET_HOURS
        ),
        settings.REMINDER_CAP if tenant.reminder_cap is None else tenant.reminder_cap,
    )


def _read[T](reader: Any, own: str, default: str) -> Any:
    try:
        return reader(own or default)
    except ValueError:  # stored by other means than a form that checks
        return reader(default)


def vendor() -> str:
    """The vendor's name, as mails have it."""
    return one_line(settings.VENDOR_NAME)


def context_about(
    integration: Integration,
    snapshot: Snapshot,
    *,
    since: datetime | None = None,
    language: str = "",
) -> dict[str, Any]:
    """What every mail about an integration names, with its headline in the tenant's language, or
    another.

    A mail that says `since` when, with the time, says it once: the headline leaves it out, or else
    the mail.
    """
    facts = copy(snapshot)
    key = key_of(snapshot)
    facts.tool_label = short(one_line(snapshot.tool_label)) or "?"
    facts.issue_title = one_line(snapshot.issue_title)
    if since:  # the customer's turn may have come later than the trouble began
        since = snapshot.trouble_since or since
    if since and key is Key.RECONNECT_REQUIRED:
        facts.trouble_since = None
    elif key is Key.SIGN_IN_FAILING:
        since = None  # its sentence is about nothing else
    with translation.override(language or language_of(integration.tenant)):
        headline = headline_of(facts, vendor=short(vendor()))
    tenant_name = short(one_line(integration.tenant.name))
    named = {"tool": isolate(facts.tool_label), "tenant_name": isolate(tenant_name)}
    guides = repair_guides.of_integrations([integration]) if headline.customer_must_act else {}
    return named | {"headline": headline, "since": since, "guide": guides.get(integration.pk)}


def write_mail(
    key: str,
    *,
    kind: str,
    to: str,
    context: dict[str, Any],
    thread: str = "",
    language: str = "",
    at: datetime | None = None,
    **more: Any,
) -> Mail:
    """Write a mail, once for a key, to be sent from `due_at` on, or now.

    `thread` is the key of the thread's first mail. Its words are those of `templates/mail/`, in the
    tenant's language if no other is given.
    """
    now = at or timezone.now()
    more.setdefault("due_at", now)
    language = language or language_of(None if kind in STAFF_KINDS else more.get("tenant"))
    words = render(kind, context, language)
    written = {
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "headers": _headers(key, thread),
        **more,
    }
    return Mail.objects.get_or_create(
        key=key, defaults={"kind": kind, "to": to, "created_at": now, **written}
    )[0]


def _look(kind: str) -> dict[str, Any]:
    """What every mail shows of the vendor; the contact only to others than its own people."""
    known = identity.current()
    return {
        "vendor": isolate(short(vendor())),
        "palette": accent.palette(known.accent),
        "logo": identity.mailable_logo(known),
        "contact": None if kind in STAFF_KINDS else known,
    }


def logo_in(html: str) -> Picture | None:
    """Return the logo that the HTML of a mail names; None if it names none, or it is gone."""
    named = LOGO.search(html)
    return identity.picture(named[1]) if named else None


def render(kind: str, context: dict[str, Any], language: str) -> Words:
    """Render a mail from the templates of its kind."""
    named = {"language": language, "link": LINK, **_look(kind)}
    with translation.override(language):
        subject, _, text = (
            render_to_string(f"mail/{kind}.txt", named | context).strip().partition("\n")
        )
        subject = one_line(subject, keep=MARKS)[:LONGEST_SUBJECT]
        contact = render_to_string("mail/contact.txt", named)
        html = render_to_string(f"mail/{kind}_email.html", named | context | {"subject": subject})
    return Words(subject, _tidy(f"{text}\n\n{contact}"), html, language)


def with_link(mail: Mail, link: str) -> tuple[str, str]:
    """Return the text and the HTML of a mail with `link` in the place of the stand-in."""
    return mail.text.replace(LINK, link), mail.html.replace(LINK, conditional_escape(link))


def sender() -> str:
    """Return the From header: the site's address, with its own or else the vendor's name."""
    name, plain_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    try:
        return str(Address(name or vendor(), addr_spec=plain_address))
    except (ValueError, IndexError):
        return settings.DEFAULT_FROM_EMAIL


def _headers(key: str, thread: str) -> dict[str, str]:
    # Neither holiday replies nor receipts: RFC 3834, and what Exchange heeds instead.
    headers = {
        "Message-ID": message_id(key),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if thread and thread != key:
        first = _id_of_first(thread)
        headers |= {"In-Reply-To": first, "References": first}
    return headers


def _id_of_first(thread: str) -> str:
    """Return the Message-ID of a thread's first mail as it was sent: the site's key or address may
    be another one by now.
    """
    headers = Mail.objects.filter(key=thread).values_list("headers", flat=True).first()
    return str((headers or {}).get("Message-ID") or message_id(thread))


def message_id(key: str) -> str:
    """The same for the same mail, however often it is tried, so that mailboxes can tell too."""
    unique = salted_hmac("integrations.letters", key, algorithm="sha256").hexdigest()[:16]
    return (
        f"<{key.replace(' ', '.')}.{unique}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
    )


def _tidy(text: str) -> str:
    """Return a text with single empty lines: templates leave more where they had nothing to say."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"

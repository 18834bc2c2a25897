"""Which links there are to one thing, and whose."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.models import ConnectionAttempt, HandOff, Integration, Mail, MailKind, Tenant

type Subject = Integration | ConnectionAttempt
"""What a link is for: an integration to be repaired, or an attempt to connect a tool."""


def links_to(subject: Subject) -> QuerySet[HandOff]:
    """The links to something, the latest first; to an attempt that is not stored yet, none."""
    reminders = Mail.objects.filter(hand_off=OuterRef("pk"), kind=MailKind.REMINDER)
    links = HandOff.objects.filter(**named(subject)) if subject.pk else HandOff.objects.none()
    links = links.select_related("created_by", "integration", "attempt__tenant")
    return links.annotate(is_for_reminder=Exists(reminders))


def of_customer(subject: Subject, tenant: Tenant) -> QuerySet[HandOff]:
    """Return the links to something that the tenant's own people made, here or in an embedded
    view.
    """
    made_here = Q(created_by__memberships__tenant=tenant)
    return links_to(subject).filter(made_here | Q(by_guest=True))


def of_guests(subject: Subject) -> QuerySet[HandOff]:
    """Return the links to something that were made in an embedded view."""
    return links_to(subject).filter(by_guest=True)


def named(subject: Subject) -> dict[str, Any]:
    """Return what a link is for by the name of its column."""
    return {"integration" if isinstance(subject, Integration) else "attempt": subject}

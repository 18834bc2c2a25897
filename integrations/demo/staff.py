"""The demo's account managers: whom they take care of, what they may do, and what lies on their
desks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Q

from integrations.access.audit import Actor
from integrations.access.roles import StaffRole
from integrations.demo.history import ADDRESS
from integrations.domain.statement import Purpose
from integrations.mail import delivery, digests
from integrations.models import Integration, Mail, Tenant
from integrations.workspace import (
    disconnect_requests,
    feature_editor,
    purposes,
    saved_views,
    staff_actions,
)
from integrations.workspace.feature_editor import FeatureDraft
from integrations.workspace.triage_filter import TriageFilter

CARES = {"mia": ("acme", "gallery"), "max": ("bolt", "mismatch")}
ROLES = {"mia": StaffRole.LEAD, "max": StaffRole.ACCOUNT_MANAGER}
CONTACTS: dict[str, dict[str, str]] = {
    "acme": {"contact_email": "hr@acme.example", "language": "de"},
    "bolt": {"contact_email": "people@bolt.example"},
}
FEATURES = [
    FeatureDraft(
        "Org chart",
        "Who reports to whom, with teams.",
        needs="hris_employees.manager_id\nhris_teams",
        better_with="hris_employees.work_location_id",
    ),
    FeatureDraft(
        "Birthdays",
        "A greeting on the day, in the right place.",
        needs="hris_employees.date_of_birth",
        better_with="hris_employees.work_location_id",
        is_public=True,
    ),
    FeatureDraft(
        "Time off",
        "Absences, and the days that are left.",
        needs="hris_absences\nhris_time_off_balances",
    ),
    FeatureDraft(
        "Offer letters",
        "From the application to the signature.",
        needs="ats_applications\nats_offers",
    ),
]
NOTES: Sequence[tuple[float, str, str, str, str]] = [
    (
        5.2,
        "mia",
        "gallery",
        "hibob",
        "Their administrator has left. Gina looks for who has her access now.",
    ),
    (
        2.7,
        "mia",
        "acme",
        "personio",
        "Called: IT changed the password on Thursday. They will reconnect this week.",
    ),
    (24.9, "mia", "gallery", "kenjo", "Paused on purpose until their move to Factorial is done."),
    (9.3, "max", "bolt", "", "Renewal in January. They would like birthdays of all their people."),
]
"""How many days ago, who, of which tenant and perhaps of which tool, and what."""
PURPOSES = [
    (
        "person",
        "To show who works where in the staff directory, and to greet them on their birthday.",
        "Art. 6 (1) (b) GDPR: contract with the customer",
        "Until the end of employment, then 30 days",
        "Hosting provider in Frankfurt am Main",
    ),
    (
        "job",
        "To draw the org chart.",
        "Art. 6 (1) (b) GDPR: contract with the customer",
        "Until the end of employment, then 30 days",
        "",
    ),
    (
        "absence",
        "To show who is away, without the reason.",
        "Art. 6 (1) (b) GDPR; works agreement of the customer",
        "24 months",
        "Hosting provider in Frankfurt am Main",
    ),
    (
        "recruiting",
        "To prepare offer letters.",
        "Art. 6 (1) (b) GDPR: steps prior to a contract",
        "6 months after the decision",
        "Provider of electronic signatures",
    ),
]
"""Group of data, purpose, legal basis, retention, recipients: of the rest nothing is written."""
REASON = "Their move to Factorial is done, and they asked us to end this one."
VIEW = ("My customers to reconnect", TriageFilter(scope="mine", headline="reconnect_required"))


def permit(user: User) -> None:
    """Let an account manager do what one does; mia sees to everybody's customers."""
    user.groups.set([Group.objects.get(name=ROLES[user.username])])


def terms(origin: str, staff: dict[str, User]) -> dict[str, Any]:
    """Who takes care of a tenant, and whom to write to."""
    owner = next((staff[name] for name, origins in CARES.items() if origin in origins), None)
    return {"owner": owner, **CONTACTS.get(origin, {})}


def settle_in(staff: dict[str, User], began: datetime) -> None:
    """Lay on their desks what they would have by now."""
    acting = {name: Actor(user, name, ADDRESS) for name, user in staff.items()}
    for draft in FEATURES:
        feature_editor.save(None, draft, acting["mia"])
    since = (began - timedelta(days=365)).date()
    written = [Purpose(group, since, *texts) for group, *texts in PURPOSES]
    purposes.store(written, acting["mia"], dry_run=False)
    for days_ago, name, origin, tool, text in NOTES:
        tenant = Tenant.objects.get(origin_id=origin)
        about = Q(integration_id__startswith=f"{tool}:")
        integration = (
            Integration.objects.filter(about, tenant=tenant)
            .select_related("tenant", "snapshot")
            .first()
        )
        staff_actions.write_note(
            text,
            acting[name],
            tenant=tenant,
            integration=integration,
            at=began - timedelta(days=days_ago),
        )
    moved = Integration.objects.select_related("tenant", "snapshot")
    kenjo = moved.get(integration_id__startswith="kenjo:")
    disconnect_requests.ask(kenjo, REASON, acting["mia"])
    saved_views.save(staff["mia"], *VIEW)
    # This morning's, before anybody looked, even if somebody looks before the morning.
    digests.write_due(at_any_hour=True)
    for mail in Mail.objects.filter(kind="digest", sent_at__isnull=True):
        delivery.mark_sent(mail, mail.created_at)

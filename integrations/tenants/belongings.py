"""What is stored of a tenant, table by table: the one list that exporting and forgetting share.

A test holds it against all models, so that no new table is left out.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from integrations.kombo import webhooks
from integrations.models import (
    AccountInvitation,
    AuditEntry,
    ConnectionAttempt,
    CoverageVersion,
    DisconnectRequest,
    EmbedSession,
    Entry,
    Event,
    FeatureAnswer,
    FieldMapping,
    HandOff,
    Incident,
    Integration,
    Issue,
    Mail,
    Membership,
    Note,
    Reminder,
    RepairHandle,
    Snapshot,
    Summary,
    Tenant,
    UnmappedIntegration,
    Word,
)

# What holds nothing of any one tenant, or only its digests, or what staff keep for themselves.
OF_NOBODY = {
    # What an account signs in with: keys, which no export holds, and which go with the account.
    "account.emailaddress",
    "account.emailconfirmation",
    "mfa.authenticator",
    "socialaccount.socialaccount",
    "socialaccount.socialapp",
    "socialaccount.socialtoken",
    "admin.logentry",  # by object, see `log_entries_of`
    "auth.group",
    "auth.permission",
    "contenttypes.contenttype",
    "integrations.accountsession",  # goes with its session and its account
    "integrations.bulkcheck",
    "integrations.cataloguetool",
    "integrations.countervalue",
    "integrations.coverageprofile",
    "integrations.dailycount",
    "integrations.feature",
    "integrations.heartbeat",
    "integrations.identity",
    "integrations.logo",
    "integrations.outage",
    "integrations.pastgrid",
    "integrations.periodcount",
    "integrations.passwordresetrequest",  # of anybody, until the worker looks
    "integrations.preferences",
    "integrations.purpose",
    "integrations.ratelimit",
    "integrations.repairtime",
    "integrations.savedview",
    "integrations.spenttoken",
    "integrations.toolcatalogue",
    "integrations.toolnote",
    "integrations.upstream",
    "integrations.vendorpicture",
    "sessions.session",
}


def of_tenant(tenant: Tenant) -> dict[str, QuerySet[Any]]:
    """Return all that is this tenant's and no one else's, by the name that its part of an export
    has.
    """
    integrations = Integration.objects.filter(tenant=tenant)
    rows: dict[str, QuerySet[Any]] = {
        "tenant": Tenant.objects.filter(pk=tenant.pk),
        "accounts": accounts_of(tenant),
        "invitations": AccountInvitation.objects.filter(tenant=tenant),
        "memberships": Membership.objects.filter(tenant=tenant),
        "integrations": integrations,
        "connection_attempts": ConnectionAttempt.objects.filter(tenant=tenant),
        "feature_answers": FeatureAnswer.objects.filter(tenant=tenant),
        "notes": Note.objects.filter(Q(tenant=tenant) | Q(integration__in=integrations)),
        "mails": Mail.objects.filter(Q(tenant=tenant) | Q(integration__in=integrations)),
        "embed_sessions": EmbedSession.objects.filter(tenant=tenant),
        "repair_handles": RepairHandle.objects.filter(
            Q(integration__in=integrations) | Q(attempt__tenant=tenant)
        ),
        "hand_offs": HandOff.objects.filter(
            Q(integration__in=integrations) | Q(attempt__tenant=tenant)
        ),
        "words": Word.objects.filter(summary__integration__in=integrations),
        "webhooks": Event.objects.filter(
            Q(integration__in=integrations) | Q(pk__in=_unclaimed_events(tenant, integrations))
        ),
        "unmapped_integrations": _unmapped(tenant, integrations),
        "audit": AuditEntry.objects.filter(
            Q(tenant_id=tenant.pk) | Q(integration__in=integrations.values("public_id"))
        ),
    }
    each: dict[str, type[Model]] = {
        "snapshots": Snapshot,
        "summaries": Summary,
        "history": Entry,
        "coverage_versions": CoverageVersion,
        "field_mappings": FieldMapping,
        "incidents": Incident,
        "issues": Issue,
        "disconnect_requests": DisconnectRequest,
        "reminders": Reminder,
    }
    return rows | {
        name: kind._default_manager.filter(integration__in=integrations)
        for name, kind in each.items()
    }


def accounts_of(tenant: Tenant) -> QuerySet[User]:
    """Return the accounts that are only this tenant's: no other's, and none of the staff's."""
    elsewhere = Membership.objects.exclude(tenant=tenant).values("user")
    members = User.objects.filter(memberships__tenant=tenant, is_staff=False, is_superuser=False)
    return members.exclude(pk__in=elsewhere)


def log_entries_of(rows: Iterable[QuerySet[Any]]) -> QuerySet[LogEntry]:
    """Return what Django's own log of the administration tells of objects."""
    about = Q(pk__in=[])
    for objects in rows:
        kind = ContentType.objects.get_for_model(objects.model)
        ids = [str(pk) for pk in objects.values_list("pk", flat=True)]
        about |= Q(content_type=kind, object_id__in=ids)
    return LogEntry.objects.filter(about)


def _unclaimed_events(tenant: Tenant, integrations: QuerySet[Integration]) -> list[int]:
    """Webhooks that belong to no integration here, and yet tell of the tenant or of its
    integrations.
    """
    known = set(integrations.values_list("integration_id", flat=True))
    ids = []
    rows = Event.objects.filter(integration__isnull=True).values_list("pk", "payload")
    for pk, payload in rows.iterator():
        try:
            report = webhooks.parse(payload.encode()).report
        except webhooks.BadEvent:  # an older version of ours took it
            continue
        end_user = getattr(report, "end_user", None)
        is_theirs = end_user is not None and end_user.origin_id == tenant.origin_id
        if is_theirs or getattr(report, "integration_id", "") in known:
            ids.append(pk)
    return ids


def _unmapped(tenant: Tenant, integrations: QuerySet[Integration]) -> QuerySet[UnmappedIntegration]:
    """Unmapped integrations that Kombo says are the tenant's, by id or, if it names no other
    tenant, by name.
    """
    others = Tenant.objects.exclude(pk=tenant.pk).values("origin_id")
    by_id = Q(origin_id=tenant.origin_id) | Q(
        integration_id__in=integrations.values("integration_id")
    )
    by_name = Q(organization_name=tenant.name) & ~Q(origin_id__in=others)
    return UnmappedIntegration.objects.filter(by_id | by_name)

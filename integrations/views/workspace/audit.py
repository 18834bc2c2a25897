"""The record of who did what, for staff who may read it: searched, narrowed, and taken away as a
file.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.access import audit_log, audit_words, permissions
from integrations.access.audit import Act
from integrations.domain import csv_export
from integrations.models import AuditEntry, Tenant
from integrations.views.csv_response import csv_stream
from integrations.views.pager import page_of
from integrations.views.types import Request

PER_PAGE = 50
DAYS = (1, 7, 30, 90)
LONGEST = 100  # characters of a search


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of the record is asked for; it lives in the page's URL."""

    query: str
    act: str
    tenant: str
    days: int

    @classmethod
    def of(cls, request: Request) -> "AuditFilter":
        query, act, tenant, days = (
            _clean(request.GET.get(name, "")) for name in ("q", "act", "tenant", "days")
        )
        return cls(
            query,
            act if act in list(Act) else "",
            tenant,
            int(days) if days in {str(number) for number in DAYS} else 0,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.act or self.tenant or self.days)

    def url(self, **more: object) -> str:
        """Return the filter as the query of an address, with more parameters."""
        pairs = {"q": self.query, "act": self.act, "tenant": self.tenant, "days": self.days, **more}
        narrowed = urlencode({name: value for name, value in pairs.items() if value})
        return f"?{narrowed}" if narrowed else ""


@require_safe
def page(request: Request) -> HttpResponse:
    """The record, newest first, a page at a time. Who goes through its pages sees it as it was on
    the first, whatever is written meanwhile.
    """
    audit_filter = AuditFilter.of(request)
    entries, tenants = _matches(request, audit_filter)
    newest = _clean(request.GET.get("up_to", ""))
    if is_known := newest.isascii() and newest.isdigit() and len(newest) <= 18:
        entries = audit_log.up_to(entries, int(newest))
    paged = page_of(request, entries, PER_PAGE)
    page_rows = list(paged)
    if not is_known:
        newest = str(page_rows[0].pk) if page_rows and paged.number == 1 else ""
    known = {
        tenant.pk: tenant for tenant in tenants.filter(pk__in={row.tenant_id for row in page_rows})
    }
    context = {
        "asked": audit_filter,
        "lines": [
            (row, known.get(row["entry"].tenant_id or 0)) for row in audit_log.rows(page_rows)
        ],
        "only": tenants.filter(public_id=audit_filter.tenant).first()
        if audit_filter.tenant
        else None,
        "acts": sorted(
            ((str(act), audit_words.name_of(act)) for act in Act),
            key=lambda pair: pair[1].casefold(),
        ),
        "days": [
            (number, ngettext("Last 24 hours", "Last %(n)s days", number) % {"n": number})
            for number in DAYS
        ],
        "paged": paged,
        "page_url": reverse("audit") + audit_filter.url(up_to=newest),
        "file": audit_filter.url(),
        "kept_days": settings.AUDIT_RETENTION_DAYS,
    }
    return render(request, "workspace/audit.html", context)


@require_safe
def csv(request: Request) -> HttpResponseBase:
    """All that is asked for, as a file that is written while it is read."""
    entries, _tenants = _matches(request, AuditFilter.of(request))
    lines = chain([csv_export.MARK], audit_log.csv_rows(entries))
    return csv_stream(request, lines, "audit.csv")


def _matches(
    request: Request, audit_filter: AuditFilter
) -> tuple[QuerySet[AuditEntry], QuerySet[Tenant]]:
    """Return the entries that match the filter, of those that the person may read, and the tenants
    that they may see.

    Raises Http404.
    """
    user = permissions.require_staff(request.user, "integrations.view_auditentry")
    tenants = permissions.tenants_for_staff(user)
    among: QuerySet[Tenant] | None = tenants
    if audit_filter.tenant:
        among = tenants.filter(public_id=audit_filter.tenant)
    elif permissions.sees_every_tenant(user):
        among = None  # what is of no tenant, or of one that is gone, too
    since = timezone.now() - timedelta(days=audit_filter.days) if audit_filter.days else None
    return audit_log.entries(
        query=audit_filter.query, what=audit_filter.act, tenants=among, since=since
    ), tenants


def _clean(text: str) -> str:
    """Return a text without outer white space, of LONGEST characters at most."""
    return text.strip()[:LONGEST]

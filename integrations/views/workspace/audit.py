"""The record of who did what, for staff who may read it: searched, narrowed, and taken away as a file."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.access import audit, permissions
from integrations.access.audit import Act
from integrations.domain import csv_export
from integrations.models import AuditEntry, Tenant
from integrations.views.types import Request

PER_PAGE = 50
DAYS = (1, 7, 30, 90)
LONGEST = 100  # characters of a search


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the record is asked for; it lives in the page's URL."""

    query: str
    act: str
    tenant: str
    days: int

    @classmethod
    def of(cls, request: Request) -> "Asked":
        query, act, tenant, days = (_clean(request.GET.get(name, "")) for name in ("q", "act", "tenant", "days"))
        return cls(
            query, act if act in list(Act) else "", tenant, int(days) if days in {str(number) for number in DAYS} else 0
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.act or self.tenant or self.days)

    def url(self, **more: object) -> str:
        """The same as a query, with something more."""
        pairs = {"q": self.query, "act": self.act, "tenant": self.tenant, "days": self.days, **more}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@require_safe
def page(request: Request) -> HttpResponse:
    """The record, newest first, a page at a time."""
    asked = Asked.of(request)
    found, tenants = _found(request, asked)
    before = _clean(request.GET.get("before", ""))
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else 0
    rows = list((audit.older_than(found, number) if number else found)[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    known = {tenant.pk: tenant for tenant in tenants.filter(pk__in={row.tenant_id for row in shown})}
    context = {
        "asked": asked,
        "lines": [(one, known.get(one["entry"].tenant_id or 0)) for one in audit.told(shown)],
        "only": tenants.filter(public_id=asked.tenant).first() if asked.tenant else None,
        "acts": sorted(((str(act), audit.name_of(act)) for act in Act), key=lambda one: one[1].casefold()),
        "days": [(number, ngettext("The last day", "The last %(n)s days", number) % {"n": number}) for number in DAYS],
        "older": asked.url(before=shown[-1].pk) if len(rows) > PER_PAGE else "",
        "is_first": not number,
        "file": asked.url(),
    }
    return render(request, "workspace/audit.html", context)


@require_safe
def csv(request: Request) -> HttpResponseBase:
    """All that is asked for, as a file that is written while it is read."""
    found, _tenants = _found(request, Asked.of(request))
    return StreamingHttpResponse(
        chain([csv_export.MARK], audit.csv_rows(found)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _found(request: Request, asked: Asked) -> tuple[QuerySet[AuditEntry], QuerySet[Tenant]]:
    """What is asked for of what somebody may read, and the tenants that they may see. Raises Http404."""
    user = permissions.staff(request.user, "integrations.view_auditentry")
    tenants = permissions.customers(user)
    among: QuerySet[Tenant] | None = tenants
    if asked.tenant:
        among = tenants.filter(public_id=asked.tenant)
    elif permissions.sees_every_tenant(user):
        among = None  # what is of no tenant, or of one that is gone, too
    since = timezone.now() - timedelta(days=asked.days) if asked.days else None
    return audit.entries(query=asked.query, what=asked.act, tenants=among, since=since), tenants


def _clean(text: str) -> str:
    """As any database can look for it."""
    return text.replace("\0", " ").strip()[:LONGEST]

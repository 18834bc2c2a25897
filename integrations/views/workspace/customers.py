"""The account managers' list of customers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.domain.headline import staff_severity
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.workspace import customers, staff_actions
from integrations.workspace.customers import MOST_TOOLS, PER_PAGE, Customer, CustomerFilter
from integrations.workspace.summaries import headline_name


@require_safe
def page(request: Request) -> HttpResponse:
    """The list; whose, search, order and page live in the URL."""
    user = permissions.require_staff(request.user)
    state, tenants = customers.scoped(user, CustomerFilter.of(request.GET))
    paged = page_of(request, customers.keys(tenants, state), PER_PAGE)
    sees_all = permissions.sees_every_tenant(user)
    context = {
        "state": state,
        "rows": [_row(customer) for customer in customers.read(list(paged))],
        "paged": paged,
        "page_url": request.path + state.query(),
        "sees_all": sees_all,
        "scopes": [
            (state.query(scope=scope), name, scope == state.scope)
            for scope, name in (("mine", _("Mine")), ("all", _("Everyone’s")))
        ]
        if sees_all
        else [],
        "orders": [
            (state.query(sort=sort), name, sort == state.sort)
            for sort, name in (("", _("Worst first")), ("name", _("By name")))
        ],
        "everybodys": state.query(scope="all"),
        "may_add": permissions.may_add_tenants(user),
    }
    return render(request, "workspace/customers.html", context)


def _row(customer: Customer) -> dict[str, Any]:
    tenant, worst = customer.tenant, customer.worst
    return {
        "tenant": tenant,
        "badge": headline_name(worst.headline) if worst else "",
        "severity": staff_severity(worst.headline) if worst else "",
        "since": worst.since if worst else None,
        "tools": customer.tools[:MOST_TOOLS],
        "more_tools": max(len(customer.tools) - MOST_TOOLS, 0),
        "failing_features": customer.failing_features,
        "attempts": customer.attempts,
        "owner": staff_actions.name_of(tenant.owner) if tenant.owner else "",
        "contacted_at": customer.contacted_at,
    }

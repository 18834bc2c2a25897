"""Kombo Connect as a page opens it, in a dialog or by a link on a page of its own, and what did not
work, in the same places.
"""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from integrations.access.grants import AccessGrant
from integrations.upstream.connect_links import ConnectLink
from integrations.views.customer.card import Card
from integrations.views.types import Request

TEMPLATE = "customer/connect.html"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being connected.

    `id` names the form by which the page reports the end, `back` is the address that it began at;
    empty where there is no way back.
    """

    id: str
    label: str
    title: str
    next_step: str
    back: str


def subject_of(grant: AccessGrant, card: Card, *, back: str = "") -> Subject:
    """Return an integration as what is being connected anew; a guest has a way back only if `back`
    is one.
    """
    here = "" if grant.as_guest else reverse("integration", args=[card.tenant_id, card.id])
    return Subject(
        id=card.id,
        label=card.label,
        title=card.headline.title,
        next_step=card.headline.next_step,
        back=back or here,
    )


def show(request: Request, grant: AccessGrant, subject: Subject, link: ConnectLink) -> HttpResponse:
    """Open Kombo Connect."""
    context = {"grant": grant, "subject": subject, "link": link}
    return render(request, f"{TEMPLATE}#dialog" if request.htmx else TEMPLATE, context)


def show_problem(
    request: Request,
    grant: AccessGrant,
    subject: Subject,
    message: str,
    *,
    is_open: bool = False,
    retry: dict[str, str] | None = None,
) -> HttpResponse:
    """Say in words what did not work; nothing was changed, unless it is open whether it was.

    `retry` are the fields of a form, its `action` among them, by which to try once more.
    """
    context = {
        "grant": grant,
        "subject": subject,
        "problem": message,
        "is_open": is_open,
        "retry": retry,
    }
    response = render(request, f"{TEMPLATE}#dialog" if request.htmx else TEMPLATE, context)
    # Whatever the button meant to replace stays; the words open in a dialog.
    response["HX-Retarget"] = "#connect"
    response["HX-Reswap"] = "innerHTML"
    return response

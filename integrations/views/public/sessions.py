"""Where somebody is signed in: a list of their sessions, each of which they can end."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.access import account_sessions
from integrations.domain import browsers
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request


@require_safe
def page(request: Request) -> HttpResponse:
    """The sessions of whoever asks, the latest used first."""
    user = cast("User", request.user)
    rows = [
        {
            "id": row.public_id,
            "browser": browsers.text(row.browser, row.system),
            "began_at": row.began_at,
            "seen_at": row.seen_at,
            "is_current": account_sessions.is_current(row, request.session),
        }
        for row in account_sessions.of(user)
    ]
    rows.sort(key=lambda row: not row["is_current"])
    idle, absolute = account_sessions.limits_of(user)
    context = {"rows": rows, "idle": idle, "absolute": absolute}
    return render(request, "public/sessions.html", context)


@redirect_get_to("sessions")
def end(request: Request) -> HttpResponse:
    """End one of them at once."""
    user = cast("User", request.user)
    if account_sessions.end(user, request.POST.get("session", ""), actor_of(request)):
        messages.success(request, _("Session ended."))
    return redirect("sessions")


@redirect_get_to("sessions")
def end_others(request: Request) -> HttpResponse:
    """End all but the one that asks."""
    user = cast("User", request.user)
    if n := account_sessions.end_others(user, request.session, actor_of(request)):
        words = ngettext("%(n)s session ended.", "%(n)s sessions ended.", n)
        messages.success(request, words % {"n": n})
    return redirect("sessions")

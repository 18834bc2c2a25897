"""Every state of the product by an address of its own, in each theme, language and face.

`/demo/gallery/<name>/?theme=dark&lang=de&face=yellow` signs in whoever sees it, makes it so, and
leads there. What an address doesn't name is as the browser has it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import engines
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from integrations.demo import arranged, faces, moments, sign_in_pages
from integrations.demo.signing_in import sign_in
from integrations.domain.coverage import Reason
from integrations.domain.headline import Key

INDEX = Path(__file__).resolve().parent / "gallery.html"
TOOLS = {  # of the gallery, by its headline
    Key.REMOVED: "lucca",
    Key.PAUSED: "kenjo",
    Key.RECONNECT_REQUIRED: "hibob",
    Key.SIGN_IN_FAILING: "workday",
    Key.SETUP_INCOMPLETE: "teamtailor",
    Key.QUALITY_CHECK: "planday",
    Key.FIRST_SYNC: "ashby",
    Key.UPDATING: "smartrecruiters",
    Key.DEGRADED: "factorial",
    Key.CONNECTED: "docebo",
    Key.UNRECOGNISED: "lever",
    Key.PENDING: "humaans",
}
# Their contexts, but for the identity; the others need none.
ERRORS: dict[str, dict[str, Any]] = {
    "400": {},
    "403": {},
    "403_csrf": {"is_elsewhere": False},
    "404": {},
    "429": {"wait": 30},
    "500": {},
    "503": {},
}


@dataclass(frozen=True, slots=True)
class State:
    """Who sees it, empty for nobody who is signed in, and where; `{names}` in the address are those
    of `arranged.names`. `freshness` is what `moments.make` sees to; `is_down` has an outage of a
    tool, `is_troubled` an installation that needs its operator.
    """

    person: str
    path: str
    freshness: str = ""
    is_down: bool = False
    is_troubled: bool = False


_ACME, _PERSONIO = "/t/{acme}/", "/t/{acme}/i/{personio}/"
_DEEL, _HUMAANS = "/t/{mismatch}/i/{deel}/", "/t/{gallery}/i/{humaans}/"
_BENCH = "/workspace/t/{acme}/i/{personio}/"
_HOST = "{host}/?theme={theme}&lang={lang}&accent={accent}"
GALLERY: dict[str, dict[str, State]] = {
    "Headlines": {
        f"headline-{key}": State(
            "gina", f"/t/{{gallery}}/i/{{{tool}}}/", "cold" if key is Key.PENDING else ""
        )
        for key, tool in TOOLS.items()
    },
    "Reasons": {
        f"reason-{reason}": State("gina", f"/t/{{gallery}}/i/{{docebo}}/{{{reason}}}")
        for reason in Reason
    },
    "Freshness": {
        "failing": State("gina", _DEEL, "failing"),
        "failing-in-list": State("gina", "/t/{mismatch}/", "failing"),
        "never-reached": State("gina", _HUMAANS, "never reached"),
        "cold": State("gina", _HUMAANS, "cold"),
        "being-checked": State("gina", _DEEL, "being checked"),
        "just-repaired": State("gina", _DEEL, "just repaired"),
        "just-repaired-in-list": State("gina", "/t/{mismatch}/", "just repaired"),
    },
    "Outage": {
        "outage-overview": State("mia", "/workspace/overview/?scope=all", is_down=True),
        "outage-list": State("mia", "/workspace/?scope=all", is_down=True),
        "outage-affected": State("mia", "/workspace/?scope=all&outage=any", is_down=True),
        "outage-customer": State("gina", "/t/{gallery}/", is_down=True),
        "outage-integration": State("gina", "/t/{gallery}/i/{workday}/", is_down=True),
    },
    "Nothing there": {
        "empty-customer": State("gina", "/t/{cobalt}/", "no attempts"),
        "empty-grid": State("alice", f"{_PERSONIO}?q=nothing+at+all"),
        "empty-history": State("gina", f"{_HUMAANS}history/"),
        "empty-statement": State("alice", f"{_PERSONIO}statement/?on=2020-01-01"),
        "empty-list": State("root", "/workspace/?scope=mine"),
        "empty-search": State("mia", "/workspace/?scope=all&q=nothing+at+all"),
        "empty-account": State("mia", "/workspace/t/{cobalt}/", "no attempts"),
        "empty-overview": State("root", "/workspace/overview/?scope=mine"),
        "empty-customers": State("mia", "/workspace/customers/?scope=all&q=nothing+at+all"),
        "empty-datapoints": State("mia", "/workspace/datapoints/?q=nothing+at+all"),
        "empty-matrix": State("mia", "/workspace/matrix/"),
        "empty-emails": State("mia", "/workspace/emails/?state=failed"),
        "empty-audit": State("mia", "/workspace/audit/?q=nothing+at+all"),
        "empty-find": State("mia", "/workspace/find/?q=nothing+at+all"),
    },
    "Errors": {f"error-{page}": State("", f"/demo/gallery/error/{page}/") for page in ERRORS},
    "Customer": {
        "organizations": State("gina", "/"),
        "customer": State("alice", _ACME),
        "customer-all": State("gina", "/t/{gallery}/", "cold"),
        "customer-of-one": State("bob", "/t/{bolt}/"),
        "customer-of-one-open": State("bob", "/t/{bolt}/?open=hris_employees"),
        "customer-viewer": State("vic", _ACME),
        "customer-withheld": State("gina", "/t/{mismatch}/i/{rippling}/"),
        "customer-markup": State("gina", "/t/{hostile}/"),
        "integration": State("alice", _PERSONIO),
        "integration-expanded": State("alice", f"{_PERSONIO}?open=all&show=unavailable"),
        "history": State("alice", f"{_PERSONIO}history/"),
        "statement": State("alice", f"{_PERSONIO}statement/"),
        "fields": State("alice", f"{_PERSONIO}fields/"),
        "disconnect": State("gina", "/t/{gallery}/i/{docebo}/disconnect/"),
        "send-to-colleague": State("alice", f"{_PERSONIO}hand-off/"),
    },
    "Connecting": {
        "connect": State("alice", f"{_ACME}connect/"),
        "connect-search": State("alice", f"{_ACME}connect/?q=work&category=HRIS"),
        "connect-nothing": State("alice", f"{_ACME}connect/?q=nothing+at+all"),
        "connect-tool": State("alice", f"{_ACME}connect/hris/workday/"),
        "connect-tool-connected": State("alice", f"{_ACME}connect/hris/personio/"),
        "connect-tool-viewer": State("vic", f"{_ACME}connect/hris/hibob/"),
        "attempts": State("gina", "/t/{cobalt}/", "attempts"),
        "invite-colleague": State("alice", f"{_ACME}connect/hris/workday/invite/"),
        "invitation": State("", "{invitation}?lang={lang}", "attempts"),
    },
    "Account": {
        "sessions": State("alice", "/account/sessions/", "elsewhere alice"),
        "sessions-staff": State("mia", "/account/sessions/", "elsewhere mia"),
        "sessions-one": State("bob", "/account/sessions/"),
        "join": State("", "{join}", "invited"),
        "join-with-account": State("", "{join_too}", "invited"),
        "join-accept": State("bob", "{join_too}", "invited"),
        "join-ended": State("", "/account/invitation/nothing/"),
    },
    "Without an account": {
        "sign-in": State("", "/account/login/"),
        "works-with": State("", "/works-with/?lang={lang}"),
        "password-reset": State("", "/account/password/reset/"),
        "password-reset-sent": State("", "/account/password/reset/sent/"),
        "password-reset-bad-link": State("", "/account/password/reset/MQ/a-b/"),
        "password-reset-done": State("", "/account/password/reset/done/"),
        "guest-link": State("", "{guest}?lang={lang}"),
        "guest-link-ended": State("", "/hand-off/nothing/"),
        "setup-left": State("", "/demo/gallery/page/setup-left/"),
    },
    "Embed": {
        "embed-list": State("", f"{_HOST}&view=list"),
        "embed-all": State("", f"{_HOST}&view=list&as=gallery"),
        "embed-integration": State("", f"{_HOST}&view=integration"),
        "embed-banner": State("", f"{_HOST}&view=banner"),
        "embed-badge": State("", f"{_HOST}&view=badge"),
        "embed-loading": State("", f"{_HOST}&view=list&token=late"),
    },
    "Workspace": {
        "overview": State("mia", "/workspace/overview/?scope=all"),
        "list": State("mia", "/workspace/?scope=all"),
        "list-filtered": State("mia", "/workspace/?scope=all&feature={feature}"),
        "list-being-checked": State("mia", "/workspace/?scope=all&check={check}", "all asked"),
        "customers": State("mia", "/workspace/customers/?scope=all"),
        "customer-new": State("root", "/workspace/customers/new/"),
        "account": State("mia", "/workspace/t/{acme}/"),
        "account-invited": State("mia", "/workspace/t/{acme}/#members", "invited"),
        "account-attempts": State("mia", "/workspace/t/{cobalt}/", "attempts"),
        "account-connect": State("mia", "/workspace/t/{acme}/connect/"),
        "account-invite": State("mia", "/workspace/t/{acme}/connect/hris/workday/invite/"),
        "workbench": State("mia", _BENCH),
        "workbench-working": State("mia", "/workspace/t/{gallery}/i/{docebo}/"),
        "workbench-data": State("mia", f"{_BENCH}data/"),
        "workbench-history": State("mia", f"{_BENCH}history/"),
        "workbench-technical": State("mia", f"{_BENCH}technical/"),
        "disconnect-request": State("mia", "/workspace/t/{gallery}/i/{docebo}/disconnect/"),
        "disconnect-approval": State("root", "/workspace/t/{gallery}/i/{kenjo}/disconnect/"),
        "overview-to-approve": State("root", "/workspace/overview/?scope=all"),
        "preview": State("mia", "/workspace/preview/t/{gallery}/", "cold"),
        "features": State("mia", "/workspace/features/"),
        "feature": State("mia", "/workspace/features/{feature}/"),
        "feature-new": State("mia", "/workspace/features/new/"),
        "datapoints-start": State("mia", "/workspace/datapoints/"),
        "datapoints-found": State("mia", "/workspace/datapoints/?q=hris_employees.manager_id"),
        "tools": State("mia", "/workspace/tools/"),
        "tool": State("root", "/workspace/tools/workday/"),
        "datapoints": State("mia", "/workspace/datapoints/?q=manager"),
        "matrix": State("mia", "/workspace/matrix/?d=hris_employees.manager_id&d=hris_teams"),
        "changes": State("mia", "/workspace/changes/?days=30"),
        "emails": State("mia", "/workspace/emails/"),
        "email": State("mia", "/workspace/emails/{mail}/"),
        "email-as-sent": State("mia", "/workspace/emails/{mail}/html/"),
        "preferences": State("mia", "/workspace/preferences/"),
        "audit": State("mia", "/workspace/audit/"),
        "webhooks": State("root", "/workspace/webhooks/"),
        "find": State("mia", "/workspace/find/?q=acme"),
        "find-start": State("mia", "/workspace/find/"),
        "people": State("root", "/workspace/people/", "invited"),
        "branding": State("root", "/workspace/identity/"),
        "system": State("root", "/workspace/system/"),
        "system-red": State("root", "/workspace/system/", is_troubled=True),
    },
    "Admin": {
        "admin": State("root", "/admin/"),
        "admin-list": State("root", "/admin/integrations/tenant/"),
        "admin-form": State("root", "/admin/integrations/tenant/{tenant}/change/"),
        "admin-person": State("root", "/admin/auth/user/{user}/change/"),
    },
}
if settings.USES_ALLAUTH:
    GALLERY["Signing in"] = {
        "security": State("root", "/account/security/"),
        "security-app": State("root", "/account/security/app/"),
        "security-passkey": State("root", "/account/security/passkey/"),
        "confirm": State("root", "/account/confirm/?next=/workspace/"),
        **{name: State("", f"/demo/gallery/page/{name}/") for name in sign_in_pages.NAMES},
    }
STATES = {name: state for states in GALLERY.values() for name, state in states.items()}


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All states, to be opened in the theme, language and face that are chosen here."""
    chosen = _chosen(request)
    context = {
        "options": [(name, values, chosen[name]) for name, values in _options().items()],
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "gallery": GALLERY,
    }
    template = engines["django"].from_string(INDEX.read_text())
    return HttpResponse(template.render(context, request))


@login_not_required
@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    """Lead to a state as who sees it."""
    if name not in STATES:
        raise Http404
    state, chosen = STATES[name], _chosen(request)
    if state.person:
        sign_in(request, state.person)
    else:
        logout(request)
    moments.make(state.freshness)
    moments.make_outage(moments.DOWN if state.is_down else "")
    moments.make_trouble(is_troubled=state.is_troubled)
    response = redirect(state.path.format_map(arranged.names(chosen)))
    for cookie, value in (
        (settings.LANGUAGE_COOKIE_NAME, chosen["lang"]),
        (faces.THEME_COOKIE, chosen["theme"]),
        (faces.FACE_COOKIE, chosen["face"]),
    ):
        if value:
            response.set_cookie(cookie, value, samesite="Lax", httponly=True)
        else:
            response.delete_cookie(cookie)
    return response


@login_not_required
@require_safe
def error(request: HttpRequest, page: str) -> HttpResponse:
    """An error page, with its status."""
    if page not in ERRORS:
        raise Http404
    return render(request, f"{page}.html", ERRORS[page], status=int(page[:3]))


def _chosen(request: HttpRequest) -> dict[str, str]:
    """Return the theme, language and face that an address names, each empty if it names none."""
    return {
        name: value if (value := request.GET.get(name, "")) in values else ""
        for name, values in _options().items()
    }


def _options() -> dict[str, list[str]]:
    languages = [code for code, _name in settings.LANGUAGES]
    return {"theme": [*faces.THEMES], "lang": languages, "face": [*faces.FACES]}

"""What the vendor looks like to customers: set here, seen before it is saved."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from integrations.access import permissions
from integrations.models import Identity
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.views.workspace.forms import IdentityForm
from integrations.workspace import identity

CHANGE = "integrations.change_identity"
TEMPLATE = "workspace/identity.html"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """Show the branding, or save it."""
    permissions.require_staff(request.user, CHANGE)
    if request.method != "POST":
        form = IdentityForm(instance=identity.stored())
        return _show(request, form, is_saved="saved" in request.GET)
    form = _sent(request)
    if not form.is_valid():
        return _show(request, form, status=422)
    identity.save(form.instance, actor_of(request))
    return redirect(reverse("identity") + "?saved=1")


@redirect_get_to("identity")
def preview(request: Request) -> HttpResponse:
    """The preview of what is typed and chosen; of what can't be saved, it shows what counts."""
    permissions.require_staff(request.user, CHANGE)
    form = _sent(request)
    form.is_valid()
    return render(request, f"{TEMPLATE}#preview", {"shown": identity.of(_valid(form))})


def _sent(request: Request) -> IdentityForm:
    return IdentityForm(request.POST, request.FILES, instance=identity.stored())


def _valid(form: IdentityForm) -> Identity:
    """Return the identity that a form would save, with what is stored in the place of mistakes."""
    row: Identity = form.instance
    if wrong := set(form.errors) & set(identity.TEXT_SETTINGS):
        known = identity.stored()
        for name in wrong:
            setattr(row, name, getattr(known, name))
    return row


def _show(
    request: Request, form: IdentityForm, *, is_saved: bool = False, status: int = 200
) -> HttpResponse:
    row = _valid(form)
    defaults = identity.from_settings()
    context = {
        "form": form,
        "texts": [(form[name], getattr(defaults, name)) for name in identity.TEXT_SETTINGS],
        "pictures": [_picture(form, row, name) for name in identity.PICTURE_SETTINGS],
        "shown": identity.of(row),
        "is_saved": is_saved,
        "most": identity.MAX_BYTES,
    }
    return render(request, TEMPLATE, context, status=status)


def _picture(form: IdentityForm, row: Identity, name: str) -> dict[str, Any]:
    """Return a picture's field, the key of what was uploaded, and the address of what counts."""
    return {
        "field": form[name],
        "key": getattr(row, f"{name}_id") or "",
        "url": getattr(identity.of(row), f"{name}_url"),
    }

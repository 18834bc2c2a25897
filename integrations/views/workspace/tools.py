"""The tools that customers have or can connect, and what the vendor tells them about each."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from integrations.access import permissions
from integrations.domain import search
from integrations.models import ToolNote
from integrations.views.actors import actor_of
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.workspace import tool_notes

CHANGE = "integrations.change_toolnote"
PER_PAGE = 50
LONGEST_QUERY = 100  # characters


class ToolNoteForm(forms.ModelForm):  # type: ignore[type-arg] # at run time it takes none
    """What the vendor says of a tool."""

    class Meta:
        model = ToolNote
        fields = ("needed_person", "text")


@require_safe
def page(request: Request) -> HttpResponse:
    """All tools; `q` leaves some of them."""
    permissions.require_staff(request.user)
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    typed = search.fold(query).split()
    found = [row for row in tool_notes.rows() if search.has_words(row.label, typed)]
    context = {
        "paged": page_of(request, found, PER_PAGE),
        "page_url": reverse("tools"),
        "query": query,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "workspace/tools.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, tool_id: str) -> HttpResponse:
    """Show what is said of a tool, or save it."""
    permissions.require_staff(request.user, CHANGE)
    tool = tool_notes.find(tool_id)
    if tool is None:
        raise Http404
    form = ToolNoteForm(
        request.POST if request.method == "POST" else None, instance=tool.note, label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        by = actor_of(request)
        tool_notes.save(tool, needed_person=words["needed_person"], text=words["text"], by=by)
        return redirect(reverse("tool", args=[tool_id]) + "?saved=1")
    context = {"tool": tool, "form": form, "is_saved": "saved" in request.GET}
    status = 422 if form.errors else 200
    return render(request, "workspace/tool.html", context, status=status)

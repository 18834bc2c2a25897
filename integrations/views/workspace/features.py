"""What the vendor's features need, and for how many customers they work."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from integrations.access import permissions
from integrations.models import Feature
from integrations.views.actors import actor_of
from integrations.views.types import Request
from integrations.workspace import datapoints, feature_editor, feature_text
from integrations.workspace.feature_editor import MOST_DATAPOINTS, FeatureDraft, InvalidFeature

CHANGE = "integrations.change_feature"
MOST_OFFERED = 2000  # data points in the list below a field


@require_safe
def page(request: Request) -> HttpResponse:
    """Every feature, with how many of the customers that one may see get which answer."""
    user = permissions.require_staff(request.user)
    rows = [
        (feature, _counts(feature, counts))
        for feature, counts in feature_editor.count_answers(permissions.tenants_for_staff(user))
    ]
    return render(
        request, "workspace/features.html", {"rows": rows, "may_change": user.has_perm(CHANGE)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Declare a feature."""
    permissions.require_staff(request.user, CHANGE)
    if request.method == "POST":
        return _save(request, None)
    return _form(request, None, FeatureDraft())


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, feature_id: str) -> HttpResponse:
    """Change a feature."""
    permissions.require_staff(request.user, CHANGE)
    feature = _find(feature_id)
    if request.method == "POST":
        return _save(request, feature)
    return _form(request, feature, FeatureDraft.of(feature), is_saved="saved" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, feature_id: str) -> HttpResponse:
    """Delete a feature. A GET leads to its page, where one is asked first."""
    if request.method != "POST":
        return redirect("feature", feature_id)
    permissions.require_staff(request.user, CHANGE)
    feature_editor.remove(_find(feature_id), actor_of(request))
    return redirect("features")


def _find(feature_id: str) -> Feature:
    feature = feature_editor.find(feature_id)
    if feature is None:
        raise Http404
    return feature


def _save(request: Request, feature: Feature | None) -> HttpResponse:
    draft = _draft(request)
    if request.POST.get("do") == "add":
        return _form(request, feature, draft)
    try:
        saved = feature_editor.save(feature, draft, actor_of(request))
    except InvalidFeature as error:
        return _form(request, feature, draft, problems=error.problems)
    except Feature.NotUpdated:
        raise Http404 from None
    return redirect(reverse("feature", args=[saved.public_id]) + "?saved=1")


def _draft(request: Request) -> FeatureDraft:
    """Return what was typed; data points come from boxes, from a field that finds one by its name,
    and from a text with one a line.
    """

    def listed(name: str) -> str:
        found = datapoints.meant(request.POST.get(f"{name}_add", "").strip()[: datapoints.LONGEST])
        return "\n".join(filter(None, [*request.POST.getlist(name), found]))

    return FeatureDraft(
        name=request.POST.get("name", ""),
        description=request.POST.get("description", ""),
        needs=listed("needs"),
        better_with=listed("better_with"),
        is_public="is_public" in request.POST,
    )


def _form(
    request: Request,
    feature: Feature | None,
    draft: FeatureDraft,
    *,
    problems: dict[str, str] | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    problems = problems or {}
    unknown_datapoints = (
        datapoints.unknown_datapoints([*feature.needs, *feature.better_with])
        if feature and not problems
        else []
    )
    context = {
        "feature": feature,
        "draft": draft,
        "problems": problems,
        "pickers": [
            _picker("needs", _("Required data"), draft.needs, problems),
            _picker("better_with", _("Recommended data"), draft.better_with, problems),
        ],
        "is_saved": is_saved,
        "unknown_datapoints": unknown_datapoints,
        "most": MOST_DATAPOINTS,
        "known": datapoints.known_datapoints()[:MOST_OFFERED],
    }
    return render(request, "workspace/feature.html", context, status=422 if problems else 200)


def _picker(name: str, label: str, typed: str, problems: dict[str, str]) -> dict[str, Any]:
    """Return a field's chosen data points, and the lines that are none, to be mended."""
    lines = list(dict.fromkeys(filter(None, map(str.strip, typed.splitlines()))))
    return {
        "name": name,
        "label": label,
        "chosen": [line for line in lines if datapoints.is_datapoint(line)],
        "written": "\n".join(line for line in lines if not datapoints.is_datapoint(line)),
        "problem": problems.get(name, ""),
    }


def _counts(feature: Feature, counts: dict[str, int]) -> list[dict[str, Any]]:
    """How many customers get which answer, each with the list of them."""
    return [
        {
            "verdict": verdict,
            "name": feature_text.verdict_name(verdict),
            "severity": feature_text.severity_of(verdict),
            "number": number,
            "url": f"{reverse('triage')}?feature={feature.public_id}&answer={verdict}",
        }
        for verdict, number in counts.items()
    ]

"""What the vendor's features need, as staff declares it."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.models import Feature, FeatureAnswer, Tenant
from integrations.workspace import datapoints, features, gains
from integrations.workspace.features import Verdict

MOST_DATAPOINTS = 50
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class FeatureDraft:
    """A feature as somebody typed it; datapoints one a line."""

    name: str = ""
    description: str = ""
    needs: str = ""
    better_with: str = ""
    is_public: bool = False

    @classmethod
    def of(cls, feature: Feature) -> "FeatureDraft":
        """Return the draft of a stored feature, to be edited."""
        needs = "\n".join(feature.needs)
        better = "\n".join(feature.better_with)
        return cls(feature.name, feature.description, needs, better, feature.is_public)


class InvalidFeature(Exception):
    """`problems` says in words what is wrong with which field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def count_answers(tenants: QuerySet[Tenant]) -> list[tuple[Feature, dict[str, int]]]:
    """All features, and for how many of these tenants each gets which answer."""
    counted = (
        FeatureAnswer.objects.filter(tenant__in=tenants)
        .order_by()
        .values_list("feature_id", "verdict")
    )
    counts = {
        (feature, verdict): number
        for feature, verdict, number in counted.annotate(number=Count("pk"))
    }
    return [
        (
            feature,
            {verdict.value: counts.get((feature.pk, verdict.value), 0) for verdict in Verdict},
        )
        for feature in Feature.objects.all()
    ]


def find(public_id: str) -> Feature | None:
    """A feature by its public id."""
    return Feature.objects.filter(public_id=public_id).first()


def save(feature: Feature | None, draft: FeatureDraft, by: Actor) -> Feature:
    """Keep a feature, or a new one, and work out what it means.

    Raises InvalidFeature, and Feature.NotUpdated if somebody deleted it meanwhile.
    """
    values = _checked(draft)
    is_new = feature is None
    feature = feature or Feature()
    for name, value in values.items():
        setattr(feature, name, value)
    try:
        with transaction.atomic():
            feature.save(force_update=not is_new)
            done = "created" if is_new else "changed"
            audit.record(by, Act.FEATURE_CHANGED, name=feature.name, done=done)
            features.mark_stale()
            gains.mark_tools_stale()
    except IntegrityError:
        raise InvalidFeature({"name": _("A feature with this name already exists.")}) from None
    features.evaluate_now()
    gains.judge_now()
    return feature


def remove(feature: Feature, by: Actor) -> None:
    """Delete a feature with its answers."""
    pk = feature.pk
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                if Feature.objects.filter(pk=pk).delete()[0]:
                    audit.record(by, Act.FEATURE_CHANGED, name=feature.name, done="deleted")
                    gains.mark_tools_stale()
        except (IntegrityError, OperationalError):  # a worker has just written an answer about it
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return


def _checked(draft: FeatureDraft) -> dict[str, Any]:
    """Return the columns of a feature by name. Raises InvalidFeature."""
    problems: dict[str, str] = {}
    name = draft.name.strip()
    description = draft.description.strip()
    if not name or not name.isprintable() or len(name) > 80:
        problems["name"] = _("Enter a name of up to 80 characters, on one line.")
    if len(description) > 300 or not description.isprintable():
        problems["description"] = _("Enter a description of up to 300 characters, on one line.")
    needs = _datapoints(draft.needs)
    better = _datapoints(draft.better_with)
    for field, listed in (("needs", needs), ("better_with", better)):
        if bad := [datapoint for datapoint in listed if not datapoints.is_datapoint(datapoint)]:
            problems[field] = _("Not a valid data point: %(name)s") % {"name": bad[0][:60]}
        elif len(listed) > MOST_DATAPOINTS:
            problems[field] = _("Enter up to %(n)s data points.") % {"n": MOST_DATAPOINTS}
    if not needs:
        problems["needs"] = _("Enter at least one required data point.")
    if problems:
        raise InvalidFeature(problems)
    better = [datapoint for datapoint in better if datapoint not in needs]
    values = {"name": name, "description": description, "needs": needs, "better_with": better}
    return values | {"is_public": draft.is_public}


def _datapoints(text: str) -> list[str]:
    """Return the lines of a text that are not empty, each once."""
    return list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))

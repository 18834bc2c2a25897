"""A tenant's answers about the vendor's features in words: for staff, and for the customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.database.prepared import Prepared
from integrations.domain.bidi import isolate
from integrations.domain.coverage import Field, Reason
from integrations.domain.coverage_text import explain
from integrations.models import CatalogueTool, Feature, FeatureAnswer, Tenant
from integrations.workspace import datapoints, gains
from integrations.workspace.datapoints import NoReason
from integrations.workspace.features import NEED, MissingDatapoint, Verdict, evaluate_all
from integrations.workspace.gain_text import GainText, gain_text
from integrations.workspace.gains import Gain, ToolVerdict


class MissingText(NamedTuple):
    """A missing datapoint in words."""

    datapoint: str
    label: str
    is_needed: bool
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class FeatureText:
    """An answer in words."""

    name: str
    description: str
    verdict: str
    badge: str
    severity: str
    sentence: str
    missing: list[MissingText]
    gain: GainText | None = None


def answers_of(tenant: Tenant, *, for_customer: bool = False) -> list[FeatureText]:
    """The answers of a tenant in words; to its own people those of public features, in words for
    them.
    """
    answers = _public_answers(tenant.pk) if for_customer else _answers(tenant.pk)
    if any(row.is_due for row in answers):  # it may tell of a tool that is somebody else's by now
        anew = evaluate_all([tenant.pk], [row.feature for row in answers])
        told = [(row.feature, *anew[tenant.pk, row.feature_id]) for row in answers]
    else:
        told = [
            (row.feature, row.verdict, [MissingDatapoint(**lack) for lack in row.missing])
            for row in answers
        ]
    return [
        _text(*answer, gain, for_customer)
        for answer, gain in zip(told, gains.gains_of(tenant, told), strict=True)
    ]


@Prepared
def _answers(tenant_pk: int) -> QuerySet[Any]:
    """The answers of a tenant, each with whether it `is_due` to be judged anew."""
    rows = FeatureAnswer.objects.filter(tenant=tenant_pk).select_related("feature")
    return rows.annotate(is_due=F("tenant__answers_due")).order_by("feature__name", "feature_id")


@Prepared
def _public_answers(tenant_pk: int) -> QuerySet[Any]:
    return _answers.build(tenant_pk).filter(feature__is_public=True)


def of_tool(tool: CatalogueTool, features: Iterable[Feature]) -> list[FeatureText]:
    """Say of features whether they would work with a tool that can be connected."""
    return [_tool_text(said) for said in gains.verdicts_of(tool, features)]


def verdict_name(verdict: str) -> str:
    """A verdict in words."""
    words: dict[str, str] = {
        Verdict.WORKS: _("Works"),
        Verdict.PARTLY: _("Works partially"),
        Verdict.NOT: _("Doesn’t work"),
    }
    return words.get(verdict, pgettext("feature", "Unknown"))


def severity_of(verdict: str) -> str:
    """The badge of a verdict.

    Never that of something broken: it may have been like this all along.
    """
    signs: dict[str, str] = {
        Verdict.WORKS: "ok",
        Verdict.PARTLY: "partial",
        Verdict.NOT: "attention",
    }
    return signs.get(verdict, "unknown")


def _text(
    feature: Feature,
    verdict: str,
    lacks: list[MissingDatapoint],
    gain: Gain | None,
    for_customer: bool,
) -> FeatureText:
    missing = [_missing_text(lack, for_customer) for lack in lacks]
    return FeatureText(
        name=feature.name,
        description=feature.description,
        verdict=str(verdict),
        badge=verdict_name(verdict),
        severity=severity_of(verdict),
        sentence=_sentence(verdict, missing, for_customer),
        missing=missing,
        gain=gain_text(gain, for_customer=for_customer),
    )


def _tool_text(said: ToolVerdict) -> FeatureText:
    feature, verdict = said.feature, said.verdict
    labels = [datapoints.label(datapoint) for datapoint in said.missing]
    sentences = {
        Verdict.WORKS: "",
        Verdict.PARTLY: _without(labels),
        Verdict.NOT: _required_missing(labels),
        Verdict.UNKNOWN: _("Not yet known whether all required data is available."),
    }
    return FeatureText(
        name=feature.name,
        description=feature.description,
        verdict=verdict,
        badge=verdict_name(verdict),
        severity=severity_of(verdict),
        sentence=sentences[verdict],
        missing=[],
    )


def _without(labels: list[str]) -> str:
    return _named(
        labels,
        _("Without %(first)s"),
        _("Without %(first)s and %(second)s"),
        ngettext(
            "Without %(first)s, %(second)s and %(n)s more",
            "Without %(first)s, %(second)s and %(n)s more",
            len(labels) - 2,
        ),
    )


def _sentence(verdict: str, missing: list[MissingText], for_customer: bool) -> str:
    match verdict:
        case Verdict.WORKS:
            return _("All required data is available.")
        case Verdict.PARTLY:
            return _recommended_missing([item.label for item in missing])
        case Verdict.NOT:
            return _required_missing([item.label for item in missing if item.is_needed])
    if missing:
        return _("Not yet known whether all required data is available.")
    return _("Not checked yet.") if for_customer else _("No coverage data yet.")


def _recommended_missing(labels: list[str]) -> str:
    return _named(
        labels,
        _("Recommended data is missing: %(first)s."),
        _("Recommended data is missing: %(first)s and %(second)s."),
        ngettext(
            "Recommended data is missing: %(first)s, %(second)s and %(n)s more.",
            "Recommended data is missing: %(first)s, %(second)s and %(n)s more.",
            len(labels) - 2,
        ),
    )


def _required_missing(labels: list[str]) -> str:
    return _named(
        labels,
        _("Required data is missing: %(first)s."),
        _("Required data is missing: %(first)s and %(second)s."),
        ngettext(
            "Required data is missing: %(first)s, %(second)s and %(n)s more.",
            "Required data is missing: %(first)s, %(second)s and %(n)s more.",
            len(labels) - 2,
        ),
    )


def _named(labels: list[str], one: str, two: str, more: str) -> str:
    """The sentence for so many labels, with at most two of them by name."""
    sentence = {1: one, 2: two}.get(len(labels), more)
    return sentence % _first_two(labels)


def _first_two(labels: list[str]) -> dict[str, Any]:
    """The names that a sentence has room for, and how many there are beside them."""
    first, second, *_others = [*map(isolate, labels), "", ""]
    return {"first": first, "second": second, "n": max(len(labels) - 2, 0)}


def _missing_text(lack: MissingDatapoint, for_customer: bool) -> MissingText:
    why, who = (
        _reason_for_customer(lack)
        if for_customer
        else (
            datapoints.reason_text(lack.reason, lack.tool),
            datapoints.who_can_change(lack.reason, lack.tool),
        )
    )
    return MissingText(
        lack.datapoint, datapoints.label(lack.datapoint), lack.kind == NEED, why, who
    )


def _reason_for_customer(lack: MissingDatapoint) -> tuple[str, str]:
    """Return the reason and who can change it, in the words of the customer's grid."""
    vendor = settings.VENDOR_NAME
    if lack.reason == NoReason.ABSENT:
        return _("Not provided by any connected tool"), ""
    reason = Reason(lack.reason) if lack.reason in list(Reason) else Reason.UNCLEAR
    field = Field(lack.datapoint, lack.datapoint, reason, optional=False, is_action=False)
    can_change = (
        _("%(vendor)s can change this") % {"vendor": vendor}
        if reason is Reason.NOT_REQUESTED
        else ""
    )
    return explain(field, tool=lack.tool or _("Your tool"), vendor=vendor), can_change

"""What is said of a feature: to staff, to customers, and of another version."""

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.models import CoverageProfile, Tenant
from integrations.tenants import mapping
from integrations.workspace import feature_text, features
from integrations.workspace.features import Verdict
from tests import copy
from tests.feature_factories import answer, declare, give

pytestmark = pytest.mark.django_db


def test_staff_read_why_and_who_can_change_it(acme: Tenant) -> None:
    declare("m hris_teams", "b")
    give(acme, {"m": "available", "hris_teams": "opted_out", "b": "not_requested"}, tool="Personio")
    answer(acme)
    (said,) = feature_text.answers_of(acme)
    assert (said.name, said.badge, said.severity) == ("Org chart", copy.DOES_NOT_WORK, "attention")
    assert said.sentence == copy.REQUIRED_DATA_IS_MISSING(first="Teams", second="departments")
    assert said.missing == [
        (
            *("hris_teams", "Teams and departments", True),
            *(copy.CUSTOMER_OPTED_OUT, copy.THE_CUSTOMER_BY_RECONNECTING),
        ),
        (
            "b",
            "B",
            False,
            copy.NOT_REQUESTED_BY_VENDOR(vendor="Northwind"),
            copy.YOU_IN_THE_KOMBO_SCOPE_CONFIG,
        ),
    ]


def test_customers_read_of_public_features_in_words_for_them(acme: Tenant) -> None:
    declare("hris_teams", "b c", is_public=True)
    declare("m", name="Our secret")
    give(acme, {"hris_teams": "opted_out", "b": "not_requested"}, tool="Personio")
    while features.evaluate_stale():
        continue
    (said,) = feature_text.answers_of(acme, for_customer=True)
    assert said.name == "Org chart"
    assert [one.why for one in said.missing] == [
        copy.YOU_OPTED_OUT_YOU_CAN,
        copy.NOT_REQUESTED_BY_VENDOR(vendor="Northwind"),
        copy.NOT_PROVIDED_BY_ANY_CONNECTED_TOOL,
    ]


@pytest.mark.parametrize(
    ("better_with", "said"),
    [
        ("b", copy.RECOMMENDED_DATA_IS_MISSING_FIRST(first="B")),
        ("b c", copy.RECOMMENDED_DATA_IS_MISSING(first="B", second="C")),
        ("b c d", copy.RECOMMENDED_DATA_IS_MISSING_AND_MORE(first="B", second="C", n=1)),
        ("b c d e", copy.RECOMMENDED_DATA_IS_MISSING_AND_MORE(first="B", second="C", n=2)),
    ],
)
def test_what_is_missing_is_named(acme: Tenant, better_with: str, said: str) -> None:
    declare("m", better_with)
    give(acme, {"m": "available"})
    answer(acme)
    (text,) = feature_text.answers_of(acme)
    assert (text.badge, text.sentence) == (copy.WORKS_PARTIALLY, said)


def test_what_is_needed_is_named_before_what_is_not(acme: Tenant) -> None:
    declare("m n o", "b")
    give(acme, {"m": "available"})
    answer(acme)
    assert feature_text.answers_of(acme)[0].sentence == copy.REQUIRED_DATA_IS_MISSING(
        first="N", second="O"
    )


def test_an_answer_that_is_due_is_told_as_it_is_now(
    acme: Tenant, bolt: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    declare("m", is_public=True)
    made = give(acme, {"m": "unsupported"}, tool="Secretive")
    answer(acme)
    with django_assert_num_queries(3):  # answers, and what is connected with its grids
        assert feature_text.answers_of(acme, for_customer=True)[0].missing[
            0
        ].why == copy.NOT_SUPPORTED_BY_TOOL(tool="Secretive")
    made.tenant = bolt
    made.save()
    mapping.announce(made, left=acme)
    (said,) = feature_text.answers_of(acme, for_customer=True)
    assert (said.verdict, said.missing) == ("unknown", [])
    assert Tenant.objects.get(pk=acme.pk).answers_due  # looking writes nothing


@pytest.mark.parametrize("verdict", [*Verdict, "a word of another version"])
def test_every_verdict_has_words_and_a_badge(verdict: str) -> None:
    assert feature_text.verdict_name(verdict)
    assert feature_text.severity_of(verdict) in {"ok", "partial", "attention", "unknown"}


def test_a_reason_of_another_version_can_be_told(acme: Tenant) -> None:
    declare("m", is_public=True)
    give(acme, {"m": "a_word_of_tomorrow"})
    answer(acme)
    assert (
        feature_text.answers_of(acme)[0].missing[0].why == copy.NOT_AVAILABLE_KOMBO_GIVES_NO_REASON
    )
    assert "for the reason" in feature_text.answers_of(acme, for_customer=True)[0].missing[0].why
    assert CoverageProfile.objects.count() == 1

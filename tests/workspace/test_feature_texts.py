"""What is said of a feature: to staff, to customers, and of another version."""

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.models import CoverageProfile, Tenant
from integrations.tenants import mapping
from integrations.workspace import feature_text, features
from integrations.workspace.features import Verdict
from tests.feature_factories import answer, declare, give

pytestmark = pytest.mark.django_db


def test_staff_read_why_and_who_can_change_it(acme: Tenant) -> None:
    declare("m hris_teams", "b")
    give(acme, {"m": "available", "hris_teams": "opted_out", "b": "not_requested"}, tool="Personio")
    answer(acme)
    (said,) = feature_text.answers_of(acme)
    assert (said.name, said.badge, said.severity) == ("Org chart", "Doesn’t work", "attention")
    assert said.sentence == "Required data is missing: Teams and departments."
    assert said.missing == [
        (
            *("hris_teams", "Teams and departments", True),
            *("Customer opted out", "The customer, by reconnecting"),
        ),
        ("b", "B", False, "Not requested by Northwind", "You, in the Kombo scope config"),
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
        "You opted out. You can change this when you reconnect.",
        "Not requested by Northwind",
        "Not provided by any connected tool",
    ]


@pytest.mark.parametrize(
    ("better_with", "said"),
    [
        ("b", "Recommended data is missing: B."),
        ("b c", "Recommended data is missing: B and C."),
        ("b c d", "Recommended data is missing: B, C and 1 more."),
        ("b c d e", "Recommended data is missing: B, C and 2 more."),
    ],
)
def test_what_is_missing_is_named(acme: Tenant, better_with: str, said: str) -> None:
    declare("m", better_with)
    give(acme, {"m": "available"})
    answer(acme)
    (text,) = feature_text.answers_of(acme)
    assert (text.badge, text.sentence) == ("Works partially", said)


def test_what_is_needed_is_named_before_what_is_not(acme: Tenant) -> None:
    declare("m n o", "b")
    give(acme, {"m": "available"})
    answer(acme)
    assert feature_text.answers_of(acme)[0].sentence == "Required data is missing: N and O."


def test_an_answer_that_is_due_is_told_as_it_is_now(
    acme: Tenant, bolt: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    declare("m", is_public=True)
    made = give(acme, {"m": "unsupported"}, tool="Secretive")
    answer(acme)
    with django_assert_num_queries(1):
        assert (
            feature_text.answers_of(acme, for_customer=True)[0].missing[0].why
            == "Not supported by Secretive"
        )
    made.tenant = bolt
    made.save()
    mapping.announce(made, left=acme)
    (said,) = feature_text.answers_of(acme, for_customer=True)
    assert (said.verdict, said.missing) == ("unknown", [])
    assert Tenant.objects.get(pk=acme.pk).answers_due  # looking writes nothing


@pytest.mark.parametrize("verdict", [*Verdict, "a word of another version"])
def test_every_verdict_has_words_and_a_badge(verdict: str) -> None:
    assert feature_text.verdict_name(verdict)
    assert feature_text.severity_of(verdict) in {"ok", "working", "attention", "unknown"}


def test_a_reason_of_another_version_can_be_told(acme: Tenant) -> None:
    declare("m", is_public=True)
    give(acme, {"m": "a_word_of_tomorrow"})
    answer(acme)
    assert feature_text.answers_of(acme)[0].missing[0].why == "Not available; Kombo gives no reason"
    assert "for the reason" in feature_text.answers_of(acme, for_customer=True)[0].missing[0].why
    assert CoverageProfile.objects.count() == 1

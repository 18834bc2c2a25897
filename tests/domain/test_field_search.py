"""What is found by what people call it, in five languages, and what is not."""

import pytest
from django.utils import translation

from integrations.domain import field_search
from integrations.domain.field_search import is_found, nearest, search_terms, words_of
from integrations.domain.field_tables import synonyms, synonyms_romance
from integrations.domain.search import fold
from integrations.simulator.catalogue import CATEGORIES, catalogue

ENTRIES = [
    entry
    for category in CATEGORIES
    for half in (catalogue(category).read_models, catalogue(category).write_actions)
    for entry in half
]
DATAPOINTS = [entry.id for entry in ENTRIES] + [
    f"{entry.id}.{field}" for entry in ENTRIES for field in entry.fields
]
LANGUAGES = {
    "en": synonyms.ENGLISH,
    "de": synonyms.GERMAN,
    "fr": synonyms_romance.FRENCH,
    "es": synonyms_romance.SPANISH,
    "it": synonyms_romance.ITALIAN,
}

# The reader's language, what is typed, what must be found, and what must not.
SEARCHES = [
    ("en", "salary", "hris_employments.pay_rate", "hris_employees.ssn"),
    ("en", "wage", "hris_employments.pay_rate", "ats_application_stages.name"),
    ("en", "vacation", "hris_absences.type_id", "hris_employees.home_address"),
    ("en", "PTO", "hris_time_off_balances.balance", "hris_timesheets.breaks"),
    ("en", "birthday", "hris_employees.date_of_birth", "hris_employees.start_date"),
    ("en", "boss", "hris_employees.manager_id", "hris_employees.employee_number"),
    ("en", "line manager", "hris_employees.manager_id", "hris_absences.approver_id"),
    ("en", "IBAN", "hris_employees.bank_accounts", "hris_employees.tax_id"),
    ("en", "tax_id", "hris_employees.tax_id", "hris_employees.ssn"),
    ("en", "photo", "hris_employees.avatar", "hris_employees.gender"),
    ("de", "Gehalt", "hris_employments.pay_rate", "hris_employees.ssn"),
    ("de", "Lohn", "ats_jobs.salary_amount", "hris_employees.employee_number"),
    ("de", "URLAUB", "hris_absences.start_date", "hris_employees.start_date"),
    ("de", "krank", "hris_absences.type_id", "hris_absences.start_date"),
    ("de", "Geburtstag", "hris_employees.date_of_birth", "hris_employees.nationality"),
    ("de", "Vorgesetzte", "hris_employees.manager_id", "hris_employees.legal_entity_id"),
    ("de", "versicherungsnummer", "hris_employees.ssn", "hris_employees.tax_id"),
    ("de", "Handynummer", "hris_employees.mobile_phone_number", "hris_employees.tax_id"),
    ("de", "Eintritt", "hris_employees.start_date", "hris_absences.start_date"),
    ("de", "Staatsangehorigkeit", "hris_employees.nationality", "hris_employees.ethnicity"),
    ("fr", "salaire", "hris_employments.pay_rate", "hris_employees.ssn"),
    ("fr", "conges", "hris_absences.end_date", "hris_employees.termination_date"),
    ("fr", "date d'embauche", "hris_employees.start_date", "hris_employees.date_of_birth"),
    ("fr", "matricule", "hris_employees.employee_number", "hris_employees.ssn"),
    ("fr", "mobile phone", "hris_employees.mobile_phone_number", "hris_employees.work_email"),
    ("es", "sueldo", "hris_employments.pay_rate", "hris_employees.tax_id"),
    ("es", "vacaciones", "hris_time_off_balances.used", "hris_timesheets.ended_at"),
    ("es", "cumpleanos", "hris_employees.date_of_birth", "hris_employees.termination_date"),
    ("es", "jefe", "hris_employees.manager_id", "hris_employees.work_location_id"),
    ("it", "stipendio", "hris_employments.pay_rate", "hris_employees.bank_accounts"),
    ("it", "ferie", "hris_absences.amount", "hris_employees.weekly_hours"),
    ("it", "data nascita", "hris_employees.date_of_birth", "hris_employees.start_date"),
    ("it", "codice fiscale", "hris_employees.tax_id", "hris_employees.avatar"),
]


def found(query: str) -> set[str]:
    words = words_of(query)
    return {one for one in DATAPOINTS if is_found(words, *one.partition(".")[::2])}


@pytest.mark.parametrize(("language", "query", "wanted", "unwanted"), SEARCHES)
def test_what_people_call_a_field_finds_it(
    language: str, query: str, wanted: str, unwanted: str
) -> None:
    assert {wanted, unwanted} <= set(DATAPOINTS)
    with translation.override(language):
        datapoints = found(query)
    assert wanted in datapoints
    assert unwanted not in datapoints


def test_kombos_label_and_ids_find_too() -> None:
    assert is_found(words_of("Groups parent"), "hris_teams", "parent_id", "Groups")
    assert not is_found(words_of("Groups salary"), "hris_teams", "parent_id", "Groups")
    assert found("hris_employees.ssn") == {"hris_employees.ssn"}


def test_every_word_must_occur() -> None:
    assert found("employees tax") == {"hris_employees.tax_id"}
    assert found("boss salary") == set()


def test_another_word_must_begin_with_what_is_typed() -> None:
    assert "hris_employments.pay_rate" in found("wag")
    assert "hris_employments.pay_rate" not in found("age")


def test_nothing_typed_finds_everything() -> None:
    assert found("  ") == set(DATAPOINTS)


@pytest.mark.parametrize(
    ("language", "query", "like"),
    [
        ("en", "salery", "ats_jobs.salary_amount"),
        ("en", "vacatoin", "hris_absences"),
        ("de", "Gehallt", "hris_employments.pay_rate"),
        ("de", "Sozialversicherungsnumer", "hris_employees.ssn"),
        ("fr", "anniversiare", "hris_employees.date_of_birth"),
        ("it", "stipendo", "hris_employments.pay_rate"),
    ],
)
def test_what_is_nearly_right_is_offered(language: str, query: str, like: str) -> None:
    with translation.override(language):
        assert found(query) == set()
        assert like in nearest(query, DATAPOINTS, most=50)
        assert len(nearest(query, DATAPOINTS)) <= 3


@pytest.mark.parametrize("query", ["", "xyzzy", "%", "\u202e", "x" * 100])
def test_what_is_like_nothing_is_offered_nothing(query: str) -> None:
    assert nearest(query, DATAPOINTS) == []


def test_terms_are_of_every_language_and_as_they_are_compared() -> None:
    terms = search_terms("hris_employments", "pay_rate")
    assert {"salary", "vergutung", "remuneration", "nomina", "stipendio"} <= terms
    assert {fold(term) for term in terms} == terms
    assert search_terms("hris_newer", "shoe_size") == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_concept(language: str) -> None:
    assert list(LANGUAGES[language]) == list(synonyms.FIELDS)
    assert all(words.strip(", ") for words in LANGUAGES[language].values())


def test_words_are_for_what_kombo_has() -> None:
    """A misspelt id in a table would be found by nobody."""
    parts = {one for datapoint in DATAPOINTS for one in datapoint.split(".")}
    newer = {"hris_pay_runs", "hris_payslips", "hris_payslip_line_items", "hris_salary_types"}
    newer |= {"salary", "iban", "bic", "account_number", "domestic_bank_routing"}
    newer |= {"gender_identity", "work_phone_number", "ats_attachments"}
    named = {name for fields in synonyms.FIELDS.values() for name in fields.split()}
    unknown = {
        name
        for name in named - newer - set(DATAPOINTS)
        if not any(f".{one}.".find(f".{name}.") >= 0 for one in DATAPOINTS)
    }
    assert unknown <= parts, unknown
    assert field_search.words_of("A  b") == ("a", "b")

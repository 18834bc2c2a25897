"""What models, actions and fields are called: all that Kombo lists, in every language."""

import threading

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import field_names
from integrations.domain.field_names import FieldGroup, Sensitivity
from integrations.domain.field_tables import groups
from integrations.domain.field_tables.names import NAMES
from integrations.domain.field_tables.names_by_model import NAMES_BY_MODEL
from integrations.simulator.catalogue import CATEGORIES, catalogue

LANGUAGES = [code for code, _name in settings.LANGUAGES]
MODELS = [entry for category in CATEGORIES for entry in catalogue(category).read_models]
ACTIONS = [entry for category in CATEGORIES for entry in catalogue(category).write_actions]
ENTRIES = MODELS + ACTIONS
FIELDS = [(entry.id, name) for entry in ENTRIES for name in entry.fields]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_distinct_within_a_model(language: str) -> None:
    with translation.override(language):
        for entry in ENTRIES:
            names = [field_names.field_name(entry.id, one) for one in entry.fields]
            assert sorted(set(names)) == sorted(names), entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_models_of_a_category_have_distinct_names(language: str) -> None:
    with translation.override(language):
        for category in CATEGORIES:
            models = [field_names.model_name(entry.id) for entry in catalogue(category).read_models]
            actions = [
                field_names.action_name(entry.id) for entry in catalogue(category).write_actions
            ]
            assert len(set(models)) == len(models)
            assert len(set(actions)) == len(actions)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_name_is_translated(language: str) -> None:
    """Some words are the same in two languages; in no language many are."""
    alike = []
    for model, field in {(model, field) for model, field in FIELDS}:
        with translation.override("en"):
            english = field_names.field_name(model, field)
        with translation.override(language):
            if field_names.field_name(model, field) == english:
                alike.append(english)
    assert len(set(alike)) < 15, sorted(set(alike))


def test_everything_that_kombo_lists_is_in_the_tables() -> None:
    for entry in MODELS:
        assert field_names.model_name(entry.id, "?") != "?", entry.id
        assert field_names.model_meaning(entry.id), entry.id
    for entry in ACTIONS:
        assert field_names.action_name(entry.id, "?") != "?", entry.id
    for entry in ENTRIES:
        assert entry.id in groups.OF_MODELS, entry.id
    for model, field in FIELDS:
        own = NAMES_BY_MODEL.get(model, {}).keys() | NAMES.keys()
        assert field in own or set(field.split(".")) <= own, (model, field)


@pytest.mark.parametrize(
    ("model", "field", "name"),
    [
        ("hris_employees", "ssn", "Social security number"),
        ("hris_employees", "start_date", "Hire date"),
        ("hris_absences", "start_date", "Start date"),
        ("hris_employees", "work_location_id", "Work location"),
        ("hris_create_employee", "home_address.city", "Home address – city"),
        ("hris_employees", "bank_accounts.iban", "Bank accounts – IBAN"),
        ("hris_employees", "home_address.tax_id", "Home address – tax ID"),
        (
            "ats_create_candidate",
            "candidate.location.zip_code",
            "Candidate – address – postal code",
        ),
        ("ats_jobs", "post_url", "Job posting URL"),
        ("hris_employees", "remote_data", "Raw data from the tool"),
        ("hris_newer", "shoe_size_url", "Shoe size URL"),
        ("hris_newer", "_", "_"),
        ("", "", ""),
    ],
)
def test_a_field_is_called_what_the_trade_calls_it(model: str, field: str, name: str) -> None:
    assert field_names.field_name(model, field) == name


def test_a_datapoint_is_named_with_its_model() -> None:
    assert field_names.datapoint_name("hris_employees.tax_id") == "Employees (tax ID)"
    assert field_names.datapoint_name("hris_teams") == "Teams and departments"
    assert field_names.datapoint_name("hris_create_absence") == "Create absence"
    assert field_names.datapoint_name("hris_cost_centers") == "Cost centers"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_datapoint_brings_no_colon_into_a_sentence(language: str) -> None:
    with translation.override(language):
        names = [field_names.datapoint_name(f"{model}.{field}") for model, field in FIELDS]
        names += [field_names.datapoint_name("hris_newer.new_address.zip_code")]
    assert len(names) > 500
    assert [name for name in names if ":" in name] == []


def test_what_is_not_known_has_kombos_label_or_its_id() -> None:
    assert field_names.model_name("hris_shoes", "Footwear") == "Footwear"
    assert field_names.action_name("ats_shine_shoes") == "Shine shoes"
    assert field_names.model_meaning("hris_shoes") == ""
    assert field_names.field_meaning("hris_shoes", "size") == ""
    assert field_names.field_group("hris_shoes", "size") is FieldGroup.OTHER
    assert field_names.sensitivity("hris_shoes", "size") is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_id_is_an_error(model: str, field: str) -> None:
    field_names.field_name(model, field)
    field_names.datapoint_name(f"{model}.{field}")
    field_names.field_group(model, field)
    field_names.sensitivity(model, field)


def test_raw_data_are_warned_of() -> None:
    assert "opted out" in field_names.field_meaning("hris_employees", "remote_data")


@pytest.mark.parametrize(
    ("datapoint", "kind"),
    [
        ("hris_employees.ethnicity", Sensitivity.SPECIAL_CATEGORY),
        ("hris_absences.type_id", Sensitivity.SPECIAL_CATEGORY),
        ("hris_absences.employee_note", Sensitivity.SPECIAL_CATEGORY),
        ("hris_create_absence.absence_type_id", Sensitivity.SPECIAL_CATEGORY),
        ("hris_employees.disability_degree", Sensitivity.SPECIAL_CATEGORY),
        ("hris_employees.bank_accounts", Sensitivity.BANK),
        ("hris_employees.bank_accounts.bank_name", Sensitivity.BANK),
        ("hris_employees.payment.iban", Sensitivity.BANK),
        ("hris_update_employee.ssn", Sensitivity.IDENTIFIER),
        ("hris_employees.passport.number", Sensitivity.IDENTIFIER),
        ("hris_legal_entities.tax_id", None),
        ("hris_employees.gender", None),
        ("hris_employees.nationality", None),
        ("hris_absence_types.name", None),
        ("hris_employments.pay_rate", None),
    ],
)
def test_what_is_sensitive(datapoint: str, kind: Sensitivity | None) -> None:
    model, _dot, field = datapoint.partition(".")
    assert field_names.sensitivity(model, field) is kind


@pytest.mark.parametrize(
    ("datapoint", "group"),
    [
        ("hris_employees.start_date", FieldGroup.JOB),
        ("hris_absences.start_date", FieldGroup.ABSENCE),
        ("hris_create_employee.home_address.city", FieldGroup.CONTACT),
        ("ats_create_candidate.candidate.location.city", FieldGroup.CONTACT),
        ("ats_create_candidate.candidate.salary_expectations.amount", FieldGroup.PAY),
        ("ats_create_candidate.source.id", FieldGroup.RECRUITING),
        ("ats_jobs.employment_type", FieldGroup.RECRUITING),
        ("lms_users.first_name", FieldGroup.PERSON),
        ("lms_users.status", FieldGroup.LEARNING),
        ("hris_teams.changed_at", FieldGroup.TECHNICAL),
    ],
)
def test_what_a_field_is_about(datapoint: str, group: FieldGroup) -> None:
    model, _dot, field = datapoint.partition(".")
    assert field_names.field_group(model, field) is group


@pytest.mark.parametrize("kind", [*FieldGroup, *Sensitivity])
def test_groups_and_kinds_have_labels(kind: FieldGroup | Sensitivity) -> None:
    assert kind.label


def test_threads_that_ask_first_get_their_own_language() -> None:
    field_names._texts.cache_clear()
    field_names._field_name.cache_clear()
    ready = threading.Barrier(len(LANGUAGES) * 2)
    found: list[tuple[str, str]] = []

    def ask(language: str) -> None:
        with translation.override(language):
            ready.wait(timeout=30)
            found.append((language, field_names.field_name("hris_employees", "last_name")))

    threads = [threading.Thread(target=ask, args=[code]) for code in LANGUAGES * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for language, name in found:
        with translation.override(language):
            assert name == translation.pgettext("field", "Last name")
    assert len(found) == len(threads)

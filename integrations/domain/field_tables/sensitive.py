"""Which fields hold data that the law or a fraudster treats apart.

Gender, nationality, a photo and a marital status are no special category under Art. 9 of the GDPR
by themselves, so they are not here. Why somebody is away is: sick leave is data about health.
"""

from enum import StrEnum

from django.utils.translation import pgettext


class Sensitivity(StrEnum):
    """Why a field is handled with more care than others."""

    SPECIAL_CATEGORY = "special_category"  # GDPR, Art. 9
    BANK = "bank"
    IDENTIFIER = "identifier"  # of a person, given by a state

    @property
    def label(self) -> str:
        """Its name in the active language."""
        return {
            Sensitivity.SPECIAL_CATEGORY: pgettext("sensitivity", "Special category (GDPR)"),
            Sensitivity.BANK: pgettext("sensitivity", "Bank details"),
            Sensitivity.IDENTIFIER: pgettext("sensitivity", "Official identifier"),
        }[self]


def _table(**names: str) -> dict[str, Sensitivity]:
    return {name: Sensitivity[kind] for kind, listed in names.items() for name in listed.split()}


# Fields, and parts of dotted ones, whatever their model is; more than Kombo has today.
OF_FIELDS = _table(
    SPECIAL_CATEGORY="ethnicity race religion religious_affiliation denomination church_tax "
    "disability disabilities disability_status disability_degree severe_disability health "
    "health_data sexual_orientation gender_identity union_membership trade_union "
    "political_opinions political_affiliation biometric_data genetic_data",
    BANK="bank_account bank_accounts iban bic swift account_number holder_name bank_name "
    "bank_code sort_code routing_number domestic_bank_routing",
    IDENTIFIER="ssn social_security_number tax_id tax_number national_id national_insurance_number "
    "passport passport_number identity_card_number drivers_license_number residence_permit_number",
)

OF_DATAPOINTS = _table(
    SPECIAL_CATEGORY="hris_absences.type_id hris_absences.employee_note "
    "hris_create_absence.absence_type_id hris_create_absence.employee_note "
    "hris_time_off_balances.type_id",
)
# What one of these is called "tax_id" is a company's.
OF_ORGANIZATIONS = frozenset({"hris_legal_entities"})

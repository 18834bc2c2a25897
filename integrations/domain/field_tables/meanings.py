"""What fields mean whose name does not say it all, in a line."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

MEANINGS: dict[str, Promise] = {
    "id": pgettext_lazy("field meaning", "Kombo’s ID for the record."),
    "remote_id": pgettext_lazy("field meaning", "The tool’s ID for the record."),
    "changed_at": pgettext_lazy("field meaning", "When Kombo last saw the record change."),
    "remote_deleted_at": pgettext_lazy(
        "field meaning",
        "When the record was found deleted in the tool.",
    ),
    "remote_created_at": pgettext_lazy("field meaning", "When the record was created in the tool."),
    "remote_updated_at": pgettext_lazy(
        "field meaning",
        "When the record was last changed in the tool.",
    ),
    "remote_url": pgettext_lazy(
        "field meaning",
        "Opens the record in the tool, for people with access to it.",
    ),
    "remote_data": pgettext_lazy(
        "field meaning",
        "The whole record as the tool sends it. It can include data from fields that were "
        "opted out of.",
    ),
    "custom_fields": pgettext_lazy(
        "field meaning",
        "Additional fields, mapped from the tool’s own fields.",
    ),
    "integration_fields": pgettext_lazy(
        "field meaning",
        "Fields of the tool that are passed on as they are.",
    ),
    "display_full_name": pgettext_lazy("field meaning", "The name as the tool shows it."),
    "marital_status": pgettext_lazy("field meaning", "For example single or married."),
    "ssn": pgettext_lazy(
        "field meaning",
        "The person’s number in the national social security system.",
    ),
    "tax_id": pgettext_lazy("field meaning", "The person’s number with the tax authority."),
    "ethnicity": pgettext_lazy(
        "field meaning",
        "The ethnic group that the person belongs to.",
    ),
    "employment_status": pgettext_lazy(
        "field meaning",
        "For example active, on leave or no longer employed.",
    ),
    "employment_type": pgettext_lazy(
        "field meaning",
        "For example full-time, part-time or intern.",
    ),
    "termination_date": pgettext_lazy("field meaning", "The last day of employment."),
    "effective_date": pgettext_lazy("field meaning", "The day these terms take effect."),
    "manager_id": pgettext_lazy("field meaning", "The person the employee reports to."),
    "avatar": pgettext_lazy("field meaning", "A photo of the person."),
    "bank_accounts": pgettext_lazy(
        "field meaning",
        "Account holder, bank, and IBAN or account number, as far as the tool has them.",
    ),
    "domestic_bank_routing": pgettext_lazy(
        "field meaning",
        "The bank’s code within its country, such as a sort code or routing number.",
    ),
    "home_address": pgettext_lazy(
        "field meaning",
        "Where the person lives: street, postal code, city and country.",
    ),
    "pay_rate": pgettext_lazy("field meaning", "Salary or wage for one pay period."),
    "pay_period": pgettext_lazy(
        "field meaning",
        "What the pay rate is for, such as an hour, a month or a year.",
    ),
    "pay_frequency": pgettext_lazy("field meaning", "How often pay is paid out."),
    "employee_note": pgettext_lazy(
        "field meaning", "Free text that may reveal health or family details."
    ),
    "hris_absences.type_id": pgettext_lazy(
        "field meaning",
        "For example vacation or sick leave. Sick leave is data about health.",
    ),
    "hris_time_off_balances.type_id": pgettext_lazy(
        "field meaning",
        "For example vacation or sick leave. Sick leave is data about health.",
    ),
    "absence_type_id": pgettext_lazy(
        "field meaning",
        "For example vacation or sick leave. Sick leave is data about health.",
    ),
    "breaks": pgettext_lazy("field meaning", "When each break began and ended."),
    "balance": pgettext_lazy("field meaning", "The time off that is left."),
    "used": pgettext_lazy("field meaning", "The time off that was taken."),
    "summary_comment": pgettext_lazy("field meaning", "Free text about a person’s work."),
    "document.data": pgettext_lazy("field meaning", "The file itself."),
    "document.data_url": pgettext_lazy("field meaning", "Where the file can be fetched."),
    "attachment.data": pgettext_lazy("field meaning", "The file itself."),
    "attachment.data_url": pgettext_lazy("field meaning", "Where the file can be fetched."),
    "properties": pgettext_lazy(
        "field meaning",
        "Whatever the tool’s own form asks for a new employee.",
    ),
    "screening_question_answers": pgettext_lazy(
        "field meaning",
        "What a person answered in the application form. It may hold any personal data.",
    ),
    "confidential": pgettext_lazy("field meaning", "Whether only some users may see it."),
    "gdpr_consent.given": pgettext_lazy(
        "field meaning",
        "Whether the candidate agreed to the processing of their data.",
    ),
    "model_type": pgettext_lazy("field meaning", "For example a position, a job or a requisition."),
    "parent_id": pgettext_lazy("field meaning", "What it belongs to, one level up."),
    "outcome": pgettext_lazy("field meaning", "Pending, accepted, rejected or withdrawn."),
    "unified_type": pgettext_lazy("field meaning", "The role in Kombo’s own terms."),
    "source.unified_key": pgettext_lazy("field meaning", "The source in Kombo’s own terms."),
    "source": pgettext_lazy("field meaning", "Where the candidate came from, such as a job board."),
    "sourced_by.user_id": pgettext_lazy("field meaning", "The user who brought the candidate in."),
    "attributes": pgettext_lazy("field meaning", "Single results, each with its name and value."),
    "details.attributes": pgettext_lazy(
        "field meaning",
        "Single results, each with its name and value.",
    ),
    "lms_upsert_courses.items.origin_id": pgettext_lazy(
        "field meaning",
        "The course’s number in the system that provides it.",
    ),
    "origin_id": pgettext_lazy(
        "field meaning",
        "The course’s number in the system that provides it.",
    ),
    "iban": pgettext_lazy("field meaning", "The international number of a bank account."),
    "bic": pgettext_lazy("field meaning", "The international code of a bank."),
}

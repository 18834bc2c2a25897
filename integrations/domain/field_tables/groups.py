"""What fields are about, by which a page orders and heads them.

The most exact entry holds: a field of one model, a field or part of one, a model.
"""

from enum import StrEnum

from django.utils.translation import pgettext_lazy


class FieldGroup(StrEnum):
    """What a field or a model is about, in the order of a page."""

    PERSON = "person"
    CONTACT = "contact"
    JOB = "job"
    PAY = "pay"
    ABSENCE = "absence"
    WORKING_TIME = "working_time"
    DOCUMENTS = "documents"
    PERFORMANCE = "performance"
    RECRUITING = "recruiting"
    LEARNING = "learning"
    ORGANIZATION = "organization"
    OTHER = "other"
    TECHNICAL = "technical"

    @property
    def label(self) -> str:
        """Its name in the active language."""
        return str(_LABELS[self])


_LABELS = {
    FieldGroup.PERSON: pgettext_lazy("field group", "Person"),
    FieldGroup.CONTACT: pgettext_lazy("field group", "Contact"),
    FieldGroup.JOB: pgettext_lazy("field group", "Job and team"),
    FieldGroup.PAY: pgettext_lazy("field group", "Pay and bank"),
    FieldGroup.ABSENCE: pgettext_lazy("field group", "Absence"),
    FieldGroup.WORKING_TIME: pgettext_lazy("field group", "Working time"),
    FieldGroup.DOCUMENTS: pgettext_lazy("field group", "Documents"),
    FieldGroup.PERFORMANCE: pgettext_lazy("field group", "Performance"),
    FieldGroup.RECRUITING: pgettext_lazy("field group", "Recruiting"),
    FieldGroup.LEARNING: pgettext_lazy("field group", "Learning"),
    FieldGroup.ORGANIZATION: pgettext_lazy("field group", "Organization"),
    FieldGroup.OTHER: pgettext_lazy("field group", "Further data"),
    FieldGroup.TECHNICAL: pgettext_lazy("field group", "Technical"),
}


def _table(**names: str) -> dict[str, FieldGroup]:
    return {name: FieldGroup[group] for group, listed in names.items() for name in listed.split()}


OF_MODELS = _table(
    PERSON="hris_employees hris_create_employee hris_create_employee_with_form "
    "hris_update_employee",
    JOB="hris_join_employees_teams",
    PAY="hris_employments hris_pay_runs hris_payslips hris_payslip_line_items hris_salary_types",
    ABSENCE="hris_absence_types hris_absences hris_time_off_balances hris_create_absence "
    "hris_delete_absence",
    WORKING_TIME="hris_timesheets",
    DOCUMENTS="hris_employee_document_categories hris_add_employee_document",
    PERFORMANCE="hris_performance_review_cycles hris_performance_reviews",
    RECRUITING="ats_users ats_jobs ats_job_postings ats_candidates ats_application_stages "
    "ats_applications ats_screening_questions ats_tags ats_interviews ats_offers "
    "ats_rejection_reasons ats_roles ats_notes ats_scorecards ats_attachments "
    "ats_join_jobs_application_stages ats_join_jobs_screening_questions ats_join_jobs_users "
    "ats_join_candidates_tags ats_join_interviews_users ats_join_users_roles "
    "ats_join_user_job_role_assignments assessment_candidates assessment_applications "
    "assessment_jobs assessment_hiring_team_members ats_create_candidate ats_create_application "
    "ats_add_application_attachment ats_add_candidate_attachment "
    "ats_get_application_attachments ats_add_application_note ats_add_application_result_link "
    "ats_move_application_to_stage ats_reject_application ats_add_candidate_tag "
    "ats_remove_candidate_tag assessment_update_order_result assessment_set_packages",
    LEARNING="hris_skills hris_skill_proficiency_scales hris_skill_rating_providers "
    "hris_employee_skill_proficiency_ratings lms_users lms_course_providers lms_skills "
    "lms_courses lms_course_revisions lms_course_progressions lms_join_revisions_skills "
    "lms_create_course_progression lms_complete_course_progression lms_upsert_courses "
    "lms_deactivate_course",
    ORGANIZATION="hris_legal_entities hris_locations hris_teams hris_staffing_entities "
    "hris_join_staffing_entities_locations hris_join_staffing_entities_legal_entities "
    "hris_join_staffing_entities_groups hris_join_staffing_entities_skills",
)

# A part of a dotted field counts as a field; what is not here is about what its model is about.
OF_FIELDS = _table(
    PERSON="first_name middle_name last_name preferred_name full_name display_full_name "
    "date_of_birth gender gender_identity sexual_orientation pronouns marital_status nationality "
    "ethnicity religion disability union_membership avatar ssn tax_id national_id "
    "passport_number",
    CONTACT="email email_address email_addresses additional_email_addresses work_email "
    "personal_email phone_number phone_numbers additional_phone_numbers work_phone_number "
    "mobile_phone_number home_phone_number social_media social_links home_address "
    "candidate.location",
    JOB="employee_number manager_id job_title work_location_id legal_entity_id location_id "
    "employment_status employment_type termination_date cost_center",
    PAY="pay_rate pay_period pay_frequency pay_currency salary salary_amount salary_amount_from "
    "salary_amount_to salary_currency salary_period salary_expectations bank_accounts iban bic "
    "account_number holder_name bank_name domestic_bank_routing",
    WORKING_TIME="weekly_hours",
    RECRUITING="source.id packages.id",
    OTHER="custom_fields integration_fields remote_data properties",
    TECHNICAL="id remote_id changed_at remote_deleted_at remote_created_at remote_updated_at "
    "remote_url index",
)

OF_DATAPOINTS = _table(
    CONTACT="ats_candidates.location",
    JOB="hris_employees.start_date hris_create_employee.start_date "
    "hris_update_employee.start_date hris_employments.employee_id hris_employments.effective_date",
    RECRUITING="ats_jobs.weekly_hours ats_jobs.employment_type",
)

"""Names of fields that mean something of their own in one model or action."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

NAMES_BY_MODEL: dict[str, dict[str, Promise]] = {
    "hris_employees": {
        "start_date": pgettext_lazy("field", "Hire date"),
    },
    "hris_create_employee": {
        "start_date": pgettext_lazy("field", "Hire date"),
    },
    "hris_update_employee": {
        "start_date": pgettext_lazy("field", "Hire date"),
    },
    "hris_locations": {
        "type": pgettext_lazy("field", "Location type"),
    },
    "hris_teams": {
        "type": pgettext_lazy("field", "Team type"),
        "parent_id": pgettext_lazy("field", "Parent team"),
    },
    "hris_absence_types": {
        "unit": pgettext_lazy("field", "Unit of duration"),
    },
    "hris_absences": {
        "amount": pgettext_lazy("field", "Duration"),
        "unit": pgettext_lazy("field", "Unit of duration"),
        "status": pgettext_lazy("field", "Approval status"),
        "type_id": pgettext_lazy("field", "Absence type"),
    },
    "hris_create_absence": {
        "amount": pgettext_lazy("field", "Duration"),
        "unit": pgettext_lazy("field", "Unit of duration"),
        "status": pgettext_lazy("field", "Approval status"),
    },
    "hris_time_off_balances": {
        "type_id": pgettext_lazy("field", "Absence type"),
    },
    "hris_performance_reviews": {
        "type": pgettext_lazy("field", "Review type"),
    },
    "hris_staffing_entities": {
        "model_type": pgettext_lazy("field", "Position type"),
        "parent_id": pgettext_lazy("field", "Parent position"),
        "status": pgettext_lazy("field", "Position status"),
    },
    "ats_jobs": {
        "name": pgettext_lazy("field", "Job title"),
        "category": pgettext_lazy("field", "Job category"),
        "status": pgettext_lazy("field", "Job status"),
    },
    "ats_job_postings": {
        "title": pgettext_lazy("field", "Posting title"),
        "status": pgettext_lazy("field", "Posting status"),
        "url": pgettext_lazy("field", "Job posting URL"),
    },
    "ats_candidates": {
        "company": pgettext_lazy("field", "Current company"),
        "title": pgettext_lazy("field", "Current job title"),
        "location": pgettext_lazy("field", "Address"),
    },
    "ats_screening_questions": {
        "title": pgettext_lazy("field", "Question"),
        "description": pgettext_lazy("field", "Explanation"),
        "format": pgettext_lazy("field", "Answer format"),
        "category": pgettext_lazy("field", "Question category"),
    },
    "ats_offers": {
        "status": pgettext_lazy("field", "Offer status"),
    },
    "ats_roles": {
        "remote_label": pgettext_lazy("field", "Role name"),
        "scope": pgettext_lazy("field", "Where the role applies"),
    },
    "ats_create_candidate": {
        "company": pgettext_lazy("field", "Current company"),
        "title": pgettext_lazy("field", "Current job title"),
        "location": pgettext_lazy("field", "Address"),
    },
    "ats_create_application": {
        "company": pgettext_lazy("field", "Current company"),
        "title": pgettext_lazy("field", "Current job title"),
        "location": pgettext_lazy("field", "Address"),
    },
    "ats_add_application_note": {
        "content": pgettext_lazy("field", "Note"),
        "content_type": pgettext_lazy("field", "Note format"),
    },
    "ats_add_application_result_link": {
        "label": pgettext_lazy("field", "Link text"),
    },
    "lms_course_revisions": {
        "title": pgettext_lazy("field", "Course title"),
    },
    "lms_course_progressions": {
        "status": pgettext_lazy("field", "Progress"),
    },
    "assessment_jobs": {
        "name": pgettext_lazy("field", "Job title"),
    },
    "assessment_update_order_result": {
        "status": pgettext_lazy("field", "Assessment status"),
    },
}

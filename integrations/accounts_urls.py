"""The addresses below /accounts/: what account managers work with."""

from django.urls import include, path

from integrations.views import (
    as_customer,
    audit,
    bulk,
    capabilities,
    fields,
    hand_offs,
    inbox,
    outbox,
    tenants,
    triage,
    workbench,
)

_inbox = [
    path("", inbox.page, name="inbox"),
    path("replay/", inbox.replay, name="replay"),
    path("assign/", inbox.assign, name="assign"),
    path("dismiss/", inbox.dismiss, name="dismiss"),
]

_integration = [
    path("", workbench.page, name="workbench"),
    path("pause/", workbench.pause, name="pause"),
    path("resume/", workbench.resume, name="workbench_resume"),
    path("sync/", workbench.sync, name="sync"),
    path("check/", workbench.check, name="workbench_check"),
    path("snooze/", workbench.snooze, name="snooze"),
    path("wake/", workbench.wake, name="wake"),
    path("note/", workbench.note, name="note"),
    path("told/", workbench.told, name="told"),
    path("hand-off/", hand_offs.create, name="hand_off_create"),
    path("hand-off/<slug:hand_off_id>/show/", hand_offs.show, name="hand_off_show"),
    path("hand-off/<slug:hand_off_id>/revoke/", hand_offs.revoke, name="hand_off_revoke"),
]

_tenant = [
    path("", tenants.page, name="account"),
    path("assign/", tenants.assign, name="account_assign"),
    path("note/", tenants.note, name="account_note"),
    path("reminders/", tenants.reminders, name="account_reminders"),
    path("i/<slug:integration_id>/", include(_integration)),
]

_capabilities = [
    path("", capabilities.page, name="capabilities"),
    path("new/", capabilities.new, name="capability_new"),
    path("<slug:feature_id>/", capabilities.edit, name="capability"),
    path("<slug:feature_id>/delete/", capabilities.delete, name="capability_delete"),
]

urlpatterns = [
    path("", triage.page, name="triage"),
    path("integrations.csv", triage.csv, name="triage_csv"),
    path("favicon/<int:count>.svg", triage.favicon, name="favicon"),
    path("views/", triage.save_view, name="view_save"),
    path("views/delete/", triage.delete_view, name="view_delete"),
    path("bulk/", bulk.act, name="bulk"),
    path("checks/<slug:check_id>/", bulk.progress, name="bulk_progress"),
    path("t/<slug:tenant_id>/", include(_tenant)),
    path("capabilities/", include(_capabilities)),
    path("fields/", fields.search, name="fields"),
    path("fields.csv", fields.search_csv, name="fields_csv"),
    path("matrix/", fields.matrix, name="matrix"),
    path("matrix.csv", fields.matrix_csv, name="matrix_csv"),
    path("changes/", fields.changes, name="changes"),
    path("outbox/", outbox.page, name="outbox"),
    path("outbox/<int:mail_id>/", outbox.mail, name="outbox_mail"),
    path("outbox/<int:mail_id>/html/", outbox.html, name="outbox_html"),
    path("outbox/<int:mail_id>/again/", outbox.again, name="outbox_again"),
    path("preferences/", outbox.preferences, name="preferences"),
    path("audit/", audit.page, name="audit"),
    path("audit.csv", audit.csv, name="audit_csv"),
    path("inbox/", include(_inbox)),
    path("as-customer/t/<slug:tenant_id>/", as_customer.tenant, name="as_customer"),
]

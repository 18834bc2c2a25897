"""The addresses below /accounts/: what account managers work with."""

from django.urls import include, path

from integrations.views.workspace import (
    audit,
    bulk,
    datapoints,
    email_log,
    features,
    hand_offs,
    integration,
    preview,
    tenant,
    triage,
    webhooks,
)

_inbox = [
    path("", webhooks.page, name="inbox"),
    path("replay/", webhooks.replay, name="replay"),
    path("assign/", webhooks.assign, name="assign"),
    path("dismiss/", webhooks.dismiss, name="dismiss"),
]

_integration = [
    path("", integration.page, name="workbench"),
    path("pause/", integration.pause, name="pause"),
    path("resume/", integration.resume, name="workbench_resume"),
    path("sync/", integration.sync, name="sync"),
    path("check/", integration.check, name="workbench_check"),
    path("snooze/", integration.snooze, name="snooze"),
    path("wake/", integration.wake, name="wake"),
    path("note/", integration.note, name="note"),
    path("told/", integration.told, name="told"),
    path("hand-off/", hand_offs.create, name="hand_off_create"),
    path("hand-off/<slug:hand_off_id>/show/", hand_offs.show, name="hand_off_show"),
    path("hand-off/<slug:hand_off_id>/revoke/", hand_offs.revoke, name="hand_off_revoke"),
]

_tenant = [
    path("", tenant.page, name="account"),
    path("assign/", tenant.assign, name="account_assign"),
    path("note/", tenant.note, name="account_note"),
    path("reminders/", tenant.reminders, name="account_reminders"),
    path("i/<slug:integration_id>/", include(_integration)),
]

_capabilities = [
    path("", features.page, name="capabilities"),
    path("new/", features.new, name="capability_new"),
    path("<slug:feature_id>/", features.edit, name="capability"),
    path("<slug:feature_id>/delete/", features.delete, name="capability_delete"),
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
    path("fields/", datapoints.search, name="fields"),
    path("fields.csv", datapoints.search_csv, name="fields_csv"),
    path("matrix/", datapoints.matrix, name="matrix"),
    path("matrix.csv", datapoints.matrix_csv, name="matrix_csv"),
    path("changes/", datapoints.changes, name="changes"),
    path("outbox/", email_log.page, name="outbox"),
    path("outbox/<int:mail_id>/", email_log.mail, name="outbox_mail"),
    path("outbox/<int:mail_id>/html/", email_log.html, name="outbox_html"),
    path("outbox/<int:mail_id>/again/", email_log.again, name="outbox_again"),
    path("preferences/", email_log.email_preferences, name="preferences"),
    path("audit/", audit.page, name="audit"),
    path("audit.csv", audit.csv, name="audit_csv"),
    path("inbox/", include(_inbox)),
    path("as-customer/t/<slug:tenant_id>/", preview.tenant, name="as_customer"),
]

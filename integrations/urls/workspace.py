"""The addresses below /workspace/: what account managers work with."""

from django.urls import include, path

from integrations.views.workspace import (
    audit,
    bulk,
    connecting,
    customer_new,
    customers,
    datapoints,
    disconnecting,
    email_log,
    features,
    fields,
    find,
    hand_offs,
    identity,
    integration,
    integration_acts,
    members,
    outages,
    overview,
    people,
    preview,
    saved_views,
    system,
    tenant,
    tools,
    triage,
    webhooks,
)

_webhooks = [
    path("", webhooks.page, name="webhook_log"),
    path("replay/", webhooks.replay, name="event_replay"),
    path("assign/", webhooks.assign, name="unmapped_assign"),
    path("dismiss/", webhooks.dismiss, name="unmapped_dismiss"),
]

_integration = [
    path("", integration.page, name="workspace_integration"),
    path("data/", integration.data, name="workspace_data"),
    path("data/fields/", fields.page, name="workspace_fields"),
    path("history/", integration.history, name="workspace_history"),
    path("technical/", integration.technical, name="workspace_technical"),
    path("pause/", integration_acts.pause, name="pause"),
    path("resume/", integration_acts.resume, name="workspace_resume"),
    path("sync/", integration_acts.sync, name="sync"),
    path("disconnect/", disconnecting.page, name="workspace_disconnect"),
    path("disconnect/approve/", disconnecting.approve, name="disconnect_approve"),
    path("disconnect/withdraw/", disconnecting.withdraw, name="disconnect_withdraw"),
    path("check/", integration_acts.check, name="workspace_check"),
    path("snooze/", integration_acts.snooze, name="snooze"),
    path("wake/", integration_acts.wake, name="wake"),
    path("note/", integration_acts.note, name="note"),
    path("contacted/", integration_acts.mark_contacted, name="mark_contacted"),
    path("hand-off/", hand_offs.create, name="hand_off_create"),
    path("hand-off/<slug:hand_off_id>/show/", hand_offs.show, name="hand_off_show"),
    path("hand-off/<slug:hand_off_id>/revoke/", hand_offs.revoke, name="hand_off_revoke"),
]

_tenant = [
    path("", tenant.page, name="workspace_tenant"),
    path("assign/", tenant.assign, name="tenant_assign"),
    path("note/", tenant.note, name="tenant_note"),
    path("reminders/", tenant.reminders, name="tenant_reminders"),
    path("members/invite/", members.invite, name="member_invite"),
    path("members/revoke/", members.revoke, name="member_revoke"),
    path("connect/", connecting.tools, name="workspace_connect"),
    path("connect/attempts/<slug:attempt_id>/invite/", connecting.remind, name="workspace_remind"),
    path(
        "connect/attempts/<slug:attempt_id>/dismiss/",
        connecting.dismiss,
        name="workspace_dismiss",
    ),
    path(
        "connect/<slug:category>/<str:tool_id>/invite/", connecting.invite, name="workspace_invite"
    ),
    path("i/<slug:integration_id>/", include(_integration)),
]

_features = [
    path("", features.page, name="features"),
    path("new/", features.new, name="feature_new"),
    path("<slug:feature_id>/", features.edit, name="feature"),
    path("<slug:feature_id>/delete/", features.delete, name="feature_delete"),
]

_people = [
    path("", people.page, name="people"),
    path("invite/", people.invite, name="people_invite"),
    path("revoke/", people.revoke, name="people_revoke"),
    path("role/", people.role, name="people_role"),
    path("status/", people.status, name="people_status"),
]

urlpatterns = [
    path("overview/", overview.page, name="overview"),
    path("", triage.page, name="triage"),
    path("integrations.csv", triage.csv, name="triage_csv"),
    path("favicon/<int:count>.svg", triage.favicon, name="favicon"),
    path("views/", saved_views.save, name="view_save"),
    path("views/delete/", saved_views.delete, name="view_delete"),
    path("display/", triage.display, name="list_display"),
    path("bulk/", bulk.act, name="bulk"),
    path("undo/", bulk.take_back, name="undo"),
    path("find/", find.page, name="find"),
    path("keys/", find.keys, name="keys"),
    path("checks/<slug:check_id>/", bulk.progress, name="bulk_progress"),
    path("customers/", customers.page, name="customers"),
    path("customers/new/", customer_new.page, name="customer_new"),
    path("t/<slug:tenant_id>/", include(_tenant)),
    path("features/", include(_features)),
    path("tools/", tools.page, name="tools"),
    path("tools/<str:tool_id>/", tools.edit, name="tool"),
    path("datapoints/", datapoints.search, name="datapoints"),
    path("datapoints.csv", datapoints.search_csv, name="datapoints_csv"),
    path("matrix/", datapoints.matrix, name="matrix"),
    path("matrix.csv", datapoints.matrix_csv, name="matrix_csv"),
    path("changes/", datapoints.changes, name="changes"),
    path("outages/<slug:outage_id>/release/", outages.release, name="outage_release"),
    path("emails/", email_log.page, name="email_log"),
    path("emails/<int:mail_id>/", email_log.mail, name="email"),
    path("emails/<int:mail_id>/html/", email_log.html, name="email_html"),
    path("emails/<int:mail_id>/again/", email_log.again, name="email_resend"),
    path("preferences/", email_log.email_preferences, name="email_preferences"),
    path("identity/", identity.page, name="identity"),
    path("identity/preview/", identity.preview, name="identity_preview"),
    path("system/", system.page, name="system"),
    path("people/", include(_people)),
    path("audit/", audit.page, name="audit"),
    path("audit.csv", audit.csv, name="audit_csv"),
    path("webhooks/", include(_webhooks)),
    path("preview/t/<slug:tenant_id>/", preview.tenant, name="preview"),
]

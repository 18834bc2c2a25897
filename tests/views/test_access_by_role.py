"""What each role of the staff gets at every address of the workspace; and a member, and nobody."""

from collections.abc import Callable
from copy import deepcopy

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import get_resolver

from integrations.access.roles import StaffRole
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.urls import workspace
from integrations.workspace import summaries
from tests.views.access_answers import names, outcome, undone

# All of it is about acme. The viewer, the lead and the administrator see it as they see every
# customer; the account manager takes care of it.
TABLE = """
url                      method  nobody  member  viewer  account_manager  lead  administrator
overview                 GET     login   404     200     200              200   200
overview                 POST    login   405     405     405              405   405
triage                   GET     login   404     200     200              200   200
triage                   POST    login   405     405     405              405   405
triage_csv               GET     login   404     200     200              200   200
triage_csv               POST    login   405     405     405              405   405
favicon                  GET     login   404     200     200              200   200
favicon                  POST    login   405     405     405              405   405
system                   GET     login   404     404     404              200   200
system                   POST    login   405     405     405              405   405
view_save                GET     login   302     302     302              302   302
view_save                POST    login   404     302     302              302   302
view_delete              GET     login   302     302     302              302   302
view_delete              POST    login   404     302     302              302   302
list_display             GET     login   302     302     302              302   302
list_display             POST    login   404     302     302              302   302
bulk                     GET     login   302     302     302              302   302
bulk                     POST    login   404     302     302              302   302
undo                     GET     login   302     302     302              302   302
undo                     POST    login   404     404     302              302   302
find                     GET     login   404     200     200              200   200
find                     POST    login   405     405     405              405   405
keys                     GET     login   302     302     302              302   302
keys                     POST    login   404     302     302              302   302
bulk_progress            GET     login   404     404     404              404   404
bulk_progress            POST    login   405     405     405              405   405
customers                GET     login   404     200     200              200   200
customers                POST    login   405     405     405              405   405
customer_new             GET     login   404     404     404              200   200
customer_new             POST    login   404     404     404              422   422
workspace_tenant         GET     login   404     200     200              200   200
workspace_tenant         POST    login   405     405     405              405   405
tenant_assign            GET     login   302     302     302              302   302
tenant_assign            POST    login   404     404     302              302   302
tenant_note              GET     login   302     302     302              302   302
tenant_note              POST    login   404     404     422              422   422
tenant_reminders         GET     login   302     302     302              302   302
tenant_reminders         POST    login   404     404     302              302   302
member_invite            GET     login   302     302     302              302   302
member_invite            POST    login   404     404     422              422   422
member_revoke            GET     login   302     302     302              302   302
member_revoke            POST    login   404     404     409              409   409
workspace_connect        GET     login   404     404     200              200   200
workspace_connect        POST    login   405     405     405              405   405
workspace_remind         GET     login   404     404     200              200   200
workspace_remind         POST    login   404     404     200              200   200
workspace_dismiss        GET     login   302     302     302              302   302
workspace_dismiss        POST    login   404     404     302              302   302
workspace_invite         GET     login   404     404     200              200   200
workspace_invite         POST    login   404     404     200              200   200
workspace_integration    GET     login   404     200     200              200   200
workspace_integration    POST    login   405     405     405              405   405
workspace_data           GET     login   404     200     200              200   200
workspace_data           POST    login   405     405     405              405   405
workspace_fields         GET     login   404     404     404              200   200
workspace_fields         POST    login   404     404     404              409   409
workspace_history        GET     login   404     200     200              200   200
workspace_history        POST    login   405     405     405              405   405
workspace_technical      GET     login   404     200     200              200   200
workspace_technical      POST    login   405     405     405              405   405
pause                    GET     login   302     302     302              302   302
pause                    POST    login   404     404     302              302   302
workspace_resume         GET     login   302     302     302              302   302
workspace_resume         POST    login   404     404     409              409   409
sync                     GET     login   302     302     302              302   302
sync                     POST    login   404     404     409              409   409
workspace_disconnect     GET     login   404     404     200              200   200
workspace_disconnect     POST    login   404     404     422              422   422
disconnect_approve       GET     login   302     302     302              302   302
disconnect_approve       POST    login   404     404     422              422   422
disconnect_withdraw      GET     login   302     302     302              302   302
disconnect_withdraw      POST    login   404     404     409              409   409
workspace_check          GET     login   302     302     302              302   302
workspace_check          POST    login   404     302     302              302   302
snooze                   GET     login   302     302     302              302   302
snooze                   POST    login   404     404     422              422   422
wake                     GET     login   302     302     302              302   302
wake                     POST    login   404     404     302              302   302
note                     GET     login   302     302     302              302   302
note                     POST    login   404     404     422              422   422
mark_contacted           GET     login   302     302     302              302   302
mark_contacted           POST    login   404     404     302              302   302
hand_off_create          GET     login   302     302     302              302   302
hand_off_create          POST    login   404     404     200              200   200
hand_off_show            GET     login   302     302     302              302   302
hand_off_show            POST    login   404     404     200              200   200
hand_off_revoke          GET     login   302     302     302              302   302
hand_off_revoke          POST    login   404     404     302              302   302
features                 GET     login   404     200     200              200   200
features                 POST    login   405     405     405              405   405
feature_new              GET     login   404     404     200              200   200
feature_new              POST    login   404     404     422              422   422
feature                  GET     login   404     404     200              200   200
feature                  POST    login   404     404     422              422   422
feature_delete           GET     login   302     302     302              302   302
feature_delete           POST    login   404     404     302              302   302
tools                    GET     login   404     200     200              200   200
tools                    POST    login   405     405     405              405   405
tool                     GET     login   404     404     404              200   200
tool                     POST    login   404     404     404              302   302
datapoints               GET     login   404     200     200              200   200
datapoints               POST    login   405     405     405              405   405
datapoints_csv           GET     login   404     200     200              200   200
datapoints_csv           POST    login   405     405     405              405   405
matrix                   GET     login   404     200     200              200   200
matrix                   POST    login   405     405     405              405   405
matrix_csv               GET     login   404     200     200              200   200
matrix_csv               POST    login   405     405     405              405   405
changes                  GET     login   404     200     200              200   200
changes                  POST    login   405     405     405              405   405
outage_release           GET     login   302     302     302              302   302
outage_release           POST    login   404     404     404              302   302
email_log                GET     login   404     200     200              200   200
email_log                POST    login   405     405     405              405   405
email                    GET     login   404     200     200              200   200
email                    POST    login   405     405     405              405   405
email_html               GET     login   404     200     200              200   200
email_html               POST    login   405     405     405              405   405
email_resend             GET     login   302     302     302              302   302
email_resend             POST    login   404     404     409              409   409
email_preferences        GET     login   404     200     200              200   200
email_preferences        POST    login   404     302     302              302   302
identity                 GET     login   404     404     404              404   200
identity                 POST    login   404     404     404              404   302
identity_preview         GET     login   302     302     302              302   302
identity_preview         POST    login   404     404     404              404   200
people                   GET     login   404     404     404              404   200
people                   POST    login   405     405     405              405   405
people_invite            GET     login   302     302     302              302   302
people_invite            POST    login   404     404     404              404   422
people_revoke            GET     login   302     302     302              302   302
people_revoke            POST    login   404     404     404              404   409
people_role              GET     login   302     302     302              302   302
people_role              POST    login   404     404     404              404   404
people_status            GET     login   302     302     302              302   302
people_status            POST    login   404     404     404              404   404
audit                    GET     login   404     200     200              200   200
audit                    POST    login   405     405     405              405   405
audit_csv                GET     login   404     200     200              200   200
audit_csv                POST    login   405     405     405              405   405
webhook_log              GET     login   404     404     404              200   200
webhook_log              POST    login   405     405     405              405   405
event_replay             GET     login   302     302     302              302   302
event_replay             POST    login   404     404     404              404   404
unmapped_assign          GET     login   302     302     302              302   302
unmapped_assign          POST    login   404     404     404              404   404
unmapped_dismiss         GET     login   302     302     302              302   302
unmapped_dismiss         POST    login   404     404     404              404   404
preview                  GET     login   404     200     200              200   200
preview                  POST    login   404     405     405              405   405
"""
HEADING, *LINES = [line.split() for line in TABLE.strip().splitlines()]
VISITORS = ("nobody", "member", *(role.removeprefix("role:") for role in StaffRole))
ROWS = {(name, method): dict(zip(VISITORS, cells, strict=True)) for name, method, *cells in LINES}


@pytest.fixture
def visitors(alice: User, acme: Tenant, sign_in: Callable[[User], Client]) -> dict[str, Client]:
    """A browser of each; the account manager's customer is acme."""
    browsers = {"nobody": Client(), "member": sign_in(alice)}
    for role in StaffRole:
        name = role.removeprefix("role:")
        user = User.objects.create_user(name, password="demo", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        browsers[name] = sign_in(user)
        if role is StaffRole.ACCOUNT_MANAGER:
            Tenant.objects.filter(pk=acme.pk).update(owner=user)
    summaries.recompute_tenants([acme])
    return browsers


def test_every_address_of_the_workspace_has_a_row() -> None:
    assert ["url", "method", *VISITORS] == HEADING
    known = set(names(workspace.urlpatterns))
    assert known <= set(names(get_resolver().url_patterns))
    assert set(ROWS) == {(name, method) for name in known for method in ("GET", "POST")}


@pytest.mark.exhaustive
def test_every_role_gets_what_the_table_says(
    invalid: Integration,
    address: Callable[[str], str],
    visitors: dict[str, Client],
    kombo: Simulator,
) -> None:
    cookies = {person: deepcopy(client.cookies) for person, client in visitors.items()}
    wrong = {}
    for name, method in ROWS:
        got = {}
        for person, client in visitors.items():
            with undone(kombo, invalid):
                client.cookies = deepcopy(cookies[person])
                got[person] = outcome(client.generic(method, address(name)))
        if got != ROWS[name, method]:
            wrong[name, method] = got
    assert wrong == {}

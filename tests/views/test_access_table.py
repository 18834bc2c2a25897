"""Who gets what at every address."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from tests.embed import bearer, enter, turn_on
from tests.views.access_answers import names, outcome, undone
from tests.views.conftest import PEOPLE, Browser

# Everything belongs to acme, which amy takes care of. `login` is a redirect to the sign-in page.
# `guest` is whoever sends the key of a frame that shows acme: here that counts for nothing. An act
# that is got instead of posted leads to the page, which has rules of its own.
TABLE = """
url                      method  nobody  alice  vic    bob    amy    ned    mia    root   guest
home                     GET     login   302    302    302    302    302    302    302    login
home                     POST    login   405    405    405    405    405    405    405    login
tenant                   GET     login   200    200    404    200    404    200    200    login
tenant                   POST    login   405    405    405    405    405    405    405    login
banner                   GET     login   200    200    404    200    404    200    200    login
banner                   POST    login   405    405    405    405    405    405    405    login
poll                     GET     login   204    204    404    204    404    204    204    login
poll                     POST    login   405    405    405    405    405    405    405    login
integration              GET     login   200    200    404    200    404    200    200    login
integration              POST    login   405    405    405    405    405    405    405    login
coverage_fields          GET     login   200    200    404    200    404    200    200    login
coverage_fields          POST    login   405    405    405    405    405    405    405    login
coverage_csv             GET     login   200    200    404    200    404    200    200    login
coverage_csv             POST    login   405    405    405    405    405    405    405    login
statement                GET     login   200    200    404    200    404    200    200    login
statement                POST    login   405    405    405    405    405    405    405    login
statement_csv            GET     login   200    200    404    200    404    200    200    login
statement_csv            POST    login   405    405    405    405    405    405    405    login
statement_json           GET     login   200    200    404    200    404    200    200    login
statement_json           POST    login   405    405    405    405    405    405    405    login
history                  GET     login   200    200    404    200    404    200    200    login
history                  POST    login   405    405    405    405    405    405    405    login
fields                   GET     login   200    200    404    200    404    200    200    login
fields                   POST    login   405    405    405    405    405    405    405    login
check                    GET     login   302    302    302    302    302    302    302    login
check                    POST    login   302    302    404    302    404    302    302    login
reconnect                GET     login   302    302    302    302    302    302    302    login
reconnect                POST    login   200    404    404    404    404    404    404    login
set_up                   GET     login   302    302    302    302    302    302    302    login
set_up                   POST    login   200    404    404    404    404    404    404    login
completed                GET     login   302    302    302    302    302    302    302    login
completed                POST    login   302    404    404    404    404    404    404    login
resume                   GET     login   302    302    302    302    302    302    302    login
resume                   POST    login   404    404    404    404    404    302    302    login
sync_now                 GET     login  302    302    302    302    302    302    302    login
sync_now                 POST    login  200    404    404    404    404    404    404    login
disconnect               GET     login  200    404    404    404    404    404    404    login
disconnect               POST    login  422    404    404    404    404    404    404    login
webhook_log              GET     login   404    404    404    404    404    404    200    login
webhook_log              POST    login   405    405    405    405    405    405    405    login
event_replay             GET     login   302    302    302    302    302    302    302    login
event_replay             POST    login   404    404    404    404    404    404    404    login
unmapped_assign          GET     login   302    302    302    302    302    302    302    login
unmapped_assign          POST    login   404    404    404    404    404    404    404    login
unmapped_dismiss         GET     login   302    302    302    302    302    302    302    login
unmapped_dismiss         POST    login   404    404    404    404    404    404    404    login
embed_loader             GET     200     200    200    200    200    200    200    200    200
embed_loader             POST    405     405    405    405    405    405    405    405    405
embed_repair             GET     200     200    200    200    200    200    200    200    200
embed_repair             POST    200     200    200    200    200    200    200    200    200
embed_repair_completed   GET     405     405    405    405    405    405    405    405    405
embed_repair_completed   POST    404     404    404    404    404    404    404    404    404
webhooks                 GET     405     405    405    405    405    405    405    405    405
webhooks                 POST    401     401    401    401    401    401    401    401    401
webhooks_bare            GET     405     405    405    405    405    405    405    405    405
webhooks_bare            POST    401     401    401    401    401    401    401    401    401
logo                     GET     200     200    200    200    200    200    200    200    200
logo                     POST    405     405    405    405    405    405    405    405    405
theme                    GET     200     200    200    200    200    200    200    200    200
theme                    POST    405     405    405    405    405    405    405    405    405
vendor_picture           GET     200     200    200    200    200    200    200    200    200
vendor_picture           POST    405     405    405    405    405    405    405    405    405
security_txt             GET     404     404    404    404    404    404    404    404    404
security_txt             POST    405     405    405    405    405    405    405    405    405
works_with               GET     404     404    404    404    404    404    404    404    404
works_with               POST    405     405    405    405    405    405    405    405    405
login                    GET     200     302    302    302    302    302    302    302    200
login                    POST    200     302    302    302    302    302    302    302    200
logout                   GET     login   405    405    405    405    405    405    405    login
logout                   POST    login   login  login  login  login  login  login  login  login
sessions                 GET     login   200    200    200    200    200    200    200    login
sessions                 POST    login   405    405    405    405    405    405    405    login
session_end              GET     login   302    302    302    302    302    302    302    login
session_end              POST    login   302    302    302    302    302    302    302    login
sessions_end_others      GET     login   302    302    302    302    302    302    302    login
sessions_end_others      POST    login   302    302    302    302    302    302    302    login
join                     GET     200     200    200    200    200    200    200    200    200
join                     POST    422     422    422    422    422    422    422    422    422
confirm                  GET     login   200    200    200    200    200    200    200    login
confirm                  POST    login   200    200    200    200    200    200    200    login
single_sign_on           GET     405     405    405    405    405    405    405    405    405
single_sign_on           POST    404     404    404    404    404    404    404    404    404
single_sign_on_callback  GET     404     404    404    404    404    404    404    404    404
single_sign_on_callback  POST    405     405    405    405    405    405    405    405    405
second_factor            GET     login   login  login  login  login  login  login  login  login
second_factor            POST    login   login  login  login  login  login  login  login  login
security                 GET     login   404    404    404    200    200    200    200    login
security                 POST    405     405    405    405    405    405    405    405    405
security_app             GET     login   404    404    404    200    200    200    200    login
security_app             POST    login   404    404    404    200    200    200    200    login
security_passkey         GET     login   404    404    404    200    200    200    200    login
security_passkey         POST    login   404    404    404    200    200    200    200    login
security_codes           GET     login   302    302    302    302    302    302    302    login
security_codes           POST    login   404    404    404    302    302    302    302    login
security_remove          GET     login   302    302    302    302    302    302    302    login
security_remove          POST    login   404    404    404    302    302    302    302    login
password_reset           GET     200     200    200    200    200    200    200    200    200
password_reset           POST    200     200    200    200    200    200    200    200    200
password_reset_done      GET     200     200    200    200    200    200    200    200    200
password_reset_done      POST    405     405    405    405    405    405    405    405    405
password_reset_confirm   GET     200     200    200    200    200    200    200    200    200
password_reset_confirm   POST    200     200    200    200    200    200    200    200    200
password_reset_complete  GET     200     200    200    200    200    200    200    200    200
password_reset_complete  POST    405     405    405    405    405    405    405    405    405
set_language             GET     405     405    405    405    405    405    405    405    405
set_language             POST    302     302    302    302    302    302    302    302    302
healthz                  GET     200     200    200    200    200    200    200    200    200
healthz                  POST    405     405    405    405    405    405    405    405    405
healthz_slash            GET     200     200    200    200    200    200    200    200    200
healthz_slash            POST    405     405    405    405    405    405    405    405    405
readyz                   GET     200     200    200    200    200    200    200    200    200
readyz                   POST    405     405    405    405    405    405    405    405    405
readyz_slash             GET     200     200    200    200    200    200    200    200    200
readyz_slash             POST    405     405    405    405    405    405    405    405    405
metrics                  GET     404     404    404    404    404    404    404    404    404
metrics                  POST    404     404    404    404    404    404    404    404    404
admin:index              GET     302     302    302    302    200    200    200    200    302
admin:index              POST    302     302    302    302    200    200    200    200    302
administration_sign_in   GET     login   404    404    404    302    302    302    302    login
administration_sign_in   POST    login   404    404    404    302    302    302    302    login
own_password             GET     login   404    404    404    200    200    200    200    login
own_password             POST    login   404    404    404    200    200    200    200    login
connect                  GET     login   200    200    404    200    404    200    200    login
connect                  POST    login   405    405    405    405    405    405    405    login
connect_tools            GET     login   200    200    404    200    404    200    200    login
connect_tools            POST    login   405    405    405    405    405    405    405    login
connect_tool             GET     login   200    200    404    200    404    200    200    login
connect_tool             POST    login   405    405    405    405    405    405    405    login
connect_start            GET     login   302    302    302    302    302    302    302    login
connect_start            POST    login   200    404    404    404    404    404    404    login
connect_completed        GET     login   302    302    302    302    302    302    302    login
connect_completed        POST    login   404    404    404    404    404    404    404    login
connect_dismiss          GET     login   302    302    302    302    302    302    302    login
connect_dismiss          POST    login   302    404    404    404    404    404    404    login
tools                    GET     login   404    404    404    200    200    200    200    login
tools                    POST    login   405    405    405    405    405    405    405    login
tool                     GET     login   404    404    404    404    404    404    200    login
tool                     POST    login   404    404    404    404    404    404    302    login
connect_invite           GET     login   200    404    404    404    404    404    404    login
connect_invite           POST    login   200    404    404    404    404    404    404    login
connect_attempt_invite   GET     login   200    404    404    404    404    404    404    login
connect_attempt_invite   POST    login   200    404    404    404    404    404    404    login
workspace_connect        GET     login   404    404    404    200    404    200    200    login
workspace_connect        POST    login   405    405    405    405    405    405    405    login
workspace_invite         GET     login   404    404    404    200    404    200    200    login
workspace_invite         POST    login   404    404    404    200    404    200    200    login
workspace_remind         GET     login   404    404    404    200    404    200    200    login
workspace_remind         POST    login   404    404    404    200    404    200    200    login
workspace_dismiss        GET     login   302    302    302    302    302    302    302    login
workspace_dismiss        POST    login   404    404    404    302    404    302    302    login
customer_new             GET     login   404    404    404    404    404    404    200    login
customer_new             POST    login   404    404    404    404    404    404    422    login
ask                      GET     login   302    302    302    302    302    302    302    login
ask                      POST    login   404    200    404    404    404    404    404    login
hand_off_offer           GET     login   200    404    404    404    404    404    404    login
hand_off_offer           POST    login   200    404    404    404    404    404    404    login
overview                 GET     login   404    404    404    200    200    200    200    login
overview                 POST    login   405    405    405    405    405    405    405    login
triage                   GET     login   404    404    404    200    200    200    200    login
triage                   POST    login   405    405    405    405    405    405    405    login
triage_csv               GET     login   404    404    404    200    200    200    200    login
triage_csv               POST    login   405    405    405    405    405    405    405    login
favicon                  GET     login   404    404    404    200    200    200    200    login
favicon                  POST    login   405    405    405    405    405    405    405    login
view_save                GET     login   302    302    302    302    302    302    302    login
view_save                POST    login   404    404    404    302    302    302    302    login
view_delete              GET     login   302    302    302    302    302    302    302    login
view_delete              POST    login   404    404    404    302    302    302    302    login
list_display             GET     login   302    302    302    302    302    302    302    login
list_display             POST    login   404    404    404    302    302    302    302    login
undo                     GET     login   302    302    302    302    302    302    302    login
undo                     POST    login   404    404    404    302    302    302    302    login
find                     GET     login   404    404    404    200    200    200    200    login
find                     POST    login   405    405    405    405    405    405    405    login
keys                     GET     login   302    302    302    302    302    302    302    login
keys                     POST    login   404    404    404    302    302    302    302    login
bulk                     GET     login   302    302    302    302    302    302    302    login
bulk                     POST    login   404    404    404    302    302    302    302    login
bulk_progress            GET     login   404    404    404    302    404    404    404    login
bulk_progress            POST    login   405    405    405    405    405    405    405    login
workspace_tenant         GET     login   404    404    404    200    404    200    200    login
workspace_tenant         POST    login   405    405    405    405    405    405    405    login
tenant_assign            GET     login   302    302    302    302    302    302    302    login
tenant_assign            POST    login   404    404    404    404    404    404    302    login
tenant_note              GET     login   302    302    302    302    302    302    302    login
tenant_note              POST    login   404    404    404    422    404    422    422    login
tenant_reminders         GET     login   302    302    302    302    302    302    302    login
tenant_reminders         POST    login   404    404    404    404    404    404    302    login
customers                GET     login   404    404    404    200    200    200    200    login
customers                POST    login   405    405    405    405    405    405    405    login
workspace_data           GET     login   404    404    404    200    404    200    200    login
workspace_data           POST    login   405    405    405    405    405    405    405    login
workspace_fields         GET     login   404    404    404    404    404    404    200    login
workspace_fields         POST    login   404    404    404    404    404    404    409    login
workspace_history        GET     login   404    404    404    200    404    200    200    login
workspace_history        POST    login   405    405    405    405    405    405    405    login
workspace_technical      GET     login   404    404    404    200    404    200    200    login
workspace_technical      POST    login   405    405    405    405    405    405    405    login
workspace_integration    GET     login   404    404    404    200    404    200    200    login
workspace_integration    POST    login   405    405    405    405    405    405    405    login
pause                    GET     login   302    302    302    302    302    302    302    login
pause                    POST    login   404    404    404    404    404    404    302    login
workspace_resume         GET     login   302    302    302    302    302    302    302    login
workspace_resume         POST    login   404    404    404    404    404    409    409    login
sync                     GET     login   302    302    302    302    302    302    302    login
sync                     POST    login   404    404    404    404    404    404    409    login
workspace_disconnect     GET     login  404    404    404    404    404    404    200    login
workspace_disconnect     POST    login  404    404    404    404    404    404    422    login
disconnect_approve       GET     login  302    302    302    302    302    302    302    login
disconnect_approve       POST    login  404    404    404    404    404    404    422    login
disconnect_withdraw      GET     login  302    302    302    302    302    302    302    login
disconnect_withdraw      POST    login  404    404    404    404    404    404    409    login
workspace_check          GET     login   302    302    302    302    302    302    302    login
workspace_check          POST    login   404    404    404    302    404    302    302    login
snooze                   GET     login   302    302    302    302    302    302    302    login
snooze                   POST    login   404    404    404    422    404    422    422    login
wake                     GET     login   302    302    302    302    302    302    302    login
wake                     POST    login   404    404    404    302    404    302    302    login
note                     GET     login   302    302    302    302    302    302    302    login
note                     POST    login   404    404    404    422    404    422    422    login
mark_contacted           GET     login   302    302    302    302    302    302    302    login
mark_contacted           POST    login   404    404    404    302    404    302    302    login
hand_off_create          GET     login   302    302    302    302    302    302    302    login
hand_off_create          POST    login   404    404    404    200    404    200    200    login
hand_off_show            GET     login   302    302    302    302    302    302    302    login
hand_off_show            POST    login   404    404    404    200    404    200    200    login
hand_off_revoke          GET     login   302    302    302    302    302    302    302    login
hand_off_revoke          POST    login   404    404    404    302    404    302    302    login
features                 GET     login   404    404    404    200    200    200    200    login
features                 POST    login   405    405    405    405    405    405    405    login
feature_new              GET     login   404    404    404    404    404    404    200    login
feature_new              POST    login   404    404    404    404    404    404    422    login
feature                  GET     login   404    404    404    404    404    404    200    login
feature                  POST    login   404    404    404    404    404    404    422    login
feature_delete           GET     login   302    302    302    302    302    302    302    login
feature_delete           POST    login   404    404    404    404    404    404    302    login
datapoints               GET     login   404    404    404    200    200    200    200    login
datapoints               POST    login   405    405    405    405    405    405    405    login
datapoints_csv           GET     login   404    404    404    200    200    200    200    login
datapoints_csv           POST    login   405    405    405    405    405    405    405    login
matrix                   GET     login   404    404    404    200    200    200    200    login
matrix                   POST    login   405    405    405    405    405    405    405    login
matrix_csv               GET     login   404    404    404    200    200    200    200    login
matrix_csv               POST    login   405    405    405    405    405    405    405    login
changes                  GET     login   404    404    404    200    200    200    200    login
changes                  POST    login   405    405    405    405    405    405    405    login
outage_release           GET     login   302    302    302    302    302    302    302    login
outage_release           POST    login   404    404    404    404    404    404    302    login
email_log                GET     login   404    404    404    404    404    404    200    login
email_log                POST    login   405    405    405    405    405    405    405    login
email                    GET     login   404    404    404    404    404    404    200    login
email                    POST    login   405    405    405    405    405    405    405    login
email_html               GET     login   404    404    404    404    404    404    200    login
email_html               POST    login   405    405    405    405    405    405    405    login
email_resend             GET     login   302    302    302    302    302    302    302    login
email_resend             POST    login   404    404    404    404    404    404    409    login
email_preferences        GET     login   404    404    404    200    200    200    200    login
email_preferences        POST    login   404    404    404    302    302    302    302    login
audit                    GET     login   404    404    404    404    404    404    200    login
audit                    POST    login   405    405    405    405    405    405    405    login
audit_csv                GET     login   404    404    404    404    404    404    200    login
audit_csv                POST    login   405    405    405    405    405    405    405    login
system                   GET     login   404    404    404    404    404    404    200    login
system                   POST    login   405    405    405    405    405    405    405    login
identity                 GET     login   404    404    404    404    404    404    200    login
identity                 POST    login   404    404    404    404    404    404    302    login
identity_preview         GET     login   302    302    302    302    302    302    302    login
identity_preview         POST    login   404    404    404    404    404    404    200    login
member_invite            GET     login   302    302    302    302    302    302    302    login
member_invite            POST    login   404    404    404    404    404    404    422    login
member_revoke            GET     login   302    302    302    302    302    302    302    login
member_revoke            POST    login   404    404    404    404    404    404    409    login
people                   GET     login   404    404    404    404    404    404    200    login
people                   POST    login   405    405    405    405    405    405    405    login
people_invite            GET     login   302    302    302    302    302    302    302    login
people_invite            POST    login   404    404    404    404    404    404    422    login
people_revoke            GET     login   302    302    302    302    302    302    302    login
people_revoke            POST    login   404    404    404    404    404    404    409    login
people_role              GET     login   302    302    302    302    302    302    302    login
people_role              POST    login   404    404    404    404    404    404    404    login
people_status            GET     login   302    302    302    302    302    302    302    login
people_status            POST    login   404    404    404    404    404    404    404    login
preview                  GET     login   404    404    404    200    404    200    200    login
preview                  POST    login   404    404    404    405    404    405    405    login
hand_off                 GET     200     200    200    200    200    200    200    200    200
hand_off                 POST    200     200    200    200    200    200    200    200    200
hand_off_completed       GET     405     405    405    405    405    405    405    405    405
hand_off_completed       POST    404     404    404    404    404    404    404    404    404
"""
HEADING, *LINES = [line.split() for line in TABLE.strip().splitlines()]
VISITORS = (*PEOPLE, "guest")
ROWS = {(name, method): dict(zip(VISITORS, cells, strict=True)) for name, method, *cells in LINES}


@pytest.fixture
def visitor(browser: Browser, acme: Tenant, settings: Any) -> Browser:
    """The browser of one of the cast, or of a `guest`: somebody with the key of a frame that shows
    acme.
    """
    turn_on(settings)

    def visitor(name: str) -> Client:
        return Client(headers=bearer(enter(view="none").key)) if name == "guest" else browser(name)

    return visitor


def test_every_address_has_a_row_for_each_method() -> None:
    assert ["url", "method", *VISITORS] == HEADING
    known = set(names(get_resolver().url_patterns))
    assert set(ROWS) == {(name, method) for name in known for method in ("GET", "POST")}


@pytest.mark.exhaustive
def test_everyone_gets_what_the_table_says(
    visitor: Browser,
    address: Callable[[str], str],
    invalid: Integration,
    bolt: Tenant,
    kombo: Simulator,
) -> None:
    """All rows in one world, since making it is what takes the time: after each row it is as it was
    before.
    """
    visitors = {person: visitor(person) for person in VISITORS}
    cookies = {person: deepcopy(client.cookies) for person, client in visitors.items()}
    wrong, framed = {}, set()
    for name, method in ROWS:
        with undone(kombo, invalid):
            got = {}
            for number, (person, client) in enumerate(visitors.items()):
                client.cookies = deepcopy(cookies[person])
                # Each from an address of their own, for the rate limits.
                response = client.generic(method, address(name), REMOTE_ADDR=f"192.0.2.{number}")
                got[person] = outcome(response)
                if may_be_framed(name, method, response):
                    framed.add((name, method, person))
        if got != ROWS[name, method] or got["guest"] != got["nobody"]:
            wrong[name, method] = got
    assert wrong == {}
    assert framed == set()


def may_be_framed(name: str, method: str, response: Any) -> bool:
    """Whether another site's page may frame an answer."""
    if response["X-Frame-Options"] != "DENY":
        return True
    # A picture has a stricter policy of its own.
    if method == "GET" and name in {
        "logo",
        "favicon",
        "vendor_picture",
    }:
        return False
    return "frame-ancestors 'none'" not in response["Content-Security-Policy"].split("; ")

"""Who gets what at every address, and that what is not yours is not there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from integrations.access import hand_offs, repair_handles
from integrations.models import BulkCheck, Feature, Integration, Mail, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect, acting
from tests.embed import bearer, enter, turn_on
from tests.views.browsing import ACTS, HTMX
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
integration              GET     login   200    200    404    200    404    200    200    login
integration              POST    login   405    405    405    405    405    405    405    login
card                     GET     login   200    200    404    200    404    200    200    login
card                     POST    login   405    405    405    405    405    405    405    login
coverage_fields          GET     login   200    200    404    200    404    200    200    login
coverage_fields          POST    login   405    405    405    405    405    405    405    login
coverage_csv             GET     login   200    200    404    200    404    200    200    login
coverage_csv             POST    login   405    405    405    405    405    405    405    login
history                  GET     login   200    200    404    200    404    200    200    login
history                  POST    login   405    405    405    405    405    405    405    login
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
logo                     GET     200     200    200    200    200    200    200    200    200
logo                     POST    405     405    405    405    405    405    405    405    405
login                    GET     200     302    302    302    302    302    302    302    200
login                    POST    200     302    302    302    302    302    302    302    200
logout                   GET     login   405    405    405    405    405    405    405    login
logout                   POST    login   login  login  login  login  login  login  login  login
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
readyz                   GET     200     200    200    200    200    200    200    200    200
readyz                   POST    405     405    405    405    405    405    405    405    405
admin:index              GET     302     302    302    302    200    200    200    200    302
admin:index              POST    302     302    302    302    200    200    200    200    302
administration_sign_in   GET     login   404    404    404    302    302    302    302    login
administration_sign_in   POST    login   404    404    404    302    302    302    302    login
own_password             GET     login   404    404    404    200    200    200    200    login
own_password             POST    login   404    404    404    200    200    200    200    login
hand_off_offer           GET     login   200    404    404    404    404    404    404    login
hand_off_offer           POST    login   200    404    404    404    404    404    404    login
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
workspace_integration    GET     login   404    404    404    200    404    200    200    login
workspace_integration    POST    login   405    405    405    405    405    405    405    login
pause                    GET     login   302    302    302    302    302    302    302    login
pause                    POST    login   404    404    404    404    404    404    302    login
workspace_resume         GET     login   302    302    302    302    302    302    302    login
workspace_resume         POST    login   404    404    404    404    404    409    409    login
sync                     GET     login   302    302    302    302    302    302    302    login
sync                     POST    login   404    404    404    404    404    404    409    login
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

TENANT_URLS = ("tenant", "banner")
INTEGRATION_URLS = ("integration", "card", "coverage_fields", "coverage_csv", "history", *ACTS)
# What staff have of a tenant, of one integration, and of one hand-off of it.
ACCOUNT_URLS = ("workspace_tenant", "tenant_assign", "tenant_note", "tenant_reminders", "preview")
WORKBENCH_URLS = (
    *(
        "workspace_integration",
        "pause",
        "workspace_resume",
        "sync",
        "workspace_check",
        "snooze",
        "wake",
        "note",
        "mark_contacted",
    ),
    "hand_off_create",
)
HAND_OFF_URLS = ("hand_off_show", "hand_off_revoke")
NOWHERE = "AAAAAAAAAAAAAAAA"


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or f"unnamed {pattern.pattern}"
        elif isinstance(pattern, URLResolver) and pattern.namespace:
            yield f"{pattern.namespace}:index"
        else:
            yield from names(pattern.url_patterns)


@pytest.fixture
def theirs(acme: Tenant, connect: Connect) -> Integration:
    """Acme's integration, which waits for a reconnection."""
    return connect(acme, state="invalid")


@pytest.fixture
def address(theirs: Integration, amy: User, settings: Any) -> Callable[[str], str]:
    turn_on(settings)
    tenant, integration = [theirs.tenant.public_id], [theirs.tenant.public_id, theirs.public_id]
    now = timezone.now()
    feature = Feature.objects.create(name="Org chart", needs=["hris_employees.manager_id"])
    checks = BulkCheck.objects.create(user=amy, began_at=now, integrations=[theirs.pk])
    mail = Mail.objects.create(
        key="1", kind="reminder", tenant=theirs.tenant, to="hr@acme.example", created_at=now
    )
    arguments: dict[str, list[Any]] = {
        "logo": [theirs.snapshot.logo_id],
        "password_reset_confirm": ["MQ", "x"],
        "webhooks": ["production"],
        "favicon": [3],
        "bulk_progress": [checks.public_id],
        **{name: [feature.public_id] for name in ("feature", "feature_delete")},
        **{name: [mail.pk] for name in ("email", "email_html", "email_resend")},
        **dict.fromkeys((*TENANT_URLS, *ACCOUNT_URLS), tenant),
        **dict.fromkeys((*INTEGRATION_URLS, *WORKBENCH_URLS, "hand_off_offer"), integration),
    }

    def address(name: str) -> str:
        if name.startswith("embed_repair"):  # whoever was handed the way: a new one for everybody
            return reverse(name, args=[repair_handles.make(theirs, "reconnect")])
        if name in {"hand_off", "hand_off_completed", *HAND_OFF_URLS}:
            made = hand_offs.create(theirs, "reconnect", by=acting(amy))
            ways = (
                [*integration, made.public_id]
                if name in HAND_OFF_URLS
                else [hand_offs.token_of(made)]
            )
            return reverse(name, args=ways)
        query = "?group=hris_employees" if name == "coverage_fields" else ""
        return reverse(name, args=arguments.get(name, [])) + query

    return address


@pytest.fixture
def visitor(browser: Browser, acme: Tenant, settings: Any) -> Browser:
    """The browser of one of the cast, or of a `guest`: somebody with the key of a frame that shows
    acme.
    """
    turn_on(settings)

    def visitor(name: str) -> Client:
        return Client(headers=bearer(enter(view="none").key)) if name == "guest" else browser(name)

    return visitor


def outcome(response: Any) -> str:
    to_login = response.status_code == 302 and response["Location"].startswith(reverse("login"))
    return "login" if to_login else str(response.status_code)


def test_every_address_has_a_row_for_each_method() -> None:
    assert ["url", "method", *VISITORS] == HEADING
    known = set(names(get_resolver().url_patterns))
    assert set(ROWS) == {(name, method) for name in known for method in ("GET", "POST")}


@contextmanager
def undone(kombo: Simulator, integration: Integration) -> Iterator[None]:
    """Take back whatever happens within to the database, and to an integration at Kombo."""
    details = kombo.details(integration.integration_id)
    assert details
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    kombo.reset()
    kombo.add(details)


def test_everyone_gets_what_the_table_says(
    visitor: Browser,
    address: Callable[[str], str],
    theirs: Integration,
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
        with undone(kombo, theirs):
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
    }:
        return False
    return "frame-ancestors 'none'" not in response["Content-Security-Policy"].split("; ")


def method_of(name: str) -> str:
    return "POST" if name in ACTS else "GET"


def answer(
    client: Client, method: str, url: str, **headers: str
) -> tuple[int, bytes, dict[str, str], int]:
    """All there is to tell two answers apart: status, body, headers, and the number of queries they
    took.
    """
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, url, headers=headers)
    return response.status_code, response.content, dict(response.headers), len(queries)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", INTEGRATION_URLS)
def test_somebody_elses_ids_answer_as_if_they_were_not_there(
    name: str,
    headers: dict[str, str],
    browser: Browser,
    theirs: Integration,
    bolt: Tenant,
    connect: Connect,
) -> None:
    bob, method = browser("bob"), method_of(name)
    connect(bolt)

    def look(tenant_id: str, integration_id: str) -> tuple[int, bytes, dict[str, str], int]:
        return answer(bob, method, reverse(name, args=[tenant_id, integration_id]), **headers)

    acme_id = theirs.tenant.public_id
    other_tenant = look(acme_id, theirs.public_id)
    own_tenant = look(bolt.public_id, theirs.public_id)
    assert (
        other_tenant
        == look(NOWHERE, NOWHERE)
        == look(acme_id, NOWHERE)
        == look(NOWHERE, theirs.public_id)
    )
    assert own_tenant == look(bolt.public_id, NOWHERE)
    assert own_tenant[:3] == other_tenant[:3]
    assert own_tenant[0] == 404
    assert bolt.name not in own_tenant[1].decode()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", [*ACCOUNT_URLS, *WORKBENCH_URLS, *HAND_OFF_URLS])
def test_to_staff_somebody_elses_customer_answers_as_if_it_was_not_there(
    name: str,
    method: str,
    browser: Browser,
    amy: User,
    theirs: Integration,
    bolt: Tenant,
    connect: Connect,
) -> None:
    amys, others = browser("amy"), connect(bolt, state="invalid")
    amy.user_permissions.set(
        Permission.objects.filter(content_type__app_label="integrations").exclude(
            codename="view_tenant"
        )
    )
    made = hand_offs.create(others, "reconnect", by=acting(amy)).public_id
    own, foreign = (theirs.tenant.public_id, theirs.public_id), (bolt.public_id, others.public_id)

    def look(*ids: str) -> tuple[int, bytes, dict[str, str], int]:
        where = ids[: 1 if name in ACCOUNT_URLS else 3 if name in HAND_OFF_URLS else 2]
        return answer(amys, method, reverse(name, args=where))

    there, nowhere = look(*foreign, made), look(NOWHERE, NOWHERE, NOWHERE)
    # Led to the page, or not looked at any further.
    if (method, there[0]) in {
        ("GET", 302),
        ("POST", 405),
    }:
        assert nowhere[0] == there[0]
        return
    assert there == nowhere
    assert there[0] == 404
    if name not in ACCOUNT_URLS:
        mixed = look(own[0], foreign[1], made)
        assert mixed == look(own[0], NOWHERE, NOWHERE)
        assert mixed[0] == 404
    if name in HAND_OFF_URLS:
        assert look(*own, made) == look(*own, NOWHERE)
        assert look(*own, made)[0] == 404


@pytest.mark.parametrize("name", TENANT_URLS)
def test_somebody_elses_tenant_answers_as_if_it_was_not_there(
    name: str, browser: Browser, theirs: Integration
) -> None:
    bob = browser("bob")
    there, nowhere = (
        answer(bob, "GET", reverse(name, args=[key])) for key in (theirs.tenant.public_id, NOWHERE)
    )
    assert there == nowhere
    assert there[0] == 404


def test_banner_of_somebody_elses_integration_is_as_of_one_that_is_not_there(
    browser: Browser, theirs: Integration, bolt: Tenant
) -> None:
    bob, url = browser("bob"), reverse("banner", args=[bolt.public_id])
    there, nowhere = (
        answer(bob, "GET", f"{url}?only={key}") for key in (theirs.public_id, NOWHERE)
    )
    assert (there[0], there[3]) == (nowhere[0], nowhere[3])
    assert there[1].replace(theirs.public_id.encode(), NOWHERE.encode()) == nowhere[1]


@pytest.mark.parametrize("name", [*TENANT_URLS, *INTEGRATION_URLS])
def test_without_a_session_what_exists_looks_like_what_does_not(
    name: str, browser: Browser, address: Callable[[str], str], theirs: Integration
) -> None:
    nobody, method = browser("nobody"), method_of(name)
    there = address(name)
    nowhere = there.replace(theirs.tenant.public_id, NOWHERE).replace(theirs.public_id, NOWHERE)
    for headers in ({}, HTMX):
        known, unknown = (answer(nobody, method, url, **headers) for url in (there, nowhere))
        known[2].pop("Location", None)
        unknown[2].pop("Location", None)
        assert known == unknown
        assert known[3] == 0


@pytest.mark.parametrize("name", [*TENANT_URLS, *INTEGRATION_URLS])
def test_a_fragment_without_a_session_is_told_so_and_not_redirected(
    name: str, browser: Browser, address: Callable[[str], str]
) -> None:
    response = browser("nobody").generic(method_of(name), address(name), headers=HTMX)
    assert (response.status_code, response.content) == (401, b"")
    assert "Location" not in response


def test_nothing_of_another_tenant_costs_a_call_to_kombo(
    browser: Browser, address: Callable[[str], str], kombo: Simulator
) -> None:
    bob, before = browser("bob"), kombo.calls
    for name in INTEGRATION_URLS:
        bob.generic(method_of(name), address(name))
    assert kombo.calls == before


def test_membership_ends_access_at_once(alices: Client, theirs: Integration) -> None:
    url = reverse("tenant", args=[theirs.tenant.public_id])
    assert alices.get(url).status_code == 200
    theirs.tenant.memberships.all().delete()
    assert alices.get(url).status_code == 404


def test_staff_without_the_permission_see_no_tenant(
    browser: Browser, mia: User, theirs: Integration
) -> None:
    mia.user_permissions.clear()
    assert browser("mia").get(reverse("tenant", args=[theirs.tenant.public_id])).status_code == 404


def test_the_permission_without_being_staff_shows_no_tenant(
    browser: Browser, mia: User, theirs: Integration
) -> None:
    mia.is_staff = False
    mia.save(update_fields=["is_staff"])
    assert browser("mia").get(reverse("tenant", args=[theirs.tenant.public_id])).status_code == 404


def test_an_account_manager_who_hands_a_customer_over_sees_it_no_more(
    browser: Browser, amy: User, ned: User, theirs: Integration
) -> None:
    addresses = [
        reverse("tenant", args=[theirs.tenant.public_id]),
        reverse("workspace_tenant", args=[theirs.tenant.public_id]),
        reverse("workspace_integration", args=[theirs.tenant.public_id, theirs.public_id]),
    ]
    for before, after in (("amy", "ned"), ("ned", "amy")):
        assert [browser(before).get(address).status_code for address in addresses] == [200] * 3
        assert [browser(after).get(address).status_code for address in addresses] == [404] * 3
        Tenant.objects.filter(pk=theirs.tenant_id).update(owner={"amy": amy, "ned": ned}[after])


def test_who_is_no_staff_any_more_takes_care_of_nobody(
    browser: Browser, amy: User, theirs: Integration
) -> None:
    amy.is_staff = False
    amy.save(update_fields=["is_staff"])
    for name in ("tenant", "workspace_tenant"):
        assert browser("amy").get(reverse(name, args=[theirs.tenant.public_id])).status_code == 404
    assert browser("amy").get(reverse("triage")).status_code == 404

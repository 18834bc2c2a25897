"""Whom we write to at a customer, and what about: shown, changed, and refused in words."""

from collections.abc import Callable
from itertools import cycle

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Tenant
from tests import copy
from tests.views.browsing import Element, read
from tests.views.conftest import Browser
from tests.views.workspace.tenant_pages import TYPED, acts, address, look, wrong


def test_contact_and_reminders_are_kept(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    assert client.post(address(acme, "tenant_reminders"), TYPED)["Location"] == address(acme)
    acme.refresh_from_db()
    assert {name: str(getattr(acme, name)) for name in TYPED} == TYPED
    form = look(client, acme).one("form", "action", address(acme, "tenant_reminders"))
    assert form.one("input", "name", "contact_email")["value"] == "hr@acme.example"
    assert acts() == [
        (
            "reminders_changed",
            {"fields": [name]} if name == "contact_email" else {"changes": {name: ["", value]}},
        )
        for name, value in TYPED.items()
    ]


def test_contact_and_reminders_stand_there_in_one_line(
    browser: Browser, acme: Tenant, amy: User
) -> None:
    def words() -> list[str]:
        section = look(browser("amy"), acme).one("section", "aria-labelledby", "contact-title")
        return [one.text for one in section.all("p")]

    who, when = words()
    assert who == copy.THE_PERSON_WHO_CONNECTED_THE_TOOL
    assert when.startswith("Reminders after 1 hour, 3 days, 7 days, 14 days, except 20:00")
    Tenant.objects.filter(pk=acme.pk).update(
        contact_email="hr@acme.example", language="de", reminders="2h", quiet_hours="none"
    )
    who, when = words()
    assert who == f"hr@acme.example · {dict(settings.LANGUAGES)['de']}"
    after = copy.AFTER_DELAYS(delays="2 hours")
    assert when.startswith(copy.REMINDERS_AT_ANY_HOUR(schedule=after, cap=settings.REMINDER_CAP))
    for off in ({"reminders": "off"}, {"reminder_cap": 0}):
        Tenant.objects.filter(pk=acme.pk).update(**{"reminders": "", "reminder_cap": None} | off)
        assert words()[1] == copy.NO_REMINDERS


def test_when_to_remind_is_chosen_in_words(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    Tenant.objects.filter(pk=acme.pk).update(reminders="2h 2d")
    page = look(client, acme)
    chosen = page.one("select", "name", "reminders").one("option", "selected")
    assert (chosen["value"], chosen.text) == ("2h 2d", copy.AFTER_DELAYS(delays="2 hours, 2 days"))
    client.post(address(acme, "tenant_reminders"), form_of(page, acme) | {"reminders": "1d 7d"})
    acme.refresh_from_db()
    assert acme.reminders == "1d 7d"


def test_experts_write_what_no_choice_offers(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    typed = {"reminders": "off", "reminders_written": "5h 5d", "quiet_hours_written": "17-9"}
    seen = form_of(look(client, acme), acme)
    assert client.post(address(acme, "tenant_reminders"), seen | typed).status_code == 302
    acme.refresh_from_db()
    assert (acme.reminders, acme.quiet_hours) == ("5h 5d", "17-9")
    response = client.post(
        address(acme, "tenant_reminders"),
        form_of(look(client, acme), acme) | {"reminders_written": "now and then"},
    )
    assert wrong(response) == {"reminders"}
    written = read(response).one("input", "name", "reminders_written")
    assert written["value"] == "now and then"
    folds = [one for one in written.ancestors if one.tag == "details"]
    assert all("open" in one.attributes for one in folds)


def test_what_stays_empty_is_as_for_everybody(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    client.post(address(acme, "tenant_reminders"), TYPED)
    client.post(
        address(acme, "tenant_reminders"),
        form_of(look(client, acme), acme) | dict.fromkeys(TYPED, ""),
    )
    acme.refresh_from_db()
    assert {getattr(acme, name) for name in TYPED} == {"", None}
    assert acts()[-1] == ("reminders_changed", {"changes": {"reminder_cap": ["3", ""]}})


def test_saving_what_was_there_changes_nothing(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    for typed in (dict.fromkeys(TYPED, ""), form_of(look(client, acme), acme)):
        assert client.post(address(acme, "tenant_reminders"), typed).status_code == 302
    assert acts() == []


def form_of(page: Element, acme: Tenant) -> dict[str, str]:
    """What a browser sends if nothing was typed, but for the forms' token."""
    form = page.one("form", "action", address(acme, "tenant_reminders"))
    chosen = {one["name"]: one.one("option", "selected")["value"] for one in form.all("select")}
    typed = {one["name"]: one["value"] for one in form.all("input")}
    return {name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"} | chosen


def test_two_who_change_different_fields_are_both_heard(
    permit: Callable[..., Client], acme: Tenant
) -> None:
    client = permit("contact_tenant")
    seen = form_of(look(client, acme), acme)
    for typed in ({"contact_email": "new@acme.example", "reminder_cap": "2"}, {"language": "de"}):
        assert client.post(address(acme, "tenant_reminders"), seen | typed).status_code == 302
    acme.refresh_from_db()
    assert (acme.contact_email, acme.reminder_cap, acme.language) == ("new@acme.example", 2, "de")


def test_of_two_who_change_the_same_at_a_time_the_second_is_told(
    permit: Callable[..., Client], acme: Tenant
) -> None:
    client = permit("contact_tenant")
    seen = form_of(look(client, acme), acme)
    client.post(address(acme, "tenant_reminders"), seen | {"contact_email": "first@acme.example"})
    second = seen | {"contact_email": "second@acme.example", "language": "de"}
    response = client.post(address(acme, "tenant_reminders"), second)
    assert response.status_code == 409
    page = read(response)
    assert copy.SOMEONE_ELSE_JUST_CHANGED_THESE in page.one("p", "data-problem").text
    assert form_of(page, acme) == form_of(look(client, acme), acme)
    assert form_of(page, acme)["contact_email"] == "first@acme.example"
    acme.refresh_from_db()
    assert (acme.contact_email, acme.language) == ("first@acme.example", "")
    assert acts() == [("reminders_changed", {"fields": ["contact_email"]})]
    assert (
        client.post(
            address(acme, "tenant_reminders"), form_of(page, acme) | {"language": "de"}
        ).status_code
        == 302
    )
    same = client.post(
        address(acme, "tenant_reminders"), seen | {"contact_email": "first@acme.example"}
    )
    assert same.status_code == 302, "they agree"


def test_what_was_seen_may_be_anything(permit: Callable[..., Client], acme: Tenant) -> None:
    client = permit("contact_tenant")
    for name, seen in zip(TYPED, cycle(("x" * 100_000, "-1")), strict=False):
        typed = TYPED | {f"initial-{name}": seen}
        assert client.post(address(acme, "tenant_reminders"), typed).status_code == 409, name
    assert acts() == []


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contact_email", "nobody"),
        ("contact_email", f"{'x' * 255}@acme.example"),
        ("language", "xx"),
        ("reminders", "now and then"),
        ("reminders", "3d 1h"),
        ("quiet_hours", "25-8"),
        ("reminder_cap", "-1"),
        ("reminder_cap", "9" * 400),
    ],
)
def test_what_can_not_be_is_pointed_at_and_stays_in_its_field(
    permit: Callable[..., Client], acme: Tenant, name: str, value: str
) -> None:
    response = permit("contact_tenant").post(
        address(acme, "tenant_reminders"), TYPED | {name: value}
    )
    assert wrong(response) == {name}
    assert [one["name"] for one in read(response).all("", "autofocus")] == [name]
    for field in read(response).all("input", "name", name):
        assert field["value"] == value
    acme.refresh_from_db()
    assert (acme.contact_email, acts()) == ("", [])

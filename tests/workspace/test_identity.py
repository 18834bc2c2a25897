"""The vendor's identity: what staff set, else what the settings say, and never an error."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.domain import accent
from integrations.models import AuditEntry, Identity, VendorPicture
from integrations.workspace import identity
from tests.conftest import acting
from tests.pictures import JPEG, PNG, png
from tests.views.outages import no_database

pytestmark = pytest.mark.django_db
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="2" height="2"/></svg>'
)


def test_without_anything_it_is_a_name_and_a_default_accent() -> None:
    found = identity.current()
    assert (found.name, found.accent) == ("Northwind", accent.DEFAULT)
    empty = [found.logo_url, found.logo_dark_url, found.icon_url, found.support_href]
    assert [*empty, found.privacy_url, found.imprint_url, found.product_url] == [""] * 7


def test_what_staff_set_wins_field_by_field(settings: Any, root: User) -> None:
    settings.VENDOR_ACCENT, settings.SUPPORT_EMAIL = "#ffcc00", "help@northwind.example"
    settings.VENDOR_LOGO, settings.VENDOR_ICON = PNG, SVG
    by_settings = identity.current()
    logo = identity.keep_picture(png(width=3))
    identity.save(Identity(accent="#111318", logo_id=logo), acting(root))
    found = identity.current()
    assert (found.accent, found.support_email) == ("#111318", "help@northwind.example")
    assert found.logo_url == f"/identity/{logo}/" != by_settings.logo_url
    assert found.icon_url == by_settings.icon_url != ""
    identity.save(Identity(), acting(root))
    assert identity.current() == by_settings


def test_it_costs_one_query_or_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        found = identity.current()
        assert found.theme_url
    with django_assert_num_queries(0):
        identity.from_settings()


def test_without_a_database_the_settings_count(settings: Any, root: User) -> None:
    settings.VENDOR_ACCENT = "#ffcc00"
    identity.save(Identity(accent="#111318"), acting(root))
    with connection.execute_wrapper(no_database):
        assert identity.current().accent == "#ffcc00"


@pytest.mark.parametrize(
    ("page", "email", "href"),
    [
        ("", "", ""),
        ("", "help@northwind.example", "mailto:help@northwind.example"),
        ("https://help.example", "help@northwind.example", "https://help.example"),
    ],
)
def test_the_support_link_leads_to_the_page_else_to_a_mail(
    settings: Any, page: str, email: str, href: str
) -> None:
    settings.SUPPORT_URL, settings.SUPPORT_EMAIL = page, email
    assert identity.current().support_href == href


def test_changes_are_in_the_audit_log_and_only_they(root: User) -> None:
    logo = identity.keep_picture(PNG)
    row = Identity(accent="#111318", support_email="mia@northwind.example", logo_id=logo)
    identity.save(row, acting(root))
    identity.save(row, acting(root))
    entry = AuditEntry.objects.get(what="identity_changed")
    assert entry.actor == "root"
    assert entry.told == {
        "changes": {"accent": ["", "#111318"]},
        "fields": ["support_email", "logo"],
    }


@pytest.mark.parametrize(
    "content", [b"", JPEG, b"<svg/>", b"<html>", SVG.replace(b"rect", b"image"), PNG[:-4]]
)
def test_what_is_no_picture_to_show_is_not_kept(content: bytes, settings: Any) -> None:
    assert identity.keep_picture(content) == ""
    settings.VENDOR_LOGO = content
    assert identity.from_settings().logo_url == ""


def test_a_picture_that_is_too_large_is_not_kept() -> None:
    assert identity.keep_picture(SVG + b" " * identity.MAX_BYTES) == ""


def test_a_picture_is_kept_once_and_found_by_its_key(settings: Any) -> None:
    settings.VENDOR_ICON = SVG
    key = identity.keep_picture(PNG)
    assert identity.keep_picture(PNG) == key
    assert VendorPicture.objects.count() == 1
    found = [identity.picture(one) for one in (key, identity.current().icon, "x")]
    kinds = [one and (one.content, one.content_type) for one in found]
    assert kinds == [(PNG, "image/png"), (SVG, "image/svg+xml"), None]


def test_mails_get_a_logo_that_mail_programs_show(settings: Any) -> None:
    settings.VENDOR_LOGO = SVG
    assert identity.mailable_logo(identity.current()) == ""
    settings.VENDOR_LOGO = PNG
    assert identity.mailable_logo(identity.current()) == identity.current().logo != ""


def test_pictures_that_nobody_uses_go_after_a_while(root: User) -> None:
    used, unused = identity.keep_picture(PNG), identity.keep_picture(SVG)
    identity.save(Identity(icon_id=used), acting(root))
    now = timezone.now()
    assert identity.prune(now - timedelta(days=1)) == 0
    assert identity.prune(now + timedelta(days=1)) == 1
    assert (identity.has_picture(used), identity.has_picture(unused)) == (True, False)

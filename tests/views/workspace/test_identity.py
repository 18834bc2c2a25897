"""Branding: set in the workspace by who may, seen before it is saved, with nothing lost."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.domain import accent
from integrations.models import AuditEntry, Identity, VendorPicture
from integrations.workspace import identity
from tests import copy
from tests.pictures import JPEG, PNG
from tests.views.browsing import read
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
URL = "/workspace/identity/"
PREVIEW = f"{URL}preview/"


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", content)


def values(page: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in page.all("input", "name")}


def test_it_is_saved_and_counts_at_once(roots: Client) -> None:
    typed = {"accent": "#ffcc00", "support_email": "help@northwind.example"}
    answered = roots.post(
        URL, {**typed, "privacy_url": "https://x.example/p?q=1", "logo": file(PNG)}
    )
    assert answered["Location"] == f"{URL}?saved=1"
    assert copy.SAVED in read(roots.get(answered["Location"])).text
    found = identity.current()
    assert (found.accent, found.privacy_url) == ("#ffcc00", "https://x.example/p?q=1")
    assert roots.get(found.logo_url).content == PNG
    assert AuditEntry.objects.get(what="identity_changed").actor == "root"


def test_it_takes_a_permission_of_its_own(browser: Browser, mia: User) -> None:
    mias = browser("mia")
    assert mias.get(URL).status_code == mias.post(PREVIEW).status_code == 404
    mia.user_permissions.add(Permission.objects.get(codename="change_identity"))
    assert mias.get(URL).status_code == 200
    assert mias.post(URL, {"accent": "#ffcc00"}).status_code == 302


def test_a_form_of_another_sites_is_refused(roots: Client) -> None:
    roots.handler.enforce_csrf_checks = True
    assert roots.post(URL, {"accent": "#ffcc00"}).status_code == 403
    assert not Identity.objects.exists()


def test_a_mistake_is_named_and_nothing_is_lost(roots: Client) -> None:
    typed = {"accent": "yellow", "support_email": "help@northwind.example", "logo": file(PNG)}
    answered = roots.post(URL, typed)
    assert answered.status_code == 422
    page = read(answered)
    assert copy.NOT_SAVED_CHECK_THE_FIELDS in page.text
    assert page.one("p", "id", "accent-problem").text == copy.ENTER_A_COLOR
    assert not Identity.objects.exists()
    kept = values(page)
    assert (kept["accent"], kept["support_email"]) == ("yellow", "help@northwind.example")
    again = {name: kept[name] for name in ("support_email", "logo-key")}
    assert roots.post(URL, again | {"accent": "#ffcc00"}).status_code == 302
    assert roots.get(identity.current().logo_url).content == PNG


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x.example", "x.example", "//x"])
def test_a_link_leads_to_the_web(roots: Client, address: str) -> None:
    answered = roots.post(URL, {"support_url": address})
    assert answered.status_code == 422
    assert read(answered).one("p", "id", "support_url-problem").text == copy.ENTER_AN_ADDRESS


def test_a_picture_is_checked_as_tool_logos_are(roots: Client) -> None:
    scripted = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
    for content in (JPEG, scripted, PNG[:-4], PNG + b"\0" * identity.MAX_BYTES):
        answered = roots.post(URL, {"icon": file(content)})
        assert answered.status_code == 422
        assert read(answered).one("p", "id", "icon-problem").text == copy.CHOOSE_A_PICTURE(n=256)
    assert not VendorPicture.objects.exists()


def test_a_picture_is_removed(roots: Client) -> None:
    roots.post(URL, {"logo": file(PNG)})
    key = identity.current().logo
    roots.post(URL, {"logo-key": key, "logo-remove": "on"})
    assert identity.current().logo_url == ""


def test_a_key_that_nobody_uploaded_is_none(roots: Client) -> None:
    assert roots.post(URL, {"logo-key": "x"}).status_code == 302
    assert identity.current().logo_url == ""


def test_the_preview_shows_what_is_not_saved(roots: Client) -> None:
    page = read(roots.post(PREVIEW, {"accent": "#ffcc00", "logo": file(PNG)}))
    assert page.one("link")["href"] == f"/theme/{accent.stylesheet_name('#ffcc00')}.css"
    panes = page.all("div", "data-theme")
    assert [pane["data-theme"] for pane in panes] == ["light", "dark"]
    logo = f"/identity/{VendorPicture.objects.get().key}/"
    assert [image["src"] for image in page.all("img")] == [logo, logo]
    assert not Identity.objects.exists()


def test_the_preview_leaves_out_mistakes(roots: Client) -> None:
    roots.post(URL, {"accent": "#ffcc00"})
    page = read(roots.post(PREVIEW, {"accent": "yell", "support_email": "help@northwind.example"}))
    assert page.one("link")["href"] == identity.current().theme_url
    assert "help@northwind.example" in page.text


def test_what_the_settings_say_is_shown_where_nothing_is_set(roots: Client, settings: Any) -> None:
    settings.SUPPORT_URL = "https://help.northwind.example"
    field = read(roots.get(reverse("identity"))).one("input", "id", "id_support_url")
    assert (field["value"], field["placeholder"]) == ("", "https://help.northwind.example")

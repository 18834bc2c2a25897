"""Signing in at an identity provider, and with a second factor, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests import identity_provider
from tests.browser.browsing import WITNESS, see
from tests.browser.lending import Chromium
from tests.browser.sign_in_site import serving
from tests.identity_provider import IdentityProvider
from tests.views.public.keys_set_up import code_now

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider.running() as provider:
        yield provider


@pytest.fixture(scope="module")
def site(
    provider: IdentityProvider, migrated: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with serving(provider, tmp_path_factory.mktemp("site"), migrated) as address:
        yield address


@pytest.fixture
def context(chromium: Chromium, site: str) -> Iterator[BrowserContext]:
    yield from _context(chromium)


def _context(chromium: Chromium, *, javascript: bool = True) -> Iterator[BrowserContext]:
    """A browser of nobody's, in which nothing may be stopped by the policy or go wrong."""
    context = chromium.new_context(java_script_enabled=javascript)
    context.add_init_script(WITNESS)
    wrong: list[str] = []
    context.on("console", lambda one: wrong.append(one.text) if _is_wrong(one) else None)
    context.on("weberror", lambda one: wrong.append(str(one.error)))
    yield context
    context.close()
    assert wrong == []


def _is_wrong(message: ConsoleMessage) -> bool:
    """Chromium tells of each answer that refuses; here some are meant to."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def begin(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('form[action="/account/sso/"] button').click()


def password(page: Page, site: str, name: str = "root") -> None:
    page.goto(f"{site}/account/login/?next=/workspace/tools/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill("demo")
    page.locator("form.form button").click()


def with_authenticator(context: BrowserContext) -> Page:
    """A page of a browser that has a device to keep passkeys."""
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_there_and_back(context: BrowserContext, site: str, provider: IdentityProvider) -> None:
    page = context.new_page()
    begin(page, f"{site}/workspace/tools/")
    see(page).to_have_url(re.compile(re.escape(f"{provider.issuer}/authorize?")))
    page.locator("a").click()
    see(page).to_have_url(f"{site}/workspace/tools/")


def test_there_and_back_without_javascript(
    chromium: Chromium, site: str, provider: IdentityProvider
) -> None:
    for context in _context(chromium, javascript=False):
        page = context.new_page()
        begin(page, f"{site}/workspace/tools/")
        page.wait_for_url(f"{provider.issuer}/authorize?*")
        page.locator("a").click()
        see(page).to_have_url(f"{site}/workspace/tools/")


def test_who_has_no_group_is_told(
    context: BrowserContext, site: str, provider: IdentityProvider
) -> None:
    provider.person["groups"] = []
    page = context.new_page()
    begin(page, f"{site}/account/login/")
    page.locator("a").click()
    see(page.locator('[data-reason="no_role"] h1')).to_be_visible()
    provider.begin_anew()


def test_a_passkey_is_made_and_shown(context: BrowserContext, site: str) -> None:
    page = with_authenticator(context)
    password(page, site)
    see(page).to_have_url(f"{site}/workspace/tools/")
    page.goto(f"{site}/account/security/passkey/")
    page.locator("#name").fill("Laptop")
    page.locator("form[data-passkey] button").click()
    see(page.locator("[data-codes] li")).to_have_count(10)
    page.locator("main a.button").click()
    see(page.locator(".keys b")).to_have_text("Laptop")
    context.clear_cookies()
    password(page, site)
    see(page).to_have_url(f"{site}/account/second-factor/")
    page.locator("form[data-passkey] button").click()
    see(page).to_have_url(f"{site}/workspace/tools/")
    page.goto(f"{site}/account/confirm/?next=/workspace/")
    page.locator("form[data-passkey] button").click()
    see(page).to_have_url(re.compile(re.escape(f"{site}/workspace/")))
    _remove_all(page, site)


def _remove_all(page: Page, site: str) -> None:
    page.goto(f"{site}/account/security/")
    page.locator(".keys button").click()
    see(page.locator(".keys")).to_have_count(0)


def test_an_app_is_set_up_and_asked_for(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    password(page, site)
    page.goto(f"{site}/account/security/app/")
    code = code_now(page.locator("code.secret").inner_text())
    page.locator("#code").fill(code)
    page.locator("main form button[data-kind=primary]").click()
    recovery = page.locator("[data-codes] li").first.inner_text()
    context.clear_cookies()
    password(page, site)
    page.locator("#code").fill(recovery)
    page.locator("main form button[data-kind=primary]").click()
    see(page).to_have_url(f"{site}/workspace/tools/")
    _remove_all(page, site)

"""Mails as a mail program shows them: narrow and wide, light and dark."""

import pytest

from tests import copy
from tests.browser.axe import WIDE
from tests.browser.browsing import Browsing, see
from tests.browser.looks import THEMES
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
# For each text: how well it stands out from the ground behind it, as WCAG counts.
CONTRAST = """() => {
  const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const [r, g, b, a = 1] = colour(getComputedStyle(one).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const one of document.querySelectorAll("body *")) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [light, dark] = [colour(getComputedStyle(one).color), ground(one)].map(luminance).sort((a, b) => b - a);
    if ((light + 0.05) / (dark + 0.05) < 4.5) poor.push(one.outerHTML.slice(0, 120));
  }
  return poor;
}"""


def mails(browsing: Browsing, demo: Demo) -> list[str]:
    """The addresses of the latest mails, of every kind that the demo has, and of an invitation."""
    inviting = browsing.open("alice", f"{demo.tenant('acme')}connect/hris/workday/invite/")
    inviting.locator("#hand-off-to").fill("tom@acme.example")
    inviting.get_by_role("button", name=copy.SEND_BY_EMAIL).click()
    see(inviting.locator("#hand-off-link")).to_be_visible()
    page = browsing.open("root", "/workspace/emails/")
    links = page.locator("[data-mail] a").all()
    return [str(link.get_attribute("href")) for link in links][:12]


def test_a_mail_is_readable(browsing: Browsing, demo: Demo) -> None:
    # A mail as sent has no icon, and lets no script run, which a browser that is resized tries.
    browsing.expects("favicon.ico|Blocked script execution")
    addresses = mails(browsing, demo)
    assert len(addresses) >= 2
    page = browsing.context("root").new_page()
    for address in addresses:
        page.goto(f"{address}html/")
        see(page.locator("h1")).to_have_count(1)
        for width in (360, 640):
            page.set_viewport_size({"width": width, "height": 700})
            scroll_width, inner_width, _title = page.evaluate(WIDE)
            assert scroll_width <= inner_width, (address, width)
            for button in page.locator("a.button").all():
                box = button.bounding_box()
                assert box, address
                assert box["height"] >= 44, (address, width)
            for scheme in THEMES:
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(CONTRAST) == [], (address, width, scheme)
        assert page.locator("a.button").count() <= 1, "one thing to press"
    page.close()  # it is sandboxed, and lets nobody look into its storage

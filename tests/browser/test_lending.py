"""A browser that crashes takes no test with it but the one that it was lent to."""

import pytest
from playwright.sync_api import Error

from tests.browser.lending import Chromium, Lender

pytestmark = pytest.mark.browser


def test_after_a_crash_browsers_are_lent_on(chromium: Chromium) -> None:
    lender = Lender(chromium, "")
    waiting, crashing = lender.lend({}), lender.lend({})
    lender.take_back(waiting)
    assert crashing.context.browser
    crash = crashing.context.browser.new_browser_cdp_session()
    with pytest.raises(Error):
        crash.send("Browser.crash")
    lender.take_back(crashing)
    for _time in range(2):
        lent = lender.lend({})
        page = lent.context.new_page()
        page.set_content("<h1>Well</h1>")
        assert page.locator("h1").inner_text() == "Well"
        lender.take_back(lent)

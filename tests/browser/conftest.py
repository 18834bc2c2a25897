"""A real Chromium and the real demo. Every test begins with the demo as it was seeded."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.browsing import Browsing
from tests.browser.checkers import Checkers
from tests.browser.frameworks import Hosts, install
from tests.browser.stage import Demo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--test-third-party-cookie-phaseout",  # nothing of ours needs such cookies, in no test
]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing = (
        "No browser: install chromium (Debian: apt install chromium) to run the browser tests."
    )
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def running_demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.stop()


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    running_demo.reset()
    return running_demo


# One for a module and not for the session: while Playwright runs, Django refuses to touch a
# database in this thread.
@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browsing(chromium: Browser, demo: Demo) -> Iterator[Browsing]:
    opened = Browsing(chromium, demo)
    yield opened
    opened.finish()


@pytest.fixture(scope="session")
def packages(chromium_path: str, pytestconfig: pytest.Config) -> Path:
    return install(pytestconfig.cache.mkdir("hosts"))


@pytest.fixture
def hosts(demo: Demo, packages: Path) -> Hosts:
    return Hosts(demo, packages)


@pytest.fixture(scope="session")
def checkers(packages: Path) -> Checkers:
    return Checkers(packages)

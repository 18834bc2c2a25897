"""A real Chromium and the real demo. Every test begins with the demo as it was seeded."""

import asyncio
import os
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.browsing import WITNESS, Browsing
from tests.browser.checkers import Checkers
from tests.browser.frameworks import Hosts, install
from tests.browser.lending import Chromium, Lender, installed
from tests.browser.stage import Demo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if path := installed():
        return path
    missing = (
        "No browser: install Chromium (Debian: apt install chromium-headless-shell) to run the"
        " browser tests."
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


@pytest.fixture(scope="session")
def running_chromium(
    chromium_path: str,
    migrated: bytes,  # before there is a loop
) -> Iterator[tuple[Chromium, AbstractEventLoop]]:
    with sync_playwright() as playwright:
        chromium = Chromium(
            lambda: playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        )
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield chromium, loop
        asyncio._set_running_loop(loop)
        chromium.close()


@pytest.fixture(scope="session")
def lender(running_chromium: tuple[Chromium, AbstractEventLoop]) -> Lender:
    return Lender(running_chromium[0], WITNESS)


# While a thread has a running loop, as Playwright's is, Django refuses to touch a database in it.
@pytest.fixture(scope="module")
def chromium(running_chromium: tuple[Chromium, AbstractEventLoop]) -> Iterator[Chromium]:
    chromium, loop = running_chromium
    asyncio._set_running_loop(loop)
    yield chromium
    asyncio._set_running_loop(None)


@pytest.fixture
def browsing(chromium: Chromium, lender: Lender, demo: Demo) -> Iterator[Browsing]:
    opened = Browsing(lender, demo)
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

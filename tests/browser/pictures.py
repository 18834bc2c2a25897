"""Take the pictures of the README and of docs/design.md from the gallery of a demo that was just
started: `python -m tests.browser.pictures`, with the names of pictures to take only those.
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from tests.browser.lending import installed
from tests.browser.stage import Demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PHONE = 390


class Picture(NamedTuple):
    """A state of the gallery, and the window that it is looked at through, in pixels."""

    state: str
    width: int
    height: int


PICTURES = {
    "tenant-light": Picture("customer?theme=light", 1040, 981),
    "integration-dark": Picture("customer-of-one-open?theme=dark", PHONE, 1500),
    "history-light": Picture("history?theme=light", 1040, 1000),
    "workspace-light": Picture("list?theme=light", 1280, 900),
    "states-light": Picture("customer-all?theme=light", 1040, 1500),
    "yellow-dark": Picture("integration?theme=dark&face=yellow", 1040, 900),
}


def main(names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder))
        demo.seem_at_work()
        browser = playwright.chromium.launch(
            executable_path=installed(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            for name in names or PICTURES:
                state, width, height = PICTURES[name]
                page = browser.new_page(
                    base_url=demo.site,
                    locale="en-GB",
                    reduced_motion="reduce",
                    viewport={"width": width, "height": height},
                )
                page.goto(f"/demo/gallery/{state.replace('?', '/?')}")
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / f"{name}.png")
                page.close()
        finally:
            browser.close()
            demo.stop()


if __name__ == "__main__":
    main(sys.argv[1:])

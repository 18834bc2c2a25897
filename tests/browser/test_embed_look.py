"""The frame in the host's clothes: its accent, surface, lines, heading and font."""

import re
from random import Random
from typing import Literal

import pytest
from playwright.sync_api import Page, Route

from integrations.domain import accent
from tests.browser.browsing import Browsing, hold, see
from tests.browser.embedded import document_in, host, inside, open_integration
from tests.browser.measures import FAINT_BUTTONS, FAINT_EDGES, FAINT_TEXTS
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

FACES = ("#3b4fd8", "#ffcc00", "#111318")
SEEN = """(name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
}"""
PALETTES = """async (colors) => {
    const { palette } = await import(document.querySelector("script[src*='theme']").src);
    return colors.map((color) => {
        const tokens = Object.entries(palette(color)).map(([name, value]) => `--${name}:${value}`);
        return `:root{${tokens.join(";")}}`;
    });
}"""


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def give(page: Page, **attributes: str) -> None:
    page.locator("kombo-integrations").evaluate(
        "(node, all) => Object.entries(all).forEach((one) => node.setAttribute(...one))", attributes
    )


def token(page: Page, name: str) -> str:
    found: str = document_in(page).evaluate(SEEN, name)
    return found


def test_the_browser_works_accents_out_as_the_server_does(browsing: Browsing, demo: Demo) -> None:
    made = Random(1)  # noqa: S311 - the same ones each time
    colours = [*FACES, "#000000", "#ffffff"]
    colours += [f"#{made.randrange(1 << 24):06x}" for _ in range(500)]
    page = host(browsing, demo)
    found = document_in(page).evaluate(PALETTES, colours)
    assert found == [accent.stylesheet(colour) for colour in colours]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", FACES)
def test_an_accent_fills_as_it_is(browsing: Browsing, demo: Demo, colour: str, theme: str) -> None:
    page = host(browsing, demo, f"theme={theme}")
    give(page, accent=colour)
    button = inside(page).locator(".hero .button[data-kind=primary]")
    see(button).to_have_css("background-color", rgb(colour))
    see(button).to_have_css("color", rgb(accent.palette(colour).on_accent))
    for script in (FAINT_BUTTONS, FAINT_TEXTS, FAINT_EDGES):
        assert document_in(page).evaluate(script) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_as_dark_as_the_host_from_the_start(
    browsing: Browsing, demo: Demo, theme: Literal["light", "dark"]
) -> None:
    system: Literal["light", "dark"] = "light" if theme == "dark" else "dark"
    page = browsing.context(color_scheme=system).new_page()
    hold(page, "js/theme")
    hold(page, "js/embed/embed_frame")
    page.goto(f"{demo.host}/?theme={theme}", wait_until="commit")
    see(inside(page).locator(":root")).to_have_css("color-scheme", theme)
    see(page.locator("kombo-integrations iframe.awaited")).to_have_css("color-scheme", theme)


def test_a_surface_is_taken_if_text_can_be_read_on_it(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "theme=light")
    card = inside(page).locator("article.card").first
    usual = token(page, "--surface")
    for surface, seen in (
        ("#fffaf0", rgb("#fffaf0")),
        ("#808080", usual),
        ("#fffaf0 #1c1917", rgb("#fffaf0")),
        ("#1c1917", usual),
        ("red", usual),
        ("#fffaf0 #1c1917 #000000", usual),
        ("", usual),
    ):
        give(page, surface=surface)
        see(card).to_have_css("background-color", seen)
    give(page, theme="dark", surface="#fffaf0 #1c1917")
    see(card).to_have_css("background-color", rgb("#1c1917"))
    give(page, surface="#fffaf0")
    see(card).not_to_have_css("background-color", rgb("#1c1917"))
    see(card).not_to_have_css("background-color", rgb("#fffaf0"))


def test_lines_have_the_hosts_colour(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "theme=light")
    give(page, border="#ff0000")
    see(inside(page).locator("article.card").first).to_have_css("border-color", rgb("#ff0000"))
    assert token(page, "--line") == rgb("#ff0000")


def test_the_hosts_heading_is_enough(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    heading = inside(page).get_by_role("heading", level=1)
    see(heading).to_be_visible()
    give(page, heading="none")
    see(heading).to_have_count(0)
    open_integration(page, demo)
    see(heading).to_be_visible()


def test_a_declared_font_is_loaded_and_no_other(browsing: Browsing, demo: Demo) -> None:
    file = "https://cdn.example/inter.woff2"
    asked: list[str] = []

    def shell(route: Route) -> None:
        answer = route.fetch()
        declared = f'data-fonts="{{&quot;Inter&quot;: &quot;{file}&quot;}}"'
        headers = answer.headers
        policy = headers["content-security-policy"]
        headers["content-security-policy"] = policy.replace("font-src", f"font-src {file}")
        route.fulfill(
            status=200, headers=headers, body=answer.text().replace('data-fonts="{}"', declared)
        )

    def font(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="", headers={"Access-Control-Allow-Origin": "*"})

    browsing.expects(
        "OTS parsing error|Failed to decode downloaded font|went elsewhere: https://cdn"
    )
    page = browsing.context().new_page()
    page.context.route("**/embed/?*", shell)
    page.context.route(file, font)
    page.goto(f"{demo.host}/")
    see(inside(page).locator("article.card")).to_have_count(3)
    root = inside(page).locator(":root")
    for name, kind in (("Other", ""), ("constructor", ""), ("Inter", "declared")):
        give(page, font=name)
        see(root).to_have_attribute("data-font", kind)
    see(inside(page).locator("body")).to_have_css("font-family", re.compile(r'^"?Inter"?,'))
    page.wait_for_timeout(300)
    assert asked == [file]

"""The element in the hands of scripts and frameworks: properties, attributes, copies, places."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.embedded import FRAME, host, inside
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

FETCH = "async () => (await (await fetch('/integration-token?as=bolt')).json()).token"
BOLT = "BambooHR"
ATTRIBUTES = ["token-url", "view", "integration", "label", "theme", "accent", "surface", "border", "heading", "radius", "density", "font", "initial"]  # fmt: skip


def blank(browsing: Browsing, demo: Demo, body: str, *, is_loaded: bool = True) -> Page:
    """A page of the host's with that body; all events of elements are noted."""
    page = browsing.context(permissions=["local-network-access"]).new_page()
    loader = f'<script type="module" src="{demo.site}/embed.js"></script>' if is_loaded else ""
    noting = """<script>
        window.heard = [];
        for (const type of ["ready", "error"])
            document.addEventListener(type, ({ target, detail }) => target.localName?.includes("-") && heard.push([type, detail]), true);
    </script>"""
    shown = f"<!doctype html><html lang=en><title>x</title>{noting}{body}{loader}"
    page.route(
        f"{demo.host}/blank", lambda route: route.fulfill(body=shown, content_type="text/html")
    )
    page.goto(f"{demo.host}/blank")
    return page


def heard(page: Page, kind: str) -> list[dict[str, Any]]:
    found: list[tuple[str, dict[str, Any]]] = page.evaluate("heard")
    return [detail for raised, detail in found if raised == kind]


def shows_bolt(page: Page) -> None:
    see(inside(page).get_by_text(BOLT).first).to_be_visible()


def test_every_attribute_is_a_property(browsing: Browsing, demo: Demo) -> None:
    page = blank(browsing, demo, "")
    page.wait_for_function("customElements.get('kombo-integrations') !== undefined")
    names = page.evaluate("customElements.get('kombo-integrations').observedAttributes")
    assert sorted(names) == sorted([*ATTRIBUTES, "lang"])
    seen = page.evaluate(
        """(names) => names.map((name) => {
            const element = document.createElement("kombo-integrations");
            const property = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
            const found = [property in element, element[property]];
            element[property] = 12;
            found.push(element.getAttribute(name), element[property]);
            element[property] = undefined;
            found.push(element.hasAttribute(name));
            return found;
        })""",
        ATTRIBUTES,
    )
    assert seen == [[True, "", "12", "12", False]] * len(ATTRIBUTES)


def test_what_is_set_before_the_script_runs_is_kept(browsing: Browsing, demo: Demo) -> None:
    page = blank(browsing, demo, "<kombo-integrations></kombo-integrations>", is_loaded=False)
    page.evaluate(f"""() => {{
        const element = document.querySelector("kombo-integrations");
        element.getToken = {FETCH};
        element.density = "compact";
        const script = Object.assign(document.createElement("script"), {{ type: "module", src: "{demo.site}/embed.js" }});
        document.body.append(script);
    }}""")
    shows_bolt(page)
    see(inside(page).locator(":root")).to_have_attribute("data-density", "compact")
    assert heard(page, "error") == []


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("when", ["at once", "later"])
@pytest.mark.parametrize("source", ["attribute", "property"])
def test_a_source_may_come_after_the_element(
    browsing: Browsing, demo: Demo, when: str, source: str
) -> None:
    page = blank(browsing, demo, "")
    give = {
        "attribute": "element.setAttribute('token-url', '/integration-token?as=bolt')",
        "property": f"element.getToken = {FETCH}",
    }
    wait = "await new Promise((done) => element.addEventListener('error', done));"
    page.evaluate(f"""async () => {{
        await customElements.whenDefined("kombo-integrations");
        const element = document.createElement("kombo-integrations");
        document.body.append(element);
        {wait if when == "later" else ""}
        {give[source]};
    }}""")
    shows_bolt(page)
    codes = [one["code"] for one in heard(page, "error")]
    assert codes == (["no_token_source"] if when == "later" else [])


def test_nothing_to_fetch_is_an_error_and_no_request(browsing: Browsing, demo: Demo) -> None:
    page = blank(browsing, demo, "<kombo-integrations gettoken='() => 1'></kombo-integrations>")
    asked = requests_of(page, lambda request: request.url.startswith(f"{demo.host}/"))
    page.wait_for_function("heard.length")
    message = "neither token-url nor getToken is set"
    assert heard(page, "error") == [{"code": "no_token_source", "message": message}]
    see(inside(page).get_by_text(copy.WE_COULD_NOT_CONFIRM_WHO_YOU_ARE)).to_be_visible()
    assert asked == []


def test_another_function_does_not_begin_anew(browsing: Browsing, demo: Demo) -> None:
    """React hands over another one each time it renders."""
    page = blank(browsing, demo, "")
    page.evaluate(f"""async () => {{
        await customElements.whenDefined("kombo-integrations");
        const element = document.createElement("kombo-integrations");
        element.getToken = {FETCH};
        document.body.append(element);
    }}""")
    shows_bolt(page)
    page.evaluate(f"{FRAME}.dataset.marked = 1")
    page.evaluate(f"document.querySelector('kombo-integrations').getToken = {FETCH}")
    assert page.evaluate(f"{FRAME}.dataset.marked") == "1"


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("token-url", "/integration-token?as=bolt", BOLT),
        ("view", "badge", "Personio: Reconnect required"),
        ("lang", "de-AT", "Jetzt prüfen"),
    ],
)
def test_an_attribute_that_changes_is_heeded(
    browsing: Browsing, demo: Demo, name: str, value: str, seen: str
) -> None:
    page = host(browsing, demo)
    element = page.locator("kombo-integrations")
    element.evaluate("(node, each) => node.setAttribute(...each)", [name, value])
    see(inside(page).get_by_text(seen).first).to_be_visible()
    element.evaluate("(node) => node.setAttribute('label', 'Our tools')")
    see(page.locator("kombo-integrations iframe")).to_have_attribute("title", "Our tools")
    see(page.locator("kombo-integrations iframe")).to_have_count(1)


def test_the_language_around_it_is_its_language(browsing: Browsing, demo: Demo) -> None:
    page = blank(
        browsing,
        demo,
        "<div lang=de-CH><kombo-integrations token-url='/integration-token?as=acme'>"
        "</kombo-integrations></div>",
    )
    see(inside(page).get_by_role("button", name="Jetzt prüfen").first).to_be_visible()


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("act", ["cloned", "serialised", "moved", "moved as it is"])
def test_a_copy_or_another_place_makes_no_second_frame(
    browsing: Browsing, demo: Demo, act: str
) -> None:
    page = host(browsing, demo)
    see(inside(page).locator("article.card")).to_have_count(3)
    page.evaluate(
        """(act) => {
            const element = document.querySelector("kombo-integrations");
            const main = document.querySelector("main");
            if (act === "cloned") main.replaceChildren(...[...main.childNodes].map((one) => one.cloneNode(true)));
            if (act === "serialised") main.innerHTML = main.innerHTML;
            if (act === "moved") for (let times = 0; times < 3; times += 1) main.append(element);
            if (act === "moved as it is") {
                element.shadowRoot.querySelector("iframe").dataset.marked = 1;
                document.body.moveBefore(element, null);
            }
        }""",
        act,
    )
    see(page.locator("iframe")).to_have_count(1)
    see(inside(page).locator("article.card")).to_have_count(3)
    assert page.locator("kombo-integrations").evaluate("(node) => node.childNodes.length") == 0
    if act == "moved as it is":
        see(page.locator("iframe[data-marked]")).to_have_count(1)

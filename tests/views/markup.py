"""Rules of markup: each finds what breaks it in a page."""

from collections import Counter

from integrations.simulator.app import Simulator
from tests.views.browsing import Element


def inline_code(page: Element) -> list[str]:
    found = [
        f"{element.tag} {name}"
        for element in page
        for name in element.attributes
        if name.startswith(("on", "style", "hx-on"))
    ]
    found += [element.tag for element in page.all("style")]
    return found + [
        script.text for script in page.all("script") if script.text or not script["src"]
    ]


def repeated_ids(page: Element) -> list[str]:
    return [
        key
        for key, times in Counter(element["id"] for element in page.all("", "id")).items()
        if times > 1
    ]


def forms_without_token(page: Element) -> list[str]:
    posts = [form for form in page.all("form") if form["method"].lower() == "post"]
    return [
        form["action"]
        for form in posts
        if len(form.all("input", "name", "csrfmiddlewaretoken")) != 1
    ]


def htmx_that_needs_javascript(page: Element) -> list[str]:
    """What a person can trigger is a link or form with the same address; cards, banner and grid
    renew themselves.
    """
    found = []
    for element in page:
        get, post = element["hx-get"], element["hx-post"]
        by_itself = element["id"] in {"banner", "poll", "coverage", "coverage-to-come", "tools"}
        lazy = element["class"] == "coverage-load" and element["href"]
        if (get or post) and not by_itself and not lazy:
            plain = {"a": element["href"], "form": element["action"]}.get(element.tag, "")
            method = "post" if post else "get"
            if plain != (get or post) or (element.tag == "form" and element["method"] != method):
                found.append(f"{element.tag} {get or post}")
    return found


def inputs_without_label(page: Element) -> list[str]:
    labelled = {label["for"] for label in page.all("label")}
    inputs = [
        one
        for one in page
        if one.tag in {"input", "select", "textarea"} and one["type"] != "hidden"
    ]
    return [one["name"] for one in inputs if one["id"] not in labelled and not one["aria-label"]]


def dangling_references(page: Element) -> list[str]:
    """On whole pages, what refers to an id finds it."""
    if not page.all("html"):
        return []
    ids = {element["id"] for element in page.all("", "id")}
    names = ("aria-labelledby", "aria-describedby", "for", "form", "hx-target")
    wanted = [
        element[name].removeprefix("#") for element in page for name in names if element[name]
    ]
    wanted += [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    return [
        one
        for one in wanted
        if one not in ids and not one.startswith(("closest ", "find ", "this"))
    ]


def buttons_and_links_without_name(page: Element) -> list[str]:
    return [
        element.tag
        for element in [*page.all("button"), *page.all("a")]
        if not (element.text or element["aria-label"])
    ]


def pages_without_language_title_or_heading(page: Element) -> list[str]:
    if not page.all("html"):
        return []
    found = [] if page.one("html")["lang"] else ["lang"]
    head, body = page.one("head"), page.one("body")  # a picture has titles too
    ones = [(tag, grant.all(tag)) for grant, tag in ((head, "title"), (body, "h1"), (body, "main"))]
    return found + [tag for tag, elements in ones if len(elements) != 1 or not elements[0].text]


def elsewhere(page: Element, kombo: Simulator) -> list[str]:
    """Addresses that are not our own; a Connect link and Kombo's documentation are, if nothing
    tells them where from, and what is in the dialog's frame.
    """
    found = []
    kombos = (f"{kombo.public_url}/connect/v1", "https://docs.kombo.dev/")
    for element in page:
        addresses = [
            element[name]
            for name in (
                "href",
                "src",
                "action",
                "hx-get",
                "hx-post",
                "poster",
                "srcset",
                "formaction",
            )
        ]
        leaving = element["rel"] == "noreferrer" or element["referrerpolicy"] == "no-referrer"
        for address in filter(None, addresses):
            ours = address.startswith(("/", "#", "?")) and not address.startswith("//")
            if not ours and not (leaving and address.startswith(kombos)):
                found.append(f"{element.tag} {address}")
    return found

"""Rules that every template keeps: they work under the strict policy, without JavaScript, and for
everyone.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from tests.views.browsing import Element, acts, read, tenant_url, visits
from tests.views.conftest import Browser
from tests.views.markup import (
    buttons_and_links_without_name,
    dangling_references,
    elsewhere,
    forms_without_token,
    htmx_that_needs_javascript,
    inline_code,
    inputs_without_label,
    pages_without_language_title_or_heading,
    repeated_ids,
)

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    set((ROOT / "templates").rglob("*.html")) - set((ROOT / "templates").rglob("*_email.html"))
)
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
FORBIDDEN = {
    "inline script": r"<script(?![^>]*\bsrc=)",
    "inline style": r"<style\b|\bstyle\s*=",
    "event handler": r"\son\w+\s*=",
    "hx-on": r"\bhx-on",
    "evaluated values": r"""hx-(?:vals|vars|headers|request)\s*=\s*["'][^"']*\b(?:js|javascript):|\bhx-vars\b""",  # noqa: E501
    "trigger filter": r"""hx-trigger\s*=\s*["'](?:[^"']*,\s*)?[\w:-]+\[""",
    "unescaped output": r"\|\s*safe\b|autoescape\s+off|\bmark_safe\b",
    "javascript address": r"javascript:",
    "another origin": r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""",
}


def test_there_is_something_to_look_at() -> None:
    assert len(TEMPLATES) > 15
    assert len(SCRIPTS) > 2


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    found = [
        path.name
        for path in TEMPLATES
        if re.search(FORBIDDEN[what], path.read_text(), re.IGNORECASE)
    ]
    assert not found


def test_the_rules_find_what_they_forbid() -> None:
    bad = {
        "inline script": "<script>x</script>",
        "inline style": '<p style="x">',
        "event handler": '<p onclick="x">',
        "hx-on": '<p hx-on:click="x">',
        "evaluated values": """<p hx-vals='js:{a: 1}'>""",
        "trigger filter": '<p hx-trigger="load, click[ctrlKey]">',
        "unescaped output": "{{ name|safe }}",
        "javascript address": '<a href="javascript:x">',
        "another origin": '<img src="https://evil.example/">',
    }
    assert {what for what, text in bad.items() if re.search(FORBIDDEN[what], text)} == set(
        FORBIDDEN
    )


@pytest.mark.parametrize(
    "word",
    [
        r"\beval\(",
        r"new Function",
        r"innerHTML\s*=",
        r"outerHTML\s*=",
        r"document\.write",
        r"https?://",
    ],
)
def test_no_script_holds(word: str) -> None:
    assert not [path.name for path in SCRIPTS if re.search(word, path.read_text())]


@pytest.fixture
def answers(
    browser: Browser, every_state: list[Integration], bolt: Tenant
) -> list[tuple[str, Element]]:
    """Every page and fragment of every state, for a member, a viewer, staff and somebody without a
    session.
    """
    found: list[tuple[str, Any]] = []
    for person in ("alice", "vic", "mia"):
        found += [
            (f"{person} {name}", response)
            for name, response in visits(browser(person), *every_state)
        ]
    found += [
        (f"alice {name}", response) for name, response in acts(browser("alice"), *every_state[1:4])
    ]
    found += [(f"nobody {name}", response) for name, response in visits(Client())]
    html = [(name, one) for name, one in found if "text/html" in one.get("Content-Type", "")]
    assert len(html) > 100
    return [(name, read(response)) for name, response in html]


@pytest.mark.exhaustive
def test_everything_rendered_keeps_the_rules(
    answers: list[tuple[str, Element]], kombo: Simulator
) -> None:
    """One crawl, all rules: rendering it once is what takes the time."""
    rules = (
        inline_code,
        repeated_ids,
        forms_without_token,
        htmx_that_needs_javascript,
        inputs_without_label,
        dangling_references,
        buttons_and_links_without_name,
        pages_without_language_title_or_heading,
    )
    broken = [
        f"{rule.__name__} in {name}: {', '.join(found)}"
        for name, page in answers
        for rule in rules
        if (found := list(rule(page)))
    ]
    broken += [
        f"addresses elsewhere in {name}: {found}"
        for name, page in answers
        if (found := elsewhere(page, kombo))
    ]
    assert not broken, "\n".join(broken[:10])


def test_a_severity_is_told_by_shape_and_word(
    alices: Client, every_state: list[Integration]
) -> None:
    """Not by colour alone: each badge has its own picture and its own text."""
    shapes: dict[str, set[str]] = {}
    page = read(alices.get(tenant_url(every_state[0])))
    signs = page.all("span", "class", "badge")
    assert all(badge.text for badge in signs)
    # What needs the customer is large: its title says it, and the picture of the connection.
    for badge in [*signs, *page.all("div", "class", "tie")]:
        drawing = "".join(str(sorted(one.attributes.items())) for one in badge.one("svg"))
        shapes.setdefault(badge["data-severity"], set()).add(drawing)
    assert len(shapes) == 5
    assert all(len(drawings) == 1 for drawings in shapes.values())
    assert len(set.union(*shapes.values())) == len(shapes)

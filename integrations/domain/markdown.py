"""Markdown from outside, as HTML that is safe on our pages.

Raw HTML in it stays text, pictures are left out (they would tell a third party who reads), and what
remains passes a sanitiser with a short list of elements.
"""

from collections.abc import Sequence
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LONGEST = 4000  # characters; what is longer is cut
MOST_BRACKETS = 100  # each may begin a link, whose end is looked for all through the text
_ELEMENTS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "blockquote", "h3"}


def _level_headings(state: StateCore) -> None:
    """All headings become one level that fits below a card's."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3"


def _open_in_a_tab(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Links lead away in a tab of their own: the text may be in a frame of somebody's page."""
    tokens[index].attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)


def _parser_without(*rules: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).disable(["image", *rules])
    parser.add_render_rule("link_open", _open_in_a_tab)
    parser.core.ruler.push("level_headings", _level_headings)
    # It compiles its rules when first used, which two threads must not do at once.
    parser.render("*first*")
    return parser


_parser = _parser_without()
_linkless_parser = _parser_without("link", "reference")


def _only_https(_tag: str, name: str, value: str) -> str | None:
    """Of attributes only these remain; an address without a scheme could be one of our own
    pages.
    """
    return (
        value
        if name in {"rel", "target"} or (name == "href" and value.lower().startswith("https://"))
        else None
    )


@lru_cache(maxsize=256)
def render(text: str) -> SafeString:
    """Return the HTML of a Markdown text. Links lead to https pages only and pass nothing on; a
    text of hardly anything but brackets has none.
    """
    text = text[:LONGEST]
    parser = _parser if text.count("[") <= MOST_BRACKETS else _linkless_parser
    html = nh3.clean(
        parser.render(text),
        tags=_ELEMENTS,
        attributes={"a": {"href", "target"}},
        attribute_filter=_only_https,
        url_schemes={"https"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 - sanitised just above

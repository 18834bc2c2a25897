"""The colors of a mail as a mail program shows them, in its light and its dark look."""

import re
from html.parser import HTMLParser

from integrations.domain.accent import contrast

_RULE = re.compile(r"\.([a-z]+) \{ ([^}]*) \}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_ALONE = {"br", "hr", "img", "link", "meta"}

type Style = dict[str, str]


class Look(HTMLParser):
    """What stands out from its ground how well: texts, and edges of what can be pressed."""

    def __init__(self, html: str, *, dark: bool) -> None:
        super().__init__()
        start, end = html.index("prefers-color-scheme: dark"), html.index("max-width: 520px")
        rules = _RULE.findall(html[start:end]) if dark else []
        self._rules = {name: _style(rule) for name, rule in rules}
        self._within: list[tuple[str, Style]] = [("", {"color": "", "background": ""})]
        self.texts: list[tuple[float, str]] = []
        self.edges: list[float] = []
        self.fills: list[str] = []
        self.feed(html[html.index("<body") : html.index("</body>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element, with what is said of its colors."""
        given = {name: value or "" for name, value in attrs}
        around = self._within[-1][1]
        own = _style(given.get("style", ""))
        classes = given.get("class", "").split()
        for name in classes:
            own |= self._rules.get(name, {})
        if "button" in classes:
            self.edges.append(contrast(own["border"], around["background"]))
            self.fills.append(own["background"])
        if tag not in _ALONE:
            self._within.append((tag, around | own))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        assert self._within.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        style = self._within[-1][1]
        if data.strip() and style["color"]:
            self.texts.append((contrast(style["color"], style["background"]), data.strip()))


def _style(text: str) -> Style:
    """Return the colors of text, ground and border that a style sets."""
    found = {}
    for one in text.split(";"):
        name, _, value = one.partition(":")
        if color := _COLOR.search(value):
            found[name.strip().removesuffix("-color")] = color[0]
    return {name: found[name] for name in ("color", "background", "border") if name in found}

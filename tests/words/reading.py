"""What people read of an answer, and what of it is in plain letters though it is no data."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from tests.views.browsing import Element, read

SPOKEN = ("title", "aria-label", "aria-description", "alt", "placeholder", "label", "summary")
"""Attributes that are read or read out; `data-` ones are where scripts have their words from."""
SCRIPTED = re.compile(r"data-(?:announce|trouble|copied|done|confirm)")
UNREAD = {"script", "style", "code", "pre", "kbd", "samp"}
BUTTONS = {"submit", "button", "reset"}
KOMBOS = "prose"
"""The class of what Kombo itself writes about an issue, in English."""
# Addresses, names of files, random ids, codes in capitals, and what stands for an email's link.
_NO_WORDS = re.compile(
    r"https?://\S+|\S+@\S+|[\w-]+\.(?:csv|svg)\b|(?<![\w-])[\w-]{16,}(?![\w-])|\b[A-Z][A-Z_]+\b|\d-\d\dT[\d:+]+|\ue000link\ue000"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?: +[A-Za-z][A-Za-z'’.-]*)*")


def strings(element: Element) -> Iterator[str]:
    """Every text and every attribute of an element that somebody reads, one by one."""
    for name, value in element.attributes.items():
        if name in SPOKEN or SCRIPTED.fullmatch(name):
            yield value
    if element.tag == "input" and element["type"] in BUTTONS:
        yield element["value"]
    if element.tag == "meta" and element["name"] == "description":
        yield element["content"]
    foreign = element["translate"] == "no" or element["class"] == KOMBOS
    if element.tag in UNREAD or foreign:
        return
    for child in element.children:
        if isinstance(child, Element):
            yield from strings(child)
        else:
            yield child


def texts_of(response: Any) -> list[str]:
    """All that somebody reads of an answer: a page, a fragment, a file, or the HTML in JSON."""
    kind = response.get("Content-Type", "").partition(";")[0]
    if kind == "text/csv":
        content = b"".join(response.streaming_content) if response.streaming else response.content
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return [cell for line in lines for cell in line]
    if kind == "application/json" and isinstance(response.json().get("content"), str):
        return texts_in(response.json()["content"])
    return list(strings(read(response))) if kind == "text/html" else []


def texts_in(html: str) -> list[str]:
    """All that somebody reads of some HTML."""
    return list(strings(read(SimpleNamespace(content=re.sub("^<![^>]*>", "", html).encode()))))


class Data:
    """The names and texts that are nobody's to translate."""

    def __init__(self, values: Iterable[str]) -> None:
        flat = {" ".join(value.split()) for value in values}
        longest = sorted((one for one in flat if re.search("[A-Za-z]", one)), key=len, reverse=True)
        names = "|".join(re.escape(one) for one in longest)
        self._data = re.compile(rf"(?<![A-Za-z])(?:{names})(?![A-Za-z])")

    def untouched(self, texts: Iterable[str]) -> set[str]:
        """The words of these texts that no translation made and that are no data."""
        left: set[str] = set()
        for text in texts:
            rest = self._data.sub("·", " ".join(text.split()))
            left |= set(_WORDS.findall(_NO_WORDS.sub("·", rest)))
        return left

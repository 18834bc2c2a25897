"""Whether the bytes of a tool's logo are a picture that shows something and costs no reader much.

They come from outside and are handed to browsers as they are: what is not certainly good is none.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST_SIDE = 4096  # pixels
MOST_ELEMENTS = 5_000  # as drawn: what is used twice counts twice
DEEPEST = 64  # elements within each other
_SVG = "http://www.w3.org/2000/svg "
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "use"}
_GRADIENTS = {"linearGradient", "radialGradient"}
# Not drawn where they stand.
_APART = {"defs", "symbol", "clipPath", "mask", *_GRADIENTS}
# Filters, patterns, embedded pictures and animations cost much for what a logo needs of them.
_ALLOWED = {
    *_SHAPES,
    *_APART,
    *("svg", "g", "stop", "tspan", "style", "title", "desc", "metadata"),
}
_REFERENCE = re.compile(r"url\(\s*[\"']?\s*([^\"')]*)")
_PIXELS = re.compile(r"\s*\+?(\d+(?:\.\d+)?)(?:px)?\s*")
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# The markers of a frame, whose header has its size. Source: ITU-T T.81, table B.1.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


class _Refused(Exception):
    """An SVG that no reader gets."""


@dataclass(slots=True)
class _Element:
    name: str
    references: list[str] = field(default_factory=list)  # ids that it has drawn too
    children: list["_Element"] = field(default_factory=list)
    text: str = ""


def content_type(body: bytes) -> str:
    """Return what the bytes are, judged by the bytes alone; empty for anything we do not serve."""
    if body.startswith(_PNG):
        return "image/png" if _is_png(body) else ""
    if body.startswith(_JPEG):
        return "image/jpeg" if _is_jpeg(body) else ""
    return "image/svg+xml" if _is_svg(body) else ""


def ratio(body: bytes) -> float:
    """Return how many times as wide as high a PNG or an SVG is shown; 0 if it doesn't say so.

    The bytes are a picture: `content_type` has judged them.
    """
    if body.startswith(_PNG):
        size = next(_chunks(body))[1]
        return int.from_bytes(size[:4]) / int.from_bytes(size[4:8])
    attributes: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, found: attributes.append(found)
    parser.Parse(body, True)
    root = attributes[0]
    box = root.get("viewBox", "").replace(",", " ").split()
    for width, height in ([root.get("width"), root.get("height")], box[2:4] or ["", ""]):
        sides = [_PIXELS.fullmatch(side or "") for side in (width, height)]
        if all(sides):
            wide, high = (float(side[1]) for side in sides if side)
            return wide / high
    return 0


# --- Pixels ---------------------------------------------------------------------------------------


def _is_png(body: bytes) -> bool:
    """Whether every chunk is there and whole, from a size within bounds to the end."""
    chunks = list(_chunks(body))
    if len(chunks) < 3 or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        return False
    size = chunks[0][1]
    return (
        any(name == b"IDAT" and data for name, data in chunks)
        and len(size) == 13
        and _has_size(int.from_bytes(size[:4]), int.from_bytes(size[4:8]))
    )


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 12 <= len(body):
        length = int.from_bytes(body[at : at + 4])
        named = body[at + 4 : at + 8 + length]
        if body[at + 8 + length : at + 12 + length] != zlib.crc32(named).to_bytes(4):
            return
        yield named[:4], named[4:]
        at += 12 + length


def _is_jpeg(body: bytes) -> bool:
    """Whether there is a frame with a size within bounds, and the end of the picture."""
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker in _FRAMES:
            height, width = int.from_bytes(body[at + 5 : at + 7]), body[at + 7 : at + 9]
            ends = body.rstrip(b"\0").endswith(b"\xff\xd9")
            return ends and _has_size(int.from_bytes(width), height)
        at += 2 + max(int.from_bytes(body[at + 2 : at + 4]), 2)
    return False


def _has_size(width: int, height: int) -> bool:
    return 0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE


# --- SVG ------------------------------------------------------------------------------------------


def _is_svg(body: bytes) -> bool:
    try:
        root, by_id = _parse(body)
        drawn = _Cost(by_id).of(root)
    # The last two: an encoding that nobody knows, or a name that is no text.
    except (_Refused, expat.ExpatError, ValueError, LookupError):
        return False
    return drawn <= MOST_ELEMENTS and _draws(root)


def _parse(body: bytes) -> tuple[_Element, dict[str, _Element]]:
    """Read the elements of an SVG, and those with an id by it.

    Raises _Refused for an element that is not on the list, an entity, which could grow without
    bound, and a size of nothing.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    top = _Element("")
    path = [top]
    by_id: dict[str, _Element] = {}
    counts = Counter[str]()

    def start(name: str, attributes: dict[str, str]) -> None:
        counts["elements"] += 1
        if counts["elements"] > MOST_ELEMENTS or len(path) > DEEPEST:
            raise _Refused
        space, _, local = name.rpartition(" ")
        is_drawn = f"{space} " == _SVG
        if (is_drawn and local not in _ALLOWED) or (not is_drawn and len(path) == 1):
            raise _Refused
        if len(path) == 1 and (local != "svg" or _is_sizeless(attributes)):
            raise _Refused
        # What is of another language, such as an editor's notes, draws nothing.
        element = _Element(local if is_drawn else "metadata", _references(attributes))
        path[-1].children.append(element)
        path.append(element)
        if (named := attributes.get("id")) is not None:
            by_id.setdefault(named, element)

    def end(_name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if path[-1].name == "style":
            path[-1].text += data

    def refuse(*_args: object) -> None:
        raise _Refused

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.Parse(body, True)
    return top.children[0], by_id


def _is_sizeless(attributes: dict[str, str]) -> bool:
    box = attributes.get("viewBox", "").replace(",", " ").split()
    sides = [attributes.get("width", ""), attributes.get("height", ""), *box[2:4]]
    return any(re.fullmatch(r"\s*[+-]?0*(\.0*)?([a-z]+|%)?\s*", side) and side for side in sides)


def _references(attributes: dict[str, str]) -> list[str]:
    """Name whatever an element has drawn beside its children: what it uses, is filled with, is cut
    by.
    """
    references = [
        value
        for name, value in attributes.items()
        if name.rpartition(" ")[2] == "href"  # with or without xlink's namespace
    ]
    for value in attributes.values():
        references += _REFERENCE.findall(value)
    return [reference.strip().removeprefix("#") for reference in references]


class _Cost:
    """How many elements a browser draws: the same ones again for each time that they are used."""

    def __init__(self, by_id: dict[str, _Element]) -> None:
        self._by_id = by_id
        self._known: dict[int, int] = {}
        self._path: set[int] = set()

    def of(self, element: _Element) -> int:
        """Return the number for one element, MOST_ELEMENTS + 1 at most.

        Raises _Refused for what contains itself, or needs another file.
        """
        key = id(element)
        if key in self._known:
            return self._known[key]
        if key in self._path or len(self._path) > DEEPEST * 4:
            raise _Refused
        self._path.add(key)
        for name in _REFERENCE.findall(element.text):
            # It may be for any element, which is cheap for a gradient alone.
            target = self._by_id.get(name.strip().removeprefix("#"))
            if target is None or target.name not in _GRADIENTS:
                raise _Refused
        drawn = [*element.children, *map(self._find, element.references)]
        self._known[key] = min(1 + sum(map(self.of, drawn)), MOST_ELEMENTS + 1)
        self._path.remove(key)
        return self._known[key]

    def _find(self, name: str) -> _Element:
        element = self._by_id.get(name)
        if element is None:
            raise _Refused
        return element


def _draws(element: _Element) -> bool:
    """Whether an element or one within it draws something."""
    return element.name in _SHAPES or any(
        _draws(child) for child in element.children if child.name not in _APART
    )

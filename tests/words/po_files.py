"""The translations as tests read them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent.parent
PO_FILES = {path.parts[-3]: path for path in sorted(PROJECT.glob("locale/*/LC_MESSAGES/*.po"))}
_LINE = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")')
_COMMENT = re.compile(r"#,.*\bfuzzy\b")


class Message(NamedTuple):
    """A message: `sources` are its one or two forms in English, `texts` those of a language."""

    context: str
    sources: tuple[str, ...]
    texts: tuple[str, ...]
    is_fuzzy: bool


@cache
def messages_of(language: str) -> tuple[Message, ...]:
    """Return every message of a language's file but its header."""
    blocks = PO_FILES[language].read_text().split("\n\n")
    return tuple(message for message in map(_message, blocks) if message.sources != ("",))


def header_of(language: str) -> str:
    """Return the fields of a file's first entry."""
    return _message(PO_FILES[language].read_text().split("\n\n")[0]).texts[0]


def _message(block: str) -> Message:
    fields: dict[str, str] = {}
    for key, text in _strings(block):
        fields[key] = fields.get(key, "") + text
    sources = tuple(text for key, text in fields.items() if key.startswith("msgid"))
    texts = tuple(text for key, text in fields.items() if key.startswith("msgstr"))
    return Message(fields.get("msgctxt", ""), sources, texts, bool(_COMMENT.search(block)))


def _strings(block: str) -> Iterator[tuple[str, str]]:
    key = ""
    for line in block.splitlines():
        if match := _LINE.fullmatch(line):
            key = match[1]
        if match or line.startswith('"'):
            yield key, ast.literal_eval(match[2] if match else line)

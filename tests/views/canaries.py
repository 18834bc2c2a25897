"""What must stay where it belongs, where it could go, and where it may: one list of each."""

import io
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from integrations import logs
from kombo_dashboard import log_settings
from tests.conftest import API_KEY

NAME, ADDRESS = "Canaria Nightingale", "canaria@acme.example"

SETTINGS = {
    "Kombo key": API_KEY,
    "webhook secret": "canary-of-webhooks-0123456789",
    "embed secret": "canary-of-embedding-0123456789-0123456789",
    "SECRET_KEY": "canary-of-signing-0123456789-0123456789-0123456789",
    "SMTP password": "canary-of-mails-0123456789",
    "database password": "canary-of-tables-0123456789",
}
PASSWORD = {"password": "canary-of-canaria-0123456789"}
TOKENS = (
    "embed token",
    "session key",
    "guest link token",
    "repair handle",
    "Kombo Connect link",
    "activation token",
)
PERSON = {"email address": ADDRESS, "name": NAME}
CANARIES = (*SETTINGS, *PASSWORD, *TOKENS, *PERSON)

LOG, PAGE, ERROR, DEBUG, DUMP, EXPORT, MAIL, METRICS, REPR = SURFACES = (
    "log",
    "page",
    "error page",
    "error page with DEBUG",
    "database",
    "export",
    "mail",
    "metrics",
    "repr",
)
BELONGS = {
    # Where somebody is named, to whom may see it.
    "email address": {PAGE, DUMP, EXPORT, MAIL},
    "name": {PAGE, DUMP, EXPORT, MAIL},
    "guest link token": {PAGE, MAIL},  # shown to whoever made it, and sent to whom it is for
    "session key": {PAGE},  # in the answer to the token, and in no other
    "repair handle": {PAGE},  # in the window's own address
}
"""The surfaces on which each canary may be seen; on all others never."""


class Aviary:
    """The canaries of a run, and what each surface showed."""

    def __init__(self) -> None:
        self.values = {**SETTINGS, **PASSWORD, **PERSON}
        self.shown: defaultdict[str, list[str]] = defaultdict(list)

    def show(self, surface: str, *texts: object) -> None:
        """Note what a surface showed."""
        self.shown[surface] += [str(text) for text in texts]

    def answer(self, surface: str, response: Any) -> Any:
        """Note an answer's body, headers and cookies, and return it."""
        body = b"".join(response) if response.streaming else response.content
        self.show(surface, body.decode(errors="replace"), response.headers, response.cookies)
        return response

    def sightings(self) -> Iterator[tuple[str, str, bool]]:
        """Every canary on every surface: whether it was seen there, encoded or not."""
        for surface in SURFACES:
            text = "\n".join(self.shown[surface])
            texts = (text, unquote(text))
            for canary in CANARIES:
                found = re.compile(re.escape(self.values[canary]), re.IGNORECASE)
                yield canary, surface, any(found.search(one) for one in texts)


@contextmanager
def listening(aviary: Aviary) -> Iterator[None]:
    """Have the log, as text and as JSON, with all that `LOG_LEVEL=DEBUG` writes."""
    root = logging.getLogger()
    config = log_settings.logging("DEBUG", "text")
    loggers = {name: one["level"] for name, one in config["loggers"].items()}
    before = {name: logging.getLogger(name).level for name in loggers}
    streams, handlers = [], []
    makers: list[Callable[[], logging.Formatter]] = [logs.Formatter, logs.JsonFormatter]
    for maker in makers:
        streams.append(io.StringIO())
        handlers.append(logging.StreamHandler(streams[-1]))
        handlers[-1].setFormatter(maker())
        root.addHandler(handlers[-1])
    for name, level in loggers.items():
        logging.getLogger(name).setLevel(level)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
        aviary.show(LOG, *(stream.getvalue() for stream in streams))

"""What a browser says it is: its name and its system's, where it is one of those that everybody
knows.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

LONGEST = 500  # characters that are read
# In this order: most of them also say that they are those further down.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS = (
    ("Windows NT", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class Browser(NamedTuple):
    """Names of a browser and of its system, each empty if it is another one."""

    browser: str
    system: str


def parse(user_agent: str) -> Browser:
    """Return what a User-Agent header says, as far as it is known here; anybody can send any."""
    read = user_agent[:LONGEST]
    if not read.startswith("Mozilla/5.0 ("):  # a program, or something very old
        return Browser("", "")
    return Browser(_first(_BROWSERS, read), _first(_SYSTEMS, read))


def text(browser: str, system: str) -> str:
    """Return both names in words."""
    if not browser:
        return _("Unknown browser")
    if not system:
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}


def _first(names: tuple[tuple[str, str], ...], read: str) -> str:
    return next((name for mark, name in names if mark in read), "")

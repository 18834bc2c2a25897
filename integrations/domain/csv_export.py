"""Tables to take away as CSV, in which nothing is a formula.

Spreadsheets expect the mark of the operating system's language between cells: where numbers have a
decimal comma, a semicolon. So does the reader's language here.
"""

import csv
import io
import re

from django.utils.translation import get_language

# What begins like this is a formula to a spreadsheet, in full width too. Source: OWASP, "CSV
# Injection".
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"


def _formula(others: str) -> re.Pattern[str]:
    """Where a formula could begin, also for who divides cells by one of these, where quotes of ours
    mean nothing: what follows one begins a cell there.
    """
    return re.compile(rf'^(?={_SIGN}|[\t\r\n])|(?<=[{others}\t\r\n])(?="*{_SIGN})')


def _guard(others: str) -> re.Pattern[str]:
    """Return a pattern of the apostrophes that keep what follows them from being a formula."""
    return re.compile(rf"^'(?={_SIGN}|[\t\r\n])|(?<=[{others}\t\r\n])'(?=\"*{_SIGN})")


_FORMULAS = {",": _formula(";"), ";": _formula(",")}
_GUARDS = {",": _guard(";"), ";": _guard(",")}
_WITH_DECIMAL_COMMA = ("de", "es", "fr", "it")
MARK = "\ufeff"
"""Tells spreadsheets that what follows is UTF-8."""


def row(*cells: str) -> str:
    """One line of a table, for a spreadsheet in the language that is active."""
    delimiter = ";" if (get_language() or "").startswith(_WITH_DECIMAL_COMMA) else ","
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(_FORMULAS[delimiter].sub("'", cell) for cell in cells)
    return buffer.getvalue()


def unguarded(cell: str, delimiter: str) -> str:
    """A cell as it was before it came into a table of ours with this delimiter.

    A text that had such an apostrophe of its own loses it.
    """
    return _GUARDS[delimiter].sub("", cell)

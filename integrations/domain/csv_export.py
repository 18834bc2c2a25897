"""Tables to take away as CSV, in which nothing is a formula."""

import csv
import io
import re

# What begins like this is a formula to a spreadsheet, in full width too. Source: OWASP, "CSV
# Injection".
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
# Many divide cells by semicolons or tabs, where quotes of ours mean nothing: what follows one
# begins a cell there.
_FORMULA = re.compile(rf'^(?={_SIGN}|[\t\r\n])|(?<=[;\t\r\n])(?="*{_SIGN})')
MARK = "\ufeff"
"""Tells spreadsheets that what follows is UTF-8."""


def row(*cells: str) -> str:
    """One line of a table."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(_FORMULA.sub("'", cell) for cell in cells)
    return buffer.getvalue()

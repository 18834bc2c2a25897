"""Tables to take away as CSV, in which nothing is a formula."""

import csv
import io

# A cell that begins like this is a formula to a spreadsheet. Source: OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MARK = "\ufeff"
"""Tells spreadsheets that what follows is UTF-8."""


def row(*cells: str) -> str:
    """One line of a table."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow("'" + cell if cell.startswith(_FORMULA) else cell for cell in cells)
    return buffer.getvalue()

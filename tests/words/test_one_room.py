"""Every day, moment and length that a person reads is written in one place."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(path for path in (PROJECT / "templates").rglob("*") if path.is_file())
CODE = sorted((PROJECT / "integrations").rglob("*.py"))
# What a template could write a moment with, past `templatetags/moments.py`.
OTHER_WAYS = re.compile(
    r"\|\s*(?:date|time|timesince|timeuntil|natural\w+|int(?:comma|word))\b|{%\s*now\b"
)
PATTERN = re.compile(r"%[a-zA-Z]")  # as of a moment in an f-string
# ISO 8601, and digits in a row, as in a key: for programs.
FOR_PROGRAMS = re.compile(r"%Y-%m-%d(?: %H:%M)?|(?:%[a-zA-Z]){3,}")
FORMATTERS = {
    *("date_format", "time_format", "number_format", "localize", "get_format"),
    *("timesince", "timeuntil", "naturaltime", "naturalday", "intcomma"),
}

# What a module that has any of it must have, whether it is that or not: few are parsed.
PERHAPS = re.compile("|".join([PATTERN.pattern, "strftime", *sorted(FORMATTERS)]))


def formatters_in(path: Path) -> set[str]:
    """Which formatters a module imports or calls; "strftime" if it writes by a pattern."""
    text = path.read_text()
    if not PERHAPS.search(text):
        return set()
    used = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            used |= {alias.name for alias in node.names} & FORMATTERS
        elif isinstance(node, ast.Attribute):
            used |= {node.attr} & {*FORMATTERS, "strftime"}
        elif isinstance(node, ast.FormattedValue) and node.format_spec:
            pattern = FOR_PROGRAMS.sub("", ast.unparse(node.format_spec))
            used |= {"strftime"} if PATTERN.search(pattern) else set()
    return used


@pytest.mark.parametrize(
    "text",
    ['{{ at|date:"DATE_FORMAT" }}', '{{ at|time:"H:i" }}', "{{ at|timesince }}", '{% now "Y" %}'],
)
def test_another_way_is_seen(text: str) -> None:
    assert OTHER_WAYS.search(text)


def test_a_formatter_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('from x import date_format\na.strftime("%Y")\nf"{at:%H:%M}"\n')
    assert formatters_in(module) == {"date_format", "strftime"}


def test_templates_write_moments_by_one_library() -> None:
    assert len(TEMPLATES) > 50
    assert [
        (str(path.relative_to(PROJECT)), match[0])
        for path in TEMPLATES
        for match in OTHER_WAYS.finditer(path.read_text())
    ] == []


def test_one_module_writes_moments_and_numbers() -> None:
    assert [str(path.relative_to(PROJECT)) for path in CODE if formatters_in(path)] == [
        "integrations/domain/dates.py"
    ]

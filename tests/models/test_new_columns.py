"""Code of the version before still writes on a new schema: a column that came later fills
itself.
"""

from pathlib import Path

from django.apps import apps
from django.db.models import NOT_PROVIDED

# `table.column` of each column of 0.2.0, with a question mark after those that may be null.
FIRST = set(Path(__file__).with_name("columns_0_2_0.txt").read_text().split())
# What it writes and no table has any more: 0.2.0 does not run on these tables, which are made anew
# (docs/decisions.md, 61). From here on a column goes a release later than the code that uses it.
GONE = {
    "integrations_auditentry.detail",
    "integrations_summary.checked_at",
    "integrations_unmappedintegration.dismissed",
}
TABLES = {column.partition(".")[0] for column in FIRST}


def test_a_later_column_of_an_old_table_fills_itself() -> None:
    later = [
        f"{model._meta.db_table}.{column.column}"
        for model in apps.get_app_config("integrations").get_models()
        for column in model._meta.concrete_fields
        if model._meta.db_table in TABLES and not column.null and column.db_default is NOT_PROVIDED
    ]
    assert set(later) - FIRST == set()
    assert later


def test_no_column_goes_that_the_version_before_writes() -> None:
    there = {
        f"{model._meta.db_table}.{column.column}"
        for model in apps.get_app_config("integrations").get_models()
        for column in model._meta.concrete_fields
    }
    assert {column.rstrip("?") for column in FIRST} - there == GONE

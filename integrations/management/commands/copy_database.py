"""`manage.py copy_database --to URL`: from SQLite to PostgreSQL, or back."""

from argparse import ArgumentParser
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _
from tqdm import tqdm

from integrations.database import copying
from kombo_dashboard import database_settings


class Command(BaseCommand):
    """Stop site and worker first: what they write meanwhile waits, and is not in the copy."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Copy all data to an empty database, and compare both. Stop site and worker first. "
            "See docs/deploying.md."
        )
        parser.add_argument(
            "--from", dest="source", metavar="URL", help=_("Default: the database in use.")
        )
        parser.add_argument(
            "--to",
            dest="target",
            metavar="URL",
            required=True,
            help=_("An empty database, in the form of DATABASE_URL."),
        )

    def handle(self, *args: Any, source: str | None, target: str, **options: Any) -> None:
        with ExitStack() as stack:
            here: BaseDatabaseWrapper = connections["default"]
            if source:
                here = stack.enter_context(_opened("copy-source", "--from", source))
            there = stack.enter_context(_opened("copy-target", "--to", target))
            done = stack.enter_context(tqdm(unit=" tables", file=self.stderr))
            rows = 0
            try:
                for table, number in copying.copy(here, there):
                    done.update()
                    self.stdout.write(f"{number:>10} {table}")
                    rows += number
            except copying.CopyRefused as refusal:
                raise CommandError(str(refusal)) from refusal
        summary = _("%(tables)s tables with %(rows)s rows were copied and are equal.")
        self.stdout.write(summary % {"tables": done.n, "rows": rows})


def _opened(alias: str, option: str, url: str) -> AbstractContextManager[BaseDatabaseWrapper]:
    try:
        config = database_settings.at(url, connections=1)
    except ValueError as error:
        wrong = _("%(option)s must be %(form)s.")
        raise CommandError(wrong % {"option": option, "form": database_settings.FORM}) from error
    return copying.opened(alias, config)

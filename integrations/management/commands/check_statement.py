"""`manage.py check_statement FILE`: is this copy of an access statement as it was made?"""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.domain import statement, statement_files
from integrations.domain.statement import Content
from integrations.history.statements import Record
from integrations.models import Integration

MOST_NAMED = 20  # of what is different


class Command(BaseCommand):
    """Fails if the content is not what its digest says, or not what is on record of its day."""

    help = (
        "Say whether a downloaded access statement (JSON or CSV) matches its digest and, if its "
        "integration is known here, the statement of its day and of today."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            copy = statement_files.read(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        except statement_files.BadFile as error:
            raise CommandError(str(error)) from error
        digest = statement.digest_of(copy.content)
        if digest != copy.digest:
            raise CommandError(
                f"The content was changed: its digest would be {digest}, and the file says "
                f"{copy.digest}."
            )
        self.stdout.write(f"The content matches its digest, {statement.short(digest)}.")
        self._compare(copy.content, copy.on)

    def _compare(self, content: Content, on: date) -> None:
        integration = (
            Integration.objects.filter(public_id=content["integration"])
            .select_related("tenant", "snapshot")
            .first()
        )
        snapshot = getattr(integration, "snapshot", None)
        if integration is None or snapshot is None or not snapshot.coverage:
            self.stdout.write("Its integration is not known here, or has no data yet.")
            return
        now = timezone.localtime()
        record = Record(integration, {on, now.date()}, now)
        past, today = record.statement(on), record.statement(now.date())
        if today and statement.digest_of(content) == today.digest:
            self.stdout.write("It says the same as today's statement.")
        elif today:
            self.stdout.write(
                f"It isn't today's statement, which is version {today.subject.version}."
            )
        if past is None:
            raise CommandError(f"Nothing is on record of {on}.")
        if statement.digest_of(content) != past.digest:
            names = statement.content_differences(content, past.content)
            listed = ", ".join(names[:MOST_NAMED])
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            raise CommandError(f"It isn't the statement of {on}. Different: {listed}{more}.")
        self.stdout.write(f"It is the statement of {on}.")

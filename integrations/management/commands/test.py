"""`manage.py test`: the whole suite through pytest, with all arguments passed on."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Takes the place of Django's own test command."""

    help = "Run the tests with pytest; arguments are pytest's."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            import pytest
        except ImportError as error:
            raise CommandError(
                "pytest is missing: pip install --require-hashes -r requirements-dev.txt"
            ) from error
        os.chdir(settings.BASE_DIR)  # from elsewhere pytest would look for tests there
        sys.exit(pytest.main(argv[2:]))

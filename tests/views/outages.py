"""A database that is not there."""

from typing import Any

from django.db import OperationalError


def no_database(*_args: Any) -> Any:
    raise OperationalError("the database is away")

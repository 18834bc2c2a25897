"""Queries to SQLite are what Django would have asked."""

from typing import Any

from django.db import connections
from django.db.utils import load_backend
from pytest_django.plugin import DjangoDbBlocker

from integrations.database.sqlite import base

QUERIES: list[tuple[str, Any]] = [
    ("SELECT %s, %s", ["a", 1]),
    ("SELECT %s || '%%', '%%s'", ["a"]),
    ("SELECT '%s', '%%'", None),
    ("SELECT 1", []),
    ("SELECT %(one)s, %(other)s || '%%'", {"one": 1, "other": "b"}),
    ("SELECT %(other)s, %(one)s", {"one": 1, "other": "b"}),
]


def connect(engine: str) -> Any:
    """Return a new connection, to an empty database."""
    memory = {"ENGINE": engine, "NAME": ":memory:", "OPTIONS": {}}
    settings = connections["default"].settings_dict | memory
    return load_backend(engine).DatabaseWrapper(settings, "default")


def answers(engine: str) -> list[Any]:
    """Return what a database says to them, twice."""
    connection = connect(engine)
    try:
        with connection.cursor() as cursor:
            return [
                cursor.execute(query, parameters).fetchall()
                for query, parameters in [*QUERIES, *QUERIES]
            ]
    finally:
        connection.connection.close()  # Django keeps a database open that is in memory


def test_answers_are_those_of_djangos_own(django_db_blocker: DjangoDbBlocker) -> None:
    base._converted.cache_clear()
    with django_db_blocker.unblock():
        assert answers("integrations.database.sqlite") == answers("django.db.backends.sqlite3")
    known = base._converted.cache_info()
    assert (known.hits, known.misses) == (3, 3)


def test_what_the_library_can_do_is_no_question_of_a_page() -> None:
    features = connect("integrations.database.sqlite").features
    assert features.supports_json_field  # asks no connection: pytest-django forbids it here
    assert features.has_json_object_function

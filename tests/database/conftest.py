"""Outages begin and end with the test; other databases can be looked into."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.plugin import DjangoDbBlocker

from integrations.database import copying, outage
from kombo_dashboard import database_settings

type Opened = Callable[[str], AbstractContextManager[BaseDatabaseWrapper]]


@pytest.fixture(autouse=True)
def end_outages(
    monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Whoever watches an outage of this test, on a connection of its own, ends before the next."""
    monkeypatch.setattr(outage, "LOOK_AGAIN", 0.01)
    with django_db_blocker.unblock():
        yield
        monkeypatch.setattr(outage, "_look", lambda: None)
        for thread in outage.watchers():
            thread.join()


@pytest.fixture
def opened(
    shared_database: Mapping[str, str], django_db_blocker: DjangoDbBlocker
) -> Iterator[Opened]:
    """A connection to the database at a URL, beside the test's own."""

    @contextmanager
    def opened(url: str) -> Iterator[BaseDatabaseWrapper]:
        with copying.opened("looked-at", database_settings.at(url, connections=1)) as there:
            yield there

    with django_db_blocker.unblock():  # Django knows only of those that its settings name
        yield opened

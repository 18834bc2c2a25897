"""Outages begin and end with the test."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from integrations.database import outage


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

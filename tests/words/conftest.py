"""The demo, for all that it shows."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from integrations.simulator.app import Simulator
from tests.demo.conftest import seeded
from tests.demo.seeded import beginning

__all__ = ["began", "seeded"]


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Simulator]:
    """The demo as it begins in the language of the module: its mails are written then."""
    with django_db_blocker.unblock(), beginning(anew=True) as simulator:
        yield simulator

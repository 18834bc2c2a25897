"""Fixtures that several modules of this folder use."""

from collections.abc import Iterator

import pytest

from integrations.kombo.http import Http


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    http = Http(connect_timeout=5, read_timeout=1)
    yield http
    http.close()

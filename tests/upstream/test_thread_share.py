"""How many calls a worker has under way: bounded over all environments, and none without."""

from typing import Any

import pytest

from integrations.upstream.rate_limiter import thread_share
from tests.conftest import kombo_environment


@pytest.mark.parametrize(
    ("environments", "threads", "shares"),
    [
        (1, 16, [16]),
        (3, 16, [6, 5, 5]),
        (12, 16, [2] * 4 + [1] * 8),
        (12, 6, [1] * 12),
    ],
)
def test_environments_share_the_workers_threads(
    settings: Any, environments: int, threads: int, shares: list[int]
) -> None:
    settings.WORKER_THREADS = threads
    settings.KOMBO_ENVIRONMENTS = {
        f"e{number}": kombo_environment("http://127.0.0.1:9/v1") for number in range(environments)
    }
    assert [thread_share(name) for name in settings.KOMBO_ENVIRONMENTS] == shares

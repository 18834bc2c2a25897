"""What was logged, as it reaches standard error."""

import pytest

from integrations.logs import Formatter


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return the lines of a test's log, each as the site writes it."""
    formatter = Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    return "\n".join(formatter.format(record) for record in caplog.records)

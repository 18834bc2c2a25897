"""The demo, for all that it shows."""

from tests.demo.conftest import began, seeded

__all__ = ["began", "seeded"]

"""A message with placeholders, as the tests expect it."""

import re


class Message(str):
    """A message of the source with its placeholders; calling it fills them in."""

    __slots__ = ()

    def __call__(self, **values: object) -> str:
        return self % values

    @property
    def core(self) -> str:
        """The longest part without a placeholder."""
        return max(re.split(r"%\(\w+\)[sd]", self), key=len).strip()

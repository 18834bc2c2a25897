"""Which version runs: that of `pyproject.toml` beside the code, else of the installed package."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
_PACKAGE = "kombo-dashboard"


def _version() -> str:
    """Return it, or nothing if neither says so. Of several checkouts only the file tells apart."""
    try:
        return str(tomllib.loads(_PROJECT.read_text())["project"]["version"])
    except (OSError, ValueError, LookupError):
        pass
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""


VERSION = _version()

"""Reading the settings file under environments of the tests' own."""

import os
import runpy
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

PROJECT = Path(__file__).resolve().parent.parent
KEY = {"SECRET_KEY": "for-this-test-" + "0123456789" * 5}

type Load = Callable[..., dict[str, Any]]


def loader(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return what reads the settings file with some environment variables and no others."""

    def load(**variables: str) -> dict[str, Any]:
        monkeypatch.setattr(os, "environ", variables)
        return runpy.run_path(str(PROJECT / "kombo_dashboard" / "settings.py"))

    return load


def refusal(load: Load, **variables: str) -> str:
    """Return all that a start with these variables prints before it fails."""
    with pytest.raises(ImproperlyConfigured) as refused:
        load(**variables)
    return "".join(traceback.format_exception(refused.value))

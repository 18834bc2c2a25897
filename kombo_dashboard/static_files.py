"""Static files as browsers get them once they are collected: compressed, and under names that
change with what is in them.
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage as HashedFilesStorage,
)


class SiteStaticFilesStorage(HashedFilesStorage):  # type: ignore[misc]
    # `import ... from "./other.js"` leads to the other module's hashed name. Without this it would
    # lead to a name that nothing is kept under.
    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is collected keeps its name while a process lives; every page asks for several.
        self.url = cache(super().url)


def read(name: str) -> bytes:
    """Return a file as it is served."""
    if settings.STATIC_IS_COLLECTED:
        with staticfiles_storage.open(staticfiles_storage.stored_name(name)) as file:  # type: ignore[attr-defined]
            return bytes(file.read())
    path = finders.find(name)
    if not path:
        raise FileNotFoundError(name)
    return Path(path).read_bytes()

"""Static files as browsers get them once they are collected: compressed, and under names that
change with what is in them.
"""

from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage as HashedFilesStorage,
)


class SiteStaticFilesStorage(HashedFilesStorage):  # type: ignore[misc]
    # `import ... from "./other.js"` leads to the other module's hashed name. Without this it would
    # lead to a name that nothing is kept under.
    support_js_module_import_aggregation = True

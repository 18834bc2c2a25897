"""The texts of each language in one table."""

from django.conf import settings
from django.utils.translation import trans_real


def merge_catalogs() -> None:
    """Have a text looked up in one table of its language, where Django asks one of each app after
    the other. What counts stays what the first of them has; plurals are still asked one by one,
    as each app counts by its own rule.
    """
    for language, _name in settings.LANGUAGES:
        catalog = trans_real.translation(language)._catalog  # type: ignore[attr-defined]
        merged: dict[object, str] = {}
        for texts in reversed(catalog._catalogs):
            merged |= texts
        catalog.get = merged.get

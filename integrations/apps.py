"""The app, and what it leaves behind when a process ends."""

import atexit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections


class IntegrationsConfig(AppConfig):
    """Everything of ours."""

    name = "integrations"

    def ready(self) -> None:
        """Called once per process."""
        # Only now may models be imported.
        from integrations.domain import events
        from integrations.followers import FOLLOWERS

        events.connect(FOLLOWERS)
        atexit.register(_close_pools)
        checks.register(check_site)


def check_site(**_more: object) -> list[checks.CheckMessage]:
    """Mails lead to the site: whoever sends them has to say where it is, if that can't be
    guessed.
    """
    if settings.SITE_URL_IS_KNOWN or settings.EMAIL_HOST_NAME in {"", "console"}:
        return []
    said = f"Links in mails would begin with {settings.SITE_URL}, which leads nowhere."
    hint = "Set SITE_URL to where the site is found, such as https://integrations.example.com."
    return [checks.Error(said, hint=hint, id="integrations.E001")]


def _close_pools() -> None:
    """Else the threads of PostgreSQL's connection pool keep every process, each command too, for 20
    seconds.
    """
    for connection in connections.all():
        getattr(connection, "close_pool", lambda: None)()

"""The app, and what it leaves behind when a process ends."""

import atexit

from django.apps import AppConfig
from django.core import checks
from django.db import connections
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy

SITE = "site"  # the tag of our own checks, which a web server's process logs when it starts


class IntegrationsConfig(AppConfig):
    """The one app; connects followers, checks and database functions."""

    name = "integrations"
    verbose_name = gettext_lazy("Integrations")

    def ready(self) -> None:
        """Connect what needs the models; Django calls this once per process."""
        # Only now may models be imported.
        from integrations.access import audit_retention
        from integrations.checks import check_settings
        from integrations.domain import events
        from integrations.followers import FOLLOWERS

        events.connect(FOLLOWERS)
        connection_created.connect(audit_retention.on_connection_created)
        atexit.register(_close_pools)
        checks.register(check_settings, SITE)


def _close_pools() -> None:
    """Else the threads of PostgreSQL's connection pool keep every process, each command too, for 20
    seconds.
    """
    for connection in connections.all():
        getattr(connection, "close_pool", lambda: None)()

"""The app, and what it leaves behind when a process ends."""

import atexit
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
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
        from integrations import counters
        from integrations.access import audit_retention, recent
        from integrations.checks import check_settings
        from integrations.domain import events
        from integrations.followers import FOLLOWERS
        from kombo_dashboard.translations import merge_catalogs

        events.connect(FOLLOWERS)
        connection_created.connect(audit_retention.on_connection_created)
        user_logged_in.connect(_begin_session)
        user_logged_in.connect(recent.on_signed_in)
        atexit.register(_close_pools)
        counters.write_at_exit()
        checks.register(check_settings, SITE)
        merge_catalogs()


def _begin_session(request: Any, user: Any, **_more: Any) -> None:
    """However somebody signs in, their session is noted."""
    from integrations.access import account_sessions

    account_sessions.begin(request.session, user, request.META.get("HTTP_USER_AGENT", ""))


def _close_pools() -> None:
    """Else the threads of PostgreSQL's connection pool keep every process, each command too, for 20
    seconds.
    """
    for connection in connections.all():
        getattr(connection, "close_pool", lambda: None)()

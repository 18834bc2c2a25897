"""Django's PostgreSQL, whose pool keeps nobody waiting for a database that is away."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from integrations.database import outage

# Times that the pool's own patience (`database_settings.at`) is worth: it may be busy, and not
# away.
PATIENCE = 6


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, whose wait for a connection ends when the database is known to be away."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection; raises DatabaseAway instead of waiting in vain."""
        if self.pool is None:
            return super().get_new_connection(conn_params)
        for left in reversed(range(PATIENCE)):
            if (known := outage.present()) and known.is_total:
                raise outage.DatabaseAway(known.what)
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                if not left:
                    raise
                outage.notice()
        raise AssertionError("the last try either returns or raises")

"""How the database is connected to that a URL names."""

from typing import Any

import dj_database_url

from kombo_dashboard import env

ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
FORM = "sqlite:////absolute/path.sqlite3 or postgres://user:password@host/name"


def of(name: str, *, default: str, connections: int) -> dict[str, Any]:
    """Return Django's settings of the database that a variable names by its URL, with so many
    connections at most.
    """
    try:
        return at(env.secret(name) or default, connections=connections)
    except ValueError as error:
        raise env.refuse(name, FORM) from error


def at(url: str, *, connections: int) -> dict[str, Any]:
    """The same, of a URL that is no variable's; raises ValueError if it is none of ours."""
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    if config["ENGINE"] not in ENGINES:
        raise ValueError("neither SQLite nor PostgreSQL")
    options = config.setdefault("OPTIONS", {})
    if "sqlite" in config["ENGINE"]:
        config["ENGINE"] = "integrations.database.sqlite"
        # A writer waits its turn instead of failing: WAL, and the write lock taken when a
        # transaction begins.
        options["transaction_mode"] = "IMMEDIATE"
        options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
        options["timeout"] = 4  # seconds; a request must not hold its worker for longer
        config["CONN_MAX_AGE"] = None
    else:
        # Django's, whose pool keeps nobody waiting for a database that is away.
        config["ENGINE"] = "integrations.database.postgresql"
        config["CONN_HEALTH_CHECKS"] = True  # what a restart of the database broke is replaced
        options.setdefault("connect_timeout", "3")
        # A request may keep its connection while it waits for Kombo. `timeout` is a sixth of the
        # seconds that one waits for a turn.
        options["pool"] = {
            "min_size": 1,
            "max_size": connections,
            "timeout": 0.5,
            "reconnect_timeout": 3,
        }
    return config

"""What is logged, and how: to standard error, a line each.

The libraries that would write Kombo's addresses, and so ids of integrations, are quiet.
"""

from typing import Any

from django.utils.module_loading import import_string


def logging(level: str) -> dict[str, Any]:
    """Return the configuration in which our own loggers write from this level on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"news": {"()": lambda: import_string("integrations.logs.is_news")}},
        "formatters": {
            "line": {
                "()": "integrations.logs.Formatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news"]}
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "integrations": {"level": level},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "psycopg.pool": {"level": "CRITICAL"},  # each try to connect; an outage is told once
        },
    }

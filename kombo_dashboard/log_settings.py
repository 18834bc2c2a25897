"""What is logged, and how: to standard error, a line each, as text or as JSON.

The libraries that would write Kombo's addresses, and so ids of integrations, are quiet.
"""

from typing import Any

from django.utils.module_loading import import_string

FORMATS = ("text", "json")


def logging(level: str, form: str) -> dict[str, Any]:
    """Return the configuration in which our own loggers write from this level on, in one of
    `FORMATS`.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"news": {"()": lambda: import_string("integrations.logs.is_news")}},
        "formatters": {
            "text": {
                "()": "integrations.logs.Formatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "integrations.logs.JsonFormatter"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": form, "filters": ["news"]}
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

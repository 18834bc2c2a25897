"""What is logged, and how: to standard error, a line each.

The libraries that would write Kombo's addresses, and so ids of integrations, are quiet.
"""

from django.utils.module_loading import import_string

from kombo_dashboard import env

LOGGING = {
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
        "integrations": {
            "level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
        },
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "psycopg.pool": {"level": "CRITICAL"},  # each try to connect; an outage is told once
    },
}

"""What a WSGI server runs: `gunicorn kombo_dashboard.wsgi`."""

import logging
import os

from django.core.checks import run_checks
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kombo_dashboard.settings")
application = get_wsgi_application()

from integrations.database import outage  # noqa: E402 - only now are there settings and models

outage.require_current_schema()
for message in run_checks(tags=["site"]):
    logging.getLogger("integrations").log(message.level, "%s", message.msg)

"""`manage.py` in a process that keeps turns that come late, as all do on a busy machine."""

import sys
from datetime import timedelta

import django
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    django.setup()
    from integrations.upstream import rate_limiter

    rate_limiter.LATE = timedelta.max
    execute_from_command_line(["manage.py", *sys.argv[1:]])

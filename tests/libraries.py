"""The libraries of the product, for processes to be forked with; nothing here reads a setting."""

import dj_database_url
import django.contrib.admin
import django.contrib.auth.decorators
import django.contrib.messages.storage.fallback
import django.core.mail.backends.smtp
import django.core.management
import django.core.serializers.json
import django.core.wsgi
import django.db.backends.sqlite3.base
import django.db.migrations.executor
import django.forms
import django.shortcuts
import django.test
import django.views.generic
import django_htmx.middleware
import httpcore
import httpx
import jwt
import markdown_it
import msgspec
import nh3
import tqdm
import whitenoise.middleware  # type: ignore[import-untyped]
from django.conf import settings

__all__ = [
    "dj_database_url",
    "django",
    "django_htmx",
    "httpcore",
    "httpx",
    "jwt",
    "markdown_it",
    "msgspec",
    "nh3",
    "tqdm",
    "whitenoise",
]

if settings.configured:
    raise RuntimeError("a library has read the settings, which each process has of its own")

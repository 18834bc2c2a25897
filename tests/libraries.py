"""The libraries of the product, for processes to be forked with; nothing here reads a setting.

What only some settings have imported is not among them (`tests/test_settings_sign_in.py`).
"""

import gc

import cryptography.fernet
import dj_database_url
import django.conf.urls.i18n
import django.contrib.admin
import django.contrib.auth.decorators
import django.contrib.messages.storage.fallback
import django.core.mail.backends.smtp
import django.core.management
import django.core.management.commands.migrate
import django.core.serializers.json
import django.core.wsgi
import django.db.backends.sqlite3.base
import django.db.migrations.executor
import django.forms
import django.middleware.clickjacking
import django.middleware.common
import django.middleware.csp
import django.middleware.gzip
import django.middleware.locale
import django.middleware.security
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
import requests
import tqdm
import whitenoise.middleware  # type: ignore[import-untyped]
from django.conf import settings

__all__ = [
    "cryptography",
    "dj_database_url",
    "django",
    "django_htmx",
    "httpcore",
    "httpx",
    "jwt",
    "markdown_it",
    "msgspec",
    "nh3",
    "requests",
    "tqdm",
    "whitenoise",
]

if settings.configured:
    raise RuntimeError("a library has read the settings, which each process has of its own")

# What is here stays: no process forked with it looks for garbage among it.
gc.freeze()
